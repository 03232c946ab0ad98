import { expect } from 'chai'
import { trace } from '../../sdk/src/vm/index.ts'
import { ethers, hasProbes, networkHelpers } from '../helpers/chain.ts'
import { inputOf, machineTask } from '../helpers/disputeProgram.ts'
import {
  atLeaf,
  atStep,
  collect,
  type DisputeWorld,
  descend,
  descentOf,
  type Game,
  inTrace,
  move,
  nodeIdOf,
  pick,
  pickOf,
  play,
  playTo,
  post,
  postingAt,
  prove,
  refuses,
  timeOut,
  track,
} from '../helpers/disputes.ts'
import { lieAbout, postingOf, type Truth, type Version } from '../helpers/disputeVersions.ts'
import { expectSolvent } from '../helpers/money.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { word } from '../helpers/terms.ts'
import { at, now } from '../helpers/time.ts'
import { conclude, dispute, disputes, hasty, type Stage, stageOf } from './stage.ts'

const TASK = 2
const lie = (truth: Truth): Version => lieAbout(truth, TASK, { outputRoot: word('a lie') }, 21n)

describe('A witness', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
  })

  for (const [claim, lied] of Object.entries({ false: lie, true: undefined })) {
    it(`that is forged decides nothing about a ${claim} result`, async () => {
      const stage = await stageOf(world, lied ? { lie: lied } : {})
      const { truth } = stage.job
      const game = await playTo(await dispute(stage), atStep, { challenger: lied ? truth : lie(truth) })
      const { from } = game.position.node
      const right = truth.trace(TASK).witnessAt(from)
      const size = ethers.dataLength(right)
      const changed = (place: number) => {
        const bytes = ethers.getBytes(right)
        bytes[place] = (bytes[place] as number) ^ 1
        return ethers.hexlify(bytes)
      }
      const forged = [
        ...['0x', `${right}00`, ethers.dataSlice(right, 0, size - 1), word('nothing')],
        ...[truth.trace(TASK).witnessAt(from - 1n), truth.trace(TASK).witnessAt(from + 1n)],
        ...[truth.trace(1).witnessAt(from), truth.trace(4).witnessAt(from)],
        // the end of the task, which steps to itself
        truth.trace(TASK).witnessAt(truth.trace(TASK).steps),
        ...Array.from({ length: 40 }, (_, i) => changed(Math.floor((i * size) / 40))),
      ]
      for (const witness of forged)
        for (const by of [world.actors.provider, game.challenger])
          await expect(prove(game, witness, by), witness).to.be.revert(ethers)
      await track(game, prove(game, undefined, world.actors.provider))
      expect(game.end?.reason).to.equal(lied ? 'WrongStep' : 'RightStep')
      await conclude(stage, lied ? 'Rejected' : 'Settled', lied ? { honest: [game.challenger] } : {})
    })

    it(`of a float, sent with too little gas for it, decides nothing about a ${claim} result`, async function () {
      if (hasProbes) this.skip()
      const step = floatStep()
      const wrong = (truth: Truth) => lieAbout(truth, TASK, { outputRoot: word('a lie') }, step)
      const stage = await stageOf(world, lied ? { lie: wrong } : {})
      const { truth } = stage.job
      const game = await playTo(await dispute(stage), atStep, { challenger: lied ? truth : wrong(truth) })
      expect(game.position.node.from).to.equal(step)
      const snapshot = await networkHelpers.takeSnapshot()
      const outcomes: (string | undefined)[] = []
      for (let gas = 60_000n; gas < 500_000n; gas += gas / 30n) {
        await snapshot.restore()
        const copy = { ...game }
        await track(copy, prove(copy, undefined, hasty(world.actors.hook, gas))).catch(() => {})
        outcomes.push(copy.end?.reason)
      }
      const reason = lied ? 'WrongStep' : 'RightStep'
      expect(new Set(outcomes)).to.deep.equal(new Set([undefined, reason]))
      expect(outcomes.indexOf(reason)).to.equal(outcomes.lastIndexOf(undefined) + 1)
      await snapshot.restore()
      await track(game, prove(game))
      await conclude(stage, lied ? 'Rejected' : 'Settled')
    })
  }

  /** A step whose result the contract asks another one for. */
  function floatStep(): bigint {
    const task = machineTask(inputOf(TASK)) as Parameters<typeof trace>[0]['task']
    const { steps } = trace({ task, from: 0n, to: 1_000n })
    return steps.findLast(({ instruction }) => instruction.includes('f64.mul'))?.step as bigint
  }
})

/** A game as it stands, to go on from twice. */
const copyOf = (game: Game): Game => ({
  ...game,
  job: { ...game.job, postings: new Map(game.job.postings) },
  gas: { ...game.gas, moves: [...game.gas.moves] },
})

describe('A move', () => {
  let world: DisputeWorld
  let stage: Stage

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
    stage = await stageOf(world, { lie })
  })

  const wrongPosition = async (sending: Promise<unknown>) =>
    expect(sending).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')

  const truth = () => stage.job.truth
  const inStretch = (position: Game['position']) =>
    inTrace(position) && position.node.to - position.node.from < 32n

  it("is nobody else's, and does nothing twice", async () => {
    const game = await playTo(await dispute(stage), inTrace)
    const other = await dispute(stage, world.actors.eve)
    await track(game, post(game), 'provider')
    const before = copyOf(game)
    await wrongPosition(pick(before, 1, other.challenger))
    await wrongPosition(pick(before, 1, world.actors.hook))
    await track(game, move(game, truth()))
    await wrongPosition(pick(before, 1))
    await wrongPosition(move(before, truth()))
    const { provider } = world.actors
    await wrongPosition(
      world.game
        .connect(provider)
        .post(other.gameId, game.position, postingOf(stage.job.said, game.position.node)),
    )
    await wrongPosition(timeOut({ ...before, position: other.position }))
    await play(game)
    await conclude(stage, 'Rejected', { honest: [game.challenger, other.challenger] })
  })

  it("of a game that was lost is none of the next one's", async () => {
    const throwing = lieAbout(stage.job.said, 4, { exitCode: 5 }, 9n)
    const lost = await dispute(stage)
    const early = copyOf(lost)
    const middle = copyOf(await playTo(lost, inStretch, { challenger: throwing }))
    await play(lost, { challenger: throwing })
    expect(lost.end?.reason).to.equal('RightStep')
    const game = await dispute(stage)
    await wrongPosition(move(early, throwing))
    await track(game, descend(game, descentOf(stage.job.said, { level: 3n }, 0, 4)))
    await wrongPosition(pick({ ...middle, challenger: game.challenger }, 0))
    await wrongPosition(collect(early))
    await wrongPosition(timeOut(middle))
    expect(atLeaf(game.position)).to.equal(true)
  })

  it('about another job of the same terms, or said to be of another market, changes nothing there', async () => {
    const second = await stageOf(world, { lie })
    const game = await playTo(await dispute(stage), inTrace)
    const other = await playTo(await dispute(second), inTrace)
    await track(game, post(game), 'provider')
    // what was posted there is not posted here
    expect((await postingAt(other)).postedAt).to.equal(0n)
    const posting = await postingAt(game)
    const there = { ...game.position, claim: other.position.claim }
    const to = pickOf(game, posting.data, 1)
    const { keeper } = world.actors
    await wrongPosition(world.game.connect(keeper).pick(there, posting, to as never))
    await wrongPosition(
      world.game.connect(world.actors.provider).post(other.gameId, game.position, posting.data),
    )
    const market = world.actors.hook.address
    const elsewhere = { ...game.position, claim: { ...game.position.claim, market } }
    await wrongPosition(world.game.connect(keeper).pick(elsewhere, posting, to as never))
    await play(game)
    await play(other)
    expect([game.end?.reason, other.end?.reason]).to.deep.equal(['WrongStep', 'WrongStep'])
    await expectSolvent(world)
  })
})

describe('A posting', () => {
  it('is the first, whatever its provider would rather have said after', async () => {
    const world = await networkHelpers.loadFixture(disputes)
    const stage = await stageOf(world, { lie })
    const game = await playTo(await dispute(stage), inTrace)
    const other = await playTo(await dispute(stage, world.actors.eve), inTrace)
    await track(game, post(game), 'provider')
    const again = postingOf(
      lieAbout(stage.job.truth, TASK, { outputRoot: word('a lie') }, 3n),
      game.position.node,
    )
    const values = [nodeIdOf(game)]
    await refuses(world, post(game, again), 'DisputeNodePosted', values)
    await refuses(world, post(other, again), 'DisputeNodePosted', values)
    const answers = [game, other].map(({ gameId, position }) => ({ gameId, position, data: again }))
    await track(game, world.game.connect(world.actors.provider).postMany(answers), 'provider')
    await play(game)
    expect(game.position.node.from).to.equal(21n)
    await conclude(stage, 'Rejected', { honest: [game.challenger, other.challenger] })
  })

  it("is nobody else's, to make an honest provider say what is false", async () => {
    const world = await networkHelpers.loadFixture(disputes)
    const stage = await stageOf(world)
    const { provider } = world.actors
    const game = await playTo(await dispute(stage), inTrace)
    const lied = postingOf(lie(stage.job.truth), game.position.node)
    for (const by of [game.challenger, world.actors.eve, world.actors.requester]) {
      const values = [game.gameId, by.address, provider.address]
      await refuses(world, post(game, lied, by), 'DisputeNotProvider', values)
      const answers = [{ gameId: game.gameId, position: game.position, data: lied }]
      await refuses(world, world.game.connect(by).postMany(answers), 'DisputeNotProvider', values)
      // named as the provider, it is another position
      const claim = { ...game.position.claim, provider: by.address }
      const forged = [{ ...(answers[0] as (typeof answers)[number]), position: { ...game.position, claim } }]
      await track(game, world.game.connect(by).postMany(forged))
    }
    expect((await postingAt(game)).postedAt).to.equal(0n)
    await play(game, { challenger: lie(stage.job.truth) })
    await conclude(stage, 'Settled')
  })
})

describe('A pick', () => {
  it('of states that were not posted, or from beyond the last segment, is refused', async () => {
    const world = await networkHelpers.loadFixture(disputes)
    const stage = await stageOf(world)
    const game = await playTo(await dispute(stage), inTrace)
    await track(game, post(game), 'provider')
    const posting = await postingAt(game)
    const right = pickOf(game, posting.data, 3)
    const later = pickOf(game, posting.data, 4)
    const ZERO = ethers.ZeroHash
    const pickAs = (to: object, root = posting.root) =>
      world.game
        .connect(game.challenger)
        .pick(game.position, { ...posting, root } as never, { ...right, ...to } as never)
    const wrong = [
      { end: word('not posted') },
      { start: word('not posted') },
      { start: right.end, end: right.start },
      { segment: 4 },
      { segment: 3, start: later.start, end: later.end },
      { start: ZERO, end: ZERO },
      { proof: later.proof },
    ]
    for (const to of wrong)
      await expect(pickAs(to)).to.be.revertedWithCustomError(world.game, 'DisputeWrongProof')
    // as others would have made it of a posting that nobody sent
    await expect(pickAs({}, word('root'))).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosting')
    // 32 more than the number: the same path
    for (const segment of [32, 35, 255])
      await refuses(world, pickAs({ segment }), 'DisputeWrongSegment', [segment, 32])
    await play(game, { challenger: lie(stage.job.truth) })
    await conclude(stage, 'Settled')
  })
})

describe('A reorganization', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
  })

  const wrongPosition = async (sending: Promise<unknown>) =>
    expect(sending).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')

  for (const [claim, lied] of Object.entries({ false: lie, true: undefined })) {
    const begin = async () => {
      const stage = await stageOf(world, lied ? { lie: lied } : {})
      const own = lied ? stage.job.truth : lie(stage.job.truth)
      return { stage, own }
    }
    const outcome = lied ? 'WrongStep' : 'RightStep'

    it(`of an opening: no move of the game about a ${claim} result that was forgotten is taken, and the new one ends right`, async () => {
      const { stage, own } = await begin()
      const snapshot = await networkHelpers.takeSnapshot()
      const old = await dispute(stage)
      stage.games.pop()
      const opened = copyOf(old)
      await playTo(old, inTrace, { challenger: own })
      const entered = copyOf(old)
      await snapshot.restore()
      await networkHelpers.mine(3)
      stage.job.postings.clear()
      const game = await dispute(stage)
      expect(game.gameId).to.equal(old.gameId)
      await wrongPosition(move(opened, own))
      await wrongPosition(post(opened))
      await playTo(game, inTrace, { challenger: own })
      await wrongPosition(post(entered))
      await play(game, { challenger: own })
      expect(game.end?.reason).to.equal(outcome)
      await conclude(stage, lied ? 'Rejected' : 'Settled', lied ? { honest: [game.challenger] } : {})
    })

    it(`of a posting: what was picked of the one about a ${claim} result that was forgotten is not taken`, async () => {
      const { stage, own } = await begin()
      const game = await playTo(await dispute(stage), inTrace, { challenger: own })
      const snapshot = await networkHelpers.takeSnapshot()
      const forgotten = copyOf(game)
      await track(forgotten, post(forgotten), 'provider')
      await snapshot.restore()
      // nothing is posted now: the pick finds that
      await expect(move(forgotten, own)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosting')
      await networkHelpers.mine(2)
      // the provider says something else, or the same at another time
      const other = lied ? lieAbout(stage.job.truth, TASK, { outputRoot: word('a lie') }, 3n) : stage.job.said
      await track(game, post(game, postingOf(other, game.position.node)), 'provider')
      await expect(move(forgotten, own)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosting')
      await play(game, { provider: other, challenger: own })
      expect(game.end?.reason).to.equal(outcome)
      expect(game.position.node.from).to.equal(lied ? 3n : 21n)
      await conclude(stage, lied ? 'Rejected' : 'Settled', lied ? { honest: [game.challenger] } : {})
    })

    it(`that brings the same moves about a ${claim} result again: they lead to the same place`, async () => {
      const { stage, own } = await begin()
      const game = await playTo(await dispute(stage), inTrace, { challenger: own })
      const snapshot = await networkHelpers.takeSnapshot()
      const time = (await now()) + 10n
      const once = async () => {
        const copy = copyOf(game)
        await at(time, () => track(copy, post(copy), 'provider'))
        await at(time + 5n, () => track(copy, move(copy, own)))
        return copy
      }
      const first = await once()
      await snapshot.restore()
      const second = await once()
      expect(second.position).to.deep.equal(first.position)
      // whichever of the two it goes on with
      const { end, job } = await play({ ...first, job: second.job }, { challenger: own })
      expect(end?.reason).to.equal(outcome)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber(lied ? 'Rejected' : 'Submitted'))
    })
  }
})
