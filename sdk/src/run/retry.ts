import type { AssayError } from '../errors/base.ts'
import { isAssayError, isRetryable } from '../errors/decode.ts'
import { UnknownJobError } from '../errors/jobs.ts'
import { sleep } from '../utils/sleep.ts'

/** About two minutes of a node that does not answer, at the usual interval. */
const MAX_FAILURES = 120
/** A node behind a balancer may lag behind the one that confirmed the posting. */
const MAX_UNKNOWNS = 10
const MAX_ATTEMPTS = 10
/** How many looks at the chain a move that others may make as well is left to them. */
export const COURTESY = 8
/** How often a move that brings money back may fail. */
export const MAX_REFUSALS = 20

/**
 * Repeats a read while the node does not answer, or does not know a job yet that was posted.
 *
 * @throws the last error once that has gone on for too long; any other error at once; the signal's reason
 */
export async function reading<T>(
  { signal, pollingInterval }: { signal: AbortSignal; pollingInterval: number },
  read: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted()
    try {
      return await read()
    } catch (error) {
      const limit = isRetryable(error) ? MAX_FAILURES : error instanceof UnknownJobError ? MAX_UNKNOWNS : 0
      if (failures >= limit) throw error
      await sleep(pollingInterval, signal)
    }
  }
}

/** Repeats a step that changes nothing more when it is done twice, while what stops it may pass: a node that does not answer. */
export async function trying<T>(
  { signal, pollingInterval }: { signal: AbortSignal; pollingInterval: number },
  step: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await step()
    } catch (error) {
      if (!isRetryable(error) || attempt >= MAX_ATTEMPTS) throw error
      await sleep(pollingInterval * attempt, signal)
    }
  }
}

/** A transaction that somebody else may send first: what it changed is read from the chain afterwards. */
export async function attempt(send: () => Promise<unknown>): Promise<AssayError | undefined> {
  try {
    await send()
    return undefined
  } catch (error) {
    if (!isAssayError(error)) throw error
    return error
  }
}
