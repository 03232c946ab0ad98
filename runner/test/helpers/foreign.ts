import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const cache = fileURLToPath(new URL('../../../node_modules/.cache/assay-foreign', import.meta.url))
const run = promisify(execFile)

/** The package is another one than the tests were written for. */
class OtherPackageError extends Error {
  override name = 'OtherPackageError'
}

/**
 * Folder of an unpacked npm package, fetched by npm once and kept among what is not committed. Its install scripts
 * are not run.
 *
 * @param sha512 - Of the package file, in base64: what is built is what was looked at.
 * @returns undefined where it cannot be had.
 */
export async function npmPackage(name: string, version: string, sha512: string): Promise<string | undefined> {
  const folder = join(cache, `${name}-${version}`)
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const draft = mkdtempSync(join(cache, 'draft-'))
  try {
    const impatient = ['--fetch-retries=0', '--fetch-timeout=20000']
    await run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', draft, ...impatient], {
      timeout: 60_000,
    })
    const file = join(draft, `${name}-${version}.tgz`)
    const found = createHash('sha512').update(readFileSync(file)).digest('base64')
    if (found !== sha512) throw new OtherPackageError(`${name} ${version} has the hash ${found}`)
    await run('tar', ['xzf', file, '-C', draft])
    renameSync(join(draft, 'package'), folder)
    return folder
  } catch (error) {
    if (error instanceof OtherPackageError) throw error
    return existsSync(folder) ? folder : undefined
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}
