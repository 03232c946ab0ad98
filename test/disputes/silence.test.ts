import { expect } from 'chai'
import { expectRevert } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import {
  atLeaf,
  awaitsPosting,
  challenge,
  challengersEnd,
  type DisputeWorld,
  descentOf,
  entryOf,
  type Game,
  isStep,
  move,
  play,
  post,
  postingAt,
  providersEnd,
  type Reason,
  refuses,
  timeOut,
  track,
} from '../helpers/disputes.ts'
import { lieAbout, type Truth, type Version } from '../helpers/disputeVersions.ts'
import { windowEnd } from '../helpers/jobs.ts'
import { max } from '../helpers/reference.ts'
import { word } from '../helpers/terms.ts'
import { at } from '../helpers/time.ts'
import { conclude, dispute, disputes, inOneBlock, type Stage, stageOf } from './stage.ts'

/** So many that the result tree takes two rounds, as does the trace of this one. */
const TASKS = 40
const TASK = 35
const lie = (truth: Truth): Version => lieAbout(truth, TASK, { outputRoot: word('a lie') }, 77n)

type Side = 'provider' | 'challenger'

/** Every place where it is somebody's turn, in the order of a whole game. */
const TURNS: Record<Side, string[]> = {
  provider: ['the root', 'a node', 'a leaf', 'a trace', 'a stretch'],
  challenger: ['the root', 'a node', 'a leaf', 'a trace', 'a stretch', 'a step'],
}

const isMined = (receipt: Promise<unknown>) =>
  receipt.then(
    () => true,
    () => false,
  )

const STEP = ({ position }: Game) => isStep(position)

describe('Time', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
  })

  /** Whose turn it is where the provider shows the row of a leaf, too. */
  const turnOf = async (game: Game): Promise<Side> =>
    (await awaitsPosting(game)) || (atLeaf(game.position) && (await postingAt(game)).postedAt === 0n)
      ? 'provider'
      : 'challenger'

  /** Either side's next move, made by what it holds. */
  const next = (game: Game, side: Side, own: Version) =>
    side === 'provider' ? track(game, post(game), side) : track(game, move(game, own))

  /** Plays up to a side's turn of that number. */
  async function playUpTo(game: Game, silent: Side, number: number, own: Version): Promise<void> {
    const made = { provider: 0, challenger: 0 }
    for (;;) {
      const side = await turnOf(game)
      if (side === silent && made[side] === number) return
      await next(game, side, own)
      made[side]++
    }
  }

  for (const [claim, lied] of Object.entries({ false: lie, true: undefined })) {
    /** A claim and what its challenger says. */
    const begin = async (challenger = world.actors.keeper) => {
      const stage = await stageOf(world, { tasks: TASKS, ...(lied ? { lie: lied } : {}) })
      const own = lied ? stage.job.truth : lie(stage.job.truth)
      return { stage, own, game: await dispute(stage, challenger) }
    }

    for (const [number, where] of TURNS.provider.entries()) {
      it(`rejects a ${claim} result whose provider is silent at ${where}`, async () => {
        const { stage, own, game } = await begin()
        await playUpTo(game, 'provider', number, own)
        const end = providersEnd(game)
        await refuses(
          world,
          at(end, () => timeOut(game)),
          'DisputeTooEarly',
          [game.gameId, end, end],
        )
        const values = [game.gameId, end, end + 1n]
        await refuses(
          world,
          at(end + 1n, () => post(game)),
          'DisputeProviderLate',
          values,
        )
        await track(game, timeOut(game))
        expect(game.end?.reason).to.equal('ProviderLate')
        await conclude(stage, 'Rejected', { honest: [game.challenger] })
      })
    }

    for (const [number, where] of TURNS.challenger.entries()) {
      it(`lets a ${claim} result stand whose only challenger is silent at ${where}`, async () => {
        const { stage, own, game } = await begin()
        await playUpTo(game, 'challenger', number, own)
        const end = await challengersEnd(game)
        await refuses(
          world,
          at(end, () => timeOut(game)),
          'DisputeTooEarly',
          [game.gameId, end, end],
        )
        if (!STEP(game) || claim === 'false') {
          const values = [game.gameId, end, end + 1n]
          await refuses(
            world,
            at(end + 1n, () => move(game, own)),
            'DisputeChallengerLate',
            values,
          )
        }
        await at(end + 2n, () => track(game, timeOut(game)))
        expect(game.end?.reason).to.equal('ChallengerLate')
        await conclude(stage, 'Settled')
      })
    }

    it(`lets both sides make every move about a ${claim} result in its last second (decision 31)`, async () => {
      const { stage, own, game: sleeper } = await begin(world.actors.eve)
      const game = await dispute(stage)
      expect(game.position.stretch).to.equal(2n)
      // in the shorter turn: it serves both
      await at(providersEnd(sleeper), () => track(sleeper, post(sleeper), 'provider'))
      while (game.end === undefined) {
        const side = await turnOf(game)
        const end = side === 'provider' ? providersEnd(game) : await challengersEnd(game)
        await at(end, () => next(game, side, own))
      }
      expect(game.end.reason).to.equal(lied ? 'WrongStep' : 'RightStep')
      if (lied) return conclude(stage, 'Rejected', { honest: [game.challenger] })
      await track(sleeper, timeOut(sleeper))
      return conclude(stage, 'Settled')
    })

    it(`takes a challenge of a ${claim} result in the last second of the window, and plays it after`, async () => {
      const stage = await stageOf(world, { tasks: TASKS, ...(lied ? { lie: lied } : {}) })
      const { job } = stage
      const own = lied ? job.truth : lie(job.truth)
      const end = windowEnd(job)
      const game = await at(end, () => dispute(stage))
      const late = at(end + 1n, () => challenge(world, job, world.actors.eve))
      await expectRevert(world, late, 'JobMarketDeadlinePassed', [job.jobId, end, end + 1n])
      const settle = world.market.connect(world.actors.owner).settle(job.jobId)
      await expect(settle).to.be.revertedWithCustomError(world.market, 'JobMarketChallengeOpen')
      await play(game, { challenger: own })
      await conclude(stage, lied ? 'Rejected' : 'Settled', lied ? { honest: [game.challenger] } : {})
    })
  }

  describe('in one block', () => {
    let stage: Stage
    /** Nothing was posted for the one at the root; the other stands in a trace that was posted. */
    let waiting: Game
    let sleeping: Game

    beforeEach(async () => {
      stage = await stageOf(world, { tasks: TASKS, lie })
      const { job } = stage
      sleeping = await dispute(stage, world.actors.eve, {
        descents: [descentOf(job.said, { level: 6n }, 0, TASK)],
        entries: [entryOf(job, TASK)],
      })
      await track(sleeping, post(sleeping), 'provider')
      waiting = await dispute(stage)
    })

    const ends = async () => [providersEnd(waiting), await challengersEnd(sleeping)] as const
    const latest = async () => {
      const [provider, challenger] = await ends()
      return max(provider, challenger) + 1n
    }

    it('a provider and a challenger are late: the one first, the other has its bond back', async () => {
      const [first, second] = await inOneBlock(await latest(), [
        () => timeOut(waiting),
        () => timeOut(sleeping),
      ])
      await track(waiting, first)
      await expect(second).to.be.revert(ethers)
      expect([waiting.end?.reason, sleeping.end]).to.deep.equal(['ProviderLate', undefined])
      await conclude(stage, 'Rejected', { honest: [waiting.challenger, sleeping.challenger] })
    })

    it('a provider and a challenger are late: the other first, it loses its bond', async () => {
      const [first, second] = await inOneBlock(await latest(), [
        () => timeOut(sleeping),
        () => timeOut(waiting),
      ])
      await track(sleeping, first)
      await track(waiting, second)
      expect([waiting.end?.reason, sleeping.end?.reason]).to.deep.equal(['ProviderLate', 'ChallengerLate'])
      await conclude(stage, 'Rejected', { honest: [waiting.challenger] })
    })

    const races: [string, Side, bigint, Reason | undefined][] = [
      ['a posting in its last second comes before or after a timeout', 'provider', 0n, undefined],
      ['a posting a second too late comes before or after a timeout', 'provider', 1n, 'ProviderLate'],
      ['a pick in its last second comes before or after a timeout', 'challenger', 0n, undefined],
      ['a pick a second too late comes before or after a timeout', 'challenger', 1n, 'ChallengerLate'],
    ]
    for (const [title, side, late, reason] of races) {
      it(`${title}, and it is the time that counts`, async () => {
        const [provider, challenger] = await ends()
        const game = side === 'provider' ? waiting : sleeping
        const time = (side === 'provider' ? provider : challenger) + late
        const act = () => (side === 'provider' ? post(game) : move(game, stage.job.truth))
        const snapshot = await networkHelpers.takeSnapshot()
        for (const isFirst of [true, false]) {
          await snapshot.restore()
          const copy: Game = { ...game, job: { ...game.job, postings: new Map(game.job.postings) } }
          const end = () => timeOut(copy)
          const [first, second] = await inOneBlock(time, isFirst ? [act, end] : [end, act])
          const [acted, ended] = isFirst ? [first, second] : [second, first]
          const isTaken = await isMined(track(copy, acted, side))
          const isEnded = await isMined(track(copy, ended))
          expect({ isTaken, isEnded, reason: copy.end?.reason }).to.deep.equal({
            ...{ isTaken: late === 0n, isEnded: late !== 0n, reason },
          })
        }
      })
    }
  })

  describe('of a posting that serves two games', () => {
    it('is late for the one whose turn was shorter: it has won, now and after', async () => {
      const stage = await stageOf(world, { tasks: TASKS })
      const short = await dispute(stage)
      const long = await dispute(stage, world.actors.eve)
      await at(providersEnd(short) + 1n, () => track(long, post(long), 'provider'))
      const values = [short.gameId, providersEnd(short), providersEnd(short) + 1n]
      await refuses(world, move(short, lie(stage.job.truth)), 'DisputeProviderLate', values)
      await play(long, { challenger: lie(stage.job.truth) })
      expect(long.end?.reason).to.equal('RightStep')
      await track(short, timeOut(short))
      expect(short.end?.reason).to.equal('ProviderLate')
      await conclude(stage, 'Rejected', { honest: [short.challenger] })
    })

    it('gives the second its whole turn, however old the posting is', async () => {
      const stage = await stageOf(world, { tasks: TASKS })
      const early = await dispute(stage)
      await track(early, post(early), 'provider')
      const late = await at((await challengersEnd(early)) + 50n, () => dispute(stage, world.actors.eve))
      const end = late.position.arrivedAt + 100n
      expect(await challengersEnd(late)).to.equal(end)
      await track(early, timeOut(early))
      await refuses(
        world,
        at(end, () => timeOut(late)),
        'DisputeTooEarly',
        [late.gameId, end, end],
      )
      await at(end + 1n, () => track(late, timeOut(late)))
      expect([early.end?.reason, late.end?.reason]).to.deep.equal(['ChallengerLate', 'ChallengerLate'])
      await conclude(stage, 'Settled')
    })
  })
})
