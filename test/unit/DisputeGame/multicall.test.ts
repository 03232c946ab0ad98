import { expect } from 'chai'
import { networkHelpers } from '../../helpers/chain.ts'
import {
  awaitsPosting,
  type DisputeWorld,
  descentOf,
  disputeMarket,
  entryOf,
  type Game,
  inTrace,
  NOTHING,
  openGame,
  pick,
  pickOf,
  play,
  playTo,
  post,
  postingAt,
  refuses,
  type Submission,
  segmentAt,
  submission,
  track,
} from '../../helpers/disputes.ts'
import { lieAbout } from '../../helpers/disputeVersions.ts'
import { word } from '../../helpers/terms.ts'

/** Of a position that is reached in the same transaction. */
const HERE = 0n

describe('DisputeGame.multicall', () => {
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

  const contract = () => world.game.connect(game.challenger)

  it('descends and enters in one transaction', async () => {
    const to = descentOf(job.said, game.position.node, 0, 3)
    const leaf = {
      ...game.position,
      node: { ...game.position.node, level: 0n, index: 3n, to: to.sum, end: to.hash },
      arrivedAt: HERE,
      moves: 2n,
    }
    const calls = [
      world.game.interface.encodeFunctionData('descend', [game.position, NOTHING, to]),
      world.game.interface.encodeFunctionData('enter', [leaf, NOTHING, entryOf(job, 3) as never]),
    ]
    await track(game, contract().multicall(calls))
    expect(inTrace(game.position)).to.equal(true)
    expect(game.position.moves).to.equal(3n)
  })

  it('picks the last segment and proves it in one transaction (decision 28)', async () => {
    await playTo(game, ({ node }) => node.isTrace && node.to - node.from <= 32n)
    if (await awaitsPosting(game)) await track(game, post(game), 'provider')
    const posting = await postingAt(game)
    const segment = segmentAt(game, 77n)
    const to = pickOf(game, posting.data, segment)
    const step = {
      ...game.position,
      node: { ...game.position.node, from: 77n, to: 78n, start: to.start, end: to.end },
      arrivedAt: HERE,
      moves: game.position.moves + 1n,
    }
    const witness = job.truth.trace(3).witnessAt(77n)
    const { interface: abi } = world.game
    const calls = [
      abi.encodeFunctionData('pick', [game.position, posting, to as never]),
      abi.encodeFunctionData('prove', [game.gameId, step, witness]),
    ]
    await track(game, contract().multicall(calls))
    expect(game.end).to.include({ won: true, reason: 'WrongStep' })
  })

  it('knows a position without its time only in the block in which it was reached', async () => {
    const before = { ...game, position: { ...game.position, arrivedAt: HERE } }
    await expect(post(before)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
    await playTo(game, inTrace)
    await track(game, post(game), 'provider')
    const posting = await postingAt(game)
    const to = pickOf(game, posting.data, 1)
    const place = { ...game.position, arrivedAt: HERE }
    const sending = contract().pick(place, posting, to as never)
    await expect(sending).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
    await track(game, pick(game, 1))
  })

  it('makes moves of the caller only', async () => {
    const to = descentOf(job.said, game.position.node, 0, 3)
    const call = world.game.interface.encodeFunctionData('descend', [game.position, NOTHING, to])
    const sending = world.game.connect(world.actors.eve).multicall([call])
    await expect(sending).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
    await play(game)
    expect(game.end?.won).to.equal(true)
  })

  it('refuses calls that there are not', async () => {
    await refuses(world, contract().multicall(['0x12345678']), 'FailedCall', [])
  })

  it('undoes all where one is refused', async () => {
    const to = descentOf(job.said, game.position.node, 0, 3)
    const { interface: abi } = world.game
    const call = abi.encodeFunctionData('descend', [game.position, NOTHING, to])
    await expect(contract().multicall([call, call])).to.be.revertedWithCustomError(
      world.game,
      'DisputeWrongPosition',
    )
    expect((await world.game.claimOf(world.address, job.jobId)).moves).to.equal(0n)
  })
})
