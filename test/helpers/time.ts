import { networkHelpers } from './chain.ts'

export const MINUTE = 60n
export const HOUR = 3_600n
export const DAY = 86_400n

/** The time of the latest block. */
export async function now(): Promise<bigint> {
  return BigInt(await networkHelpers.time.latest())
}

/** Makes `time` the time of the block of the next transaction. */
export async function nextBlockAt(time: bigint): Promise<void> {
  await networkHelpers.time.setNextBlockTimestamp(time)
}

/** Sends a transaction in a block of exactly that time. */
export async function at<T>(time: bigint, send: () => Promise<T>): Promise<T> {
  await nextBlockAt(time)
  return send()
}

/** Mines an empty block at `time`, for views to be read there. */
export async function travelTo(time: bigint): Promise<void> {
  await networkHelpers.time.increaseTo(time)
}

/** Mines an empty block `seconds` from now. */
export async function pass(seconds: bigint): Promise<void> {
  await networkHelpers.time.increase(seconds)
}
