export { collect, rejection } from '../../../sdk/test/helpers/rejection.ts'

/** Bytes that differ for every seed and hardly repeat. */
export function bytesOf(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17 + (i >> 16) + seed + 1) & 255)
}
