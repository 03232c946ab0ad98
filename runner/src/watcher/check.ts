import {
  AssayError,
  decodeLeaves,
  encodeLeaves,
  leafRowSize,
  type ResultLimits,
  resultFault,
  resultTree,
  type TaskResult,
} from 'assay'
import { bytesToHex } from 'viem'
import { factsOf } from '../errors.ts'
import { EngineFailureError, TaskTimeoutError } from '../executor/errors.ts'
import type { ExecutorTask, TaskOutcome } from '../executor/types.ts'
import type { LoadedClaim, WatchContext } from './context.ts'

/** How many tasks wait in the executor's queue per child process. */
const QUEUED_PER_SLOT = 4

/** What looking at a claim came to. */
export type Finding =
  /** Everything in the sample is as it was said to be. */
  | { verdict: 'right' }
  /** A task does something else; which one is not known where the leaves are withheld. */
  | { verdict: 'wrong'; task: number | null }
  /** Some of the sample could not be executed in time, the rest is right. */
  | { verdict: 'unchecked'; tasks: number }

/**
 * Executes a sample of a claim's tasks, natively in the sandbox, and compares their rows with those claimed, until one
 * differs. The interpreter is asked then, and decides where it is done in time. Where the leaves are withheld, every task is
 * executed, and the roots are compared. What was executed is in the journal as it comes.
 *
 * @param until last second of chain time to go on in
 */
export async function checkClaim(
  context: WatchContext,
  claim: LoadedClaim,
  sample: readonly number[],
  until: number,
): Promise<Finding> {
  const { watched, executor, signal, chainTime } = context
  const { jobId, rows } = claim
  const known = watched.tasks(jobId)
  const { terms } = claim
  const wanted =
    rows === null
      ? Array.from({ length: terms.tasks }, (_, task) => task)
      : [...malformedIn(rows, terms).slice(0, 1), ...sample]
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  let wrong: number | undefined
  let unchecked = 0
  let next = 0

  async function lane(): Promise<void> {
    while (!stop.aborted && next < wanted.length) {
      const task = wanted[next++] as number
      if (chainTime() > until) {
        unchecked++
        continue
      }
      const own = known.get(task) ?? (await executeTask(context, claim, task, { stop, until }))
      if (own === null) {
        unchecked++
        continue
      }
      known.set(task, own)
      if (rows === null || isSame(own, rowOf(rows, task))) continue
      const said = await interpreted(context, claim, task, { own, stop, until })
      if (said !== null && !isSame(said, own)) {
        // The interpreter decides: what goes to court is what it says.
        known.set(task, said)
        watched.addTask(jobId, task, said)
        if (isSame(said, rowOf(rows, task))) continue
      }
      wrong = task
      over.abort()
    }
  }

  await Promise.all(
    Array.from({ length: executor.slots * QUEUED_PER_SLOT }, () =>
      lane().catch((error: unknown) => {
        // The others are broken off by whoever found something.
        if (!over.signal.aborted) over.abort(error)
      }),
    ),
  )
  signal.throwIfAborted()
  if (wrong !== undefined) return { verdict: 'wrong', task: wrong }
  over.signal.throwIfAborted()
  if (unchecked > 0) return { verdict: 'unchecked', tasks: unchecked }
  if (rows === null && !hasRoot(claim, known)) return { verdict: 'wrong', task: null }
  return { verdict: 'right' }
}

/** Tasks whose rows say what no program of the job can have done: whatever the sample is, such a claim is wrong. */
function malformedIn(rows: Uint8Array, limits: ResultLimits): number[] {
  const isMalformed = (task: number) => {
    try {
      const [row] = decodeLeaves(rowOf(rows, task))
      return resultFault(row as TaskResult, limits) !== undefined
    } catch (error) {
      if (error instanceof AssayError) return true
      throw error
    }
  }
  return Array.from({ length: rows.length / leafRowSize }, (_, task) => task).filter(isMalformed)
}

/** The 53 bytes of a task in a leaves file. */
export function rowOf(rows: Uint8Array, task: number): Uint8Array {
  return rows.subarray(task * leafRowSize, (task + 1) * leafRowSize)
}

type Bounds = { stop: AbortSignal; until: number }

/** What a task does, as a row that is in the journal; null where it cannot be told here or in time. */
async function executeTask(
  context: WatchContext,
  claim: LoadedClaim,
  task: number,
  bounds: Bounds,
): Promise<Uint8Array | null> {
  const { executor, watched } = context
  const outcome = await ended(context, claim, task, () => executor.run(orderOf(context, claim, task, bounds)))
  if (outcome === null) return null
  const own = rowFor(outcome)
  watched.addTask(claim.jobId, task, own)
  return own
}

/**
 * What the interpreter says of a task of which the native engine does not say what was claimed; null where it is not done in
 * time. Programs can be made slow for it, and must not be out of reach because of that: the native engine then stands alone.
 */
async function interpreted(
  context: WatchContext,
  claim: LoadedClaim,
  task: number,
  { own, ...bounds }: Bounds & { own: Uint8Array },
): Promise<Uint8Array | null> {
  const { executor, log } = context
  const { jobId } = claim
  const order = orderOf(context, claim, task, bounds)
  const outcome = await ended(context, claim, task, () => executor.interpret(order))
  if (outcome === null) {
    log.warn({ event: 'unconfirmed', jobId, task }, 'the interpreter could not confirm in time what is wrong')
    return null
  }
  const row = rowFor(outcome)
  if (!isSame(row, own)) {
    const values = { native: bytesToHex(own), fast: bytesToHex(row) }
    const text = 'the engines end this task in different ways: the interpreter decides'
    log.error({ event: 'engines-differ', jobId, task, ...values }, text)
  }
  return row
}

function orderOf(
  { policy, chainTime }: WatchContext,
  { terms, program, shared, inputs }: LoadedClaim,
  task: number,
  { stop, until }: Bounds,
): ExecutorTask {
  return {
    programId: terms.programId,
    program,
    shared,
    input: inputs[task] as Uint8Array,
    stepLimit: terms.stepLimit,
    maxOutput: terms.maxOutput,
    wallTimeMs: Math.min(policy.taskWallTime, Math.max(0, until - chainTime()) * 1_000),
    signal: stop,
  }
}

async function ended(
  { log }: WatchContext,
  { jobId }: LoadedClaim,
  task: number,
  run: () => Promise<TaskOutcome>,
): Promise<TaskOutcome | null> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof TaskTimeoutError) && !(error instanceof EngineFailureError)) throw error
    log.warn({ event: 'unchecked', jobId, task, ...factsOf(error) }, 'a task could not be checked')
    return null
  }
}

/** Whether the claim is what these rows, one for each task, come to. */
function hasRoot({ resultRoot, totalSteps, terms }: LoadedClaim, own: Map<number, Uint8Array>): boolean {
  const rows = new Uint8Array(terms.tasks * leafRowSize)
  for (const [task, row] of own) rows.set(row, task * leafRowSize)
  const tree = resultTree(decodeLeaves(rows))
  return tree.totalSteps === totalSteps && tree.root.toLowerCase() === resultRoot.toLowerCase()
}

const rowFor = (result: TaskResult): Uint8Array => encodeLeaves([result])

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
