import { basename, dirname, join, resolve } from 'node:path'
import { BuildToolError, CompilerError } from './errors.ts'
import { guestFolder } from './guestFolder.ts'
import type { Compiled } from './types.ts'

/** Options of every program; what the user adds stands after them and wins. */
const options = [
  // Statements outside of functions are the program. As a start function they would run before the entry.
  ...['--exportStart', 'run'],
  // Memory is handed out and never taken back: right for a short task. `--runtime incremental` collects garbage.
  ...['--runtime', 'stub'],
  // A failed check traps; otherwise it would import env.abort.
  ...['--use', 'abort=', '--noAssert'],
  ...['--optimizeLevel', '3', '--shrinkLevel', '0'],
  // Nothing but the memory and the entry is exported.
  ...['--disable', 'mutable-globals', '--noColors'],
]

/**
 * Compiles AssemblyScript. `import … from "assay"`, `"assay/random"` and `"assay/trig"` name the guest library.
 *
 * @param source - Path of the file to begin with.
 * @param flags - Options of `asc` besides the usual.
 * @throws {CompilerError | BuildToolError}
 */
export async function compileAssemblyScript(source: string, flags: readonly string[]): Promise<Compiled> {
  let asc: typeof import('assemblyscript/asc').default
  try {
    asc = (await import('assemblyscript/asc')).default
  } catch (error) {
    throw new BuildToolError({
      tool: 'AssemblyScript',
      missing: 'the package assemblyscript',
      lookedAt: (error as Error).message.split('\n')[0]!,
      remedy: 'Install it where the command runs, with `npm install assemblyscript`.',
    })
  }
  // Relative to the source's folder, so that the bytes do not depend on where that is.
  const path = resolve(source)
  let bytes: Uint8Array | undefined
  const args = [basename(path), '--baseDir', dirname(path), '--outFile', 'program.wasm']
  const { error, stderr } = await asc.main(
    [...args, '--lib', join(guestFolder, 'assembly'), ...options, ...flags],
    {
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') bytes = contents
      },
    },
  )
  const output = stderr.toString()
  const compiler = `AssemblyScript ${asc.version}`
  if (error !== null || bytes === undefined)
    throw new CompilerError({ compiler, output: output.trim() === '' ? String(error) : output })
  return { bytes, compiler, warnings: output }
}
