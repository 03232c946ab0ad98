import type { Hex } from 'viem'
import { ContentTooLargeError } from '../errors/content.ts'
import type { TransferOptions } from './exchange.ts'
import type { ContentKind } from './key.ts'
import { contentUrl } from './url.ts'

/** Keeps what was downloaded. Both methods answer for the bytes: what `get` returns has that key. */
export type ContentCache = {
  get: (kind: ContentKind, key: Hex) => Promise<Uint8Array | undefined>
  put: (kind: ContentKind, bytes: Uint8Array) => Promise<unknown>
}

/**
 * Gets a content from the cache, or with `download` and then keeps it.
 * @throws {ContentTooLargeError} also of what is kept, and what `download` throws
 */
export async function getCached(
  { url, cache, ...transfer }: TransferOptions & { url: string; cache?: ContentCache | undefined },
  { kind, key, maxLength }: { kind: ContentKind; key: Hex; maxLength: number },
  download: (options: { url: string; maxLength: number } & TransferOptions) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const kept = await cache?.get(kind, key)
  if (kept !== undefined && kept.length > maxLength)
    throw new ContentTooLargeError({
      url: contentUrl(url, kind, key),
      got: `${kept.length} bytes`,
      maxLength,
    })
  if (kept !== undefined) return kept
  const bytes = await download({ url, maxLength, ...transfer })
  await cache?.put(kind, bytes)
  return bytes
}
