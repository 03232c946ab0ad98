import { AssayError, type ErrorFacts } from 'assay'
import type { Hex } from 'viem'

/** A program that this provider does not run; refused before a job is claimed. */
export class ProgramRefusedError extends AssayError {
  constructor({ programId, reason, cause }: { programId: Hex; reason: string; cause?: unknown }) {
    super('Program is refused.', {
      name: 'ProgramRefusedError',
      facts: { Program: programId, Reason: reason },
      remedy: 'Do not claim jobs of this program.',
      cause,
    })
  }
}

/** A task did not end within its wall time. That is no result: another machine may finish it. */
export class TaskTimeoutError extends AssayError {
  readonly wallTimeMs: number

  constructor({ programId, wallTimeMs }: { programId: Hex; wallTimeMs: number }) {
    super('Task did not end within its wall time.', {
      name: 'TaskTimeoutError',
      facts: { Program: programId, 'Wall time': `${wallTimeMs} ms` },
      remedy: 'Release or fail the claim, or allow more time.',
    })
    this.wallTimeMs = wallTimeMs
  }
}

/**
 * A task came to an end that says something about this machine and nothing about the program. What the native engine fails
 * at, by its stack, for lack of memory or with its process, is tried again on the interpreter: this is thrown where that
 * fails as well, mostly for lack of memory. That is no result.
 */
export class EngineFailureError extends AssayError {
  readonly reason: string

  constructor({ reason, facts }: { reason: string; facts?: ErrorFacts }) {
    super('Engines failed to run the task.', {
      name: 'EngineFailureError',
      facts: { Reason: reason, ...facts },
      remedy:
        'The interpreter was tried after the native engine. Try again with more memory free; if it happens again, release or fail the claim.',
    })
    this.reason = reason
  }
}

/** A task asks for more than the executor was set up for. */
export class ExecutorLimitError extends AssayError {
  constructor({ what, value, limit }: { what: string; value: number; limit: number }) {
    super('Task exceeds a limit of the executor.', {
      name: 'ExecutorLimitError',
      facts: { What: what, Value: value, Limit: limit },
      remedy: 'Do not claim such jobs, or create the executor with higher limits.',
    })
  }
}

/** The caller's signal was aborted. */
export class TaskAbortedError extends AssayError {
  constructor({ cause }: { cause?: unknown } = {}) {
    super('Task was aborted.', { name: 'TaskAbortedError', cause })
  }
}

/** The executor was closed before the task was done. */
export class ExecutorClosedError extends AssayError {
  constructor() {
    super('Executor is closed.', {
      name: 'ExecutorClosedError',
      remedy: 'Create a new one with createExecutor.',
    })
  }
}
