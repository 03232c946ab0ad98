import type { Address, Hex } from 'viem'
import type { GroupPhase } from '../types/replication.ts'
import { formatTime } from '../utils/format.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** The numbers of seats and spares are odd, so that no half of them can keep the others from a majority. */
export class ReplicationWrongSizeError extends ContractError {
  /** `seats` or `spares`. */
  readonly field: string
  readonly size: number
  readonly min: number
  readonly max: number

  constructor(parameters: { field: string; size: number; min: number; max: number } & ContractErrorContext) {
    const { field, size, min, max, ...context } = parameters
    super(`A group cannot have ${size} ${field}.`, {
      ...context,
      name: 'ReplicationWrongSizeError',
      facts: { Field: field, Value: size, Range: `odd, ${min} to ${max}` },
      remedy:
        field === 'spares'
          ? `Use an odd number from ${min} to ${max}, or 0 for no escalation.`
          : `Use an odd number from ${min} to ${max}.`,
    })
    this.field = field
    this.size = size
    this.min = min
    this.max = max
  }
}

/** The job is no seat of a replicated group. */
export class ReplicationUnknownSeatError extends ContractError {
  readonly market: Address
  readonly jobId: Hex

  constructor(parameters: { market: Address; jobId: Hex } & ContractErrorContext) {
    const { market, jobId, ...context } = parameters
    super('Job is not a seat.', {
      ...context,
      name: 'ReplicationUnknownSeatError',
      facts: { Market: market, Job: jobId },
      remedy: 'Check the job id: only jobs of the level `replicated` have a seat.',
    })
    this.market = market
    this.jobId = jobId
  }
}

/** There is no such group. */
export class ReplicationUnknownGroupError extends ContractError {
  readonly groupId: Hex

  constructor(parameters: { groupId: Hex } & ContractErrorContext) {
    const { groupId, ...context } = parameters
    super('Group is unknown.', {
      ...context,
      name: 'ReplicationUnknownGroupError',
      facts: { Group: groupId },
      remedy: 'Find the group of a job with `getSeat`.',
    })
    this.groupId = groupId
  }
}

/** The group has a job of this index already. */
export class ReplicationSeatTakenError extends ContractError {
  readonly groupId: Hex
  readonly index: number

  constructor(parameters: { groupId: Hex; index: number } & ContractErrorContext) {
    const { groupId, index, ...context } = parameters
    super('Seat was posted before.', {
      ...context,
      name: 'ReplicationSeatTakenError',
      facts: { Group: groupId, Index: index },
      remedy: 'Post each index of the group once, or use another `nonce` or `tag` for another group.',
    })
    this.groupId = groupId
    this.index = index
  }
}

/** Not all jobs of the group are posted yet, so none can be claimed. */
export class ReplicationNotPostedError extends ContractError {
  readonly groupId: Hex
  readonly posted: number
  readonly expected: number

  constructor(parameters: { groupId: Hex; posted: number; expected: number } & ContractErrorContext) {
    const { groupId, posted, expected, ...context } = parameters
    super('Group is not complete.', {
      ...context,
      name: 'ReplicationNotPostedError',
      facts: { Group: groupId, Posted: posted, Expected: expected },
      remedy: 'Wait until its requester has posted the rest.',
    })
    this.groupId = groupId
    this.posted = posted
    this.expected = expected
  }
}

/** All jobs of the group are posted, so its providers can count on it. */
export class ReplicationPostedError extends ContractError {
  readonly groupId: Hex
  readonly posted: number

  constructor(parameters: { groupId: Hex; posted: number } & ContractErrorContext) {
    const { groupId, posted, ...context } = parameters
    super('Group is complete.', {
      ...context,
      name: 'ReplicationPostedError',
      facts: { Group: groupId, Posted: posted },
      remedy: 'Wait until its `claimBy`: if its seats are not all taken then, anyone may `resolveGroup`.',
    })
    this.groupId = groupId
    this.posted = posted
  }
}

/** Only the requester of the group may do this. */
export class ReplicationNotRequesterError extends ContractError {
  readonly groupId: Hex
  readonly caller: Address
  readonly requester: Address

  constructor(parameters: { groupId: Hex; caller: Address; requester: Address } & ContractErrorContext) {
    const { groupId, caller, requester, ...context } = parameters
    super("Caller is not the group's requester.", {
      ...context,
      name: 'ReplicationNotRequesterError',
      facts: { Group: groupId, Caller: caller, Requester: requester },
      remedy: 'Use the account that posted the group.',
    })
    this.groupId = groupId
    this.caller = caller
    this.requester = requester
  }
}

/** A provider may take one seat of a group. */
export class ReplicationAlreadySeatedError extends ContractError {
  readonly groupId: Hex
  readonly provider: Address

  constructor(parameters: { groupId: Hex; provider: Address } & ContractErrorContext) {
    const { groupId, provider, ...context } = parameters
    super('Provider has a seat in this group.', {
      ...context,
      name: 'ReplicationAlreadySeatedError',
      facts: { Group: groupId, Provider: provider },
      remedy: 'Leave the other seats to other providers.',
    })
    this.groupId = groupId
    this.provider = provider
  }
}

/** Spares are for the providers that were drawn. */
export class ReplicationNotDrawnError extends ContractError {
  readonly groupId: Hex
  readonly provider: Address

  constructor(parameters: { groupId: Hex; provider: Address } & ContractErrorContext) {
    const { groupId, provider, ...context } = parameters
    super('Provider was not drawn.', {
      ...context,
      name: 'ReplicationNotDrawnError',
      facts: { Group: groupId, Provider: provider },
      remedy: 'Leave the spares of this group to other providers.',
    })
    this.groupId = groupId
    this.provider = provider
  }
}

/** The group is past this, or not there yet. */
export class ReplicationWrongPhaseError extends ContractError {
  readonly groupId: Hex
  readonly phase: GroupPhase

  constructor(parameters: { groupId: Hex; phase: GroupPhase } & ContractErrorContext) {
    const { groupId, phase, ...context } = parameters
    super(`Group is in phase ${phase}.`, {
      ...context,
      name: 'ReplicationWrongPhaseError',
      facts: { Group: groupId, Phase: phase },
      remedy: 'Read the group with `getGroup`: seats act in the first phase, spares once it escalated.',
    })
    this.groupId = groupId
    this.phase = phase
  }
}

/** Seats of the round are free, so nothing is revealed. */
export class ReplicationNotFilledError extends ContractError {
  readonly groupId: Hex
  readonly claimed: number
  readonly expected: number

  constructor(parameters: { groupId: Hex; claimed: number; expected: number } & ContractErrorContext) {
    const { groupId, claimed, expected, ...context } = parameters
    super('Seats of the group are free.', {
      ...context,
      name: 'ReplicationNotFilledError',
      facts: { Group: groupId, Claimed: claimed, Expected: expected },
      remedy: 'Wait until they are taken: after the end of claiming, anyone may `resolveGroup`.',
    })
    this.groupId = groupId
    this.claimed = claimed
    this.expected = expected
  }
}

/** The call came before its time. */
export class ReplicationTooEarlyError extends ContractError {
  override readonly retryable = true
  readonly groupId: Hex
  readonly notBefore: number
  readonly time: number

  constructor(parameters: { groupId: Hex; notBefore: number; time: number } & ContractErrorContext) {
    const { groupId, notBefore, time, ...context } = parameters
    super('It is too early for this.', {
      ...context,
      name: 'ReplicationTooEarlyError',
      facts: { Group: groupId, 'Not before': formatTime(notBefore), Time: formatTime(time) },
      remedy: `Call again in ${notBefore - time} s.`,
    })
    this.groupId = groupId
    this.notBefore = notBefore
    this.time = time
  }
}

/** The call came after its deadline. */
export class ReplicationDeadlinePassedError extends ContractError {
  readonly groupId: Hex
  readonly deadline: number
  readonly time: number

  constructor(parameters: { groupId: Hex; deadline: number; time: number } & ContractErrorContext) {
    const { groupId, deadline, time, ...context } = parameters
    super('Deadline of the group has passed.', {
      ...context,
      name: 'ReplicationDeadlinePassedError',
      facts: { Group: groupId, Deadline: formatTime(deadline), Time: formatTime(time) },
      remedy: 'Nothing is left to do for this seat: anyone may `resolveGroup`.',
    })
    this.groupId = groupId
    this.deadline = deadline
    this.time = time
  }
}

/** Only the provider of the seat may do this. */
export class ReplicationNotProviderError extends ContractError {
  readonly jobId: Hex
  readonly caller: Address
  readonly provider: Address

  constructor(parameters: { jobId: Hex; caller: Address; provider: Address } & ContractErrorContext) {
    const { jobId, caller, provider, ...context } = parameters
    super("Caller is not the seat's provider.", {
      ...context,
      name: 'ReplicationNotProviderError',
      facts: { Job: jobId, Caller: caller, Provider: provider },
      remedy: 'Use the account that claimed the seat.',
    })
    this.jobId = jobId
    this.caller = caller
    this.provider = provider
  }
}

/** A seat commits once. */
export class ReplicationCommittedError extends ContractError {
  readonly jobId: Hex

  constructor(parameters: { jobId: Hex } & ContractErrorContext) {
    const { jobId, ...context } = parameters
    super('Seat has committed.', {
      ...context,
      name: 'ReplicationCommittedError',
      facts: { Job: jobId },
      remedy: 'Reveal what was committed, with `revealResult`.',
    })
    this.jobId = jobId
  }
}

/** A seat reveals once. */
export class ReplicationRevealedError extends ContractError {
  readonly jobId: Hex

  constructor(parameters: { jobId: Hex } & ContractErrorContext) {
    const { jobId, ...context } = parameters
    super('Seat has revealed.', {
      ...context,
      name: 'ReplicationRevealedError',
      facts: { Job: jobId },
      remedy: 'Nothing is left to do for this seat: anyone may `resolveGroup`.',
    })
    this.jobId = jobId
  }
}

/** What is revealed is not what was committed. */
export class ReplicationWrongRevealError extends ContractError {
  readonly jobId: Hex
  readonly commitment: Hex
  readonly expected: Hex

  constructor(parameters: { jobId: Hex; commitment: Hex; expected: Hex } & ContractErrorContext) {
    const { jobId, commitment, expected, ...context } = parameters
    super('Reveal does not match the commitment.', {
      ...context,
      name: 'ReplicationWrongRevealError',
      facts: { Job: jobId, Commitment: commitment, Expected: expected },
      remedy: 'Pass the root, the steps and the salt of the commitment.',
    })
    this.jobId = jobId
    this.commitment = commitment
    this.expected = expected
  }
}
