import { type Hex, hexToBytes, keccak256 } from 'viem'

/** Numbers from 0 up to, and without, 1. */
export type Draw = () => number

/**
 * Draws that only who has the secret can foresee, the same at every start: the four times 64 bits of
 * `keccak256(secret ‖ jobId ‖ counter u32)`, of which 53 count.
 */
export function drawsFor(secret: Hex, jobId: Hex): Draw {
  const seed = new Uint8Array(68)
  seed.set(hexToBytes(secret), 0)
  seed.set(hexToBytes(jobId), 32)
  let words: DataView = new DataView(new ArrayBuffer(0))
  let counter = 0
  let at = 0
  return () => {
    if (at === words.byteLength) {
      new DataView(seed.buffer).setUint32(64, counter++)
      words = new DataView(keccak256(seed, 'bytes').buffer)
      at = 0
    }
    const word = words.getBigUint64(at)
    at += 8
    return Number(word >> 11n) / 2 ** 53
  }
}

/** Bonds and tasks of the claims that were seen so far. */
export type Seen = { bonds: bigint; tasks: bigint }

/**
 * The chance of each task of a claim to be in the sample: the share that was asked for, and more where a task's part of the
 * bond is above the average so far. Never less: otherwise somebody's large bonds would hide the lies of others.
 *
 * @param share of all tasks, 0 to 1
 */
export function chanceOf(share: number, claim: { bond: bigint; tasks: number }, seen: Seen): number {
  const average = Number(seen.bonds) / Number(seen.tasks)
  const weight = seen.tasks === 0n || average === 0 ? 1 : Number(claim.bond) / claim.tasks / average
  return Math.min(1, share * Math.max(1, weight))
}

/**
 * A sample of the tasks 0 to `tasks` − 1 in random order, without repetition, in which each task is with exactly that chance.
 * Its size is `tasks × chance`, rounded up or down by lot.
 */
export function drawSample(tasks: number, chance: number, draw: Draw): number[] {
  const size = Math.min(tasks, Math.floor(tasks * chance + draw()))
  // Fisher and Yates, of which only what was moved is kept.
  const moved = new Map<number, number>()
  return Array.from({ length: size }, (_, i) => {
    const j = i + Math.floor(draw() * (tasks - i))
    const drawn = moved.get(j) ?? j
    moved.set(j, moved.get(i) ?? i)
    return drawn
  })
}

/**
 * When each task of a sample is to be checked, compared with those of other claims: of all that wait, the task with the
 * smallest time is next. The times are those at which tasks fall out of independent exponential clocks whose rate is the
 * task's part of the bond, so that whoever cannot check everything checks a random sample weighted by value.
 *
 * @returns ascending, one for each of `count` tasks
 */
export function drawTimes(claim: { bond: bigint; tasks: number }, count: number, draw: Draw): number[] {
  const rate = Number(claim.bond) / claim.tasks
  let time = 0
  return Array.from({ length: count }, (_, i) => {
    time -= Math.log(1 - draw()) / (rate * (claim.tasks - i))
    return time
  })
}
