import type { Hex } from 'viem'
import { isRetryable } from '../errors/decode.ts'
import { JobEndedError, UnknownJobError, WaitForJobTimeoutError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { Job, JobStatus } from '../types/job.ts'
import { sleep } from '../utils/sleep.ts'
import { getJob } from './getJob.ts'

/** What can be waited for: that the job got so far, whatever came after. */
export type JobMilestone = 'claimed' | 'submitted' | 'settled' | 'final'

export type WaitForJobParameters = MarketParameter & {
  jobId: Hex
  until: JobMilestone
  /**
   * Milliseconds.
   * @default 180_000
   */
  timeout?: number | undefined
  /** Stops waiting: the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds.
   * @default client.pollingInterval
   */
  pollingInterval?: number | undefined
}

export type WaitForJobReturnType = Job

export type WaitForJobErrorType =
  | WaitForJobTimeoutError
  | JobEndedError
  | UnknownJobError
  | ReadMarketErrorType

/** Statuses in which a milestone has been reached, and those from which it never will. */
const milestones: Record<JobMilestone, { reached: readonly JobStatus[]; missed: readonly JobStatus[] }> = {
  claimed: {
    reached: [
      ...(['awaitingKey', 'keyless', 'claimed', 'seated', 'overdue'] as const),
      ...(['submitted', 'disputed', 'settleable', 'settled'] as const),
    ],
    missed: ['expired', 'cancelled', 'released', 'failed', 'rejected'],
  },
  submitted: {
    reached: ['submitted', 'disputed', 'settleable', 'settled'],
    missed: ['expired', 'keyless', 'overdue', 'cancelled', 'released', 'failed', 'rejected'],
  },
  settled: {
    reached: ['settled'],
    missed: ['expired', 'keyless', 'overdue', 'cancelled', 'released', 'failed', 'rejected'],
  },
  final: {
    reached: ['settled', 'cancelled', 'released', 'failed', 'rejected'],
    missed: [],
  },
}

// A node behind a balancer may lag behind the one that confirmed the posting.
const toleratedUnknowns = 3

/**
 * Waits until a job has got so far, whatever came after. A node that goes away for a while is waited for as well.
 *
 * @example
 * const job = await client.waitForJob({ jobId, until: 'submitted' })
 *
 * @throws {WaitForJobTimeoutError}
 * @throws {JobEndedError} when it took another end; the message says who may do what next
 * @throws {UnknownJobError}
 */
export async function waitForJob(
  client: ClientWithMarket,
  parameters: WaitForJobParameters,
): Promise<WaitForJobReturnType> {
  const { jobId, until, timeout = 180_000, market } = parameters
  const { signal = new AbortController().signal, pollingInterval = client.pollingInterval } = parameters
  const { reached, missed } = milestones[until]
  const started = Date.now()
  let last: Job | undefined
  let failure: unknown
  for (let unknowns = 0; ; ) {
    signal.throwIfAborted()
    try {
      last = await getJob(client, { jobId, market })
      failure = undefined
      if (reached.includes(last.status)) return last
      if (missed.includes(last.status)) throw new JobEndedError({ jobId, status: last.status, until })
    } catch (error) {
      const lagging = error instanceof UnknownJobError && ++unknowns < toleratedUnknowns
      if (!lagging && !isRetryable(error)) throw error
      failure = error
    }
    const waitedMs = Date.now() - started
    if (waitedMs >= timeout)
      throw new WaitForJobTimeoutError({
        jobId,
        status: last?.status ?? null,
        waitedMs,
        until,
        cause: failure,
      })
    await sleep(Math.min(pollingInterval, timeout - waitedMs), signal)
  }
}
