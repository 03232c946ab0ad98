import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { opcodes } from '../../sdk/src/vm/isa.ts'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import { programRoots } from '../../sdk/src/vm/state.ts'
import { sampleJob } from '../../sdk/test/helpers/vmProgram.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { deployOneStep, hex, type OneStep } from './oneStep.ts'

type Vectors = {
  words: (Record<string, number | string> & { bytes: string })[]
  nums: Record<'outputLength' | 'pages' | 'pc' | 'stack' | 'rep' | 'reserved', number> & {
    steps: string
    bytes: string
  }
  links: {
    suspended: string
    frameRoot: string
    returnPc: number
    stack: number
    resultSlot: number
    hash: string
  }[]
  trees: { depth: number; empty: string; root: string; proofs: { leaves: number[]; proof: string }[] }[]
  numeric: Record<string, string>
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
  floats: await ethers.deployContract('FloatHarness'),
})

describe('OneStepVM on the vectors of the machine', () => {
  let vm: OneStep
  let harness: Awaited<ReturnType<typeof deploy>>['harness']
  let floats: Awaited<ReturnType<typeof deploy>>['floats']

  before(async () => {
    ;({ vm, harness, floats } = await networkHelpers.loadFixture(deploy))
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
  it('takes words apart, packs numbers and hashes links', async () => {
    for (const { bytes, ...fields } of vectors.words) {
      const decoded = await harness.decode(bytes)
      for (const [name, value] of Object.entries(fields))
        expect(decoded[name as keyof typeof decoded], name).to.equal(BigInt(value))
    }
    const { steps, outputLength, pages, pc, stack, rep, reserved, bytes } = vectors.nums
    const packed = await harness.packNumbers(steps, outputLength, pages, pc, stack, rep)
    expect(packed | BigInt(reserved)).to.equal(BigInt(bytes))
    for (const { suspended, frameRoot, returnPc, stack, resultSlot, hash } of vectors.links)
      expect(await harness.link(suspended, frameRoot, returnPc, stack, resultSlot)).to.equal(hash)
  })

  it('comes from proofs to the roots of trees', async () => {
    for (const { depth, empty, root, proofs } of vectors.trees)
      for (const { leaves, proof } of proofs) {
        const indices = leaves.reduce((all, leaf, n) => all | (BigInt(leaf) << BigInt(32 * n)), 0n)
        const roots = await harness.prove(proof, depth, indices, leaves.length)
        expect([...roots], `depth ${depth}, leaves ${leaves}`).to.deep.equal([root, root, empty])
      }
  })

  it('computes all numeric instructions', async () => {
    const size = 25
    for (const { name, code, float } of opcodes) {
      const rows = vectors.numeric[name]
      if (rows === undefined) continue
      const cases = Array.from({ length: ethers.dataLength(rows) / size }, (_, n) => n * size)
      const operands = ethers.concat(cases.map((at) => ethers.dataSlice(rows, at, at + 16)))
      const results = cases.map((at) => ethers.dataSlice(rows, at + 16, at + size))
      if (float === true) {
        // bits above a result and whether it traps are the gas
        const found = (await floats.executeMany(code, operands)).map((word) =>
          ethers.toBeHex(word & ((1n << 72n) - 1n), 9),
        )
        expect(found, name).to.deep.equal(results)
      } else expect(await harness.integers(code, operands), name).to.equal(ethers.concat(results))
    }
    expect(Object.keys(vectors.numeric)).to.have.length(132)
  })

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
