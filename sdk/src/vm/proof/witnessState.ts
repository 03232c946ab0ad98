import type { Hex } from 'viem'
import { toHex } from '../../trees/bytes.ts'
import { depth, flag, limits, type Opcode, pageSize, vmVersion } from '../isa.ts'
import {
  emptyTreeRoot,
  encodeNums,
  endedHash,
  inputHash,
  jobHash,
  type Nums,
  noLink,
  nothing,
  programIdOfParts,
  runningHash,
} from '../state.ts'
import { leafOfSlot, leafOfWord } from '../trees/leaves.ts'
import { readWord, slotsRead, type Word, wordSize, writesSlot } from '../word.ts'
import { type WitnessReader, WitnessTree } from './witnessReader.ts'

/** The trees of a state in the order of their parts in a witness. */
const order = ['args', 'frame', 'globals', 'memory', 'output'] as const
type Part = (typeof order)[number]

/** What a step comes to: a trap, an exit code, or undefined where the machine goes on. */
export type End = 'trap' | { exitCode: number } | undefined

/**
 * The state that a witness is about, read part by part in the order that docs/vm/machine.md gives, as far as the step needs it:
 * first what it was, and after the step's writes what it becomes.
 */
export class WitnessState {
  readonly reader: WitnessReader
  readonly program: { maxPages: number; version: number; restHash: Hex }
  readonly limits: { stepLimit: bigint; maxOutput: number }
  readonly nums: Nums
  /** The trees read so far, and the roots that they had then. */
  readonly trees = {} as Record<Part, WitnessTree>
  readonly before = {} as Record<Part | 'suspended', Hex>
  suspended: Hex = noLink
  readonly #inputs: readonly [task: Hex, shared: Hex]
  readonly #numsBefore: Uint8Array
  readonly #code: WitnessTree
  readonly #isValid: boolean

  constructor(reader: WitnessReader) {
    this.reader = reader
    if (reader.number(1) !== 0x01) throw reader.refuse('it is of no kind of state')
    const [maxPages, version] = [reader.number(4), reader.number(2)]
    this.program = { maxPages, version, restHash: reader.hash() }
    this.#inputs = [reader.hash(), reader.hash()]
    this.limits = { stepLimit: reader.u64(), maxOutput: reader.number(4) }
    this.nums = {
      steps: reader.u64(),
      outputLength: reader.number(4),
      pages: reader.number(4),
      pc: reader.number(4),
      stack: reader.number(4),
      rep: reader.number(4),
      reserved: reader.number(4),
    }
    this.#numsBefore = encodeNums(this.nums)
    this.#isValid =
      this.nums.steps < this.limits.stepLimit &&
      this.nums.pages <= maxPages &&
      maxPages <= limits.pages &&
      version === vmVersion &&
      this.nums.reserved === 0 &&
      this.nums.pc < limits.codeWords
    this.#code = reader.tree(depth.code, this.#isValid ? [leafOfWord(this.nums.pc)] : [])
  }

  /** The instruction of the step; undefined in a state that no task reaches, which traps. */
  word(): Word | undefined {
    if (!this.#isValid) return undefined
    return readWord(this.#code.bytes(this.nums.pc * wordSize, wordSize), 0)
  }

  /** Reads a part with a proof of some leaves; the parts before it that were not read are given by their roots. */
  read(part: Part, leaves: readonly number[] = []): WitnessTree {
    for (const earlier of order) {
      if (earlier === part) break
      if (this.trees[earlier] === undefined) this.read(earlier)
    }
    const tree = this.reader.tree(depth[part], leaves)
    this.trees[part] = tree
    this.before[part] = toHex(tree.root())
    return tree
  }

  /** Reads what the step does not touch. */
  readRest(): void {
    if (this.trees.output === undefined) this.read('output')
    if (this.before.suspended !== undefined) return
    this.suspended = this.reader.hash()
    this.before.suspended = this.suspended
  }

  /** Reads the frame with the slots that the instruction uses, and takes its operands from them. */
  operands(word: Word, opcode: Opcode, writes = writesSlot(opcode)): { a: bigint; b: bigint; c: bigint } {
    const slots = slotsRead(word, opcode)
    const isRead = new Set(slots)
    if (writes) slots.push(word.d)
    const frame = this.read('frame', slots.map(leafOfSlot))
    const slot = (index: number) => (isRead.has(index) ? frame.value(index) : 0n)
    return {
      a: word.flags & flag.constantA ? word.x : slot(word.a),
      b: word.flags & flag.constantB ? word.y : slot(word.b),
      c: slot(word.c),
    }
  }

  /** Reads the length of an input of the task; undefined for streams that have none. */
  input(stream: number): { length: bigint; tree: (leaves: readonly number[]) => WitnessTree } | undefined {
    const content = this.#inputs[stream]
    if (content === undefined) return undefined
    const { reader } = this
    const length = reader.u64()
    return {
      length,
      tree: (leaves) => {
        const tree = reader.tree(depth.content, leaves)
        if (inputHash(toHex(tree.root()), length) !== content)
          throw reader.refuse('the input is not the job’s')
        return tree
      },
    }
  }

  emptyArgs(): void {
    this.trees.args = WitnessTree.ofRoot(emptyTreeRoot.args)
  }

  /** Whether bytes are in the memory. */
  fits(start: number, length: number): boolean {
    return start + length <= this.nums.pages * pageSize
  }

  /** The hashes of the state that the witness is about, and of the one after a step that came to this end. */
  hashes(end: End): { before: Hex; after: Hex } {
    this.readRest()
    this.reader.end()
    const job = this.#jobHash()
    const before = this.#runningHash(job, this.before, this.#numsBefore)
    this.nums.steps += this.nums.steps < 2n ** 64n - 1n ? 1n : 0n
    return { before, after: this.#after(job, end) }
  }

  #jobHash(): Hex {
    const [taskInput, sharedInput] = this.#inputs
    const programId = programIdOfParts({ ...this.program, codeRoot: toHex(this.#code.root()) })
    return jobHash({ programId, taskInput, sharedInput, ...this.limits })
  }

  #after(job: Hex, end: End): Hex {
    const { steps, outputLength } = this.nums
    const root = (part: Part) => toHex(this.trees[part].root())
    if (end === 'trap') return endedHash({ ...nothing, status: 'trapped', steps })
    if (end !== undefined)
      return endedHash({ ...end, status: 'halted', outputRoot: root('output'), outputLength, steps })
    if (steps === this.limits.stepLimit) return endedHash({ ...nothing, status: 'outOfSteps', steps })
    const roots = Object.fromEntries(order.map((part) => [part, root(part)])) as Record<Part, Hex>
    return this.#runningHash(job, { ...roots, suspended: this.suspended }, encodeNums(this.nums))
  }

  #runningHash(job: Hex, roots: Record<Part | 'suspended', Hex>, nums: Uint8Array): Hex {
    return runningHash({
      jobHash: job,
      memoryRoot: roots.memory,
      globalsRoot: roots.globals,
      frameRoot: roots.frame,
      argsRoot: roots.args,
      suspended: roots.suspended,
      outputRoot: roots.output,
      nums,
    })
  }
}
