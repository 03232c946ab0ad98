/** One after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}

/** Big-endian, 1, 2, 4 or 8 bytes. */
export function integer(value: number | bigint, length: 1 | 2 | 4 | 8): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes.subarray(8 - length)
}

/** Low 32 bits, as a number. */
export function low32(value: bigint): number {
  return Number(BigInt.asUintN(32, value))
}
