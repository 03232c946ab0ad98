import type { ExecuteTask } from 'assay'
import type { Executor } from './types.ts'

/** An auditor executes what strangers wrote, so each task gets at most this long. */
const TASK_WALL_TIME = 60_000

/** Executes single tasks in the sandbox, for the audit. */
export function executeSandboxed(executor: Executor): ExecuteTask {
  return ({ programId, program, input, shared }, { stepLimit, maxOutput }) =>
    executor.run({
      programId,
      program,
      input,
      shared,
      stepLimit,
      maxOutput,
      wallTimeMs: TASK_WALL_TIME,
    })
}
