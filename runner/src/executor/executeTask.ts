import { contentRoot, type ExecuteTask } from 'assay'
import type { Executor } from './types.ts'

/** An auditor executes what strangers wrote, so each task gets at most this long. */
const TASK_WALL_TIME = 60_000

/** Executes single tasks in the sandbox, for the audit. */
export function executeSandboxed(executor: Executor): ExecuteTask {
  return async (program, input, shared, { maxOutput }) => {
    const { status, exitCode, output } = await executor.run({
      programId: contentRoot(program),
      program,
      input,
      shared,
      maxOutput,
      wallTimeMs: TASK_WALL_TIME,
    })
    return { status, exitCode, output }
  }
}
