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

/**
 * The chance of each task of a claim to be in the sample: the share that was asked for, and more where a task's part of the
 * bond is above the average so far. Never less: otherwise somebody's large bonds would hide the lies of others.
 *
 * @param share of all tasks, 0 to 1
 * @param seen bonds, in units, and tasks of the claims so far
 */
export function chanceOf(
  share: number,
  claim: { bond: bigint; tasks: number },
  seen: { bonds: number; tasks: number },
): number {
  const hasAverage = seen.bonds > 0 && seen.tasks > 0
  const weight = hasAverage ? Number(claim.bond) / claim.tasks / (seen.bonds / seen.tasks) : 1
  return Math.min(1, share * Math.max(1, weight))
}

/** How many tasks a sample has, so that each is in it with exactly that chance: the mean, rounded up or down by lot. */
export function drawSize(tasks: number, chance: number, draw: Draw): number {
  return Math.min(tasks, Math.floor(tasks * chance + draw()))
}

/** So many of the tasks 0 to `tasks` − 1, in random order, none twice. */
export function drawTasks(tasks: number, size: number, draw: Draw): number[] {
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
 * When it is a claim's turn, compared with others: of all that wait, the one with the smallest number is next. A claim of
 * twice the bond is twice as likely to come first, so that who cannot look at all of them looks at a random sample that is
 * weighted by value.
 */
export function drawTurn(bond: bigint, draw: Draw): number {
  return -Math.log(1 - draw()) / Number(bond)
}
