import { maxUint, toUint } from './integers.ts'

/** Fields of one word from the lowest bit on: name and width. */
export type WordLayout<name extends string> = readonly (readonly [name: name, bits: number])[]

/**
 * Packs whole numbers into one word.
 * @throws {InvalidIntegerError | ValueOutOfRangeError}
 */
export function packWord<const name extends string>(
  layout: WordLayout<name>,
  values: Record<NoInfer<name>, number | bigint>,
): bigint {
  let word = 0n
  let at = 0
  for (const [name, bits] of layout) {
    word |= toUint(name, values[name], maxUint(bits)) << BigInt(at)
    at += bits
  }
  return word
}

/** Reads the fields of one word; bits above the layout are ignored. */
export function unpackWord<const name extends string>(
  layout: WordLayout<name>,
  word: bigint,
): Record<name, bigint> {
  const values: Partial<Record<name, bigint>> = {}
  let rest = word
  for (const [name, bits] of layout) {
    values[name] = rest & maxUint(bits)
    rest >>= BigInt(bits)
  }
  return values as Record<name, bigint>
}
