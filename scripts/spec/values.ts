import type { Constant } from './script.ts'

const widths: Readonly<Record<string, 32 | 64>> = { i32: 32, f32: 32, i64: 64, f64: 64 }

/** Patterns of the one NaN without a payload, of either sign, and of all quiet NaNs: what must be set, and in which bits. */
const nanPatterns: Readonly<Record<string, { bits: bigint; mask: bigint }>> = {
  'f32 nan:canonical': { bits: 0x7fc0_0000n, mask: 0x7fff_ffffn },
  'f32 nan:arithmetic': { bits: 0x7fc0_0000n, mask: 0x7fc0_0000n },
  'f64 nan:canonical': { bits: 0x7ff8_0000_0000_0000n, mask: 0x7fff_ffff_ffff_ffffn },
  'f64 nan:arithmetic': { bits: 0x7ff8_0000_0000_0000n, mask: 0x7ff8_0000_0000_0000n },
}

/** The 64 bits of a slot that holds an argument; undefined for types that Assay does not have. */
export function bitsOf({ type, value }: Constant): bigint | undefined {
  const width = widths[type]
  return width === undefined ? undefined : BigInt.asUintN(width, BigInt(String(value)))
}

/** Whether all 64 bits of a slot are those of an expected value. */
export function matches(expected: Constant, bits: bigint): boolean {
  const pattern = nanPatterns[`${expected.type} ${expected.value}`]
  if (pattern === undefined) return bitsOf(expected) === bits
  return bits >> BigInt(widths[expected.type]!) === 0n && (bits & pattern.mask) === pattern.bits
}

/** Whether a script asks for values of types that Assay does not have. */
export function isForeign({ type }: Constant): boolean {
  return widths[type] === undefined
}
