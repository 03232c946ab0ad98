import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BuildToolError, LinkError } from '../build/errors.ts'

export type Binaryen = typeof import('binaryen')['default']

/**
 * Loads binaryen, which only `assay build` needs: it takes half a second.
 *
 * @throws {BuildToolError} it is not installed
 */
export async function loadBinaryen(): Promise<Binaryen> {
  try {
    return (await import('binaryen')).default
  } catch (error) {
    throw missing((error as Error).message)
  }
}

/**
 * Joins two modules that import from each other, with binaryen's `wasm-merge`. Exports of both stay.
 *
 * @param modules - Each with the name under which the other imports from it.
 * @throws {LinkError | BuildToolError}
 */
export async function mergeModules(
  modules: readonly [bytes: Uint8Array, name: string][],
): Promise<Uint8Array> {
  let tool: string
  try {
    tool = createRequire(import.meta.url).resolve('binaryen/bin/wasm-merge')
  } catch (error) {
    throw missing((error as Error).message)
  }
  const folder = await mkdtemp(join(tmpdir(), 'assay-link-'))
  try {
    const args: string[] = []
    for (const [i, [bytes, name]] of modules.entries()) {
      const file = join(folder, `${i}.wasm`)
      await writeFile(file, bytes)
      args.push(file, name)
    }
    const out = join(folder, 'out.wasm')
    // Features are judged afterwards, by what Assay accepts.
    await run(process.execPath, [tool, ...args, '-o', out, '--all-features', '--rename-export-conflicts'])
    return await readFile(out)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run(file: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: 1 << 24 }, (error, _stdout, stderr) => {
      if (error === null) resolve()
      else reject(new LinkError({ output: stderr.trim() === '' ? error.message : stderr }))
    })
  })
}

function missing(lookedAt: string): BuildToolError {
  return new BuildToolError({
    tool: 'binaryen',
    missing: 'the package binaryen',
    lookedAt: lookedAt.split('\n')[0]!,
    remedy: 'Install the packages of assay-runner again, with `npm install`.',
  })
}
