import type { Hex } from 'viem'
import { AssayError } from './base.ts'

/** The node knows of no such event. */
export class EventNotFoundError extends AssayError {
  readonly eventName: string

  constructor(parameters: { eventName: string; jobId?: Hex | undefined; fromBlock?: bigint | undefined }) {
    const { eventName, jobId, fromBlock } = parameters
    super('Event was not found.', {
      name: 'EventNotFoundError',
      facts: { Event: eventName, Job: jobId, 'Searched from block': fromBlock },
      remedy: 'Pass an earlier `fromBlock`, or ask a node that keeps all logs.',
    })
    this.eventName = eventName
  }
}

/** An event that the node returned contradicts what the contract has stored: it was never emitted. */
export class EventMismatchError extends AssayError {
  readonly eventName: string
  readonly jobId: Hex
  readonly expected: Hex
  readonly actual: Hex

  constructor(parameters: { eventName: string; jobId: Hex; expected: Hex; actual: Hex }) {
    const { eventName, jobId, expected, actual } = parameters
    super('Event contradicts the contract.', {
      name: 'EventMismatchError',
      facts: { Event: eventName, Job: jobId, 'On-chain': expected, 'From the event': actual },
      remedy: 'Use another RPC node: this one returned a log that the market did not emit.',
    })
    this.eventName = eventName
    this.jobId = jobId
    this.expected = expected
    this.actual = actual
  }
}
