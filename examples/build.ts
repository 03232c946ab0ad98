import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { ProgramBuildError } from './errors.ts'
import { maxMemoryPages, type ProgramName, programNames, programPath } from './programs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Flags that make a module fit to run as a task: README.md says what each is for. */
function compilerFlags(name: ProgramName): string[] {
  return [
    `examples/${name}/assembly/index.ts`,
    ...['--outFile', `${name}.wasm`, '--baseDir', root, '--lib', 'runner/guest/assembly', '--noColors'],
    ...['--exportStart', 'run', '--runtime', 'stub', '--use', 'abort=', '--noAssert'],
    ...['--maximumMemory', String(maxMemoryPages[name]), '--disable', 'mutable-globals'],
    ...['--optimizeLevel', '3', '--shrinkLevel', '0'],
  ]
}

/**
 * Compiles a program. The same sources give the same bytes.
 *
 * @throws {ProgramBuildError} the compiler has an error or a warning
 */
export async function compileProgram(name: ProgramName): Promise<Uint8Array> {
  let module: Uint8Array | undefined
  const { error, stderr } = await asc.main(compilerFlags(name), {
    writeFile: (_file, contents) => {
      if (typeof contents !== 'string') module = contents
    },
  })
  const output = stderr.toString()
  if (error || output !== '' || module === undefined)
    throw new ProgramBuildError({ name, output, cause: error })
  return module
}

/**
 * Compiles all programs into `examples/build`.
 *
 * @returns sizes of the modules in bytes
 * @throws {ProgramBuildError} a program does not compile
 */
export async function buildPrograms(): Promise<Record<ProgramName, number>> {
  const sizes = {} as Record<ProgramName, number>
  for (const name of programNames) {
    const module = await compileProgram(name)
    const path = programPath(name)
    await mkdir(dirname(path), { recursive: true })
    // In one go, so that whoever reads the module meanwhile sees the old or the new one.
    await writeFile(`${path}.draft`, module)
    await rename(`${path}.draft`, path)
    sizes[name] = module.length
  }
  return sizes
}

if (import.meta.main) {
  try {
    const sizes = await buildPrograms()
    for (const [name, bytes] of Object.entries(sizes)) console.log(`${name.padEnd(12)}${bytes} bytes`)
  } catch (error) {
    if (!(error instanceof ProgramBuildError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
