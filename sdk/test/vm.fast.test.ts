import { expect } from 'chai'
import type { Job } from '../src/vm/engine.ts'
import { FastMachine } from '../src/vm/fast/machine.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { runReference } from '../src/vm/reference/engine.ts'
import { ReferenceMachine } from '../src/vm/reference/machine.ts'
import { randomJob, randomProgram } from './helpers/randomProgram.ts'
import { createSeeded, vmSeed } from './helpers/seeded.ts'
import { vmModules } from './helpers/vmModules.ts'
import { assemble } from './helpers/wasm.ts'

type Random = ReturnType<typeof createSeeded>

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

/** Takes the machine through a job's states step by step, in leaps, back and forth, and at once. */
function compare(machine: FastMachine, job: Job, random: Random, name: string, steps: bigint): void {
  const { hashes, machine: reference } = referenceStates(job, steps)
  machine.load(job)
  for (const [step, hash] of hashes.entries())
    expect(machine.runTo(BigInt(step)).stateHash(), `${name}, step ${step}`).to.equal(hash)

  machine.load(job)
  const kept = []
  for (let step = 0; step < hashes.length; step += 1 + random.below(9)) {
    kept.push(machine.runTo(BigInt(step)).snapshot())
  }
  for (let i = 0; i < 6; i++) {
    const from = Number(machine.restore(random.pick(kept)).steps)
    const step = from + random.below(hashes.length - from)
    expect(machine.runTo(BigInt(step)).stateHash(), `${name}, from ${from} to ${step}`).to.equal(hashes[step])
  }

  if (!reference.ending) return
  const ending = machine.load(job).finish()
  const { status, exitCode, outputLength, outputRoot, steps: taken, trap } = reference.ending
  expect(ending, name).to.deep.include({ status, exitCode, outputLength, outputRoot, steps: taken })
  expect(ending.trap, name).to.equal(trap)
  expect(ending.output, name).to.deep.equal(reference.output.read(0, outputLength))
}

describe(`the fast machine, VM_SEED=${vmSeed} VM_RUNS=${runs}`, function () {
  this.timeout(60_000)
  const machine = new FastMachine()

  describe('given programs of random words', () => {
    it('has the state of the reference machine after every step, however it gets there', () => {
      const random = createSeeded(vmSeed)
      for (let run = 0; run < runs; run++) {
        const job = randomJob(random, randomProgram(random), BigInt(1 + random.below(80)))
        compare(machine, job, random, `program ${run}`, maxSteps)
      }
    })
  })

  describe('given modules', () => {
    for (const [name, text] of Object.entries(vmModules)) {
      it(`has the state of the reference machine after every step: ${name}`, () => {
        const random = createSeeded(vmSeed)
        const job = {
          program: translate(assemble(text)),
          input: random.bytes(700),
          shared: random.bytes(333),
          stepLimit: 100_000n,
          maxOutput: 800,
        }
        compare(machine, job, random, name, 250n)
        expect(machine.load(job).finish()).to.deep.equal(runReference(job))
        for (let i = 0; i < 3; i++) {
          const stepLimit = 1n + BigInt(random.below(Number(machine.steps)))
          const limited = { ...job, stepLimit }
          expect(new FastMachine().load(limited).finish(), `limit ${stepLimit}`).to.deep.equal(
            runReference(limited),
          )
        }
      })
    }
  })
})
