import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import type { Signer } from '../helpers/actors.ts'
import { networkHelpers } from '../helpers/chain.ts'
import {
  atLeaf,
  awaitsPosting,
  challengersEnd,
  type DisputeWorld,
  type Game,
  inTrace,
  atStep as isStep,
  move,
  type PositionView,
  post,
  postingAt,
  prove,
  providersEnd,
  timeOut,
  track,
} from '../helpers/disputes.ts'
import { lieAbout, type Truth, type Version } from '../helpers/disputeVersions.ts'
import { max } from '../helpers/reference.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { word } from '../helpers/terms.ts'
import { now, travelTo } from '../helpers/time.ts'
import { Random } from '../model/random.ts'
import { conclude, DECIDING_MOVES, dispute, disputes, type Stage, stageOf } from './stage.ts'

const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))
const WALKS = 40

const TASK = 2
const lie = (truth: Truth): Version => lieAbout(truth, TASK, { outputRoot: word('a lie') }, 21n)

/** From a state of games, by a stranger and by time alone, to an end in which everybody has been paid. */
async function endByTime(stage: Stage, order: readonly Game[]): Promise<'Rejected' | 'Settled'> {
  const { world, job } = stage
  for (const game of order.filter(({ end }) => end === undefined)) {
    const late = max(providersEnd(game), await challengersEnd(game)) + 1n
    if ((await now()) < late) await travelTo(late)
    if (order.some(({ end }) => end?.won)) break
    await track(game, timeOut(game, world.actors.owner))
    expect(game.end).not.to.equal(undefined)
  }
  const outcome = order.some(({ end }) => end?.won) ? 'Rejected' : 'Settled'
  const status = outcome === 'Rejected' ? ['Rejected'] : ['Submitted', 'Settleable']
  const is = await world.market.statusOf(job.jobId)
  expect(status.map((each) => statusNumber(each as 'Submitted'))).to.include(is)
  return outcome
}

const inStretch = (position: PositionView) =>
  inTrace(position) && position.node.from > 0n && !isStep(position)

/** Where a game can stand, and what is posted there. */
const STATES: Record<string, { place: (position: PositionView) => boolean; isPosted: boolean }> = {
  'at the root': { place: ({ node }) => !node.isTrace && node.level !== 0n, isPosted: false },
  'at the root, posted': { place: ({ node }) => !node.isTrace && node.level !== 0n, isPosted: true },
  'at a leaf': { place: atLeaf, isPosted: false },
  'at a leaf, posted': { place: atLeaf, isPosted: true },
  'in a trace': { place: ({ node }) => node.isTrace && node.from === 0n, isPosted: false },
  'in a trace, posted': { place: ({ node }) => node.isTrace && node.from === 0n, isPosted: true },
  'in a stretch': { place: inStretch, isPosted: false },
  'in a stretch, posted': { place: inStretch, isPosted: true },
  'at a step': { place: isStep, isPosted: false },
}

describe('Anyone, by time alone,', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
  })

  async function reach(
    game: Game,
    own: Version,
    { place, isPosted }: (typeof STATES)[string],
  ): Promise<void> {
    while (!place(game.position)) {
      if (await awaitsPosting(game)) await track(game, post(game), 'provider')
      await track(game, move(game, own))
    }
    const { postedAt } = await postingAt(game)
    if (isPosted && postedAt === 0n) await track(game, post(game), 'provider')
  }

  for (const [claim, lied] of Object.entries({ false: lie, true: undefined })) {
    for (const [where, state] of Object.entries(STATES)) {
      it(`ends a dispute of a ${claim} result ${where}, and one beside it wherever it stands`, async () => {
        const stage = await stageOf(world, lied ? { lie: lied } : {})
        const { job } = stage
        const own = lied ? job.truth : lie(job.truth)
        const start = await networkHelpers.takeSnapshot()
        for (const [i, beside] of [undefined, ...Object.values(STATES)].entries()) {
          await start.restore()
          job.postings.clear()
          stage.games = []
          const game = await dispute(stage)
          await reach(game, own, state)
          if (beside) {
            // about another task, so that what is posted for the one is not for the other
            const other = await dispute(stage, world.actors.eve)
            await reach(other, lieAbout(job.said, 4, { exitCode: 3 }, 50n), beside)
          }
          const games = i % 2 === 0 ? [...stage.games] : [...stage.games].reverse()
          const outcome = await endByTime(stage, games)
          await conclude(stage, outcome, { isQuick: true })
        }
      })
    }
  }

  it(`ends what random moves of everybody have begun (FUZZ_SEED=${SEED})`, async function () {
    this.timeout(120_000)
    const random = new Random(SEED)
    const { keeper, eve, hook, owner } = world.actors
    const start = await networkHelpers.takeSnapshot()
    const outcomes = new Set<string>()
    // what chance has left out gets another chance
    for (let walk = 0; walk < WALKS || (outcomes.size < 4 && walk < 10 * WALKS); walk++) {
      const isFalse = random.chance(0.5)
      const stage = await stageOf(world, isFalse ? { lie } : {})
      const { truth, said } = stage.job
      const owns = [
        truth,
        lie(truth),
        lieAbout(said, 4, { exitCode: 9 }, 30n),
        lieAbout(said, 1, { steps: 9n }, 3n),
      ]
      const minds = new Map<Game, Version>()
      const tries: (() => Promise<unknown>)[] = [
        async () => {
          const who = random.pick([keeper, eve, hook] as Signer[])
          if (stage.games.some(({ challenger, end }) => challenger === who && end === undefined)) return
          minds.set(await dispute(stage, who), random.pick(owns))
        },
        async () => withGame(async (game) => track(game, post(game), 'provider')),
        async () => withGame(async (game) => track(game, move(game, minds.get(game) ?? truth))),
        async () => withGame(async (game) => track(game, move(game, minds.get(game) ?? truth))),
        async () => withGame(async (game) => track(game, timeOut(game, owner))),
        async () => withGame(async (game) => track(game, prove(game, undefined, owner))),
        async () => travelTo((await now()) + BigInt(random.int(1, 90))),
      ]
      const withGame = async (act: (game: Game) => Promise<unknown>) => {
        const going = stage.games.filter(({ end }) => end === undefined)
        if (going.length > 0) await act(random.pick(going))
      }
      for (let i = random.int(4, 30); i > 0; i--) await random.pick(tries)().catch(refused)
      const isDecided = stage.games.some(({ end }) => end?.won)
      const outcome = isDecided ? 'Rejected' : await endByTime(stage, stage.games)
      outcomes.add(`${isFalse} ${outcome}`)
      const decided = stage.games.filter(({ end }) => DECIDING_MOVES.includes(end?.reason ?? ''))
      if (!isFalse) expect(decided, 'won against a true result').to.deep.equal([])
      await conclude(stage, outcome, { isQuick: walk % 10 !== 0 })
      await start.restore()
    }
    expect(outcomes.size).to.equal(4)
  })

  /** Whatever a contract refuses is refused; everything else is a fault of this test. */
  const refused = (error: unknown) => {
    if (!/reverted|revert/.test(String(error))) throw error
  }
})
