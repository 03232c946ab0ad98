/**
 * Liars against watchers, drawn instead of calculated, with the draws that `assay watch` makes: how often one altered task,
 * or more, is found. Prints its seed; `docs/design/deterrence.md` explains the numbers.
 *
 *   node bench/deterrence.ts [--seed HEX] [--claims N]
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { bytesToHex, type Hex, keccak256, numberToHex } from 'viem'
import { type Draw, drawSize, drawsFor, drawTasks } from '../runner/src/core/sample.ts'
import { detection, toNumber } from '../test/helpers/deterrence.ts'

const drawSample = (tasks: number, chance: number, draw: Draw): number[] =>
  drawTasks(tasks, drawSize(tasks, chance, draw), draw)

export type Simulation = {
  tasks: number
  altered: number
  /** Chance of each task to be checked, by each watcher. */
  share: number
  watchers: number
}

/** The share of `claims` lies that the watchers find. */
export function simulate({ tasks, altered, share, watchers }: Simulation, claims: number, seed: Hex): number {
  const liar = drawsFor(seed, numberToHex(0, { size: 32 }))
  let found = 0
  for (let claim = 1; claim <= claims; claim++) {
    const jobId = numberToHex(claim, { size: 32 })
    const lies = new Set(drawSample(tasks, altered / tasks, liar))
    const isFound = Array.from({ length: watchers }, (_, i) =>
      keccak256(`${seed}${numberToHex(i, { size: 1 }).slice(2)}`),
    )
      .map((secret) => drawSample(tasks, share, drawsFor(secret, jobId)))
      .some((sample) => sample.some((task) => lies.has(task)))
    if (isFound) found++
  }
  return found / claims
}

/** What {@link simulate} comes to in the long run. The sample's size is its mean, rounded up or down by lot. */
export function expectedShare({ tasks, altered, share, watchers }: Simulation): number {
  const size = tasks * share
  const [few, part] = [Math.floor(size), size - Math.floor(size)]
  const missed = (checked: number) => 1 - toNumber(detection(tasks, altered, checked))
  const missedByOne = (1 - part) * missed(few) + (part === 0 ? 0 : part * missed(few + 1))
  return 1 - missedByOne ** watchers
}

/** Standard deviations between what was drawn and what is to be expected. */
export function deviation(drawn: number, expected: number, claims: number): number {
  const sigma = Math.sqrt((expected * (1 - expected)) / claims)
  return sigma === 0
    ? drawn === expected
      ? 0
      : Number.POSITIVE_INFINITY
    : Math.abs(drawn - expected) / sigma
}

export const simulations: readonly Simulation[] = [
  { tasks: 10_000, altered: 1, share: 0.05, watchers: 1 },
  { tasks: 10_000, altered: 1, share: 0.05, watchers: 10 },
  { tasks: 10_000, altered: 20, share: 0.05, watchers: 1 },
  { tasks: 10_000, altered: 100, share: 0.01, watchers: 1 },
  { tasks: 64, altered: 1, share: 0.05, watchers: 1 },
  { tasks: 64, altered: 64, share: 0.02, watchers: 1 },
  { tasks: 9, altered: 1, share: 1, watchers: 1 },
]

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: bytesToHex(randomBytes(32)) },
      claims: { type: 'string', default: '1000' },
    },
  })
  const claims = Number(values.claims)
  console.log(`seed ${values.seed}, ${claims} claims each`)
  for (const simulation of simulations) {
    const { tasks, altered, share, watchers } = simulation
    const drawn = simulate(simulation, claims, values.seed as Hex)
    const expected = expectedShare(simulation)
    const [found, calculated] = [drawn, expected].map((value) => `${(100 * value).toFixed(2)} %`)
    const off = deviation(drawn, expected, claims).toFixed(1)
    console.log(
      `${altered} of ${tasks} altered, ${100 * share} % checked by ${watchers}: found ${found}, calculated ${calculated} (${off} σ)`,
    )
  }
}
