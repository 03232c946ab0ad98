import type { Hex } from 'viem'
import { parseStoreUrl } from '../content/url.ts'
import { PrivateDataUriError } from '../errors/private.ts'
import { isHash } from '../trees/bytes.ts'

/**
 * The `dataUri` of a private job: the store's base URL, `#`, and the content hash of the sealed inputs, which the store
 * serves as any content. The program is served beside them, in the open.
 * @throws {InvalidStoreUrlError}
 */
export function privateDataUri(store: string, sealedHash: Hex): string {
  return `${parseStoreUrl(store)}#${sealedHash.toLowerCase()}`
}

/**
 * Reads a {@link privateDataUri}.
 * @throws {PrivateDataUriError | InvalidStoreUrlError}
 */
export function parsePrivateDataUri(dataUri: string): { store: string; sealedHash: Hex } {
  const at = dataUri.indexOf('#')
  if (at < 0) throw new PrivateDataUriError({ dataUri, reason: 'it has no `#`' })
  const sealedHash = dataUri.slice(at + 1)
  if (!isHash(sealedHash)) throw new PrivateDataUriError({ dataUri, reason: 'no hash follows the `#`' })
  return { store: parseStoreUrl(dataUri.slice(0, at)), sealedHash }
}
