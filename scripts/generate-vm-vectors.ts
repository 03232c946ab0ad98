// Writes test/vectors/vm.json from the reference machine; with --check, fails if the committed file differs.
// The vectors bind the machines in TypeScript, AssemblyScript and Solidity to the same bits of words, states, proofs and steps.
import { readFileSync, writeFileSync } from 'node:fs'
import { type Form, type Opcode, opcodes } from '../sdk/src/vm/isa.ts'
import { witness } from '../sdk/src/vm/proof/witness.ts'
import { ReferenceMachine } from '../sdk/src/vm/reference/machine.ts'
import { compute } from '../sdk/src/vm/reference/numeric.ts'
import {
  type EndedState,
  encodeEnded,
  encodeNums,
  endedHash,
  type Link,
  linkHash,
  type ProgramImage,
} from '../sdk/src/vm/state.ts'
import { ByteTree } from '../sdk/src/vm/trees/byteTree.ts'
import { prove } from '../sdk/src/vm/trees/proof.ts'
import { encodeWord } from '../sdk/src/vm/word.ts'
import { sampleJob } from '../sdk/test/helpers/vmProgram.ts'
import { edges, Random, randomMachine, randomWord } from '../sdk/test/helpers/vmStates.ts'

const file = new URL('../test/vectors/vm.json', import.meta.url)
const generator = 'scripts/generate-vm-vectors.ts'

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`
const padded = (value: number | bigint, bytes: number) => value.toString(16).padStart(2 * bytes, '0')
const repeated = (byte: string) => `0x${byte.repeat(32)}` as const

function words() {
  const all = { op: 0x6a, flags: 3, d: 0x0102, a: 0x0304, b: 0x0506, c: 0x0708, t: 0x090a0b0c }
  return [
    { ...all, x: 0x1112_1314_1516_1718n, y: 0x2122_2324_2526_2728n },
    { op: 0xff, flags: 0xff, d: 0xffff, a: 0, b: 0xffff, c: 0, t: 0xffff_ffff, x: 0n, y: 2n ** 64n - 1n },
  ].map((word) => ({
    ...word,
    x: `0x${padded(word.x, 8)}`,
    y: `0x${padded(word.y, 8)}`,
    bytes: hex(encodeWord(word)),
  }))
}

function nums() {
  const fields = { outputLength: 2, pages: 3, pc: 4, stack: 5, rep: 6, reserved: 7 }
  return { steps: '1', ...fields, bytes: hex(encodeNums({ steps: 1n, ...fields })) }
}

function links() {
  const below: Link = {
    suspended: repeated('00'),
    frameRoot: repeated('11'),
    returnPc: 0x0102_0304,
    stack: 1_048_576,
    resultSlot: 0xffff,
  }
  const above: Link = {
    suspended: linkHash(below),
    frameRoot: repeated('22'),
    returnPc: 1,
    stack: 0,
    resultSlot: 3,
  }
  return [below, above].map((link) => ({ ...link, hash: linkHash(link) }))
}

function ended() {
  const outputRoot = repeated('33')
  const empty = new ReferenceMachine(sampleJob()).output.root()
  const none = { exitCode: 0, outputRoot: hex(empty) as `0x${string}`, outputLength: 0 }
  const states: EndedState[] = [
    { status: 'halted', exitCode: 0xffff_ffff, outputRoot, outputLength: 2 ** 30, steps: 2n ** 44n },
    { ...none, status: 'trapped', steps: 1n },
    { ...none, status: 'outOfSteps', steps: 2n ** 64n - 1n },
  ]
  return states.map((state) => ({
    ...state,
    steps: String(state.steps),
    bytes: hex(encodeEnded(state)),
    hash: endedHash(state),
  }))
}

/** Proofs in trees of every depth: bytes that were written, the leaves, the proof. */
function proofs() {
  const random = new Random(3)
  return ([6, 16, 18, 23] as const).flatMap((depth) => {
    const last = 2 ** depth - 1
    const tree = new ByteTree(depth)
    const written = [0, 1, 5, last].map((leaf) => ({
      at: leaf * 128 + random.below(64),
      bytes: random.bytes(70),
    }))
    for (const { at, bytes } of written) tree.write(at, bytes)
    const choices = [
      [0],
      [last],
      [2],
      [0, 1],
      [4, 5],
      [0, last],
      [1, 2, 5],
      [0, 1, 2, 3],
      [5, 7, last - 1, last],
    ]
    return {
      depth,
      empty: hex(new ByteTree(depth).root()),
      written: written.map(({ at, bytes }) => ({ at, bytes: hex(bytes) })),
      root: hex(tree.root()),
      proofs: choices.map((leaves) => ({ leaves, proof: hex(prove(tree, leaves)) })),
    }
  })
}

function programParts({ code, table, globals, memory, initialPages, maxPages, entry }: ProgramImage) {
  return {
    code: hex(code),
    table,
    globals: Array.from(globals, (value) => `0x${padded(value, 8)}`),
    memory: [...memory].map(([page, bytes]) => {
      const end = bytes.findLastIndex((byte) => byte !== 0) + 1
      return { page, bytes: hex(bytes.subarray(0, end)) }
    }),
    initialPages,
    maxPages,
    entry,
  }
}

/** A whole task: what is hashed of it, and the hash of each of its states. */
function task() {
  const job = sampleJob()
  const machine = new ReferenceMachine(job)
  const { roots, restHash, terms, jobHash } = machine.task
  const states = [machine.stateHash()]
  while (machine.ending === undefined) {
    machine.step()
    states.push(machine.stateHash())
  }
  return {
    program: programParts(job.program),
    input: hex(job.input),
    shared: hex(job.shared),
    stepLimit: String(job.stepLimit),
    maxOutput: job.maxOutput,
    roots,
    restHash,
    terms: { ...terms, stepLimit: String(terms.stepLimit) },
    jobHash,
    ending: {
      ...machine.ending,
      steps: String(machine.ending.steps),
      output: hex(machine.output.read(0, machine.ending.outputLength)),
    },
    states,
  }
}

/** What became of a step, in a word. */
function outcome({ ending, rep }: ReferenceMachine): string {
  if (ending !== undefined) return ending.trap ?? ending.status
  return rep === 0 ? 'running' : 'repeating'
}

/** For each form of instruction, a step of each sort that it can come to. */
function steps() {
  const byForm = new Map<Form, Opcode[]>()
  for (const opcode of opcodes) byForm.set(opcode.form, [...(byForm.get(opcode.form) ?? []), opcode])
  return [...byForm].flatMap(([form, ofForm], index) => {
    const random = new Random(index)
    const found = new Map<string, object>()
    for (let tries = 0; tries < 80; tries++) {
      const { name } = random.pick(ofForm)
      const machine = randomMachine(random, randomWord(random, name))
      const [before, packed] = [machine.stateHash(), witness(machine)]
      const numsBefore = hex(machine.nums())
      machine.step()
      const comes = outcome(machine)
      if (found.has(comes)) continue
      found.set(comes, {
        form,
        name,
        outcome: comes,
        nums: numsBefore,
        witness: hex(packed),
        before,
        after: machine.stateHash(),
      })
    }
    return [...found.values()]
  })
}

/** Numeric instructions on edge operands: `a ‖ b ‖ trapped u8 ‖ result` for each case, 25 bytes. */
function numeric() {
  const random = new Random(11)
  const numericOnes = opcodes.filter(({ form }) => form === 'unary' || form === 'binary')
  return Object.fromEntries(
    numericOnes.map(({ name, code, form }) => {
      const operands: [bigint, bigint][] =
        form === 'unary'
          ? edgesOf(name).map((a) => [a, 0n])
          : Array.from({ length: 30 }, () => [random.pick(edges), random.pick(edges)])
      const cases = operands.map(([a, b]) => {
        const result = compute(code, a, b)
        const ends = typeof result === 'string' ? `01${padded(0, 8)}` : `00${padded(result, 8)}`
        return `${padded(a, 8)}${padded(b, 8)}${ends}`
      })
      return [name, `0x${cases.join('')}`]
    }),
  )
}

/** Edges that matter to a unary instruction: those of 32 bits, with one that has bits above, where its operand has 32. */
function edgesOf(name: string): bigint[] {
  const isNarrow = name.includes('_i32') || name.includes('_f32') || /^[if]32\.(?!.*_[if]64)/.test(name)
  return isNarrow ? edges.filter((edge) => edge < 2n ** 33n) : [...edges]
}

const vectors = {
  generator,
  about: 'The machine of docs/vm/machine.md. Sequences of fixed-width fields are written as one hex string.',
  words: words(),
  nums: nums(),
  links: links(),
  ended: ended(),
  trees: proofs(),
  task: task(),
  steps: steps(),
  numeric: numeric(),
}

const text = `${JSON.stringify(vectors, null, 1)}\n`
if (!process.argv.includes('--check')) {
  writeFileSync(file, text)
} else if (readFileSync(file, 'utf8') !== text) {
  console.error(`test/vectors/vm.json is stale: run "node ${generator}" and review the difference`)
  process.exitCode = 1
}
