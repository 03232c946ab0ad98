import { NotWasmError, ProgramImportError } from 'assay'
import { type Program, translate } from 'assay/vm'
import { readInput } from '../cli/files.ts'
import { dataLimits } from '../commands/limits.ts'
import { UsageError } from '../errors.ts'
import { wasiModule } from '../wasi/functions.ts'
import { WasiNotLinkedError } from './errors.ts'

/** Imports that are named before the rest is only counted. */
const mostNamed = 8

/**
 * Reads a module from a file and translates it.
 *
 * @throws {UsageError} the file cannot be read, is larger than providers take, or is a source
 * @throws {WasiNotLinkedError} `assay build` has to come first
 * @throws {ProgramError} one subclass per reason why the module is refused, with the place
 */
export function loadProgram(path: string): Program {
  const bytes = readInput(path, dataLimits.program)
  try {
    return translate(bytes)
  } catch (error) {
    if (error instanceof NotWasmError && /\.(c|ts)$/i.test(path))
      throw new UsageError({
        message: `${path} is source text, not a WebAssembly module.`,
        remedy: `Run \`assay build ${path}\` and take the module that it writes.`,
      })
    const imports = error instanceof ProgramImportError ? wasiImports(bytes) : []
    if (imports.length === 0) throw error
    const rest = imports.length - mostNamed
    throw new WasiNotLinkedError({
      program: path,
      imports: rest > 0 ? [...imports.slice(0, mostNamed), `and ${rest} more`] : imports,
    })
  }
}

/** Names of what a module imports of WASI; none where V8 cannot tell. */
function wasiImports(bytes: Uint8Array): string[] {
  try {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(new Uint8Array(bytes)))
    return imports.filter(({ module }) => module === wasiModule).map(({ name }) => name)
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return []
    throw error
  }
}
