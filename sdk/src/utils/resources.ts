import type { Resources } from '../types/resources.ts'
import { maxUint, toUint } from './integers.ts'
import { packWord, unpackWord } from './packing.ts'

const memoryStepMiB = 256
const maxMemoryMiB = maxUint(12) * BigInt(memoryStepMiB)

const layout = [
  ['cores', 8],
  ['memory', 12],
  ['diskGiB', 12],
] as const

/**
 * The 32 bits that the contract keeps: cores 8 (low), memory 12 in 256 MiB rounded up, disk 12 in GiB.
 * @throws {InvalidIntegerError | ValueOutOfRangeError}
 */
export function encodeResources({ cores, memoryMiB, diskGiB }: Resources): number {
  const memory = Math.ceil(Number(toUint('memoryMiB', memoryMiB, maxMemoryMiB)) / memoryStepMiB)
  return Number(packWord(layout, { cores, memory, diskGiB }))
}

/** The resources that 32 bits stand for. */
export function decodeResources(bits: number | bigint): Resources {
  const { cores, memory, diskGiB } = unpackWord(layout, BigInt(bits))
  return { cores: Number(cores), memoryMiB: Number(memory) * memoryStepMiB, diskGiB: Number(diskGiB) }
}

/** Whether every resource of `offered` is at least that of `needed`. */
export function coversResources(offered: Resources, needed: Resources): boolean {
  return (
    offered.cores >= needed.cores &&
    offered.memoryMiB >= needed.memoryMiB &&
    offered.diskGiB >= needed.diskGiB
  )
}
