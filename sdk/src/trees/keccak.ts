import { keccakP } from '@noble/hashes/sha3.js'
import { swap32IfBE } from '@noble/hashes/utils.js'
import { Keccak } from '../vm/fast/hashing.ts'

/** Where hashes come from. Each function writes 32 bytes to `out[at … at + 32]`. */
export type Hasher = {
  hashInto(message: Uint8Array, out: Uint8Array, at: number): void
  hashTaggedInto(tag: number, message: Uint8Array, out: Uint8Array, at: number): void
  /** Absent where hashing many leaves at once saves nothing. */
  treeRootInto?(bytes: Uint8Array, depth: number, out: Uint8Array, at: number): void
}

/** keccak256 in JavaScript, for messages of less than 135 bytes. */
export function createPlainHasher(): Hasher {
  // keccak256 absorbs 136 bytes per permutation. Every message of these trees is shorter, so one permutation
  // hashes it; driving noble's permutation directly saves the hasher object per node (about a quarter of the time).
  const rate = 136
  const state = new Uint8Array(200)
  const words = new Uint32Array(state.buffer)
  const digest = state.subarray(0, 32)

  const squeeze = (length: number, out: Uint8Array, at: number) => {
    state[length] = 0x01
    state[rate - 1] = state[rate - 1]! ^ 0x80
    swap32IfBE(words)
    keccakP(words)
    swap32IfBE(words)
    out.set(digest, at)
  }
  return {
    hashInto: (message, out, at) => {
      words.fill(0)
      state.set(message)
      squeeze(message.length, out, at)
    },
    hashTaggedInto: (tag, message, out, at) => {
      words.fill(0)
      state[0] = tag
      state.set(message, 1)
      squeeze(message.length + 1, out, at)
    },
  }
}

/** A page may forbid WebAssembly (a content security policy without 'wasm-unsafe-eval'): hashing is then slower. */
function createHasher(): Hasher {
  try {
    return new Keccak()
  } catch {
    return createPlainHasher()
  }
}

const hasher = createHasher()

/** Depth of the trees that {@link treeRootInto} takes; undefined where there is no such function. */
export const blockDepth = hasher.treeRootInto ? 6 : undefined

/**
 * Writes `keccak256(message)` to `out[at … at + 32]`.
 * @param message - Less than 136 bytes.
 */
export function hashInto(message: Uint8Array, out: Uint8Array, at: number): void {
  hasher.hashInto(message, out, at)
}

/**
 * Writes `keccak256(tag ‖ message)` to `out[at … at + 32]`.
 * @param message - Less than 135 bytes.
 */
export function hashTaggedInto(tag: number, message: Uint8Array, out: Uint8Array, at: number): void {
  hasher.hashTaggedInto(tag, message, out, at)
}

/**
 * Writes the root of the content tree over `128 · 2^depth` bytes to `out[at … at + 32]`.
 * @param depth - At most `blockDepth`.
 */
export function treeRootInto(bytes: Uint8Array, depth: number, out: Uint8Array, at: number): void {
  hasher.treeRootInto?.(bytes, depth, out, at)
}
