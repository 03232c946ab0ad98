import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Hex, hexToBytes } from 'viem'
import { FastMachineError } from '../src/errors/fastMachine.ts'
import type { MachineTask } from '../src/vm/engine.ts'
import { FastMachine } from '../src/vm/fast/machine.ts'
import { flag } from '../src/vm/isa.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { runReference } from '../src/vm/reference/engine.ts'
import { ReferenceMachine } from '../src/vm/reference/machine.ts'
import { randomJob, randomProgram } from './helpers/randomProgram.ts'
import { vmModules } from './helpers/vmModules.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { instruction, jobOf, programOf, Random } from './helpers/vmStates.ts'
import { assemble } from './helpers/wasm.ts'

const runs = Number(process.env.VM_RUNS ?? 150)
const maxSteps = 60n

/** Hash of every state of a job on the reference machine, the last one the ending's or the last looked at. */
function referenceStates(job: MachineTask, steps: bigint): { hashes: string[]; machine: ReferenceMachine } {
  const machine = new ReferenceMachine(job)
  const hashes = [machine.stateHash()]
  while (machine.ending === undefined && machine.steps < steps) {
    machine.step()
    hashes.push(machine.stateHash())
  }
  return { hashes, machine }
}

/** Hashes of a few states of a job, by step. */
function statesAt(job: MachineTask, steps: number, random: Random): [number, string][] {
  const reference = new ReferenceMachine(job)
  const chosen = Array.from({ length: 6 }, () => random.below(steps)).sort((a, b) => a - b)
  return chosen.map((step) => {
    while (reference.steps < step) reference.step()
    return [step, reference.stateHash()]
  })
}

type TaskVector = {
  program: Omit<MachineTask['program'], 'code' | 'globals' | 'memory'> & {
    code: Hex
    globals: Hex[]
    memory: { page: number; bytes: Hex }[]
  }
  input: Hex
  shared: Hex
  stepLimit: string
  maxOutput: number
  states: Hex[]
  ending: { status: string; exitCode: number; outputRoot: Hex; steps: string }
}

/** The task whose every state is committed, and states that have ended. */
const vectors: { task: TaskVector; ended: { status: string; steps: string; hash: Hex }[] } = JSON.parse(
  readFileSync(new URL('../../test/vectors/vm.json', import.meta.url), 'utf8'),
)

/** Takes the machine through a job's states step by step, in leaps, back and forth, and at once. */
function compare(machine: FastMachine, job: MachineTask, random: Random, name: string, steps: bigint): void {
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
      const random = new Random(vmSeed)
      for (let run = 0; run < runs; run++) {
        const job = randomJob(random, randomProgram(random), BigInt(1 + random.below(80)))
        compare(machine, job, random, `program ${run}`, maxSteps)
      }
    })
  })

  it('has the states of the committed task', () => {
    const { program, input, shared, stepLimit, maxOutput, states, ending } = vectors.task
    const memory = new Map(
      program.memory.map(({ page, bytes }) => {
        const whole = new Uint8Array(65_536)
        whole.set(hexToBytes(bytes))
        return [page, whole] as const
      }),
    )
    machine.load({
      program: {
        ...program,
        code: hexToBytes(program.code),
        globals: BigUint64Array.from(program.globals, BigInt),
        memory,
      },
      input: hexToBytes(input),
      shared: hexToBytes(shared),
      stepLimit: BigInt(stepLimit),
      maxOutput,
    })
    for (const [step, hash] of states.entries())
      expect(machine.runTo(BigInt(step)).stateHash(), `step ${step}`).to.equal(hash)
    const { status, exitCode, outputRoot, steps } = ending
    expect(machine.ending).to.deep.include({ status, exitCode, outputRoot, steps: BigInt(steps) })
  })

  it('has the committed state of a trap in the first step', () => {
    // the other ended ones take more steps or output than a test can wait for
    const trapped = vectors.ended.find(({ status }) => status === 'trapped')!
    const ended = machine.load(jobOf(programOf([]))).runTo(5n)
    expect([ended.steps, ended.stateHash()]).to.deep.equal([BigInt(trapped.steps), trapped.hash])
  })

  it('runs tasks of the same program and of others one after the other', () => {
    const random = new Random(vmSeed)
    const programs = Object.values(vmModules).map((text) => translate(assemble(text)))
    for (let i = 0; i < 30; i++) {
      const program = random.pick(programs)
      const job = { program, input: random.bytes(random.below(300)), shared: random.bytes(9), maxOutput: 500 }
      const limited = { ...job, stepLimit: BigInt(1 + random.below(300)) }
      for (let turn = random.below(3); turn >= 0; turn--)
        expect(machine.load(limited).finish()).to.deep.equal(runReference(limited))
      machine.load(limited).runTo(BigInt(random.below(300)))
    }
  })

  it('says so when calls that weigh nothing exceed its room, and goes on with another task', () => {
    const words = [
      instruction('move', { flags: flag.constantA, d: 500, x: 1n }),
      instruction('arg', { t: 0, a: 500 }),
      instruction('call', { t: 0, x: 0n }),
    ]
    expect(() => machine.load(jobOf(programOf(words))).finish()).to.throw(FastMachineError)
    const job = jobOf(translate(assemble(vmModules['endless recursion with many locals']!)))
    compare(machine, job, new Random(vmSeed), 'after the failure', 60n)
  })

  it('runs a program from its beginning after the host broke off a run of it', () => {
    class Unreadable extends Uint8Array {
      override subarray(): never {
        throw new RangeError('no memory')
      }
    }
    const words = [
      instruction('arg', { flags: flag.constantA, t: 3, x: 8n }),
      instruction('input_read', { d: 0 }),
      ...Array.from({ length: 8 }, () => instruction('i32.add', { flags: flag.constantB, y: 5n })),
      instruction('return', {}),
    ]
    const job = { ...jobOf({ ...programOf(words), initialPages: 1, maxPages: 1 }), input: new Uint8Array(8) }
    const reading = machine.load({ ...job, input: new Unreadable(8) })
    expect(() => reading.runTo(6n)).to.throw(RangeError, 'no memory')
    expect(machine.load(job).finish()).to.deep.equal(runReference(job))
  })

  describe('given modules', () => {
    for (const [name, text] of Object.entries(vmModules)) {
      it(`has the state of the reference machine after every step: ${name}`, () => {
        const random = new Random(vmSeed)
        const job = {
          program: translate(assemble(text)),
          input: random.bytes(700),
          shared: random.bytes(333),
          stepLimit: 100_000n,
          maxOutput: 800,
        }
        compare(machine, job, random, name, 250n)
        expect(machine.load(job).finish()).to.deep.equal(runReference(job))
        for (const [step, hash] of statesAt(job, Number(machine.steps), random))
          expect(new FastMachine().load(job).runTo(BigInt(step)).stateHash(), `step ${step}`).to.equal(hash)
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
