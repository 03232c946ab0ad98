import type { Hex } from 'viem'
import { ContentHasher, contentHash } from '../trees/contentTree.ts'
import { InputPackHasher } from '../trees/inputPackHasher.ts'

/**
 * What a store keeps, by what names it on-chain:
 * - `programs`: a program under its `programId`, the content root of its file;
 * - `inputs`: an input pack under the `inputsRoot` over the inputs in it;
 * - `content`: any bytes under their content hash, so shared inputs and outputs.
 */
export type ContentKind = 'programs' | 'inputs' | 'content'

export const contentKinds: readonly ContentKind[] = ['programs', 'inputs', 'content']

/** Computes what names some bytes on-chain while they arrive. */
export type KeyHasher = {
  /**
   * Takes the next bytes.
   * @throws {MalformedInputPackError} of `inputs`, as soon as they can no longer be a pack.
   * @throws {ContentLengthError} beyond 1 GiB.
   */
  update: (bytes: Uint8Array) => void
  /** @throws {MalformedInputPackError} of `inputs` that end too early. */
  finish: () => Hex
}

/** A hasher of the kind's keys. */
export function createKeyHasher(kind: ContentKind): KeyHasher {
  if (kind === 'inputs') {
    const hasher = new InputPackHasher()
    return { update: (bytes) => void hasher.update(bytes), finish: () => hasher.finish().inputsRoot }
  }
  const hasher = new ContentHasher()
  return {
    update: (bytes) => void hasher.update(bytes),
    finish: () => (kind === 'programs' ? hasher.finish().root : contentHash(hasher.finish())),
  }
}

const sliceSize = 256 * 1024
const sliceTime = 20

/**
 * Key of bytes in hand. Long ones are hashed in slices with pauses between, so that the thread stays responsive.
 * @throws {MalformedInputPackError | ContentLengthError}
 */
export async function contentKey(kind: ContentKind, bytes: Uint8Array): Promise<Hex> {
  const hasher = createKeyHasher(kind)
  let start = performance.now()
  for (let at = 0; at < bytes.length; at += sliceSize) {
    if (performance.now() - start > sliceTime) {
      await new Promise((resolve) => setTimeout(resolve))
      start = performance.now()
    }
    hasher.update(bytes.subarray(at, at + sliceSize))
  }
  return hasher.finish()
}
