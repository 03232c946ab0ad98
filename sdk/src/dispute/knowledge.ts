import { concat, type Hex, keccak256 } from 'viem'
import { toHex } from '../trees/bytes.ts'
import { type ContentRef, contentRef } from '../trees/contentTree.ts'
import { type InputsTree, inputsTree } from '../trees/inputsTree.ts'
import { leafRowSize } from '../trees/result.ts'
import { vmVersion } from '../vm/isa.ts'
import { firstStateHash, inputHash, type ProgramImage, programRoots } from '../vm/state.ts'
import { type ResultNodes, resultNodes } from './results.ts'
import type { TaskStates } from './trace.ts'
import { TracePool, type Urgency } from './tracePool.ts'
import type { ClaimTerms, DisputeNode, Entry, ProgramParts } from './types.ts'

/** What a player has of a claim and its job. Everything in it was checked against the job's terms. */
export type ClaimKnowledge = {
  terms: ClaimTerms
  /** Translated from the job's module. */
  program: ProgramImage
  /** Those of all tasks, in their order. */
  inputs: readonly Uint8Array[]
  /** Empty where there is none. */
  shared: Uint8Array
  /** By task, what one's own execution gave, 53 bytes as in a leaves file. A provider's are those that it submitted. */
  rows: ReadonlyMap<number, Uint8Array>
  /** The leaves file that the provider serves, whatever it is; it is believed as far as its root is the claim's. */
  published?: Uint8Array | undefined
  /**
   * Where the states of a task come from.
   * @default a `TaskTrace` in this thread
   */
  trace?: ((task: number) => TaskStates) | undefined
}

/** What a player looks at while it decides; computed when it is first needed, and kept. */
export class Player {
  readonly knowledge: ClaimKnowledge
  readonly #pool: TracePool
  readonly #given = new Map<number, TaskStates>()
  #published: { tree: ResultNodes; rows: Uint8Array } | undefined
  #parts: ProgramParts | undefined
  #inputs: { refs: ContentRef[]; tree: InputsTree } | undefined

  constructor(knowledge: ClaimKnowledge, pool: TracePool = new TracePool()) {
    this.knowledge = knowledge
    this.#pool = pool
  }

  /** States of a task; the most urgent execution goes first. */
  statesOf(task: number, urgency: Urgency = { deadline: 0 }): TaskStates {
    const { trace, program, inputs, shared, terms } = this.knowledge
    const given = this.#given.get(task) ?? trace?.(task)
    if (given !== undefined) {
      this.#given.set(task, given)
      return given
    }
    const { stepLimit, maxOutput } = terms
    return this.#pool.statesOf(this, task, urgency, () => ({
      program,
      input: inputs[task]!,
      shared,
      stepLimit,
      maxOutput,
    }))
  }

  /** What leads from the leaf of a row into the trace of its task. */
  entryOf(task: number, row: Uint8Array): Entry {
    const { inputs, terms } = this.knowledge
    if (this.#inputs === undefined) {
      const refs = inputs.map((input) => contentRef(input))
      this.#inputs = { refs, tree: inputsTree(refs) }
    }
    const { root, length } = this.#inputs.refs[task]!
    return {
      row: toHex(row),
      leafIndex: task,
      terms,
      program: this.programParts(),
      inputRoot: root,
      inputLength: BigInt(length),
      inputProof: this.#inputs.tree.proof(task),
    }
  }

  /** The tree over what the provider publishes; undefined where it has not a row for each task. */
  published(tasks: number): { tree: ResultNodes; rows: Uint8Array } | undefined {
    const { published } = this.knowledge
    if (published?.length !== tasks * leafRowSize) return undefined
    if (this.#published?.rows !== published)
      this.#published = { tree: resultNodes(published), rows: published }
    return this.#published
  }

  programParts(): ProgramParts {
    this.#parts ??= programPartsOf(this.knowledge.program)
    return this.#parts
  }
}

/** A program as contracts take it: what its id is made of. */
export function programPartsOf(program: ProgramImage): ProgramParts {
  const { code, memory, globals, table } = programRoots(program)
  const { entry, initialPages, maxPages } = program
  const roots: Record<'codeRoot' | 'memoryRoot' | 'globalsRoot' | 'tableRoot', Hex> = {
    codeRoot: code,
    memoryRoot: memory,
    globalsRoot: globals,
    tableRoot: table,
  }
  return { ...roots, entry, initialPages, maxPages, version: vmVersion }
}

/** The trace that begins with entering a leaf: from the task's first state to the ended state of its row. */
export function enteredNode({ row, leafIndex, terms, program, inputRoot, inputLength }: Entry): DisputeNode {
  const { programId, sharedInput, stepLimit, maxOutput } = terms
  const { memoryRoot, globalsRoot, entry, initialPages } = program
  const start = firstStateHash(
    { programId, taskInput: inputHash(inputRoot, inputLength), sharedInput, stepLimit, maxOutput },
    { entry, initialPages, roots: { memory: memoryRoot, globals: globalsRoot } },
  )
  const steps = BigInt(`0x${row.slice(-16)}`)
  return {
    isTrace: true,
    level: 0,
    index: leafIndex,
    steps,
    from: 0n,
    to: steps,
    start,
    end: keccak256(concat(['0x02', row])),
  }
}
