import type { Operation } from './integers.ts'

const bytes = new DataView(new ArrayBuffer(8))

/**
 * A float format. Bits become JavaScript numbers only to be computed with: a NaN's payload does not survive in a number, and
 * every NaN that comes out of one is the canonical NaN.
 */
export type FloatFormat = {
  width: 32 | 64
  /** Every f32 is also a double. */
  decode(bits: bigint): number
  /** Rounds to nearest, ties to even. */
  encode(value: number): bigint
}

export const f32: FloatFormat = {
  width: 32,
  decode(bits) {
    bytes.setUint32(0, Number(bits))
    return bytes.getFloat32(0)
  },
  encode(value) {
    if (Number.isNaN(value)) return 0x7fc0_0000n
    bytes.setFloat32(0, value)
    return BigInt(bytes.getUint32(0))
  },
}

export const f64: FloatFormat = {
  width: 64,
  decode(bits) {
    bytes.setBigUint64(0, bits)
    return bytes.getFloat64(0)
  },
  encode(value) {
    if (Number.isNaN(value)) return 0x7ff8_0000_0000_0000n
    bytes.setFloat64(0, value)
    return bytes.getBigUint64(0)
  },
}

/**
 * The float instructions of f32 or f64, by the second part of their names. Operands are bits, of that width.
 *
 * f32 results are computed as doubles and rounded once more. That gives the right f32 for these operations, because a
 * double has more than twice the precision and two bits: S. A. Figueroa, "When is double rounding innocuous?", 1995.
 */
export function floatOperations(format: FloatFormat): Record<string, Operation> {
  const { decode, encode } = format
  const sign = 1n << BigInt(format.width - 1)
  const unary =
    (compute: (a: number) => number): Operation =>
    (a) =>
      encode(compute(decode(a)))
  const binary =
    (compute: (a: number, b: number) => number): Operation =>
    (a, b) =>
      encode(compute(decode(a), decode(b)))
  const compare =
    (holds: (a: number, b: number) => boolean): Operation =>
    (a, b) =>
      holds(decode(a), decode(b)) ? 1n : 0n

  return {
    eq: compare((a, b) => a === b),
    ne: compare((a, b) => a !== b),
    lt: compare((a, b) => a < b),
    gt: compare((a, b) => a > b),
    le: compare((a, b) => a <= b),
    ge: compare((a, b) => a >= b),

    // These three move bits, of NaNs too.
    abs: (a) => a & ~sign,
    neg: (a) => a ^ sign,
    copysign: (a, b) => (a & ~sign) | (b & sign),

    ceil: unary(Math.ceil),
    floor: unary(Math.floor),
    trunc: unary(Math.trunc),
    nearest: unary(nearest),
    sqrt: unary(Math.sqrt),
    add: binary((a, b) => a + b),
    sub: binary((a, b) => a - b),
    mul: binary((a, b) => a * b),
    div: binary((a, b) => a / b),
    // As WebAssembly's: NaN if one is NaN, and −0 is less than 0.
    min: binary((a, b) => Math.min(a, b)),
    max: binary((a, b) => Math.max(a, b)),
  }
}

/** The nearest whole number, of two the even one; the sign stays, of zero too. */
function nearest(value: number): number {
  const whole = Math.trunc(value)
  const rest = Math.abs(value - whole)
  const up = rest > 0.5 || (rest === 0.5 && whole % 2 !== 0)
  return up ? whole + Math.sign(value) : whole
}
