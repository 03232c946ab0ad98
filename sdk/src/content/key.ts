import type { Hex } from 'viem'
import { ProgramLimitError } from '../errors/program.ts'
import { ContentHasher, contentHash } from '../trees/contentTree.ts'
import { InputPackHasher } from '../trees/inputPackHasher.ts'
import { ByteBuffer } from '../utils/byteBuffer.ts'
import { programIdOf } from '../vm/programId.ts'

/**
 * What a store keeps, by what names it on-chain:
 * - `programs`: a WebAssembly module under its `programId`;
 * - `inputs`: an input pack under the `inputsRoot` over the inputs in it;
 * - `content`: any bytes under their content hash, so shared inputs and outputs.
 */
export type ContentKind = 'programs' | 'inputs' | 'content'

export const contentKinds: readonly ContentKind[] = ['programs', 'inputs', 'content']

/** The longest file of a program: 32 MiB. A store has to hold and translate it whole to know its id. */
export const maxProgramLength = 2 ** 25

/** Computes what names some bytes on-chain while they arrive. */
export type KeyHasher = {
  /**
   * Takes the next bytes.
   * @throws {MalformedInputPackError} of `inputs`, as soon as they can no longer be a pack.
   * @throws {ContentLengthError} beyond 1 GiB.
   * @throws {ProgramLimitError} of `programs` beyond 32 MiB.
   */
  update: (bytes: Uint8Array) => void
  /**
   * @throws {MalformedInputPackError} of `inputs` that end too early.
   * @throws {ProgramError} of `programs` that are refused.
   */
  finish: () => Hex
}

/** A hasher of the kind's keys. */
export function createKeyHasher(kind: ContentKind): KeyHasher {
  if (kind === 'inputs') {
    const hasher = new InputPackHasher()
    return { update: (bytes) => void hasher.update(bytes), finish: () => hasher.finish().inputsRoot }
  }
  if (kind === 'programs') return createProgramHasher()
  const hasher = new ContentHasher()
  return { update: (bytes) => void hasher.update(bytes), finish: () => contentHash(hasher.finish()) }
}

/** Translation needs the whole file, so it is collected. */
function createProgramHasher(): KeyHasher {
  const file = new ByteBuffer(0)
  return {
    update: (bytes) => {
      const value = file.length + bytes.length
      if (value > maxProgramLength)
        throw new ProgramLimitError({ what: 'bytes', value, limit: maxProgramLength })
      file.append(bytes)
    },
    finish: () => programIdOf(file.view()),
  }
}

const sliceSize = 256 * 1024
const sliceTime = 20

/**
 * Key of bytes in hand. Long ones are hashed in slices with pauses between, so that the thread stays responsive;
 * programs are translated in one piece.
 * @throws {MalformedInputPackError | ContentLengthError | ProgramError}
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
