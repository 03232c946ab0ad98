import type { Address, Hex } from 'viem'
import type { AssuranceLevel, JobStatus } from '../types/job.ts'
import { nextStep } from '../utils/nextStep.ts'
import { AssayError } from './base.ts'

/** The market has no job with this id. */
export class UnknownJobError extends AssayError {
  readonly jobId: Hex
  readonly market: Address

  constructor({ jobId, market }: { jobId: Hex; market: Address }) {
    super('Job is unknown.', {
      name: 'UnknownJobError',
      facts: { Job: jobId, Market: market },
      remedy: 'Check the job id, the market and the chain.',
    })
    this.jobId = jobId
    this.market = market
  }
}

/** What was waited for did not happen in time. */
export class WaitForJobTimeoutError extends AssayError {
  override readonly retryable = true
  readonly jobId: Hex
  /** The job's last known status, null where the node never answered. */
  readonly status: JobStatus | null
  readonly waitedMs: number

  constructor(parameters: {
    jobId: Hex
    status: JobStatus | null
    waitedMs: number
    until: string
    cause?: unknown
  }) {
    const { jobId, status, waitedMs, until, cause } = parameters
    super('Job did not get so far in time.', {
      name: 'WaitForJobTimeoutError',
      facts: {
        Job: jobId,
        'Waited for': until,
        Status: status ?? 'not known',
        Waited: `${Math.round(waitedMs / 1000)} s`,
      },
      remedy: status === null ? 'Check the connection to the node.' : `Wait longer. ${nextStep(status)}`,
      cause,
    })
    this.jobId = jobId
    this.status = status
    this.waitedMs = waitedMs
  }
}

/** The job took another end, so that what was waited for cannot happen any more. */
export class JobEndedError extends AssayError {
  readonly jobId: Hex
  readonly status: JobStatus

  constructor({ jobId, status, until }: { jobId: Hex; status: JobStatus; until: string }) {
    super(`Job is ${status} and will never be ${until}.`, {
      name: 'JobEndedError',
      facts: { Job: jobId, Status: status },
      remedy: nextStep(status),
    })
    this.jobId = jobId
    this.status = status
  }
}

/** The job has no result yet, or never will. */
export class ResultNotSubmittedError extends AssayError {
  readonly jobId: Hex
  readonly status: JobStatus

  constructor({ jobId, status }: { jobId: Hex; status: JobStatus }) {
    super('Job has no result.', {
      name: 'ResultNotSubmittedError',
      facts: { Job: jobId, Status: status },
      remedy: nextStep(status),
    })
    this.jobId = jobId
    this.status = status
  }
}

/** The job has another assurance level, or the market does not offer the one that is needed. */
export class WrongLevelError extends AssayError {
  readonly jobId: Hex | undefined
  readonly level: AssuranceLevel | 'not offered'
  readonly expected: AssuranceLevel

  constructor(parameters: {
    jobId?: Hex | undefined
    level: AssuranceLevel | 'not offered'
    expected: AssuranceLevel
  }) {
    const { jobId, level, expected } = parameters
    super('Assurance level is another one.', {
      name: 'WrongLevelError',
      facts: { Job: jobId, Level: level, Expected: expected },
      remedy: 'Pass a job of that level, or a market that offers it.',
    })
    this.jobId = jobId
    this.level = level
    this.expected = expected
  }
}
