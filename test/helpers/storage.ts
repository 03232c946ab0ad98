import { readFileSync } from 'node:fs'
import { ethers, networkHelpers } from './chain.ts'
import type { World } from './fixtures.ts'

/** The storage map of `contracts/README.md`: what an auditor reads, and what these tests read storage by. */
const README = readFileSync(new URL('../../contracts/README.md', import.meta.url), 'utf8')

interface Field {
  offset: bigint
  bits: bigint
}

const rows = (cells: number): string[][] =>
  README.split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .filter((row) => row.length === cells)
    .map((row) => row.map((cell) => cell.trim().replaceAll('`', '')))

const slots = new Map<string, bigint>()
for (const [slot, variables = ''] of rows(3)) {
  if (!/^\d+$/.test(slot as string)) continue
  for (const variable of variables.split(', ')) slots.set(variable, BigInt(slot as string))
}

const fields = new Map<string, Field>()
for (const [word, field, offset = '', bits = ''] of rows(5)) {
  if (/^\d+$/.test(offset)) fields.set(`${word}.${field}`, { offset: BigInt(offset), bits: BigInt(bits) })
}

export const documentedFields: ReadonlyMap<string, Field> = fields

export function slotOf(variable: string): bigint {
  const slot = slots.get(variable)
  if (slot === undefined) throw new RangeError(`contracts/README.md names no slot for ${variable}`)
  return slot
}

/** Takes a field such as `Account.stake` out of its word. */
export function fieldOf(name: string, word: bigint): bigint {
  const { offset, bits } = fieldAt(name)
  return (word >> offset) & ((1n << bits) - 1n)
}

/** Puts a value into a field of a word. */
export function withField(name: string, word: bigint, value: bigint): bigint {
  const { offset, bits } = fieldAt(name)
  const mask = ((1n << bits) - 1n) << offset
  return (word & ~mask) | (value << offset)
}

function fieldAt(name: string): Field {
  const field = fields.get(name)
  if (field === undefined) throw new RangeError(`contracts/README.md names no field ${name}`)
  return field
}

/** Slot of a mapping's entry. */
export function entryOf(slot: bigint, key: string | bigint): bigint {
  const padded = ethers.toBeHex(BigInt(key), 32)
  return BigInt(ethers.keccak256(ethers.concat([padded, ethers.toBeHex(slot, 32)])))
}

export const accountSlot = (address: string) => entryOf(slotOf('accounts'), address)
export const profileSlot = (address: string) => entryOf(slotOf('profiles'), address)
export const jobSlot = (jobId: string, index: bigint) => entryOf(slotOf('jobs'), jobId) + index

export async function readWord({ address }: World, slot: bigint): Promise<bigint> {
  return BigInt(await networkHelpers.getStorageAt(address, slot))
}

export async function writeWord({ address }: World, slot: bigint, word: bigint): Promise<void> {
  await networkHelpers.setStorageAt(address, slot, word)
}
