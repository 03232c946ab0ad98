import { expect } from 'chai'
import { FastMachine } from '../src/vm/fast/machine.ts'
import { flag } from '../src/vm/isa.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { stepWithWitness } from '../src/vm/proof/stepWithWitness.ts'
import { witness } from '../src/vm/proof/witness.ts'
import { ReferenceMachine } from '../src/vm/reference/machine.ts'
import { stateAt } from '../src/vm/stateAt.ts'
import { vmModules } from './helpers/vmModules.ts'
import { sampleJob } from './helpers/vmProgram.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { instruction, jobOf, programOf, Random } from './helpers/vmStates.ts'
import { assemble } from './helpers/wasm.ts'

describe(`States that the fast machine leads to, VM_SEED=${vmSeed}`, () => {
  const fast = new FastMachine()

  for (const [name, text] of Object.entries(vmModules))
    it(`should be proven from hash to hash: ${name}`, () => {
      const random = new Random(vmSeed)
      const job = {
        program: translate(assemble(text)),
        input: random.bytes(700),
        shared: random.bytes(333),
        stepLimit: 100_000n,
        maxOutput: 800,
      }
      const total = Number(fast.load(job).finish().steps)
      const steps = [total - 1, total, ...Array.from({ length: 3 }, () => random.below(total))]
      for (const step of steps.sort((left, right) => left - right)) {
        fast.load(job)
        const machine = stateAt(job, BigInt(step), fast)
        const states = stepWithWitness(witness(machine))
        expect(machine.stateHash(), `step ${step}`).to.equal(fast.stateHash())
        expect(states.before, `before step ${step}`).to.equal(fast.stateHash())
        expect(states.after, `after step ${step}`).to.equal(fast.runTo(BigInt(step + 1)).stateHash())
      }
    })

  it('should go on as the reference machine does, from any of them', () => {
    const job = sampleJob()
    const plain = new ReferenceMachine(job)
    for (const step of [0n, 1n, 4n, 6n, 30n, 500n, 700n, 902n, 915n, 919n, 920n, 2_000n]) {
      const machine = stateAt(job, step, fast.load(job))
      expect(machine.stateHash(), `step ${step}`).to.equal(plain.runTo(step).stateHash())
      expect(machine.runTo(5_000).ending).to.deep.equal(new ReferenceMachine(job).runTo(5_000).ending)
    }
  })

  it('should have every suspended frame of a deep recursion', () => {
    const { constantB } = flag
    const recursion = programOf([
      instruction('i32.add', { d: 1, a: 0, flags: constantB, y: 1n }),
      instruction('arg', { a: 1, t: 0 }),
      instruction('call', { d: 1, t: 0, x: 18n }),
    ])
    const job = jobOf(recursion)
    const machine = stateAt(job, 3_001n)
    expect(machine.suspended.length).to.equal(1_000)
    expect(machine.stateHash()).to.equal(new ReferenceMachine(job).runTo(3_001).stateHash())
  })
})
