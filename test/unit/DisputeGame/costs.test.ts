import { expect } from 'chai'
import { stateAt, witness } from '../../../sdk/src/vm/index.ts'
import { ethers, hasProbes, networkHelpers } from '../../helpers/chain.ts'
import { inputOf, machineTask } from '../../helpers/disputeProgram.ts'
import {
  atStep,
  awaitsPosting,
  type DisputeWorld,
  descentOf,
  disputeMarket,
  entryOf,
  type Game,
  openGame,
  pick,
  pickOf,
  play,
  post,
  postingAt,
  segmentAt,
  submission,
  track,
} from '../../helpers/disputes.ts'
import { endHash, lieAbout, type Truth, type Version, versionOf } from '../../helpers/disputeVersions.ts'
import { word } from '../../helpers/terms.ts'

const STEPS = 2n ** 40n
/** Where the lie begins: a segment of its own in each round. */
const WRONG = 0x55_5555_5555n

/** A machine of the task that says to have taken that many steps: what a step on the chain costs does not depend on it. */
function machineAt(step: bigint) {
  const machine = stateAt(machineTask(inputOf(0), { stepLimit: STEPS, maxOutput: 1_000 }), 77n)
  machine.steps = step
  return machine
}

/** A claim of 2^40 steps that nobody executed: all of its states but two are made up. */
function longLie(truth: Truth): Version {
  const row = { ...(truth.rows[0] as Truth['rows'][number]), steps: STEPS }
  const known = machineAt(WRONG).stateHash()
  const hashAt = (step: bigint) => {
    if (step === 0n) return truth.trace(0).hashAt(0n)
    if (step === STEPS) return endHash(row)
    return step === WRONG ? known : word(`state ${step}`)
  }
  const trace = { steps: STEPS, hashAt }
  return versionOf({
    rows: [row, ...truth.rows.slice(1)],
    traces: (task) => (task === 0 ? trace : truth.trace(task)),
  })
}

describe('DisputeGame, what it costs', () => {
  let world: DisputeWorld

  before(function () {
    if (hasProbes) this.skip()
  })

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
    // steady state: every account has had something before
    const job = await submission(world, { lie: (truth) => lieAbout(truth, 3, { exitCode: 3 }, 77n) })
    await openGame(world, job, world.actors.eve)
    await play(await openGame(world, job, world.actors.hook))
  })

  it('opens for 120,000 gas at the most', async () => {
    const job = await submission(world, { lie: (truth) => lieAbout(truth, 3, { exitCode: 3 }, 77n) })
    const game = await openGame(world, job)
    expect(game.gas.challenger).to.be.at.most(120_000n)
  })

  async function playLong(game: Game): Promise<Game> {
    const { interface: abi } = world.game
    for (;;) {
      if (await awaitsPosting(game)) await track(game, post(game), 'provider')
      const { node } = game.position
      const segment = segmentAt(game, WRONG)
      if (node.to - node.from > 32n) {
        await track(game, pick(game, segment))
        continue
      }
      const posting = await postingAt(game)
      const to = pickOf(game, posting.data, segment)
      const step = { ...node, from: WRONG, to: WRONG + 1n, start: to.start, end: to.end }
      const moves = game.position.moves + 1n
      const place = { ...game.position, node: step, arrivedAt: 0n, moves }
      const proof = ethers.hexlify(witness(machineAt(WRONG)))
      const calls = [
        abi.encodeFunctionData('pick', [game.position, posting, to as never]),
        abi.encodeFunctionData('prove', [game.gameId, place, proof]),
      ]
      await track(game, world.game.connect(game.challenger).multicall(calls))
      return game
    }
  }

  it('plays 2^40 steps in eight rounds, for 1,500,000 gas of both sides at the most (decision 27)', async () => {
    const job = await submission(world, {
      tasks: 1,
      limits: { stepLimit: STEPS },
      terms: { stepLimit: STEPS },
      lie: longLie,
    })
    const game = await playLong(
      await openGame(world, job, world.actors.keeper, { entries: [entryOf(job, 0)] }),
    )
    expect(game.end?.reason).to.equal('WrongStep')
    const posts = game.gas.moves.filter(({ move }) => move === 'NodePosted')
    expect(posts).to.have.length(8)
    const { provider, challenger } = game.gas
    expect(provider + challenger).to.be.at.most(1_500_000n)
    expect(atStep(game.position)).to.equal(true)
  })

  it('finds the task of such a claim among many', async () => {
    const job = await submission(world, {
      tasks: 40,
      limits: { stepLimit: STEPS },
      terms: { stepLimit: STEPS },
      lie: longLie,
    })
    const game = await openGame(world, job, world.actors.keeper, {
      descents: [descentOf(job.said, { level: 6n }, 0, 0)],
      entries: [entryOf(job, 0)],
    })
    await playLong(game)
    const { provider, challenger } = game.gas
    expect(provider + challenger).to.be.at.most(1_500_000n)
  })
})
