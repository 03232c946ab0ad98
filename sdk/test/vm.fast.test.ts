import { expect } from 'chai'
import type { Job } from '../src/vm/engine.ts'
import { FastMachine } from '../src/vm/fast/machine.ts'
import { ReferenceMachine } from '../src/vm/reference/machine.ts'
import { randomJob, randomProgram } from './helpers/randomProgram.ts'
import { createSeeded, vmSeed } from './helpers/seeded.ts'

const runs = Number(process.env.VM_RUNS ?? 150)
const maxSteps = 60n

/** Hash of every state of a job on the reference machine, the last one the ending's or the last looked at. */
function referenceStates(job: Job, steps: bigint): { hashes: string[]; machine: ReferenceMachine } {
  const machine = new ReferenceMachine(job)
  const hashes = [machine.stateHash()]
  while (machine.ending === undefined && machine.steps < steps) {
    machine.step()
    hashes.push(machine.stateHash())
  }
  return { hashes, machine }
}

describe(`the fast machine, VM_SEED=${vmSeed} VM_RUNS=${runs}`, function () {
  this.timeout(60_000)
  const machine = new FastMachine()

  describe('given programs of random words', () => {
    it('has the state of the reference machine after every step, however it gets there', () => {
      const random = createSeeded(vmSeed)
      for (let run = 0; run < runs; run++) {
        const job = randomJob(random, randomProgram(random), BigInt(1 + random.below(80)))
        const { hashes, machine: reference } = referenceStates(job, maxSteps)
        const name = `program ${run}`

        // one step at a time
        machine.load(job)
        for (const [step, hash] of hashes.entries())
          expect(machine.runTo(BigInt(step)).stateHash(), `${name}, step ${step}`).to.equal(hash)

        // in leaps, with states kept and returned to
        machine.load(job)
        const kept = []
        for (let step = 0; step < hashes.length; step += 1 + random.below(9)) {
          kept.push(machine.runTo(BigInt(step)).snapshot())
        }
        for (let i = 0; i < 6; i++) {
          const state = machine.restore(random.pick(kept)).steps
          const step = Number(state) + random.below(hashes.length - Number(state))
          expect(machine.runTo(BigInt(step)).stateHash(), `${name}, from ${state} to ${step}`).to.equal(
            hashes[step],
          )
        }

        // at once
        if (reference.ending) {
          const ending = machine.load(job).finish()
          const { status, exitCode, outputLength, outputRoot, steps, trap } = reference.ending
          expect(ending, name).to.deep.include({ status, exitCode, outputLength, outputRoot, steps })
          expect(ending.trap, name).to.equal(trap)
        }
      }
    })
  })
})
