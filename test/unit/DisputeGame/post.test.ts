import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import {
  atStep,
  type DisputeWorld,
  descend,
  descentOf,
  disputeMarket,
  type Game,
  inTrace,
  nodeIdOf,
  openGame,
  play,
  playTo,
  post,
  providersEnd,
  refuses,
  type Submission,
  submission,
  track,
  turnOf,
} from '../../helpers/disputes.ts'
import { lieAbout, packRow, postingOf, type Row, segmentTree } from '../../helpers/disputeVersions.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('DisputeGame.post', () => {
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

  const rows = () => postingOf(job.said, game.position.node)

  describe('given a node of the result tree', () => {
    it('takes its rows, keeps the time and emits NodePosted', async () => {
      const time = game.position.arrivedAt + 7n
      await expect(at(time, () => post(game)))
        .to.emit(world.game, 'NodePosted')
        .withArgs(await nodeIdOf(game), game.gameId, time, rows())
      const kept = ethers.AbiCoder.defaultAbiCoder().encode(['bytes32', 'uint32'], [ethers.ZeroHash, time])
      expect(await world.game.postingOf(await nodeIdOf(game))).to.equal(ethers.keccak256(kept))
    })

    it('takes as many rows as there are tasks below', async () => {
      const nodeId = await nodeIdOf(game)
      expect(ethers.dataLength(rows())).to.equal(5 * 53)
      for (const data of [`${rows()}${'00'.repeat(53)}`, ethers.dataSlice(rows(), 0, 4 * 53), '0x']) {
        const size = ethers.dataLength(data)
        await refuses(world, post(game, data), 'DisputeWrongDataSize', [nodeId, size, 5 * 53])
      }
    })

    // DG-6
    it('refuses rows that do not hash to it', async () => {
      const data = postingOf(job.truth, game.position.node)
      const { root, totalSteps } = job.truth
      await refuses(world, post(game, data), 'DisputeWrongData', [await nodeIdOf(game), root, totalSteps])
    })

    // DG-6
    it('refuses rows that do not add up to it', async () => {
      const wrong = await submission(world, { lie: (truth) => ({ ...truth, totalSteps: 5n }) })
      const other = await openGame(world, wrong)
      const { root, totalSteps } = wrong.truth
      const values = [await nodeIdOf(other), root, totalSteps]
      await refuses(
        world,
        post(other, postingOf(wrong.truth, other.position.node)),
        'DisputeWrongData',
        values,
      )
    })

    it('takes its row at a leaf', async () => {
      await track(game, descend(game, descentOf(job.said, { level: 3n }, 0, 2)))
      await expect(post(game))
        .to.emit(world.game, 'NodePosted')
        .withArgs(
          await nodeIdOf(game),
          game.gameId,
          game.position.arrivedAt + 1n,
          packRow(job.said.rows[2] as Row),
        )
    })

    it('takes the only row of a job of one task', async () => {
      const other = await openGame(world, await submission(world, { tasks: 1 }))
      await track(other, post(other), 'provider')
    })
  })

  describe('given a result tree of seven levels', () => {
    const small = (i: number) => Uint8Array.of(1, i)

    beforeEach(async () => {
      job = await submission(world, {
        tasks: Array.from({ length: 70 }, (_, i) => small(i)),
        lie: (truth) => lieAbout(truth, 66, { outputRoot: word('wrong') }, 5n),
      })
      game = await openGame(world, job)
    })

    it('takes the four nodes of the fifth, then the rows below one of them', async () => {
      expect(ethers.dataLength(rows())).to.equal(4 * 48)
      await track(game, post(game), 'provider')
      await track(game, descend(game, descentOf(job.said, { level: 7n }, 5, 2)))
      // tasks 64 to 69
      expect(ethers.dataLength(rows())).to.equal(6 * 53)
      await track(game, post(game), 'provider')
      await play(game)
      expect(game.end?.reason).to.equal('WrongStep')
    })

    it('takes nothing where all below is beyond the last task', async () => {
      await track(game, post(game), 'provider')
      await track(game, descend(game, descentOf(job.said, { level: 7n }, 5, 3)))
      await track(game, post(game, '0x'), 'provider')
    })

    it('refuses nodes of other sums, and of other hashes', async () => {
      const nodeId = await nodeIdOf(game)
      const { root, totalSteps } = job.said
      const bytes = ethers.getBytes(rows())
      bytes[47] = (bytes[47] as number) ^ 1
      const posting = post(game, ethers.hexlify(bytes))
      await expect(posting).to.be.revertedWithCustomError(world.game, 'DisputeWrongData')
      const truth = postingOf(job.truth, game.position.node)
      const values = [nodeId, job.truth.root, totalSteps]
      expect(root).not.to.equal(job.truth.root)
      await refuses(world, post(game, truth), 'DisputeWrongData', values)
    })

    it('refuses sums that 128 bits do not hold', async () => {
      const half = ethers.zeroPadValue(ethers.toBeHex(2n ** 127n), 16)
      const data = ethers.concat(Array.from({ length: 4 }, () => ethers.concat([word('node'), half])))
      await expect(post(game, data))
        .to.be.revertedWithCustomError(world.game, 'DisputeWrongData')
        .withArgs(
          await nodeIdOf(game),
          (hash: string) => hash.length === 66,
          (sum: bigint) => sum >= 2n ** 128n,
        )
    })
  })

  describe('given a stretch of a trace', () => {
    beforeEach(() => playTo(game, inTrace))

    it('takes the states between its segments, and keeps their root (decision 27)', async () => {
      const { node } = game.position
      const steps = node.to - node.from
      expect(steps > 32n).to.equal(true)
      const data = postingOf(job.said, node)
      expect(ethers.dataLength(data)).to.equal(31 * 32)
      await track(game, post(game), 'provider')
      const { root } = segmentTree(node, data)
      const kept = ethers.AbiCoder.defaultAbiCoder().encode(
        ['bytes32', 'uint256'],
        [root, (await ethers.provider.getBlock('latest'))?.timestamp],
      )
      expect(await world.game.postingOf(await nodeIdOf(game))).to.equal(ethers.keccak256(kept))
    })

    it('takes whatever states the provider names, and only as many as there are', async () => {
      const nodeId = await nodeIdOf(game)
      for (const count of [30, 32]) {
        const data = `0x${'ab'.repeat(32 * count)}`
        await refuses(world, post(game, data), 'DisputeWrongDataSize', [nodeId, 32 * count, 31 * 32])
      }
      await track(game, post(game, `0x${'ab'.repeat(31 * 32)}`), 'provider')
    })

    it('takes one state less than a short stretch has steps', async () => {
      await playTo(game, ({ node }) => node.to - node.from < 32n)
      const { node } = game.position
      expect(ethers.dataLength(postingOf(job.said, node))).to.equal(32 * (Number(node.to - node.from) - 1))
      await track(game, post(game), 'provider')
    })

    it('refuses to divide one step', async () => {
      await playTo(game, atStep)
      await refuses(world, post(game, '0x'), 'DisputeWrongNode', [await nodeIdOf(game)])
    })

    // DG-11
    it('gives the turn a second for every 16 steps of the task (decision 31)', async () => {
      const { steps } = job.said.trace(3)
      expect(turnOf(game)).to.equal(100n + steps / 16n)
      const late = providersEnd(game) + 1n
      const values = [game.gameId, late - 1n, late]
      await refuses(
        world,
        at(late, () => post(game)),
        'DisputeProviderLate',
        values,
      )
    })
  })

  describe('given its turn', () => {
    it('takes it in the last second, and refuses it one later', async () => {
      const second = await openGame(world, job, world.actors.eve)
      const end = providersEnd(game)
      expect(end).to.equal(game.position.arrivedAt + 100n)
      expect(providersEnd(second)).to.equal(second.position.arrivedAt + 200n)
      await refuses(
        world,
        at(end + 1n, () => post(game)),
        'DisputeProviderLate',
        [game.gameId, end, end + 1n],
      )
      await at(providersEnd(second), () => post(second))
    })

    it('is in time at the very end', async () => {
      await at(providersEnd(game), () => post(game))
    })

    // DG-4
    it('is refused to everybody but the provider', async () => {
      const { keeper, provider } = world.actors
      const values = [game.gameId, keeper.address, provider.address]
      await refuses(world, post(game, rows(), keeper), 'DisputeNotProvider', values)
    })
  })

  describe('given a node that was posted', () => {
    // DG-5
    it('refuses it again, the same and another, for every game that stands there (decision 27)', async () => {
      const other = await openGame(world, job, world.actors.eve)
      await track(game, post(game), 'provider')
      const nodeId = await nodeIdOf(game)
      for (const each of [game, other]) await refuses(world, post(each), 'DisputeNodePosted', [nodeId])
      await playTo(game, inTrace)
      await track(game, post(game), 'provider')
      const data = `0x${'ab'.repeat(31 * 32)}`
      await refuses(world, post(game, data), 'DisputeNodePosted', [await nodeIdOf(game)])
    })

    it('counts for the game that it was posted for', async () => {
      const other = await openGame(world, job, world.actors.eve)
      await track(game, post(game), 'provider')
      expect((await world.game.gameOf(game.gameId)).posts).to.equal(1n)
      expect((await world.game.gameOf(other.gameId)).posts).to.equal(0n)
    })
  })

  describe('given a position where the game does not stand', () => {
    // DG-3
    it('refuses it (decision 33)', async () => {
      const before = { ...game, position: game.position }
      await track(game, descend(game, descentOf(job.said, { level: 3n }, 0, 2)))
      const { positionHash } = await world.game.gameOf(game.gameId)
      await refuses(world, post(before), 'DisputeWrongPosition', [
        game.gameId,
        (hash: string) => hash !== positionHash,
        positionHash,
      ])
    })

    for (const field of ['arrivedAt', 'stretch', 'moves'] as const) {
      it(`refuses another ${field}`, async () => {
        const { position } = game
        const given = { ...game, position: { ...position, [field]: position[field] + 1n } }
        await expect(post(given)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
      })
    }

    it('refuses another provider, who would post lies for it', async () => {
      const { eve } = world.actors
      const claim = { ...game.position.claim, provider: eve.address }
      const given = { ...game, position: { ...game.position, claim } }
      await expect(post(given, rows(), eve)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
    })

    it('refuses bits that its fields do not have', async () => {
      const { interface: abi } = world.game
      const data = abi.encodeFunctionData('post', [game.gameId, game.position, rows()])
      // the highest byte of `tasks`, which has 32 bits
      const place = 2 + 2 * (4 + 32 + 3 * 32)
      const dirty = `${data.slice(0, place)}01${data.slice(place + 2)}`
      await expect(
        world.actors.provider.sendTransaction({ to: world.game, data: dirty }),
      ).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
    })

    it('refuses one of a game that is over', async () => {
      const over = { ...game, position: game.position }
      await play(game)
      expect(game.end?.won).to.equal(true)
      await expect(post(over)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
    })
  })

  // DG-12
  it('has nothing to say once the claim is rejected', async () => {
    const other = await openGame(world, job, world.actors.eve)
    await play(game)
    await refuses(world, post(other), 'DisputeClaimRejected', [job.jobId])
  })
})
