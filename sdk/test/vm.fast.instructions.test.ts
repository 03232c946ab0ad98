import { expect } from 'chai'
import { FastMachine } from '../src/vm/fast/machine.ts'
import { opcodes } from '../src/vm/isa.ts'
import { ReferenceMachine } from '../src/vm/reference/machine.ts'
import { wordSize } from '../src/vm/word.ts'
import { randomJob, randomProgram } from './helpers/randomProgram.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { Random } from './helpers/vmStates.ts'

const cases = Number(process.env.VM_CASES ?? 200)

/** Steps of a program that are looked at: one that goes in circles is no new case. */
const maxSteps = 40

describe(`instructions of the fast machine that are not numeric, VM_SEED=${vmSeed} VM_CASES=${cases}`, function () {
  this.timeout(20_000 + 50 * cases)
  const machine = new FastMachine()

  for (const opcode of opcodes) {
    const { name, code, form } = opcode
    if (form === 'unary' || form === 'binary') continue
    it(`lead where the reference goes: ${name}`, () => {
      const random = new Random(vmSeed ^ (code * 0x9e3779b1))
      for (let left = cases, program = 0; left > 0; program++) {
        const job = randomJob(random, randomProgram(random, opcode), BigInt(1 + random.below(80)))
        const reference = new ReferenceMachine(job)
        machine.load(job)
        for (let step = 1; step <= maxSteps && reference.ending === undefined && left > 0; step++) {
          const isCase = job.program.code[reference.pc * wordSize] === code
          reference.step()
          if (!isCase) continue
          left--
          const found = machine.runTo(BigInt(step)).stateHash()
          expect(found, `program ${program}, step ${step}`).to.equal(reference.stateHash())
        }
      }
    })
  }
})
