import { concatHex, type Hex, keccak256, numberToHex } from 'viem'
import { fetchJobData, type JobData } from '../content/index.ts'
import { AssayError } from '../errors/base.ts'
import { contentRef, type TaskStatus } from '../trees/index.ts'
import type { Checks } from './checks.ts'
import { limitsOf, type NotServed, type VerifiedJob } from './results.ts'

/** Bounds of one task's execution, as the job's terms give them. */
export type TaskLimits = { stepLimit: bigint; maxOutput: number; maxPages: number }

/** What one task runs, and on what. The program has that id. */
export type TaskToExecute = { programId: Hex; program: Uint8Array; input: Uint8Array; shared: Uint8Array }

/** What a task did. The output counts only where it halted. */
export type TaskExecution = { status: TaskStatus; exitCode: number; output: Uint8Array; steps: bigint }

/** Executes one task in a sandbox. Throws where it cannot say how the task ends. */
export type ExecuteTask = (task: TaskToExecute, limits: TaskLimits) => Promise<TaskExecution>

export type SampledTask = { jobId: Hex; taskIndex: number }

export type Executions = {
  /** From which the tasks were drawn: the same seed and jobs give the same tasks. */
  seed: Hex
  /** How many were asked for. */
  requested: number
  /** Tasks that were executed and compared with their leaves. */
  executed: SampledTask[]
  /** Tasks that could not be executed here. */
  failed: (SampledTask & { reason: string })[]
}

/** Jobs whose data is not served are replaced by others, but not without end. */
const maxRounds = 3

/**
 * Draws tasks at random from all verified jobs, each task as likely as any other, and executes them again. A result
 * that is not that of the leaf is a finding.
 */
export async function reexecute(
  jobs: readonly VerifiedJob[],
  options: {
    execute: ExecuteTask
    sample: number
    seed: Hex
    checks: Checks
    signal?: AbortSignal | undefined
    onEach?: ((done: number, total: number) => void) | undefined
  },
): Promise<{ executions: Executions; notServed: NotServed[] }> {
  const { execute, sample, seed, checks, signal, onEach } = options
  const executions: Executions = { seed, requested: sample, executed: [], failed: [] }
  const notServed: NotServed[] = []
  const draw = createDraw(seed)
  const drawn = new Map<VerifiedJob, Set<number>>()
  let pool = [...jobs]
  let missing = sample
  for (let round = 0; round < maxRounds && missing > 0 && pool.length > 0; round++) {
    for (const [verified, tasks] of drawTasks(pool, missing, draw, drawn)) {
      signal?.throwIfAborted()
      const data = await dataOf(verified, notServed, signal)
      if (data === undefined) pool = pool.filter((other) => other !== verified)
      else for (const taskIndex of tasks) await executeTask(verified, data, taskIndex)
    }
    missing = sample - executions.executed.length - executions.failed.length
  }
  return { executions, notServed }

  async function executeTask({ job, leaves }: VerifiedJob, data: JobData, taskIndex: number): Promise<void> {
    const { jobId } = job
    const leaf = leaves[taskIndex]!
    let result: TaskExecution
    try {
      const { program, shared, inputs } = data
      const task = { programId: job.terms.programId, program, input: inputs[taskIndex]!, shared }
      result = await execute(task, limitsOf(job))
    } catch (error) {
      signal?.throwIfAborted()
      executions.failed.push({ jobId, taskIndex, reason: reasonOf(error) })
      return
    }
    const halted = result.status === 'halted'
    const { root, length } = contentRef(halted ? result.output : new Uint8Array())
    const subject = `job ${jobId}, task ${taskIndex}`
    checks.equal('executions', `${subject}: status`, result.status, leaf.status)
    checks.equal('executions', `${subject}: exit code`, halted ? result.exitCode : 0, leaf.exitCode)
    checks.equal('executions', `${subject}: output length`, length, leaf.outputLength)
    checks.equal('executions', `${subject}: output root`, root, leaf.outputRoot)
    checks.equal('executions', `${subject}: steps`, result.steps, leaf.steps)
    executions.executed.push({ jobId, taskIndex })
    onEach?.(executions.executed.length, sample)
  }
}

async function dataOf(
  { job, leaves }: VerifiedJob,
  notServed: NotServed[],
  signal: AbortSignal | undefined,
): Promise<JobData | undefined> {
  const { programId, inputsRoot, sharedInput, dataUri } = job.terms
  try {
    return await fetchJobData({ dataUri, programId, inputsRoot, sharedInput, tasks: leaves.length, signal })
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof AssayError)) throw error
    // wrong bytes too are no bytes: the requester's store answers for them, not the provider
    notServed.push({ jobId: job.jobId, what: 'data', url: dataUri, reason: error.shortMessage })
    return undefined
  }
}

/** Numbers that nobody could know before the seed was: `keccak256(seed ‖ counter u64)`. */
function createDraw(seed: Hex): (below: number) => number {
  let counter = 0
  // 256 bits against at most 2^53: the bias of the remainder is nothing
  return (below) =>
    Number(BigInt(keccak256(concatHex([seed, numberToHex(counter++, { size: 8 })]))) % BigInt(below))
}

/** Draws up to `count` tasks that were not drawn before, grouped by job. */
function drawTasks(
  pool: readonly VerifiedJob[],
  count: number,
  draw: (below: number) => number,
  drawn: Map<VerifiedJob, Set<number>>,
): Map<VerifiedJob, number[]> {
  const groups = new Map<VerifiedJob, number[]>()
  const total = pool.reduce((sum, { leaves }) => sum + leaves.length, 0)
  const left = pool.reduce((sum, job) => sum + job.leaves.length - (drawn.get(job)?.size ?? 0), 0)
  const add = (job: VerifiedJob, taskIndex: number) => {
    const before = drawn.get(job) ?? new Set()
    if (before.has(taskIndex)) return false
    drawn.set(job, before.add(taskIndex))
    groups.set(job, [...(groups.get(job) ?? []), taskIndex])
    return true
  }

  if (count >= left) for (const job of pool) for (const taskIndex of job.leaves.keys()) add(job, taskIndex)
  else for (let wanted = count; wanted > 0; ) if (add(...taskAt(pool, draw(total)))) wanted--
  return groups
}

/** The task at a position in the sequence of all tasks of all jobs. */
function taskAt(pool: readonly VerifiedJob[], position: number): [VerifiedJob, number] {
  let at = position
  const job = pool.find(({ leaves }) => {
    if (at < leaves.length) return true
    at -= leaves.length
    return false
  })
  return [job!, at]
}

function reasonOf(error: unknown): string {
  if (error instanceof AssayError) return error.shortMessage
  return error instanceof Error ? error.message : String(error)
}
