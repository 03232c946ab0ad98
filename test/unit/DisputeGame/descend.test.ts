import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import {
  challengersEnd,
  type DisputeWorld,
  descend,
  descentOf,
  disputeMarket,
  type Game,
  inTrace,
  NOTHING,
  nodeIdOf,
  openGame,
  playTo,
  post,
  postingAt,
  providersEnd,
  refuses,
  type Submission,
  submission,
  track,
  wordsOf,
} from '../../helpers/disputes.ts'
import {
  leafOf,
  lieAbout,
  packRow,
  type Row,
  type SumNode,
  sumHash,
  versionOf,
} from '../../helpers/disputeVersions.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('DisputeGame.descend', () => {
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

  const leaf = (index: number, from = game) => descentOf(from.job.said, from.position.node, 0, index)

  describe('given the challenger’s turn', () => {
    it('goes to a leaf before anything is posted (decision 26), and emits GameMoved', async () => {
      const time = game.position.arrivedAt + 9n
      const { hash, sum } = job.said.node(0, 3)
      const position = wordsOf({
        ...game.position,
        node: { ...game.position.node, level: 0n, index: 3n, to: sum, end: hash },
        arrivedAt: time,
        moves: 2n,
      })
      await expect(at(time, () => descend(game, leaf(3))))
        .to.emit(world.game, 'GameMoved')
        .withArgs(game.gameId, 0n, position)
      expect((await world.game.claimOf(world.address, job.jobId)).moves).to.equal(1n)
    })

    it('goes there after the rows were posted, too', async () => {
      await track(game, post(game), 'provider')
      await track(game, descend(game, leaf(4)))
      expect(game.position.node.index).to.equal(4n)
    })

    it('keeps the stretch of the opening', async () => {
      const second = await openGame(world, job, world.actors.eve)
      await track(second, descend(second, leaf(1)))
      expect(second.position.stretch).to.equal(2n)
    })

    // DG-4
    it('is refused to everybody else: the caller has no such game', async () => {
      const { eve } = world.actors
      const gameId = await world.game.gameIdOf(world.address, job.jobId, eve.address)
      const { positionHash } = await world.game.gameOf(game.gameId)
      const values = [gameId, positionHash, `0x${'00'.repeat(31)}`]
      await refuses(world, descend(game, leaf(3), eve), 'DisputeWrongPosition', values)
    })
  })

  describe('given a proof', () => {
    it('refuses one that leads to another node', async () => {
      const truth = descentOf(job.truth, game.position.node, 0, 3)
      await refuses(world, descend(game, truth), 'DisputeWrongProof', [job.truth.root, job.said.root])
    })

    it('refuses another index, sum or hash', async () => {
      const to = leaf(3)
      for (const wrong of [{ index: 2 }, { index: 3 + 8 }, { sum: to.sum + 1n }, { hash: word('x') }])
        await expect(descend(game, { ...to, ...wrong })).to.be.revertedWithCustomError(
          world.game,
          'DisputeWrongProof',
        )
    })

    it('refuses one that is too short, too long or ragged', async () => {
      const to = leaf(3)
      for (const size of [0, 96, 143, 145, 192]) {
        const proof = ethers.concat([to.proof, to.proof]).slice(0, 2 + 2 * size)
        const values = [size, 3 * 48]
        await refuses(world, descend(game, { ...to, proof }), 'DisputeWrongProofSize', values)
      }
    })

    it('refuses nodes between: the next posting would show them', async () => {
      for (const level of [1, 2, 3, 200]) {
        const to = { ...leaf(0), level }
        await refuses(world, descend(game, to), 'DisputeWrongLevel', [level, 0])
      }
    })

    it('refuses to descend from a leaf, and inside a trace', async () => {
      const to = leaf(3)
      await track(game, descend(game, to))
      await refuses(world, descend(game, to), 'DisputeWrongNode', [await nodeIdOf(game)])
      await playTo(game, inTrace)
      await refuses(world, descend(game, to), 'DisputeWrongNode', [await nodeIdOf(game)])
    })
  })

  describe('given a tree of seven levels', () => {
    beforeEach(async () => {
      const tasks = Array.from({ length: 70 }, (_, i) => Uint8Array.of(1, i))
      job = await submission(world, {
        tasks,
        lie: (truth) => lieAbout(truth, 66, { outputRoot: word('wrong') }, 5n),
      })
      game = await openGame(world, job)
    })

    it('goes to the fifth level, or below it', async () => {
      const { node } = game.position
      await refuses(world, descend(game, descentOf(job.said, node, 6, 1)), 'DisputeWrongLevel', [6, 5])
      await track(game, descend(game, descentOf(job.said, node, 5, 2)))
      await track(game, descend(game, leaf(66)))
      expect(game.position.moves).to.equal(3n)
    })

    it('jumps straight to a leaf', async () => {
      await track(game, descend(game, leaf(66)))
      expect(game.position.node.end).to.equal(job.said.node(0, 66).hash)
      const deep = await openGame(world, job, world.actors.eve)
      await track(deep, descend(deep, descentOf(job.said, deep.position.node, 3, 8)))
      // from the third level the rows are next
      await track(deep, post(deep), 'provider')
    })
  })

  describe('given sums that do not add up', () => {
    // DG-7
    it('wins at once where the total is wrong (decision 26)', async () => {
      job = await submission(world, { lie: (truth) => ({ ...truth, totalSteps: truth.totalSteps - 1n }) })
      game = await openGame(world, job)
      const paid = (amount: bigint) => amount > game.bond
      await expect(descend(game, leaf(0)))
        .to.emit(world.game, 'GameWon')
        .withArgs(game.gameId, job.jobId, 1n, paid)
    })

    it('wins where they are wrong in a node that the root names', async () => {
      job = await submission(world, {
        tasks: Array.from({ length: 40 }, (_, i) => Uint8Array.of(1, i)),
        lie: (truth) => {
          // the left child of the root is said to have 7 steps more than what is below it
          const [left, right] = [truth.node(5, 0), truth.node(5, 1)]
          const wrong: SumNode = { ...left, sum: left.sum + 7n }
          const totalSteps = wrong.sum + right.sum
          const node = (level: number, index: number) =>
            level === 5 && index === 0 ? wrong : truth.node(level, index)
          return { ...truth, node, totalSteps, root: sumHash(wrong, right) }
        },
      })
      game = await openGame(world, job)
      await track(game, descend(game, descentOf(job.said, game.position.node, 5, 0)))
      await track(game, descend(game, leaf(0)))
      expect(game.end?.reason).to.equal('WrongSum')
    })
  })

  describe('given leaves beyond the last task', () => {
    const withLeaf = (leaves: Record<number, SumNode>) =>
      submission(world, {
        lie: (truth) => versionOf({ rows: truth.rows, traces: truth.trace, leaves }),
      })

    for (const [what, beyond] of [
      ['a hash', { hash: word('beyond'), sum: 0n }],
      ['steps', { hash: ethers.ZeroHash, sum: 9n }],
    ] as const) {
      it(`wins at once where one has ${what}`, async () => {
        job = await withLeaf({ 5: beyond })
        game = await openGame(world, job)
        await track(game, descend(game, leaf(5)))
        expect(game.end?.reason).to.equal('WrongPadding')
      })
    }

    it('refuses those that are zero, as they must be', async () => {
      for (const index of [5, 6, 7])
        await refuses(world, descend(game, leaf(index)), 'DisputeNoTask', [index, 5])
    })

    it('takes one of the last task', async () => {
      job = await withLeaf({ 4: { hash: leafOf(5, packRow(job.truth.rows[4] as Row)), sum: 3n } })
      game = await openGame(world, job)
      await track(game, descend(game, leaf(4)))
      expect(game.end).to.equal(undefined)
    })
  })

  describe('given the time', () => {
    it('is in time while the provider has posted nothing, and not once that is late', async () => {
      const end = providersEnd(game)
      const other = await openGame(world, job, world.actors.eve)
      await at(end, () => descend(game, leaf(3)))
      const late = providersEnd(other) + 1n
      await refuses(
        world,
        at(late, () => descend(other, leaf(3, other))),
        'DisputeProviderLate',
        [other.gameId, late - 1n, late],
      )
    })

    it('has a turn from the posting on', async () => {
      const other = await openGame(world, job, world.actors.eve)
      await at(game.position.arrivedAt + 50n, () => track(game, post(game), 'provider'))
      const end = game.position.arrivedAt + 50n + 100n
      expect(await challengersEnd(game)).to.equal(end)
      await at(end, () => descend(other, leaf(3, other)))
      await refuses(
        world,
        at(end + 1n, () => descend(game, leaf(3))),
        'DisputeChallengerLate',
        [game.gameId, end, end + 1n],
      )
    })

    // DG-10
    it('counts what was posted for another game after the provider’s turn for nothing', async () => {
      const other = await openGame(world, job, world.actors.eve)
      const end = providersEnd(game)
      await at(end + 1n, () => track(other, post(other), 'provider'))
      await refuses(world, descend(game, leaf(3)), 'DisputeProviderLate', [game.gameId, end, end + 1n])
      await track(other, descend(other, leaf(3, other)))
    })
  })

  describe('given a posting that is not what was posted', () => {
    const refusesPosting = async (posting: { root: string; postedAt: bigint }, given: string) => {
      const nodeId = await nodeIdOf(game)
      const actual = await world.game.postingOf(nodeId)
      const sending = world.game
        .connect(game.challenger)
        .descend(game.position, posting, descentOf(job.said, game.position.node, 0, 3))
      await refuses(world, sending, 'DisputeWrongPosting', [nodeId, given, actual])
    }
    const hashOf = (root: string, postedAt: bigint) =>
      ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(['bytes32', 'uint32'], [root, postedAt]))

    it('refuses one that says nothing was', async () => {
      await track(game, post(game), 'provider')
      await refusesPosting(NOTHING, ethers.ZeroHash)
    })

    it('refuses another time, another root, and one that was not made', async () => {
      const { root } = NOTHING
      await refusesPosting({ root, postedAt: 5n }, hashOf(root, 5n))
      await track(game, post(game), 'provider')
      const { postedAt } = await postingAt(game)
      await refusesPosting({ root, postedAt: postedAt + 1n }, hashOf(root, postedAt + 1n))
      await refusesPosting({ root: word('root'), postedAt }, hashOf(word('root'), postedAt))
    })
  })
})
