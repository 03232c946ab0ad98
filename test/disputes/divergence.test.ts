import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { networkHelpers } from '../helpers/chain.ts'
import { inputOf } from '../helpers/disputeProgram.ts'
import { type DisputeWorld, entryOf, type Game, play } from '../helpers/disputes.ts'
import { lieAbout, type Truth, type Version } from '../helpers/disputeVersions.ts'
import { word } from '../helpers/terms.ts'
import { Random } from '../model/random.ts'
import { conclude, dispute, disputes, type Stage, stageOf } from './stage.ts'

const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))
const RANDOM_STEPS = 200

/** Its trace takes two rounds; that of the other three. */
const SHORT = inputOf(0)
const LONG = inputOf(3)

const POWERS = Array.from({ length: 9 }, (_, i) => 32n ** BigInt(i))

/** The truth up to a step, the end of which is made up. */
const until = (truth: Truth, step: bigint, steps?: bigint): Version =>
  lieAbout(truth, 0, { outputRoot: word('a lie'), ...(steps === undefined ? {} : { steps }) }, step)

/** The first step, the last one, and those around each power of 32. */
const around = (steps: bigint): bigint[] => {
  const near = POWERS.flatMap((power) => [power - 1n, power, power + 1n])
  return [...new Set([0n, ...near, steps - 2n, steps - 1n])].filter((step) => step < steps)
}

/** Wherever a trace leaves the true one, the game finds that very step. */
describe('A trace that is false from', function () {
  this.timeout(120_000)
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
  })

  /** A job of one task, of which a wrong row was submitted. */
  const submit = (input: Uint8Array<ArrayBuffer>, steps?: bigint) =>
    stageOf(world, {
      tasks: [input],
      lie: (truth) => until(truth, 0n, steps),
      ...(steps === undefined ? {} : { limits: { stepLimit: steps } }),
    })

  /** From the trace of a task on, once for each step: what the provider posts is true up to it. */
  async function diverge(stage: Stage, steps: readonly bigint[]): Promise<void> {
    const { job } = stage
    const opened = await dispute(stage, undefined, { entries: [entryOf(job, 0)] })
    const { position } = opened
    const snapshot = await networkHelpers.takeSnapshot()
    for (const step of steps) {
      await snapshot.restore()
      const fresh = { ...job, postings: new Map() }
      const game: Game = {
        ...opened,
        job: fresh,
        position,
        gas: { ...opened.gas, moves: [...opened.gas.moves] },
      }
      const provider = until(job.truth, step, position.node.steps)
      await play(game, { provider })
      expect(game.end?.reason, `from step ${step}`).to.equal('WrongStep')
      expect(game.position.node.from).to.equal(step)
      const isQuick = step !== steps[0]
      await conclude({ ...stage, job: fresh, games: [game] }, 'Rejected', {
        honest: [game.challenger],
        isQuick,
      })
    }
  }

  /** A true trace, and false challenges one after the other, each of which says that it is false from another step on. */
  async function defend(input: Uint8Array<ArrayBuffer>, steps: readonly bigint[]): Promise<void> {
    const stage = await stageOf(world, { tasks: [input], terms: { window: 100_000n } })
    const { job } = stage
    for (const step of steps) {
      const game = await dispute(stage, undefined, { entries: [entryOf(job, 0)] })
      await play(game, { challenger: until(job.truth, step) })
      expect(game.end?.reason, `from step ${step}`).to.equal('RightStep')
      expect(game.position.node.from).to.equal(step)
    }
    await conclude(stage, 'Settled')
  }

  it('the first step, the last, or around a power of 32 is rejected', async () => {
    const stage = await submit(LONG)
    await diverge(stage, around(stage.job.truth.trace(0).steps))
  })

  it('a step around a power of 32, up to 2^40 of them, is rejected', async () => {
    await diverge(await submit(SHORT, 2n ** 40n), around(2n ** 40n))
  })

  it('the first step, the last, or around a power of 32, they say in vain of a true one', async () => {
    const stage = await stageOf(world, { tasks: [LONG] })
    await defend(LONG, around(stage.job.truth.trace(0).steps))
  })

  const random = (steps: bigint) => {
    const source = new Random(SEED)
    return Array.from({ length: RANDOM_STEPS }, () => BigInt(source.int(0, Number(steps) - 1)))
  }

  it(`one of ${RANDOM_STEPS} random steps is rejected (FUZZ_SEED=${SEED})`, async () => {
    const stage = await submit(SHORT)
    await diverge(stage, random(stage.job.truth.trace(0).steps))
  })

  it(`one of ${RANDOM_STEPS} random steps, they say in vain of a true one (FUZZ_SEED=${SEED})`, async () => {
    const stage = await stageOf(world, { tasks: [SHORT] })
    await defend(SHORT, random(stage.job.truth.trace(0).steps))
  })
})
