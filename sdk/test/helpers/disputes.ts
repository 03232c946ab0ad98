import { type Hex, hexToBytes, keccak256, numberToHex, stringToHex } from 'viem'
import type { ClaimKnowledge } from '../../src/dispute/knowledge.ts'
import { resultNodes, rowAt } from '../../src/dispute/results.ts'
import { type TaskStates, TaskTrace } from '../../src/dispute/trace.ts'
import {
  contentHash,
  contentRef,
  encodeLeaves,
  inputsRoot,
  type JobTermsInput,
  type TaskResult,
} from '../../src/index.ts'
import type { MachineTask } from '../../src/vm/engine.ts'
import { runFast, translate } from '../../src/vm/index.ts'
import { endedHash, programIdOfImage } from '../../src/vm/state.ts'
import { assemble } from './wasm.ts'

/** Mixes the bytes of its inputs as often as the first one says, and writes eight bytes. */
const program = translate(
  assemble(`(module
    (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "assay" "output_write" (func $write (param i32 i32)))
    (memory (export "memory") 1 2)
    (func $mix (param i64 i64) (result i64)
      (i64.add (i64.mul (local.get 0) (i64.const 6364136223846793005)) (local.get 1)))
    (func (export "run") (local i32 i64)
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 100) (i32.const 64)))
      (drop (call $read (i32.const 1) (i32.const 0) (i32.const 164) (i32.const 3)))
      (local.set 0 (i32.load8_u (i32.const 100)))
      (loop $next
        (local.set 1 (call $mix (local.get 1) (i64.load32_u offset=100 (i32.and (local.get 0) (i32.const 63)))))
        (i64.store (i32.const 200) (local.get 1))
        (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (call $write (i32.const 200) (i32.const 8))))`),
)

const shared = Uint8Array.of(1, 2, 3)
export const stepLimit = 5_000n
export const maxOutput = 100

/** A job of a real program: what it is, and what its tasks do. */
export type DisputedJob = {
  terms: Pick<
    JobTermsInput,
    'programId' | 'inputsRoot' | 'sharedInput' | 'stepLimit' | 'maxOutput' | 'maxPages' | 'tasks'
  >
  tasks: MachineTask[]
  results: TaskResult[]
  /** What whoever executed everything knows. */
  truth: ClaimKnowledge & { trace: (task: number) => TaskStates }
}

/** A job of so many tasks, of 20 to 200 rounds each. */
export function disputedJob(
  count: number,
  taskRounds = (task: number) => 20 + ((task * 37) % 180),
): DisputedJob {
  const inputs = Array.from({ length: count }, (_, task) =>
    Uint8Array.from({ length: 64 }, (_, at) => (at === 0 ? taskRounds(task) : (7 * at + task) & 0xff)),
  )
  const tasks = inputs.map((input) => ({ program, input, shared, stepLimit, maxOutput }))
  const results = tasks.map((task) => {
    const { status, exitCode, outputRoot, outputLength, steps } = runFast(task)
    return { status, exitCode, outputRoot, outputLength, steps }
  })
  const terms = {
    programId: programIdOfImage(program),
    inputsRoot: inputsRoot(inputs.map((input) => contentRef(input))),
    sharedInput: contentHash(contentRef(shared)),
    stepLimit,
    maxOutput,
    maxPages: 2,
    tasks: count,
  }
  const { tasks: _, ...claimTerms } = terms
  const traces = new Map<number, TaskTrace>()
  const trace = (task: number) => {
    const known = traces.get(task) ?? new TaskTrace(tasks[task]!)
    traces.set(task, known)
    return known
  }
  const truth = { terms: claimTerms, program, inputs, shared, rows: rowsOf(results), trace }
  return { terms, tasks, results, truth }
}

export function rowsOf(results: readonly TaskResult[]): Map<number, Uint8Array> {
  const file = encodeLeaves(results)
  return new Map(results.map((_, task) => [task, rowAt(file, task)]))
}

/** Rows as a leaves file, whatever they say. */
export function fileOf(rows: ReadonlyMap<number, Uint8Array>): Uint8Array {
  return Uint8Array.from([...rows.keys()].sort((a, b) => a - b).flatMap((task) => [...rows.get(task)!]))
}

export function rootOf(rows: ReadonlyMap<number, Uint8Array>): { resultRoot: Hex; totalSteps: bigint } {
  const { top } = resultNodes(fileOf(rows))
  return { resultRoot: top.hash, totalSteps: top.steps }
}

/** A claim in which one task is wrong, and the states that its provider tells for it. */
export type Lie = {
  /** What the provider knows: its submitted rows, and traces that lead to them. */
  knowledge: ClaimKnowledge
  task: number
}

/**
 * A provider that claims another row for a task, and whose trace of it is right up to a step.
 * @param changes - Of the row.
 * @param divergence - Steps of which the states are true; all after it are made up, up to the claimed end.
 */
export function lie(job: DisputedJob, task: number, changes: Partial<TaskResult>, divergence: bigint): Lie {
  const result: TaskResult = { ...job.results[task]!, ...changes }
  const rows = new Map(job.truth.rows).set(task, rowsOf([result]).get(0)!)
  const end = endedHash({ ...result, outputLength: Number(result.outputLength) })
  const truth = job.truth.trace(task)
  const states: TaskStates = {
    hashesAt: async (steps) => {
      const known = await truth.hashesAt(steps)
      return steps.map((step, at) => {
        if (step >= result.steps) return end
        return step <= divergence ? known[at]! : keccak256(numberToHex(step, { size: 32 }))
      })
    },
    witnessAt: (step) => truth.witnessAt(step),
  }
  const trace = (one: number) => (one === task ? states : job.truth.trace(one))
  return { task, knowledge: { ...job.truth, rows, trace } }
}

/**
 * A provider that executed something else instead of a task, and tells its states: but for the first, which the chain
 * computes from the job.
 */
export function otherExecution(
  job: DisputedJob,
  task: number,
  changes: Partial<MachineTask>,
): ClaimKnowledge {
  const other = new TaskTrace({ ...job.tasks[task]!, ...changes })
  const { status, exitCode, outputRoot, outputLength, steps } = runFast(other.task)
  const row = rowsOf([{ status, exitCode, outputRoot, outputLength, steps }]).get(0)!
  const states: TaskStates = {
    hashesAt: async (at) => {
      const [[first], hashes] = await Promise.all([job.truth.trace(task).hashesAt([0n]), other.hashesAt(at)])
      return hashes.map((state, i) => (at[i] === 0n ? first! : state))
    },
    witnessAt: (step) => other.witnessAt(step),
  }
  const trace = (one: number) => (one === task ? states : job.truth.trace(one))
  return { ...job.truth, rows: new Map(job.truth.rows).set(task, row), trace }
}

/** An output that nobody computed. */
export const otherOutput = keccak256(stringToHex('another output'))

export const bytesOf = (data: Hex): Uint8Array => hexToBytes(data)
