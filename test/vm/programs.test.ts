/**
 * Whole programs on-chain: OneStepVM executes random modules from their first state to their end, step by step.
 *
 *   FUZZ_SEED=42 npx hardhat test mocha test/vm/programs.test.ts                  the same again
 *   ASSAY_FUZZ_PROGRAMS=500 npx hardhat test mocha test/vm/programs.test.ts       more of them
 */
import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { randomModule } from '../../scripts/fuzzVm/module.ts'
import { translate } from '../../sdk/src/vm/index.ts'
import { opcodeOf } from '../../sdk/src/vm/isa.ts'
import { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import { jobOf, Random } from '../../sdk/test/helpers/vmStates.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { deployOneStep, expectSameStep, type OneStep } from './oneStep.ts'

const PROGRAMS = Number(process.env.ASSAY_FUZZ_PROGRAMS ?? 40)
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32))
/** Longer programs are left alone: each step is a call. */
const MOST_STEPS = 400

/** A random program that ends after a few steps. */
function smallProgram(random: Random): { machine: ReferenceMachine; steps: number } {
  for (;;) {
    const program = translate(randomModule({ random, isProgram: true, size: 1 }).bytes)
    const inputs = { input: random.bytes(random.below(600)), shared: random.bytes(random.below(300)) }
    const limits = {
      stepLimit: BigInt(20 + random.below(2 * MOST_STEPS)),
      maxOutput: random.pick([0, 100, 2_000]),
    }
    const job = jobOf(program, { ...inputs, ...limits })
    const ahead = new ReferenceMachine(job).runTo(MOST_STEPS)
    const steps = Number(ahead.steps)
    if (ahead.ending !== undefined && steps > 10) return { machine: new ReferenceMachine(job), steps }
  }
}

describe('OneStepVM, whole programs', () => {
  let vm: OneStep

  before(async () => {
    ;({ vm } = await networkHelpers.loadFixture(deployOneStep))
  })

  it(`executes random modules to their ends: FUZZ_SEED=${SEED} ASSAY_FUZZ_PROGRAMS=${PROGRAMS}`, async function () {
    this.timeout(60_000 + 5_000 * PROGRAMS)
    const random = new Random(SEED)
    const endings = new Map<string, number>()
    const used = new Set<string>()
    let total = 0
    for (let index = 0; index < PROGRAMS; index++) {
      const { machine, steps } = smallProgram(random)
      const told = () => `program ${index} with FUZZ_SEED=${SEED}, step ${machine.steps} of ${steps}`
      while (machine.ending === undefined) {
        used.add(opcodeOf[machine.word().op]?.name ?? 'unknown')
        await expectSameStep(vm, machine, told)
      }
      // an end is its own successor
      await expectSameStep(vm, machine, told)
      const { status } = machine.ending
      endings.set(status, (endings.get(status) ?? 0) + 1)
      total += steps
    }
    const text = [...endings].map(([status, count]) => `${count} ${status}`).join(', ')
    console.log(`      ${total} steps, ${used.size} instructions; ${text}`)
    expect(total).to.be.greaterThan(10 * PROGRAMS)
  })
})
