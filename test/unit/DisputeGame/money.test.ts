import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import {
  bondOf,
  challenge,
  challengersEnd,
  collect,
  crowdOf,
  type DisputeWorld,
  descend,
  descentOf,
  disputeMarket,
  type Game,
  inTrace,
  openDisputes,
  openGame,
  play,
  playTo,
  post,
  prove,
  providersEnd,
  RULES,
  refuses,
  type Submission,
  submission,
  timeOut,
  track,
} from '../../helpers/disputes.ts'
import { lieAbout } from '../../helpers/disputeVersions.ts'
import { expectMoney, expectSolvent } from '../../helpers/money.ts'
import { max, min, splitFraud } from '../../helpers/reference.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { word } from '../../helpers/terms.ts'
import { at, now } from '../../helpers/time.ts'

const { moveFee } = RULES

describe('DisputeGame, who gets what', () => {
  let world: DisputeWorld
  let job: Submission

  const lying = () =>
    submission(world, { lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 77n) })
  const balance = async (who: Signer) => (await world.market.accountOf(who.address)).balance
  const held = async () => (await world.market.accountOf(world.game)).balance
  const leftOf = async (game: Game) => {
    await expectSolvent(game.world)
    return held()
  }

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
  })

  describe('given one game that is won', () => {
    // DG-13
    it('pays all that the slash sets aside for its moves, and the bond back, to the unit', async () => {
      job = await lying()
      const game = await playTo(
        await openGame(world, job),
        ({ node }) => node.isTrace && node.to - node.from === 1n,
      )
      const { bond, price } = await world.market.getJob(job.jobId)
      const moves = game.position.moves + 1n
      const { toRequester, toHook, toReserve } = splitFraud(bond, price, moves * moveFee)
      expect(toHook > moves * moveFee).to.equal(true)
      await expectMoney(
        world,
        {
          keeper: { balance: game.bond + toHook },
          requester: { balance: price + toRequester },
          provider: { stake: -bond, locked: -bond, active: -1n },
          reserve: toReserve,
        },
        () => prove(game),
      )
      expect(await leftOf(game)).to.equal(0n)
    })

    it('pays the opening alone where the provider never answered', async () => {
      job = await lying()
      const game = await openGame(world, job)
      const { bond, price } = await world.market.getJob(job.jobId)
      const { toHook } = splitFraud(bond, price, moveFee)
      const before = await balance(game.challenger)
      await at(providersEnd(game) + 1n, () => track(game, timeOut(game)))
      expect((await balance(game.challenger)) - before).to.equal(game.bond + toHook)
      expect(await held()).to.equal(0n)
    })
  })

  describe('given one game that is lost', () => {
    for (const extra of [0n, 1n, 2n, 99_999n]) {
      // DG-14
      it(`pays what was posted for it, and halves the rest of the bond, with ${extra} more than the least`, async () => {
        job = await submission(world)
        const bond = (await bondOf(world, job)) + extra
        const game = await openGame(world, job, world.actors.keeper, { bond })
        const challenger = lieAbout(job.truth, 3, { outputRoot: word('wrong') }, 77n)
        await playTo(game, ({ node }) => node.isTrace && node.to - node.from === 1n, { challenger })
        const { posts } = await world.game.gameOf(game.gameId)
        expect(posts).to.equal(4n)
        const toReserve = (bond - posts * moveFee + 1n) / 2n
        await expectMoney(world, { provider: { balance: bond - toReserve }, reserve: toReserve }, () =>
          prove(game),
        )
        expect(await leftOf(game)).to.equal(0n)
        expect((await world.game.gameOf(game.gameId)).bond).to.equal(0n)
      })
    }

    it('pays the provider half of it where nothing was posted', async () => {
      job = await submission(world, { tasks: 1, limits: { stepLimit: 1n } })
      const game = await openGame(world, job)
      const leaf = game.position
      await track(game, post(game), 'provider')
      const end = await challengersEnd({ ...game, position: leaf })
      const posted = moveFee
      const toReserve = (game.bond - posted + 1n) / 2n
      await expectMoney(world, { provider: { balance: game.bond - toReserve }, reserve: toReserve }, () =>
        at(end + 1n, () => timeOut(game)),
      )
    })

    // DG-12
    it('frees the claim for settlement, once no game is open', async () => {
      job = await submission(world)
      const games = [await openGame(world, job), await openGame(world, job, world.actors.eve)]
      await track(games[0] as Game, post(games[0] as Game), 'provider')
      for (const game of games) {
        expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Disputed'))
        const end = (await challengersEnd(game)) + 1n
        await at(max(end, (await now()) + 1n), () => track(game, timeOut(game)))
        expect(game.end?.won).to.equal(false)
      }
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Submitted'))
      expect((await world.game.claimOf(world.address, job.jobId)).moves).to.equal(0n)
    })

    it('lets its challenger open another one', async () => {
      job = await submission(world)
      const game = await openGame(world, job)
      await track(game, post(game), 'provider')
      await at((await challengersEnd(game)) + 1n, () => track(game, timeOut(game)))
      const again = await openGame(world, job)
      expect(again.gameId).to.equal(game.gameId)
      // the posting serves it
      await track(again, descend(again, descentOf(job.said, again.position.node, 0, 1)))
    })
  })

  describe('given several games when one is won (decision 29)', () => {
    let games: Game[]

    /** Opens one for each, and lets each make some moves. */
    const start = async (moves: readonly ('none' | 'leaf' | 'trace' | 'deep')[]) => {
      job = await lying()
      const crowd = await crowdOf(world, moves.length)
      games = []
      for (const challenger of crowd) games.push(await openGame(world, job, challenger))
      for (const [i, how] of moves.entries()) {
        const game = games[i] as Game
        if (how === 'leaf') await track(game, descend(game, descentOf(job.said, game.position.node, 0, 3)))
        if (how === 'trace') await playTo(game, inTrace)
        if (how === 'deep') await playTo(game, ({ node }) => node.isTrace && node.to - node.from < 32n)
      }
    }

    // DG-13, DG-2
    it('shares the reward by moves, returns every bond, and leaves nothing', async () => {
      await start(['none', 'leaf', 'trace', 'deep', 'none'])
      const { bond, price } = await world.market.getJob(job.jobId)
      const [, , deciding] = games as [Game, Game, Game]
      await play(deciding)
      const decided = deciding.position.moves + 1n
      const { toHook } = splitFraud(bond, price, decided * moveFee)
      const others = games.filter((game) => game !== deciding)
      const all = others.reduce((sum, { position }) => sum + position.moves, decided)
      const paid = max(min(toHook, decided * moveFee), (toHook * decided) / all)
      expect(deciding.end?.paid).to.equal(deciding.bond + paid)
      let [left, moves] = [toHook - paid, all - decided]
      expect(await world.game.claimOf(world.address, job.jobId)).to.deep.equal([true, moves, left])
      for (const game of others) {
        const reward = (left * game.position.moves) / moves
        const before = await balance(game.challenger)
        await expect(collect(game))
          .to.emit(world.game, 'GameCollected')
          .withArgs(game.gameId, job.jobId, game.bond, reward)
        expect((await balance(game.challenger)) - before).to.equal(game.bond + reward)
        left -= reward
        moves -= game.position.moves
        await expectSolvent(world)
      }
      expect([left, moves]).to.deep.equal([0n, 0n])
      expect(await held()).to.equal(0n)
    })

    it('pays one that slept no more than its opening was worth', async () => {
      await start(['none', 'trace'])
      const [sleeper, honest] = games as [Game, Game]
      await play(honest)
      await track(sleeper, collect(sleeper))
      const reward = (await balance(sleeper.challenger)) - 2_000_000n
      expect(reward * honest.position.moves).to.be.lessThan((honest.end?.paid as bigint) - honest.bond)
    })

    it('counts no moves of games that were lost before', async () => {
      await start(['trace', 'trace'])
      const [lost, honest] = games as [Game, Game]
      await track(lost, post(lost), 'provider')
      // the one sleeps, the other goes on
      await at(await challengersEnd(lost), () =>
        play(honest, { until: ({ position }) => position.moves >= 4n }),
      )
      await track(lost, timeOut(lost))
      expect(lost.end?.won).to.equal(false)
      await play(honest)
      const { bond, price } = await world.market.getJob(job.jobId)
      const { toHook } = splitFraud(bond, price, 0n)
      expect(honest.end?.paid).to.equal(honest.bond + toHook)
      expect(await held()).to.equal(0n)
    })

    it('is collected by anybody, once, for its challenger', async () => {
      await start(['none', 'trace'])
      const [other, honest] = games as [Game, Game]
      await refuses(world, collect(other), 'DisputeClaimNotRejected', [job.jobId])
      await play(honest)
      await track(other, collect(other, world.actors.rival))
      await expect(collect(other)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
      await expect(collect(honest)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
    })

    it('is collected at the position where it stood, and no other', async () => {
      await start(['none', 'trace'])
      const [other, honest] = games as [Game, Game]
      await play(honest)
      const claimed = { ...other, position: { ...other.position, moves: 100n } }
      await expect(collect(claimed)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
    })
  })

  describe('given a bond of the provider that is small for all those moves', () => {
    // DG-13
    it('pays the deciding moves in full, out of the requester’s part if need be', async () => {
      world = await openDisputes({ parameters: { minBond: 100_000n, bondBps: 2_000n, surchargeBps: 0n } })
      job = await submission(world, {
        terms: { maxPrice: 400_000n },
        lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 77n),
      })
      const sleepers = await crowdOf(world, 3)
      const asleep: Game[] = []
      for (const challenger of sleepers) asleep.push(await openGame(world, job, challenger))
      const game = await play(await openGame(world, job, world.actors.eve))
      const { bond, price } = await world.market.getJob(job.jobId)
      const moves = game.position.moves + 1n
      const { toHook } = splitFraud(bond, price, moves * moveFee)
      expect(bond / 5n < moves * moveFee).to.equal(true)
      expect(game.end?.paid).to.equal(game.bond + moves * moveFee)
      expect(toHook).to.equal(moves * moveFee)
      for (const each of asleep) {
        await expect(collect(each))
          .to.emit(world.game, 'GameCollected')
          .withArgs(each.gameId, job.jobId, each.bond, 0n)
      }
      expect(await held()).to.equal(0n)
    })
  })

  it('refuses a bond that is not there', async () => {
    job = await submission(world)
    const { treasury } = world.actors
    await expect(challenge(world, job, treasury)).to.be.revertedWithCustomError(
      world.market,
      'AccountInsufficientBalance',
    )
  })
})
