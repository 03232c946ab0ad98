import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import {
  atStep,
  challengersEnd,
  type DisputeWorld,
  disputeMarket,
  type Game,
  inTrace,
  nodeIdOf,
  openGame,
  playTo,
  prove,
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

describe('DisputeGame.prove', () => {
  let world: DisputeWorld
  let job: Submission
  let game: Game

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
  })

  const lie = (until: bigint) =>
    submission(world, {
      lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, until),
    })
  const start = async (until = 77n) => {
    job = await lie(until)
    game = await playTo(await openGame(world, job), atStep)
  }
  const witnessAt = (step: bigint) => job.truth.trace(3).witnessAt(step)

  describe('given a step that leads elsewhere', () => {
    // DG-9, DG-12
    it('wins, and emits GameWon', async () => {
      await start()
      expect(game.position.node).to.include({ from: 77n, to: 78n })
      await expect(prove(game))
        .to.emit(world.game, 'GameWon')
        .withArgs(game.gameId, job.jobId, 5n, (paid: bigint) => paid > game.bond)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Rejected'))
    })

    it('wins by anybody’s call', async () => {
      await start()
      await track(game, prove(game, undefined, world.actors.eve))
      expect(game.end?.won).to.equal(true)
    })

    for (const where of ['first', 'last'] as const) {
      it(`wins where the ${where} step is wrong`, async () => {
        const { steps } = (await lie(0n)).truth.trace(3)
        await start(where === 'first' ? 0n : steps - 1n)
        expect(game.position.node.from).to.equal(where === 'first' ? 0n : steps - 1n)
        await track(game, prove(game))
        expect(game.end?.reason).to.equal('WrongStep')
      })
    }

    it('wins where a machine that has ended is said to go on', async () => {
      const { steps } = (await lie(0n)).truth.trace(3)
      job = await submission(world, {
        lie: (truth) => lieAbout(truth, 3, { steps: steps + 9n }, steps + 3n),
      })
      game = await playTo(await openGame(world, job), atStep)
      expect(game.position.node.from >= steps).to.equal(true)
      await track(game, prove(game))
      expect(game.end?.reason).to.equal('WrongStep')
    })

    it('wins where a machine that runs is said to have ended', async () => {
      job = await submission(world, { lie: (truth) => lieAbout(truth, 3, { steps: 50n }, 49n) })
      game = await playTo(await openGame(world, job), atStep)
      await track(game, prove(game))
      expect(game.end?.reason).to.equal('WrongStep')
    })

    it('is in time in the last second, and refused one later (decision 28)', async () => {
      await start()
      const end = await challengersEnd(game)
      expect(end).to.equal(game.position.arrivedAt + 100n + job.said.trace(3).steps / 16n)
      await refuses(
        world,
        at(end + 1n, () => prove(game)),
        'DisputeChallengerLate',
        [game.gameId, end, end + 1n],
      )
      await track(game, timeOut(game))
      expect(game.end?.reason).to.equal('ChallengerLate')
      await start()
      await at(await challengersEnd(game), () => track(game, prove(game)))
      expect(game.end?.won).to.equal(true)
    })
  })

  describe('given a step that is right', () => {
    beforeEach(async () => {
      job = await submission(world)
      const challenger = lieAbout(job.truth, 3, { outputRoot: word('wrong') }, 77n)
      game = await playTo(await openGame(world, job), atStep, { challenger })
    })

    // DG-9, DG-4
    it('loses by anybody’s call, and emits GameLost (decision 28)', async () => {
      await expect(prove(game, undefined, world.actors.eve))
        .to.emit(world.game, 'GameLost')
        .withArgs(
          game.gameId,
          job.jobId,
          6n,
          (toProvider: bigint) => toProvider > 0n,
          (toReserve: bigint) => toReserve > 0n,
        )
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Submitted'))
    })

    it('loses at any time', async () => {
      await at((await challengersEnd(game)) + 1_000n, () => track(game, prove(game)))
      expect(game.end?.reason).to.equal('RightStep')
    })
  })

  describe('given a witness that is not that of the state', () => {
    it('proves nothing: the call reverts with what the judge says', async () => {
      await start()
      const right = witnessAt(77n)
      const other = witnessAt(76n)
      await expect(prove(game, other)).to.be.revertedWithCustomError(world.vm, 'OneStepVMOtherState')
      await expect(prove(game, '0x')).to.be.revertedWithCustomError(world.vm, 'OneStepVMWitnessTooShort')
      await expect(prove(game, `${right}00`)).to.be.revertedWithCustomError(
        world.vm,
        'OneStepVMWitnessTooLong',
      )
      const bytes = ethers.getBytes(right)
      bytes[200] = (bytes[200] as number) ^ 1
      await expect(prove(game, ethers.hexlify(bytes))).to.be.revert(ethers)
      await track(game, prove(game, right))
      expect(game.end?.won).to.equal(true)
    })

    // DG-9
    it('proves nothing where the judge runs out of gas', async () => {
      await start()
      const { index } = game.position.node
      const witness = job.truth.trace(Number(index)).witnessAt(77n)
      const args = [game.gameId, game.position, witness] as const
      const needed = await world.game.connect(game.challenger).prove.estimateGas(...args)
      let refused = 0
      for (let gasLimit = 90_000n; gasLimit < needed; gasLimit += 9_000n) {
        const sending = world.game.connect(game.challenger).prove(...args, { gasLimit })
        const receipt = await sending.then(
          (sent) => sent.wait(),
          () => null,
        )
        if (receipt === null) refused++
        else return
        expect((await world.game.gameOf(game.gameId)).challenger).to.equal(game.challenger.address)
      }
      expect(refused).to.be.greaterThan(3)
    })
  })

  describe('given a state that nobody knows', () => {
    it('cannot be proven: its challenger, who picked it, loses by time (decision 28)', async () => {
      job = await submission(world, {
        lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 10n),
      })
      // the challenger holds another lie, which agrees with this one until later
      const challenger = lieAbout(job.truth, 3, { outputRoot: word('other') }, 10n, 'lie')
      game = await playTo(await openGame(world, job), atStep, { challenger })
      await expect(prove(game, witnessAt(20n))).to.be.revertedWithCustomError(world.vm, 'OneStepVMOtherState')
      await at((await challengersEnd(game)) + 1n, () => track(game, timeOut(game)))
      expect(game.end?.reason).to.equal('ChallengerLate')
    })
  })

  describe('given more than one step', () => {
    it('refuses it', async () => {
      job = await lie(77n)
      game = await openGame(world, job)
      await refuses(world, prove(game, '0x'), 'DisputeWrongNode', [await nodeIdOf(game)])
      await playTo(game, inTrace)
      await refuses(world, prove(game, '0x'), 'DisputeWrongNode', [await nodeIdOf(game)])
    })
  })

  it('needs no posting where the task has one step', async () => {
    job = await submission(world, {
      tasks: 1,
      limits: { stepLimit: 1n },
      lie: (truth) => lieAbout(truth, 0, { status: 2 }),
    })
    game = await openGame(world, job)
    await playTo(game, atStep)
    expect(game.position.node.steps).to.equal(1n)
    await track(game, prove(game))
    expect(game.end?.reason).to.equal('WrongStep')
  })
})
