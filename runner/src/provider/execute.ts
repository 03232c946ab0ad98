import { encodeLeaves, resultTree, Sealer } from 'assay'
import type { Hex } from 'viem'
import { isOnPace } from '../core/pace.ts'
import { factsOf, JobTooSlowError } from '../errors.ts'
import { EngineFailureError } from '../executor/errors.ts'
import type { ExecutorTask, TaskOutcome } from '../executor/types.ts'
import type { PreparedJob, ProviderContext } from './context.ts'
import { interpretsAlone } from './interpreted.ts'
import { recheck } from './recheck.ts'

/** How many tasks wait in the executor's queue per child process: enough to keep it busy, few enough to stay small. */
const QUEUED_PER_SLOT = 8
/** How often a task runs that the engine fails at: a machine short of memory may have some in a moment. */
const ENGINE_ATTEMPTS = 3
const PACE_INTERVAL_MS = 250

/**
 * Runs every task of the job that is not done yet and returns the root over all results.
 *
 * Results are durable as they come, quick ones in groups, so a restart repeats at most the last group.
 * @param until last second of the run time
 * @param decideAt second at which a job that will not be done in time is broken off, while giving it back is cheap
 * @throws TaskTimeoutError, EngineFailureError of the executor, JobTooSlowError; nothing is lost by them
 * @throws EnginesDifferError where the interpreter ends a task otherwise; its result is not kept
 */
export async function executeJob(
  context: ProviderContext,
  prepared: PreparedJob,
  until: number,
  decideAt: number,
): Promise<{ resultRoot: Hex; totalSteps: bigint; kept: number }> {
  const { executor, journal, limits, results, signal, chainTime } = context
  const { jobId, terms, program, shared, inputs, jobKey } = prepared
  const isInterpreted = interpretsAlone(context, jobId, terms.programId)
  const sealer = jobKey === null ? null : await Sealer.create(jobKey, 'outputs')
  const writer = await results.open(jobId, sealer)
  const kept = writer.done.size
  const failure = new AbortController()
  const stop = AbortSignal.any([signal, failure.signal])
  const startedAt = chainTime()
  const watch = setInterval(() => {
    if (chainTime() < decideAt) return
    clearInterval(watch)
    const pace = {
      tasks: inputs.length - kept,
      done: writer.count - kept,
      startedAt,
      now: chainTime(),
      until,
    }
    if (!isOnPace(pace)) failure.abort(new JobTooSlowError({ jobId, ...pace }))
  }, PACE_INTERVAL_MS)
  let next = 0

  async function lane(): Promise<void> {
    while (!stop.aborted) {
      while (next < inputs.length && writer.done.has(next)) next++
      if (next >= inputs.length) return
      const index = next++
      const left = Math.max(0, until - chainTime()) * 1_000
      const task: ExecutorTask = {
        programId: terms.programId,
        program,
        input: inputs[index] as Uint8Array,
        shared,
        stepLimit: terms.stepLimit,
        maxOutput: terms.maxOutput,
        wallTimeMs: Math.min(limits.taskWallTime, left),
        signal: stop,
      }
      const outcome = await runTask(context, task, isInterpreted)
      await recheck(context, task, outcome)
      const { status, exitCode, output, outputRoot, steps } = outcome
      const stored = sealer === null ? output : await sealer.seal(output, index)
      writer.add({ index, status, exitCode, outputRoot, outputLength: output.length, steps, stored })
    }
    stop.throwIfAborted()
  }

  try {
    const lanes = Array.from({ length: executor.slots * QUEUED_PER_SLOT }, () =>
      lane().catch((error: unknown) => {
        failure.abort(error)
        throw error
      }),
    )
    await Promise.allSettled(lanes)
    // The first failure ended the others; theirs only say so.
    failure.signal.throwIfAborted()
    writer.flush()
    const rows = [...writer.done.values()].sort((a, b) => a.index - b.index)
    const { root, totalSteps } = resultTree(rows)
    if (jobKey !== null) {
      const leaves = await Sealer.create(jobKey, 'leaves')
      journal.putSealedLeaves(jobId, await leaves.seal(encodeLeaves(rows)))
    }
    return { resultRoot: root, totalSteps, kept }
  } finally {
    clearInterval(watch)
    writer.close()
  }
}

async function runTask(
  { executor, log }: ProviderContext,
  task: ExecutorTask,
  isInterpreted: boolean,
): Promise<TaskOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await (isInterpreted ? executor.interpret(task) : executor.run(task))
    } catch (error) {
      if (!(error instanceof EngineFailureError) || attempt >= ENGINE_ATTEMPTS) throw error
      log.warn(
        { event: 'engine-failure', attempt, ...factsOf(error) },
        'a task failed on this machine, trying again',
      )
    }
  }
}
