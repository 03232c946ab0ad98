import { expect } from 'chai'
import { networkHelpers } from '../../helpers/chain.ts'
import {
  challengersEnd,
  type DisputeWorld,
  disputeMarket,
  type Game,
  inTrace,
  nodeIdOf,
  openGame,
  pick,
  pickOf,
  play,
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
import { lieAbout, segmentTree, splitPoint } from '../../helpers/disputeVersions.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('DisputeGame.pick', () => {
  let world: DisputeWorld
  let job: Submission
  let game: Game
  let data: string

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
    job = await submission(world, {
      lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 77n),
    })
    game = await playTo(await openGame(world, job), inTrace)
    await track(game, post(game), 'provider')
    data = (await postingAt(game)).data
  })

  const send = (to: ReturnType<typeof pickOf>, posting?: { root: string; postedAt: bigint }) =>
    postingAt(game).then((found) =>
      world.game.connect(game.challenger).pick(game.position, posting ?? found, to as never),
    )

  describe('given a stretch that was posted', () => {
    for (const segment of [0, 1, 17, 31]) {
      it(`goes into segment ${segment}, and emits GameMoved (decision 27)`, async () => {
        const { node } = game.position
        const { states } = segmentTree(node, data)
        const time = (await challengersEnd(game)) - 3n
        const from = splitPoint(node.from, node.to, segment)
        const to = splitPoint(node.from, node.to, segment + 1)
        const place = { ...node, from, to, start: states[segment], end: states[segment + 1] }
        const moves = game.position.moves + 1n
        const position = wordsOf({ ...game.position, node: place as typeof node, arrivedAt: time, moves })
        await expect(at(time, () => pick(game, segment)))
          .to.emit(world.game, 'GameMoved')
          .withArgs(game.gameId, 2n, position)
      })
    }

    it('covers it without a gap', () => {
      const { node } = game.position
      let at = node.from
      for (let j = 0; j < 32; j++) {
        expect(splitPoint(node.from, node.to, j)).to.equal(at)
        at = splitPoint(node.from, node.to, j + 1)
      }
      expect(at).to.equal(node.to)
    })

    it('goes into one that is true, if the challenger says so: it loses by it', async () => {
      const later = await submission(world, {
        lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, truth.trace(3).steps - 5n),
      })
      const other = await playTo(await openGame(world, later), inTrace)
      await track(other, post(other), 'provider')
      await track(other, pick(other, 4))
      await play(other)
      expect(other.end?.reason).to.equal('RightStep')
    })

    it('is refused to everybody else', async () => {
      await expect(pick(game, 2, world.actors.eve)).to.be.revertedWithCustomError(
        world.game,
        'DisputeWrongPosition',
      )
    })

    it('refuses states that were not posted', async () => {
      const to = pickOf(game, data, 2)
      const { root } = await postingAt(game)
      for (const change of [
        { segment: 3 },
        { start: word('start') },
        { end: word('end') },
        { proof: to.proof.toReversed() },
      ])
        await refuses(world, send({ ...to, ...change }), 'DisputeWrongProof', [
          (hash: string) => hash !== root,
          root,
        ])
    })

    it('refuses a segment that a stretch does not have', async () => {
      await refuses(world, send({ ...pickOf(game, data, 2), segment: 32 }), 'DisputeWrongSegment', [32, 32])
    })

    it('refuses one where a short stretch has been filled up', async () => {
      await playTo(game, ({ node }) => node.to - node.from < 32n)
      await track(game, post(game), 'provider')
      const { node } = game.position
      const count = Number(node.to - node.from)
      data = (await postingAt(game)).data
      const tree = segmentTree(node, data)
      const beyond = { segment: count, start: word('a'), end: word('b'), proof: tree.proof(count) }
      await refuses(world, send(beyond), 'DisputeWrongSegment', [count, count])
      await track(game, pick(game, count - 1))
      expect(game.position.node.to).to.equal(node.to)
    })

    // DG-3
    it('refuses another posting: a replay after a reorganization does nothing (decision 33)', async () => {
      const { root, postedAt } = await postingAt(game)
      for (const posting of [
        { root: word('root'), postedAt },
        { root, postedAt: postedAt - 1n },
      ])
        await expect(send(pickOf(game, data, 2), posting)).to.be.revertedWithCustomError(
          world.game,
          'DisputeWrongPosting',
        )
    })

    // DG-3
    it('refuses the same pick again', async () => {
      const before = { ...game, position: game.position }
      await track(game, pick(game, 2))
      const posting = await postingAt(before)
      const to = pickOf(before, data, 2)
      const again = world.game.connect(game.challenger).pick(before.position, posting, to as never)
      await expect(again).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
    })
  })

  describe('given a stretch that was not posted', () => {
    beforeEach(() => track(game, pick(game, 2)))

    it('refuses it', async () => {
      const posting = { root: word('root'), postedAt: 0n }
      const to = { segment: 0, start: word('a'), end: word('b'), proof: Array(5).fill(word('c')) }
      const values = [await nodeIdOf(game)]
      await refuses(world, send(to, posting), 'DisputeNodeNotPosted', values)
    })
  })

  describe('given a node of the result tree', () => {
    it('refuses it', async () => {
      const above = await openGame(world, job, world.actors.eve)
      const to = pickOf(game, data, 2)
      const sending = world.game
        .connect(above.challenger)
        .pick(above.position, { root: word('root'), postedAt: 5n }, to as never)
      await refuses(world, sending, 'DisputeWrongNode', [await nodeIdOf(above)])
    })
  })

  describe('given the time', () => {
    it('has a turn of the task’s length from the posting on (decision 31)', async () => {
      const { postedAt } = await postingAt(game)
      const end = postedAt + 100n + job.said.trace(3).steps / 16n
      expect(await challengersEnd(game)).to.equal(end)
      await refuses(
        world,
        at(end + 1n, () => pick(game, 2)),
        'DisputeChallengerLate',
        [game.gameId, end, end + 1n],
      )
    })

    it('is in time in the last second', async () => {
      await at(await challengersEnd(game), () => pick(game, 2))
    })

    it('has a whole turn from its arrival where the posting was there before', async () => {
      const other = await openGame(world, job, world.actors.eve)
      await playTo(other, inTrace)
      const { postedAt } = await postingAt(other)
      expect(postedAt).to.be.lessThan(other.position.arrivedAt)
      const end = other.position.arrivedAt + 100n + job.said.trace(3).steps / 16n
      await at(end, () => pick(other, 2))
    })

    it('counts a posting for nothing that came after the provider’s turn', async () => {
      const node = ({ node: { from, to, isTrace } }: Game['position']) => isTrace && to - from < 32n
      const other = await openGame(world, job, world.actors.eve)
      await playTo(game, node)
      await playTo(other, node)
      const late = providersEnd(game) + 1n
      expect(late).to.be.lessThan(providersEnd(other))
      await at(late, () => track(other, post(other), 'provider'))
      await refuses(world, pick(game, 2), 'DisputeProviderLate', [game.gameId, late - 1n, late])
      await track(other, pick(other, 2))
    })
  })
})
