import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import { programRoots } from '../../sdk/src/vm/state.ts'
import { sampleJob } from '../../sdk/test/helpers/vmProgram.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { deployOneStep, hex, type OneStep } from './oneStep.ts'

type Vectors = {
  ended: { bytes: string; hash: string }[]
  task: {
    stepLimit: string
    maxOutput: string
    terms: { programId: string; taskInput: string; sharedInput: string }
    states: string[]
  }
  steps: { name: string; outcome: string; witness: string; before: string; after: string }[]
}

const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/vm.json', import.meta.url), 'utf8'))

const deploy = async () => ({
  ...(await deployOneStep()),
  harness: await ethers.deployContract('OneStepHarness'),
})

describe('OneStepVM on the vectors of the machine', () => {
  let vm: OneStep
  let harness: Awaited<ReturnType<typeof deploy>>['harness']

  before(async () => {
    ;({ vm, harness } = await networkHelpers.loadFixture(deploy))
  })

  it('makes every step', async () => {
    for (const { name, outcome, witness, before, after } of vectors.steps)
      expect(await vm.step(before, witness), `${name}: ${outcome}`).to.equal(after)
  })

  // OS-3, OS-8
  it('leaves a state that has ended as it is (decision 3)', async () => {
    for (const { bytes, hash } of vectors.ended) {
      expect(await vm.step(hash, bytes)).to.equal(hash)
      // what follows the tag is the task's row
      expect(await harness.endState(ethers.dataSlice(bytes, 1))).to.equal(hash)
    }
  })

  // OS-8
  it('names the program and the first state of a task (decision 3)', async () => {
    const { task } = vectors
    const { program } = sampleJob()
    const { code, memory, globals, table } = programRoots(program)
    const parts = {
      codeRoot: code,
      memoryRoot: memory,
      globalsRoot: globals,
      tableRoot: table,
      entry: program.entry,
      initialPages: program.initialPages,
      maxPages: program.maxPages,
      version: 1,
    }
    const { programId, taskInput, sharedInput } = task.terms
    expect(await harness.programId(parts)).to.equal(programId)
    const { stepLimit, maxOutput } = task
    expect(await harness.firstState(parts, taskInput, sharedInput, stepLimit, maxOutput)).to.equal(
      task.states[0],
    )
  })

  // OS-1
  it('makes every step of a whole task', async () => {
    const { states } = vectors.task
    const machine = new ReferenceMachine(sampleJob())
    for (let steps = 0; machine.ending === undefined; steps++) {
      const bytes = hex(witness(machine))
      expect(await vm.step(states[steps]!, bytes), `step ${steps}`).to.equal(states[steps + 1])
      machine.step()
    }
    expect(machine.steps).to.equal(BigInt(states.length - 1))
  })
})
