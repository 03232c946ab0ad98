import { resultTree } from 'assay'
import type { Hex } from 'viem'
import type { PreparedJob, ProviderContext } from './context.ts'

/** How many tasks wait in the executor's queue per child process: enough to keep it busy, few enough to stay small. */
const QUEUED_PER_SLOT = 8

/**
 * Runs every task of the job that is not done yet and returns the root over all results.
 *
 * Results are durable in groups as they come, so a restart repeats at most the last group.
 * @throws TaskTimeoutError, EngineFailureError of the executor; nothing is lost by them
 */
export async function executeJob(
  context: ProviderContext,
  prepared: PreparedJob,
  until: number,
): Promise<{ resultRoot: Hex; totalSteps: bigint }> {
  const { executor, slots, limits, results, signal, chainTime } = context
  const { jobId, terms, program, shared, inputs } = prepared
  const writer = results.open(jobId)
  const failure = new AbortController()
  const stop = AbortSignal.any([signal, failure.signal])
  let next = 0

  async function lane(): Promise<void> {
    while (!stop.aborted) {
      while (next < inputs.length && writer.done.has(next)) next++
      if (next >= inputs.length) return
      const index = next++
      const input = inputs[index] as Uint8Array
      const left = Math.max(0, until - chainTime()) * 1_000
      const outcome = await executor.run({
        programId: terms.programId,
        program,
        input,
        shared,
        maxOutput: terms.maxOutput,
        wallTimeMs: Math.min(limits.taskWallTime, left),
        signal: stop,
      })
      writer.add({
        index,
        status: outcome.status,
        exitCode: outcome.exitCode,
        outputRoot: outcome.outputRoot,
        outputLength: outcome.output.length,
        steps: outcome.steps,
        output: outcome.output,
      })
    }
    stop.throwIfAborted()
  }

  try {
    const lanes = Array.from({ length: slots * QUEUED_PER_SLOT }, () =>
      lane().catch((error: unknown) => {
        failure.abort(error)
        throw error
      }),
    )
    await Promise.all(lanes).finally(() => Promise.allSettled(lanes))
    writer.flush()
    const rows = [...writer.done.values()].sort((a, b) => a.index - b.index)
    const { root, totalSteps } = resultTree(rows)
    return { resultRoot: root, totalSteps }
  } finally {
    writer.close()
  }
}
