import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import {
  type DisputeWorld,
  deployDisputeGame,
  disputeMarket,
  nodeIdOf,
  openGame,
  post,
  postingAt,
  RULES,
  refuses,
  submission,
  track,
} from '../../helpers/disputes.ts'

describe('DisputeGame, what it shows', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
  })

  it('has the rules that it was deployed with', async () => {
    const { game, vm } = world
    expect([await game.vm(), await game.moveFee()]).to.deep.equal([await vm.getAddress(), RULES.moveFee])
    expect([await game.turnFloor(), await game.stepsPerSecond()]).to.deep.equal([100n, 16n])
  })

  for (const field of ['moveFee', 'turnFloor', 'stepsPerSecond'] as const) {
    it(`refuses a ${field} of zero`, async () => {
      const bits = { moveFee: 80n, turnFloor: 32n, stepsPerSecond: 64n }[field]
      const values = [ethers.encodeBytes32String(field), 0n, 1n, 2n ** bits - 1n]
      await refuses(world, deployDisputeGame({ [field]: 0n }), 'ValueOutOfRange', values)
    })
  }

  it('gives a turn its floor, and a second more for so many steps', async () => {
    for (const [steps, seconds] of [
      [0n, 100n],
      [15n, 100n],
      [16n, 101n],
      [2n ** 44n, 100n + 2n ** 40n],
    ] as const) {
      expect(await world.game.turnOf(steps)).to.equal(seconds)
    }
  })

  describe('the least bond (decision 30)', () => {
    const rounds = [
      // tasks, stepLimit, rounds of a longest game
      [1n, 1n, 0n],
      [1n, 2n, 1n],
      [2n, 32n, 2n],
      [32n, 33n, 3n],
      [33n, 1_024n, 4n],
      [2n ** 32n - 1n, 2n ** 40n, 7n + 8n],
      [2n ** 32n - 1n, 2n ** 44n, 7n + 9n],
    ] as const
    for (const [tasks, stepLimit, count] of rounds) {
      it(`counts ${count} postings for ${tasks} tasks of ${stepLimit} steps, and four moves`, async () => {
        expect(await world.game.bondFor(tasks, stepLimit, 0n)).to.equal(5_000n * (count + 4n))
      })
    }

    it('knows no job without tasks, nor of 2^32', async () => {
      for (const tasks of [0n, 2n ** 32n])
        await refuses(world, world.game.bondFor(tasks, 1n, 0n), 'BinaryTreeTaskCount', [tasks])
    })

    it('is rounded up', async () => {
      const { game } = await deployDisputeGame({ moveFee: 7n })
      expect(await game.bondFor(1n, 1n, 1n)).to.equal(30n) // 7 · 4 · 17 / 16 = 29.75
      expect(await game.bondFor(1n, 1n, 16n)).to.equal(56n)
    })
  })

  it('names games, nodes and claims by the market, too', async () => {
    const job = await submission(world)
    const game = await openGame(world, job)
    const coder = ethers.AbiCoder.defaultAbiCoder()
    const types = ['address', 'bytes32', 'address']
    const gameId = coder.encode(types, [world.address, job.jobId, game.challenger.address])
    expect(game.gameId).to.equal(ethers.keccak256(gameId))
    const node = world.game.interface.getFunction('nodeIdOf').inputs[2]?.format('full') as string
    const nodeId = coder.encode(['address', 'bytes32', node], [world.address, job.jobId, game.position.node])
    expect(await nodeIdOf(game)).to.equal(ethers.keccak256(nodeId))
    expect(await world.game.claimOf(world.address, job.jobId)).to.deep.equal([false, 0n, 0n])
    expect(await world.game.claimOf(game.challenger, job.jobId)).to.deep.equal([false, 0n, 0n])
  })

  it('keeps what was posted as a hash of root and time', async () => {
    const game = await openGame(world, await submission(world))
    const nodeId = await nodeIdOf(game)
    expect(await world.game.postingOf(nodeId)).to.equal(ethers.ZeroHash)
    await track(game, post(game), 'provider')
    const { root, postedAt } = await postingAt(game)
    const encoded = ethers.AbiCoder.defaultAbiCoder().encode(['bytes32', 'uint32'], [root, postedAt])
    expect(await world.game.postingOf(nodeId)).to.equal(ethers.keccak256(encoded))
    expect((await world.game.gameOf(game.gameId)).posts).to.equal(1n)
  })
})
