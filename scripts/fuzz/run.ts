import { type ChildProcess, fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ACTIONS_PER_EPISODE } from '../../test/model/episode.ts'
import { ENOUGH, type Tally } from '../../test/model/tally.ts'
import { withLock } from '../bootstrap/lock.mjs'
import { type Episode, Episodes } from './episodes.ts'
import type { Options } from './options.ts'
import type { Failure, Report } from './player.ts'

const PLAYER = fileURLToPath(new URL('./player.ts', import.meta.url))
const CACHE = 'cache/fuzz'
/** A process makes room for another one now and then: chains leave something behind. */
const EPISODES_PER_PROCESS = 20
/** Markets do not learn here from the ones before what was rare, so that a seed says all: chance needs so much longer. */
const ENOUGH_BY_SEED = 10

const say = (line: string) => console.error(line)
const format = (n: number) => n.toLocaleString('en')

/** The fuzz cannot go on: the set-up is at fault, not a contract. */
export class FuzzError extends Error {
  override readonly name = 'FuzzError'
}

/**
 * Plays markets of random seeds until there are enough actions, and prints what was reached.
 *
 * @returns whether model and contracts agreed everywhere, and nothing was left out
 * @throws {FuzzError} when markets could not be played
 */
export async function runFuzz(root: string, options: Options): Promise<boolean> {
  const episodes = new Episodes(root, join(root, CACHE))
  const { totals, file } = episodes
  if (episodes.size > 0) say(`${known(episodes)} are known already, from ${file}`)
  const { seed } = options
  if (seed !== undefined) return again(root, seed)
  if (!options.show) {
    const failure = await withLock(join(root, CACHE, 'lock'), () => playAll(options, episodes))
    if (failure !== undefined) {
      console.log(story(root, failure))
      return false
    }
  }
  console.log(`${totals}`)
  console.log(`${known(episodes)}; their seeds are in ${file}`)
  return isComplete(totals)
}

/** The market of one seed, to see again what happened. */
async function again(root: string, seed: number): Promise<boolean> {
  const player = startPlayer()
  try {
    const report = await play(player, seed)
    console.log('failure' in report ? story(root, report.failure) : summary(report.episode))
    return !('failure' in report)
  } finally {
    player.kill()
  }
}

async function playAll(options: Options, episodes: Episodes): Promise<Failure | undefined> {
  const { totals } = episodes
  const started = { at: performance.now(), actions: totals.actions }
  const players = new Set<ChildProcess>()
  let failure: Failure | undefined
  let inPlay = 0
  let stopped = false
  const wanted = () => !stopped && totals.actions + inPlay * ACTIONS_PER_EPISODE < options.actions
  const work = async () => {
    while (wanted()) {
      const player = startPlayer()
      players.add(player)
      for (let played = 0; wanted() && played < EPISODES_PER_PROCESS; played++) {
        inPlay++
        const report = await play(player, randomInt(2 ** 32)).finally(() => inPlay--)
        if ('failure' in report) {
          failure ??= report.failure
          stopped = true
        } else {
          episodes.add(report.episode)
          const rate = (totals.actions - started.actions) / (performance.now() - started.at)
          const share = `${format(totals.actions)} of ${format(options.actions)}`
          say(`${summary(report.episode)}; ${share}, ${Math.round(1_000 * rate)} a second`)
        }
      }
      players.delete(player)
      player.kill()
    }
  }
  const stop = (error: unknown) => {
    stopped = true
    throw error
  }
  try {
    const ends = await Promise.allSettled(Array.from({ length: options.jobs }, () => work().catch(stop)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  } finally {
    for (const player of players) player.kill()
  }
  return failure
}

function startPlayer(): ChildProcess {
  return fork(PLAYER, [], { execArgv: ['--conditions=assay-source'] })
}

function play(player: ChildProcess, seed: number): Promise<Exclude<Report, { broken: string }>> {
  return new Promise((resolve, reject) => {
    const end = (code: number | null, signal: string | null) => {
      reject(new FuzzError(`The market of seed ${seed} was not played to its end: ${signal ?? code}.`))
    }
    player.once('exit', end)
    player.once('message', (report: Report) => {
      player.off('exit', end)
      if ('broken' in report) reject(new FuzzError(`Seed ${seed}: ${report.broken}`))
      else resolve(report)
    })
    player.send({ seed })
  })
}

function summary({ seed, seconds, counts }: Episode): string {
  const percent = Math.round((100 * counts.succeeded) / counts.actions)
  return `seed ${seed}: ${format(counts.actions)} actions, ${percent} % succeeded, ${seconds} s`
}

function known({ size, totals }: Episodes): string {
  return `${format(totals.actions)} actions in ${format(size)} markets`
}

/** What led to a failure, and how to see it again. All of it goes to a file. */
function story(root: string, { seed, message, actions }: Failure): string {
  const file = join(root, CACHE, `failure-${seed}.txt`)
  mkdirSync(join(root, CACHE), { recursive: true })
  writeFileSync(file, [message, '', ...actions, ''].join('\n'))
  return [
    `Seed ${seed} failed: ${message}`,
    `The last of ${format(actions.length)} actions were`,
    ...actions.slice(-20).map((action) => `  ${action}`),
    `All of them: ${file}`,
    `Again: npm run fuzz:deep -- --seed ${seed}`,
  ].join('\n')
}

/** Says what is missing, or should not have happened. */
function isComplete(totals: Tally): boolean {
  const unknown = totals.unknown()
  for (const transition of unknown) console.log(`Nobody expected: ${transition}`)
  if (totals.actions < ENOUGH_BY_SEED * ENOUGH) return unknown.length === 0
  const missing = totals.missing()
  for (const name of missing) console.log(`Tried too seldom: ${name}`)
  return unknown.length === 0 && missing.length === 0
}
