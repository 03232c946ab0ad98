import { ValueOutOfRangeError } from '../errors/parameters.ts'

const mantissaBits = 13n
const maxMantissa = (1n << mantissaBits) - 1n
const maxExponent = 127n

/** The largest amount that 20 bits can stand for. */
const maxUFloat20 = maxMantissa << maxExponent

/**
 * The smallest 20-bit amount (13 bits of mantissa, low, and 7 of exponent) that is at least `value`.
 * @throws {ValueOutOfRangeError}
 */
export function encodeUFloat20(value: bigint, field = 'value'): number {
  if (value < 0n || value > maxUFloat20)
    throw new ValueOutOfRangeError({ field, value, min: 0n, max: maxUFloat20 })
  if (value <= maxMantissa) return Number(value)
  let exponent = BigInt(value.toString(2).length) - mantissaBits
  let mantissa = (value + (1n << exponent) - 1n) >> exponent
  if (mantissa > maxMantissa) {
    mantissa >>= 1n
    exponent += 1n
  }
  return Number((exponent << mantissaBits) | mantissa)
}

/** The amount that 20 bits stand for: `mantissa << exponent`. */
export function decodeUFloat20(bits: number): bigint {
  return (BigInt(bits) & maxMantissa) << (BigInt(bits) >> mantissaBits)
}
