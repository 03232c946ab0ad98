import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import {
  bondOf,
  challenge,
  crowdOf,
  type DisputeWorld,
  descentOf,
  disputeMarket,
  entryOf,
  openGame,
  openingOf,
  refuses,
  type Submission,
  submission,
  wordsOf,
} from '../../helpers/disputes.ts'
import { lieAbout, type SumNode, versionOf } from '../../helpers/disputeVersions.ts'
import { windowEnd } from '../../helpers/jobs.ts'
import { expectMoney } from '../../helpers/money.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { commitmentOf, word } from '../../helpers/terms.ts'
import { at, now } from '../../helpers/time.ts'

describe('DisputeGame.ledgerTransferReceived', () => {
  let world: DisputeWorld
  let job: Submission

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
    job = await submission(world, {
      lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 77n),
    })
  })

  const termsHash = () =>
    ethers.keccak256(
      ethers.AbiCoder.defaultAbiCoder().encode(
        ['bytes32', 'bytes32', 'bytes32', 'uint64', 'uint32', 'uint32'],
        Object.values(job.claimTerms),
      ),
    )

  describe('given a submitted result', () => {
    it('opens a game at its root, and emits GameOpened', async () => {
      const { keeper, provider } = world.actors
      const gameId = await world.game.gameIdOf(world.address, job.jobId, keeper.address)
      const bond = await bondOf(world, job)
      const position = () => [
        [world.address, job.jobId, provider.address, 5n, termsHash()],
        [false, 3n, 0n, 0n, 0n, job.said.totalSteps, ethers.ZeroHash, job.said.root],
        arrivedAt,
        1n,
        1n,
      ]
      const arrivedAt = (await now()) + 10n
      await expect(at(arrivedAt, () => challenge(world, job, keeper)))
        .to.emit(world.game, 'GameOpened')
        .withArgs(gameId, job.jobId, keeper.address, position(), bond)
      const hash = (await world.game.gameOf(gameId)).positionHash
      expect(await world.game.gameOf(gameId)).to.deep.equal([keeper.address, bond, 0n, hash])
    })

    it('keeps the hash of the position', async () => {
      const game = await openGame(world, job)
      const type = world.game.interface.getFunction('collect').inputs[1]?.format('full') as string
      const encoded = ethers.AbiCoder.defaultAbiCoder().encode([type], [game.position])
      expect((await world.game.gameOf(game.gameId)).positionHash).to.equal(
        ethers.dataSlice(ethers.keccak256(encoded), 0, 31),
      )
      expect(wordsOf(game.position)[3]).to.equal(1n)
    })

    it('takes the bond out of the balance, whole, and holds up the settlement', async () => {
      const bond = (await bondOf(world, job)) + 123n
      await expectMoney(world, { keeper: { balance: -bond } }, () =>
        challenge(world, job, world.actors.keeper, { bond }),
      )
      expect((await world.market.accountOf(world.game)).balance).to.equal(bond)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Disputed'))
    })

    it('is open to the provider itself', async () => {
      const game = await openGame(world, job, world.actors.provider)
      expect(game.position.claim.provider).to.equal(game.challenger.address)
    })

    // DG-1
    it('takes the least bond, and refuses a unit less', async () => {
      const needed = await bondOf(world, job)
      // 5 tasks: depth 3, one round; 4,000 steps: three rounds
      expect(needed).to.equal(5_000n * (1n + 3n + 4n))
      const values = [job.jobId, needed - 1n, needed]
      const { keeper } = world.actors
      await refuses(
        world,
        challenge(world, job, keeper, { bond: needed - 1n }),
        'DisputeBondTooSmall',
        values,
      )
      await openGame(world, job, keeper, { bond: needed })
    })

    it('needs a sixteenth more for every challenge that is open, rounded up (decision 30)', async () => {
      const least = await bondOf(world, job)
      for (const [open, challenger] of (await crowdOf(world, 3)).entries()) {
        const needed = (least * (16n + BigInt(open)) + 15n) / 16n
        const values = [job.jobId, needed - 1n, needed]
        await refuses(
          world,
          challenge(world, job, challenger, { bond: needed - 1n }),
          'DisputeBondTooSmall',
          values,
        )
        await openGame(world, job, challenger, { bond: needed })
      }
    })

    // DG-11
    it('lets turns grow with the challenges that are open, 32 times at most (decision 31)', async () => {
      for (const [open, challenger] of (await crowdOf(world, 34)).entries()) {
        const { position } = await openGame(world, job, challenger)
        expect(position.stretch).to.equal(BigInt(Math.min(32, open + 1)))
      }
    })

    // DG-2
    it('refuses a second game of the same challenger, and takes one of another', async () => {
      const game = await openGame(world, job)
      await refuses(world, challenge(world, job, game.challenger), 'DisputeGameExists', [game.gameId])
      await openGame(world, job, world.actors.eve)
    })

    // DG-1
    it('refuses another result than the one submitted', async () => {
      const { keeper } = world.actors
      const submitted = commitmentOf(job.said.root, job.said.totalSteps)
      const { root, totalSteps } = job.truth
      const given = commitmentOf(root, totalSteps)
      await refuses(world, challenge(world, job, keeper, { root, totalSteps }), 'DisputeWrongResult', [
        job.jobId,
        given,
        submitted,
      ])
      const more = commitmentOf(job.said.root, totalSteps + 1n)
      await refuses(
        world,
        challenge(world, job, keeper, { totalSteps: totalSteps + 1n }),
        'DisputeWrongResult',
        [job.jobId, more, submitted],
      )
    })

    // DG-1
    it('refuses other terms, and another requester: no such job was submitted', async () => {
      const { keeper, eve } = world.actors
      const limits = job.terms.limits + 1n
      for (const options of [{ terms: { ...job.terms, limits } }, { requester: eve.address }]) {
        await expect(challenge(world, job, keeper, options)).to.be.revertedWithCustomError(
          world.market,
          'JobMarketWrongStatus',
        )
      }
    })

    it('takes it in the last second of the window, and refuses it one later', async () => {
      const { keeper, eve } = world.actors
      await at(windowEnd(job), () => challenge(world, job, keeper))
      await expect(at(windowEnd(job) + 1n, () => challenge(world, job, eve))).to.be.revertedWithCustomError(
        world.market,
        'JobMarketDeadlinePassed',
      )
    })

    it('refuses words that are no opening', async () => {
      const { market, game, actors } = world
      const send = (data: string) => market.connect(actors.keeper).transfer(game, 1_000_000n, data)
      await expect(send('0x00')).to.be.revert(ethers)
      await expect(send(ethers.toBeHex(2n ** 255n, 32))).to.be.revert(ethers)
      const data = openingOf(world, job)
      await expect(send(ethers.dataSlice(data, 0, 300))).to.be.revert(ethers)
    })

    it('answers with its selector, without which the market takes the bond back', async () => {
      const { interface: abi } = world.game
      const { selector } = abi.getFunction('ledgerTransferReceived')
      await networkHelpers.impersonateAccount(world.address)
      await networkHelpers.setBalance(world.address, 10n ** 18n)
      const market = await ethers.getSigner(world.address)
      const data = openingOf(world, job)
      const { keeper } = world.actors
      const answer = await world.game
        .connect(market)
        .ledgerTransferReceived.staticCall(keeper.address, 1_000_000n, data)
      expect(answer).to.equal(selector)
    })
  })

  describe('given where to go on', () => {
    const keeper = () => world.actors.keeper

    it('comes to a leaf, at once', async () => {
      const to = descentOf(job.said, { level: 3n }, 0, 3)
      const { position } = await openGame(world, job, keeper(), { descents: [to] })
      expect([position.node.level, position.node.index, position.moves]).to.deep.equal([0n, 3n, 2n])
      expect(position.node.end).to.equal(job.said.node(0, 3).hash)
    })

    it('comes into the trace of its task, at once', async () => {
      const descents = [descentOf(job.said, { level: 3n }, 0, 3)]
      const { position } = await openGame(world, job, keeper(), { descents, entries: [entryOf(job, 3)] })
      const { steps } = job.said.trace(3)
      expect(position.node).to.include({ isTrace: true, index: 3n, steps, from: 0n, to: steps })
      expect(position.node.start).to.equal(job.truth.trace(3).hashAt(0n))
      expect(position.moves).to.equal(3n)
      expect((await world.game.claimOf(world.address, job.jobId)).moves).to.equal(2n)
    })

    it('comes into the only task without descending', async () => {
      const one = await submission(world, {
        tasks: 1,
        lie: (truth) => lieAbout(truth, 0, { exitCode: 7 }, 5n),
      })
      const { position } = await openGame(world, one, keeper(), { entries: [entryOf(one, 0)] })
      expect(position.node.isTrace).to.equal(true)
    })

    // DG-7
    it('wins at once where the sums do not add up', async () => {
      const wrong = await submission(world, {
        lie: (truth) => ({ ...truth, totalSteps: truth.totalSteps + 1n }),
      })
      const game = await openGame(world, wrong, keeper(), {
        descents: [descentOf(wrong.said, { level: 3n }, 0, 0)],
        entries: [entryOf(wrong, 0)],
      })
      expect(game.end?.reason).to.equal('WrongSum')
    })

    it('wins at once by a row that cannot be', async () => {
      const wrong = await submission(world, { lie: (truth) => lieAbout(truth, 2, { status: 4 }) })
      const game = await openGame(world, wrong, keeper(), {
        descents: [descentOf(wrong.said, { level: 3n }, 0, 2)],
        entries: [entryOf(wrong, 2)],
      })
      expect(game.end?.reason).to.equal('WrongRow')
    })

    it('wins at once by what stands beyond the last task', async () => {
      const beyond: SumNode = { hash: word('beyond'), sum: 5n }
      const wrong = await submission(world, {
        lie: (truth) => versionOf({ rows: truth.rows, traces: truth.trace, leaves: { 6: beyond } }),
      })
      const game = await openGame(world, wrong, keeper(), {
        descents: [descentOf(wrong.said, { level: 3n }, 0, 6)],
      })
      expect(game.end?.reason).to.equal('WrongPadding')
    })
  })

  describe('given a result that was rejected', () => {
    it('refuses another challenge', async () => {
      const wrong = await submission(world, { lie: (truth) => lieAbout(truth, 2, { status: 4 }) })
      const descents = [descentOf(wrong.said, { level: 3n }, 0, 2)]
      const entries = [entryOf(wrong, 2)]
      const game = await openGame(world, wrong, world.actors.keeper, { descents, entries })
      expect(game.end?.won).to.equal(true)
      await expect(challenge(world, wrong, world.actors.eve)).to.be.revertedWithCustomError(
        world.market,
        'JobMarketWrongStatus',
      )
    })
  })
})
