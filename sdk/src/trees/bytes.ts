import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Hex } from 'viem'
import { InvalidHashError } from '../errors/trees.ts'

const hash = /^0x[0-9a-fA-F]{64}$/

/** Lower-case hex of some bytes. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`
}

/** Whether a value is `0x` and 64 hex digits. */
export function isHash(value: unknown): value is Hex {
  return typeof value === 'string' && hash.test(value)
}

/**
 * The 32 bytes of a hash.
 * @param name - What the hash is, for the error.
 * @throws {InvalidHashError}
 */
export function hashBytes(value: Hex, name: string): Uint8Array {
  if (!isHash(value)) throw new InvalidHashError({ name, value })
  return hexToBytes(value.slice(2))
}

/** Whether two hashes are the same, whatever the case of their digits. */
export function sameHash(a: Hex, b: Hex): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
