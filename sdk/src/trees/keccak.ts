import { keccakP } from '@noble/hashes/sha3.js'
import { swap32IfBE } from '@noble/hashes/utils.js'

// keccak256 absorbs 136 bytes per permutation. Every message of these trees is shorter, so one permutation
// hashes it; driving noble's permutation directly saves the hasher object per node (about a quarter of the time).
const rate = 136
const state = new Uint8Array(200)
const words = new Uint32Array(state.buffer)
const digest = state.subarray(0, 32)

function squeeze(length: number, out: Uint8Array, at: number): void {
  state[length] = 0x01
  state[rate - 1] = state[rate - 1]! ^ 0x80
  swap32IfBE(words)
  keccakP(words)
  swap32IfBE(words)
  out.set(digest, at)
}

/**
 * Writes `keccak256(message)` to `out[at … at + 32]`.
 * @param message - Less than 136 bytes.
 */
export function hashInto(message: Uint8Array, out: Uint8Array, at: number): void {
  words.fill(0)
  state.set(message)
  squeeze(message.length, out, at)
}

/**
 * Writes `keccak256(tag ‖ message)` to `out[at … at + 32]`.
 * @param message - Less than 135 bytes.
 */
export function hashTaggedInto(tag: number, message: Uint8Array, out: Uint8Array, at: number): void {
  words.fill(0)
  state[0] = tag
  state.set(message, 1)
  squeeze(message.length + 1, out, at)
}
