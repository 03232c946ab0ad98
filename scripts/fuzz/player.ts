// Plays markets, one after the other, for its parent. Started by run.ts.

import { ACTIONS_PER_EPISODE, EpisodeError, runEpisode } from '../../test/model/episode.ts'
import { Random } from '../../test/model/random.ts'
import { Tally } from '../../test/model/tally.ts'
import type { Episode } from './episodes.ts'

/** What the parent sends: the seed of the next market. */
export interface Order {
  seed: number
}

/** A market in which model and contracts differed, or an invariant broke. */
export interface Failure {
  seed: number
  message: string
  /** From the deployment to where it failed. */
  actions: readonly string[]
}

/** What the parent hears, or why the player cannot go on, which is nobody's fault but the set-up's. */
export type Report = { episode: Episode } | { failure: Failure } | { broken: string }

const send = (report: Report) => process.send?.(report)

async function play(seed: number): Promise<Report> {
  const started = performance.now()
  const tally = new Tally()
  try {
    await runEpisode(new Random(seed), seed % 2 === 0 ? 6 : 18, ACTIONS_PER_EPISODE, tally)
  } catch (error) {
    if (error instanceof EpisodeError) {
      return { failure: { seed, message: error.message, actions: error.actions } }
    }
    throw error
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10
  return { episode: { seed, seconds, counts: tally.toJSON() } }
}

process.on('message', ({ seed }: Order) => {
  play(seed).then(send, (error) => {
    send({ broken: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  })
})
// Whoever stops the parent stops this, too.
process.once('disconnect', () => process.exit(0))
