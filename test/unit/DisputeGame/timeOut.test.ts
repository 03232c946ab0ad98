import { expect } from 'chai'
import { networkHelpers } from '../../helpers/chain.ts'
import {
  atLeaf,
  atStep,
  challengersEnd,
  type DisputeWorld,
  descend,
  descentOf,
  disputeMarket,
  type Game,
  inTrace,
  NOTHING,
  openGame,
  pick,
  playTo,
  post,
  providersEnd,
  refuses,
  type Submission,
  submission,
  timeOut,
  track,
} from '../../helpers/disputes.ts'
import { lieAbout } from '../../helpers/disputeVersions.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('DisputeGame.timeOut', () => {
  let world: DisputeWorld
  let job: Submission
  let game: Game

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
    job = await submission(world, {
      lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 77n),
    })
    game = await openGame(world, job)
  })

  const status = () => world.market.statusOf(job.jobId)
  const inLongStretch = inTrace
  const inShortStretch = ({ node }: Game['position']) => node.isTrace && node.to - node.from < 32n

  // every place where a provider can be silent
  for (const [what, where] of [
    ['the root', () => true],
    ['a leaf', atLeaf],
    ['a long stretch', inLongStretch],
    ['a short stretch', inShortStretch],
  ] as const) {
    describe(`given a provider that posts nothing about ${what}`, () => {
      beforeEach(() => playTo(game, where))

      it('is refused in the last second of its turn', async () => {
        const end = providersEnd(game)
        await refuses(
          world,
          at(end, () => timeOut(game)),
          'DisputeTooEarly',
          [game.gameId, end, end],
        )
      })

      // DG-10, DG-16
      it('wins a second later, by anybody’s call, and emits GameWon', async () => {
        await expect(at(providersEnd(game) + 1n, () => timeOut(game)))
          .to.emit(world.game, 'GameWon')
          .withArgs(game.gameId, job.jobId, 0n, (paid: bigint) => paid > game.bond)
        expect(await status()).to.equal(statusNumber('Rejected'))
      })
    })
  }

  // every place where a challenger can be silent
  for (const [what, where] of [
    ['the root', () => true],
    ['a leaf', atLeaf],
    ['a long stretch', inLongStretch],
    ['a short stretch', inShortStretch],
  ] as const) {
    describe(`given a challenger that does not answer a posting about ${what}`, () => {
      beforeEach(async () => {
        await playTo(game, where)
        await at(game.position.arrivedAt + 60n, () => track(game, post(game), 'provider'))
      })

      it('is refused in the last second of its turn', async () => {
        const end = await challengersEnd(game)
        expect(end).to.be.greaterThan(providersEnd(game) - 60n)
        await refuses(
          world,
          at(end, () => timeOut(game)),
          'DisputeTooEarly',
          [game.gameId, end, end],
        )
      })

      // DG-10, DG-16
      it('loses a second later, by anybody’s call, and emits GameLost', async () => {
        const end = await challengersEnd(game)
        const rest = game.bond - (await world.game.gameOf(game.gameId)).posts * 5_000n
        const toReserve = (rest + 1n) / 2n
        await expect(at(end + 1n, () => timeOut(game)))
          .to.emit(world.game, 'GameLost')
          .withArgs(game.gameId, job.jobId, 7n, game.bond - toReserve, toReserve)
        expect(await status()).not.to.equal(statusNumber('Disputed'))
      })
    })
  }

  describe('given a challenger that does not prove', () => {
    beforeEach(() => playTo(game, atStep))

    it('is refused in the last second of its turn, which began with its arrival', async () => {
      const end = game.position.arrivedAt + 100n + job.said.trace(3).steps / 16n
      await refuses(
        world,
        at(end, () => timeOut(game)),
        'DisputeTooEarly',
        [game.gameId, end, end],
      )
    })

    // DG-10, DG-16
    it('loses a second later: the burden of proof is its own (decision 28)', async () => {
      await at((await challengersEnd(game)) + 1n, () => track(game, timeOut(game)))
      expect(game.end).to.include({ won: false, reason: 'ChallengerLate' })
    })
  })

  describe('given a posting that came too late for one game, and in time for another', () => {
    let other: Game

    beforeEach(async () => {
      other = await openGame(world, job, world.actors.eve)
      await at(providersEnd(game) + 1n, () => track(other, post(other), 'provider'))
    })

    it('wins the one, whenever it is called (decision 31)', async () => {
      await at(providersEnd(game) + 10_000n, () => track(game, timeOut(game)))
      expect(game.end).to.include({ won: true, reason: 'ProviderLate' })
    })

    it('wins it at once', async () => {
      await track(game, timeOut(game))
      expect(game.end).to.include({ won: true, reason: 'ProviderLate' })
    })

    it('does not win the other, whose challenger is then late', async () => {
      const end = await challengersEnd(other)
      await refuses(
        world,
        at(end, () => timeOut(other)),
        'DisputeTooEarly',
        [other.gameId, end, end],
      )
      await at(end + 1n, () => track(other, timeOut(other)))
      expect(other.end).to.include({ won: false, reason: 'ChallengerLate' })
    })
  })

  describe('given both sides late', () => {
    it('decides by the times that are kept, in whatever order it is called (decision 31)', async () => {
      // the one game’s challenger was late before the other game’s provider was
      const other = await openGame(world, job, world.actors.eve)
      await track(game, post(game), 'provider')
      await track(other, descend(other, descentOf(job.said, other.position.node, 0, 3)))
      const late = providersEnd(other) + 1n
      expect((await challengersEnd(game)) < late).to.equal(true)
      await at(late, () => track(game, timeOut(game)))
      expect(game.end?.reason).to.equal('ChallengerLate')
      await track(other, timeOut(other))
      expect(other.end?.reason).to.equal('ProviderLate')
    })
  })

  describe('given a turn that was made', () => {
    it('has the next one its whole time', async () => {
      await playTo(game, inTrace)
      await at(providersEnd(game), () => track(game, post(game), 'provider'))
      await at(await challengersEnd(game), () => track(game, pick(game, 0)))
      await expect(timeOut(game)).to.be.revertedWithCustomError(world.game, 'DisputeTooEarly')
    })
  })

  it('refuses another posting than the one that was made', async () => {
    await track(game, post(game), 'provider')
    const { gameId, position } = game
    const late = providersEnd(game) + 1_000n
    const without = () => world.game.connect(world.actors.eve).timeOut(gameId, position, NOTHING)
    await expect(at(late, without)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosting')
  })

  it('refuses a game that is over, and one at another position', async () => {
    const before = { ...game, position: game.position }
    await track(game, post(game), 'provider')
    await at((await challengersEnd(game)) + 1n, () => track(game, timeOut(game)))
    await expect(timeOut(before)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
  })

  it('refuses a game whose claim is rejected: it is collected', async () => {
    const other = await openGame(world, job, world.actors.eve)
    await at(providersEnd(other) + 1n, () => track(game, timeOut(game)))
    await refuses(world, timeOut(other), 'DisputeClaimRejected', [job.jobId])
  })
})
