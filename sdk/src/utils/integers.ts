import { InvalidIntegerError, ValueOutOfRangeError } from '../errors/parameters.ts'

/**
 * A whole number from 0 to `max` as bigint.
 * @throws {InvalidIntegerError | ValueOutOfRangeError}
 */
export function toUint(field: string, value: number | bigint, max: bigint): bigint {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value))
    throw new InvalidIntegerError({ field, value })
  const integer = BigInt(value)
  if (integer < 0n || integer > max) throw new ValueOutOfRangeError({ field, value: integer, min: 0n, max })
  return integer
}

/** The largest number of so many bits. */
export function maxUint(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n
}
