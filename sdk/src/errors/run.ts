import type { Address, Hex } from 'viem'
import { AssayError } from './base.ts'

/** A part of a run came back unfinished too often; the requester was refunded each time. */
export class ShardFailedError extends AssayError {
  readonly first: number
  readonly tasks: number
  /** Why each attempt failed. */
  readonly reasons: readonly string[]
  constructor(parameters: { first: number; tasks: number; attempts: number; reasons: readonly string[] }) {
    const { first, tasks, attempts, reasons } = parameters
    const last = first + tasks - 1
    super(tasks === 1 ? `Task ${first} was not finished.` : `Tasks ${first} to ${last} were not finished.`, {
      name: 'ShardFailedError',
      facts: Object.fromEntries(reasons.map((reason, i) => [`Attempt ${i + 1} of ${attempts}`, reason])),
      remedy: 'Offer a higher `maxPrice`, more `run` or `claimFor` time, or a lower `floor`, and run again.',
    })
    this.first = first
    this.tasks = tasks
    this.reasons = reasons
  }
}

/** A job was settled, and its provider never served outputs that match the result on the chain. */
export class OutputsWithheldError extends AssayError {
  readonly jobId: Hex
  readonly provider: Address
  constructor(parameters: { jobId: Hex; provider: Address; cause: unknown }) {
    super('The provider does not serve outputs that match its result.', {
      name: 'OutputsWithheldError',
      facts: { Job: parameters.jobId, Provider: parameters.provider },
      remedy: 'Ask the provider, or compute these tasks again in a new job.',
      cause: parameters.cause,
    })
    this.jobId = parameters.jobId
    this.provider = parameters.provider
  }
}

/** A result was proven wrong after its outputs had been handed out; the requester was refunded. */
export class ResultRefutedError extends AssayError {
  readonly jobId: Hex
  readonly first: number
  readonly tasks: number
  constructor(parameters: { jobId: Hex; first: number; tasks: number; reason: string }) {
    const { jobId, first, tasks, reason } = parameters
    super(`The outputs of tasks ${first} to ${first + tasks - 1} are wrong.`, {
      name: 'ResultRefutedError',
      facts: { Job: jobId, Reason: reason },
      remedy: 'Discard these outputs and compute the tasks again in a new run; the price came back.',
    })
    this.jobId = jobId
    this.first = first
    this.tasks = tasks
  }
}

/** A parameter of a run makes no sense. */
export class RunParameterError extends AssayError {
  /** The parameter, as `maxPrice` or `replication.seats`. */
  readonly field: string
  readonly value: unknown
  constructor({ field, value, expected }: { field: string; value: unknown; expected: string }) {
    super(`\`${field}\` cannot be used.`, {
      name: 'RunParameterError',
      facts: { Value: String(value), Expected: expected },
      remedy: 'Correct it and run again; nothing was posted or paid.',
    })
    this.field = field
    this.value = value
  }
}
