import { type Hex, keccak256, numberToHex } from 'viem'

/** Fields of one 32-byte word from the lowest bit up, each with its number of bits; they add up to 256. */
export type WordSchema = Readonly<Record<string, number>>

/** The values of a word's fields. Addresses and hashes are numbers too: what matters is that nothing is left out. */
export type WordFields<schema extends WordSchema> = { -readonly [field in keyof schema]: bigint }

/** Cuts a word into its fields. */
export function decodeWord<schema extends WordSchema>(schema: schema, word: bigint): WordFields<schema> {
  const fields: Record<string, bigint> = {}
  let rest = word
  for (const [field, bits] of Object.entries(schema)) {
    fields[field] = BigInt.asUintN(bits, rest)
    rest >>= BigInt(bits)
  }
  return fields as WordFields<schema>
}

/** Slot of a mapping's value: `keccak256(key ‖ slot)`, both as 32 bytes. */
export function mappingSlot(slot: bigint, key: bigint | Hex): bigint {
  return BigInt(keccak256(`${word(BigInt(key))}${word(slot).slice(2)}`))
}

/** The words of a `string` in storage, with their slots: in place up to 31 bytes, else behind the slot's hash. */
export function stringWords(slot: bigint, text: string): { slot: bigint; word: bigint }[] {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length < 32) return [{ slot, word: leftAligned(bytes) | BigInt(bytes.length * 2) }]
  const data = BigInt(keccak256(word(slot)))
  const words = [{ slot, word: BigInt(bytes.length * 2 + 1) }]
  for (let at = 0; at < bytes.length; at += 32)
    words.push({ slot: data + BigInt(at / 32), word: leftAligned(bytes.subarray(at, at + 32)) })
  return words
}

/** A word as 32 bytes of hex. */
export function word(value: bigint): Hex {
  return numberToHex(value, { size: 32 })
}

function leftAligned(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte, index) => sum | (BigInt(byte) << BigInt(8 * (31 - index))), 0n)
}
