/**
 * Stateful fuzz: random calls, made to the model and to the contracts in lockstep. See test/invariant/README.md. Many more of
 * them: `npm run fuzz:deep`.
 *
 *   FUZZ_SEED=42 npx hardhat test mocha test/model/lockstep.test.ts            the same again
 *   FUZZ_ACTIONS=300 npx hardhat test mocha test/model/lockstep.test.ts        fewer
 */
import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { ACTIONS_PER_EPISODE, EpisodeError, runEpisode } from './episode.ts'
import { Random } from './random.ts'
import { ENOUGH, Tally } from './tally.ts'

const ACTIONS = Number(process.env.FUZZ_ACTIONS ?? ENOUGH)
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32))

describe('The market in lockstep with its model', () => {
  const tally = new Tally()

  // JM-1, JM-2, JM-8, JM-9, JM-42, JM-43, JM-49, JM-50, JM-52, JM-53, JM-54
  it('does what the model does, and keeps the invariants', async function () {
    this.timeout(0)
    console.log(`      FUZZ_SEED=${SEED} FUZZ_ACTIONS=${ACTIONS}`)
    const random = new Random(SEED)
    // tokens of 6 and of 18 decimals take turns
    const run = (episode: number, actions: number) =>
      runEpisode(random, episode % 2 === 0 ? 6 : 18, actions, tally)
    try {
      for (let episode = 0; tally.actions < ACTIONS; episode++) {
        await run(episode, Math.min(ACTIONS - tally.actions, ACTIONS_PER_EPISODE))
      }
      // What chance has left out gets another chance.
      for (let episode = 0; ACTIONS >= ENOUGH && tally.missing().length > 0 && episode < 10; episode++) {
        await run(episode, 1_000)
      }
    } catch (error) {
      if (error instanceof EpisodeError) console.log(story(error, tally))
      throw error
    }
  })

  it('has tried enough to mean something', function () {
    console.log(`${tally}`)
    if (ACTIONS < ENOUGH) this.skip()
    expect(tally.succeeded / tally.actions).to.be.at.least(0.5)
    expect(tally.missing()).to.deep.equal([])
    expect(tally.unknown()).to.deep.equal([])
  })
})

/** What led to a failure, and how to see it again. */
function story({ message, actions }: EpisodeError, tally: Tally): string {
  return [
    `Failed after ${tally.actions} actions: ${message}`,
    'The last ones were',
    ...actions.slice(-20).map((action) => `  ${action}`),
    `Again: FUZZ_SEED=${SEED} FUZZ_ACTIONS=${ACTIONS} npx hardhat test mocha test/model/lockstep.test.ts`,
  ].join('\n')
}
