import { createHash } from 'node:crypto'

/** A short hash of texts in their order: what was found out about them is kept under this name. */
export function fingerprint(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:${part}`)
  return hash.digest('hex').slice(0, 16)
}
