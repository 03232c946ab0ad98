import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { type ProgramInfo, programInfo } from 'assay'
import { UsageError } from '../errors.ts'
import type { WasiSettings } from '../wasi/adapter.ts'
import type { WasiFunction } from '../wasi/functions.ts'
import { linkWasi } from '../wasi/link.ts'
import { compileAssemblyScript } from './assemblyscript.ts'
import { type ClangOptions, compileC } from './clang.ts'
import type { Compiled } from './types.ts'

export type BuildOptions = WasiSettings & ClangOptions

/** A module that jobs can name. */
export type BuiltProgram = {
  bytes: Uint8Array
  info: ProgramInfo
  /** Undefined where the source was a module already. */
  compiler: string | undefined
  /** What the compiler said, if anything. */
  warnings: string
  /** WASI functions that were linked, and those of them that only return an error. */
  linked: readonly WasiFunction[]
  refused: readonly WasiFunction[]
}

/**
 * Makes a program of sources: C files, one AssemblyScript file, or one module. A module without WASI imports keeps
 * its bytes.
 *
 * @param sources - Paths; what they are is told by how their names end.
 * @throws {UsageError} no telling what the sources are
 * @throws {CompilerError | BuildToolError} while compiling
 * @throws {InvalidModuleError | UnknownImportError | ProgramThreadsError | WasiTypeError | NoStartError | LinkError}
 * while linking
 * @throws {ProgramError} Assay does not run the result
 */
export async function buildProgram(
  sources: readonly string[],
  { args, env, flags = [], freestanding }: BuildOptions = {},
): Promise<BuiltProgram> {
  const compiled = await compile(sources, { flags, freestanding })
  const { bytes, linked, refused } = await linkWasi(compiled.bytes, { args, env })
  if (linked.length === 0 && (args?.length || env?.length)) {
    throw new UsageError({
      message: 'The program takes no arguments: it does not use WASI.',
      remedy: 'Leave out --arg and --env, and pass what it needs in its input.',
    })
  }
  return {
    bytes,
    info: programInfo(bytes),
    compiler: compiled.compiler,
    warnings: compiled.warnings,
    linked,
    refused,
  }
}

type FromSources = Omit<Compiled, 'compiler'> & { compiler: string | undefined }

async function compile(sources: readonly string[], options: ClangOptions): Promise<FromSources> {
  const kinds = new Set(sources.map((source) => extname(source).toLowerCase()))
  const [kind] = kinds
  const [source] = sources
  if (
    source === undefined ||
    kind === undefined ||
    kinds.size > 1 ||
    !['.wasm', '.ts', '.c'].includes(kind)
  ) {
    throw new UsageError({
      message: `No program can be built from ${sources.join(', ') || 'nothing'}.`,
      remedy: 'Name one .wasm file, one .ts file, or .c files.',
    })
  }
  if (kind !== '.c' && sources.length > 1) {
    throw new UsageError({
      message: `Only one ${kind} file makes a program.`,
      remedy: kind === '.ts' ? 'Import the others from it.' : 'Link them first.',
    })
  }
  if (kind !== '.c' && options.freestanding)
    throw new UsageError({ message: '--freestanding is for C.', remedy: 'Leave it out.' })
  for (const path of sources) readable(path)
  if (kind === '.c') return await compileC(sources, options)
  const { flags = [] } = options
  if (kind === '.ts') return await compileAssemblyScript(source, flags)
  if (flags.length > 0) {
    throw new UsageError({
      message: `There is no compiler to take ${flags.join(' ')}.`,
      remedy: 'Options after -- are for sources in C or AssemblyScript.',
    })
  }
  return { bytes: readable(source), compiler: undefined, warnings: '' }
}

/** The bytes of a source, so that a wrong name is told before any compiler sees it. */
function readable(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new UsageError({
      message: `The file ${path} cannot be read: ${(error as Error).message}`,
      remedy: 'Name another one.',
    })
  }
}
