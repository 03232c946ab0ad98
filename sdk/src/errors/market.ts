import type { Address, Hex } from 'viem'
import type { JobStatus } from '../types/job.ts'
import { formatTime } from '../utils/format.ts'
import { nextStep } from '../utils/nextStep.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** The guardian has paused the posting of new jobs. */
export class JobMarketPostingPausedError extends ContractError {
  constructor(context: ContractErrorContext = {}) {
    super('Posting of new jobs is paused.', {
      ...context,
      name: 'JobMarketPostingPausedError',
      remedy: 'Post again once `getParameters` says `paused: false`; posted jobs go on as before.',
    })
  }
}

/** The assurance level has no hook under the current rules. */
export class JobMarketLevelNotOfferedError extends ContractError {
  readonly level: number
  readonly parametersId: number

  constructor(parameters: { level: number; parametersId: number } & ContractErrorContext) {
    const { level, parametersId, ...context } = parameters
    super('Assurance level is not offered.', {
      ...context,
      name: 'JobMarketLevelNotOfferedError',
      facts: { Level: level, 'Parameter set': parametersId },
      remedy: "Post with `level: 'optimistic'`, or a level that `getLevel` has a hook for.",
    })
    this.level = level
    this.parametersId = parametersId
  }
}

/** The same requester has posted the same terms before. */
export class JobMarketJobExistsError extends ContractError {
  readonly jobId: Hex

  constructor(parameters: { jobId: Hex } & ContractErrorContext) {
    const { jobId, ...context } = parameters
    super('Job was posted before.', {
      ...context,
      name: 'JobMarketJobExistsError',
      facts: { Job: jobId },
      remedy: 'Follow the job with this id, or post again with another `nonce`.',
    })
    this.jobId = jobId
  }
}

/** The job's status does not allow the call. */
export class JobMarketWrongStatusError extends ContractError {
  readonly jobId: Hex
  readonly actual: JobStatus
  readonly expected: JobStatus

  constructor(parameters: { jobId: Hex; actual: JobStatus; expected: JobStatus } & ContractErrorContext) {
    const { jobId, actual, expected, ...context } = parameters
    super(`Job is ${actual === 'none' ? 'unknown' : actual}, not ${expected}.`, {
      ...context,
      name: 'JobMarketWrongStatusError',
      facts: { Job: jobId, Status: actual, Expected: expected },
      remedy: nextStep(actual),
    })
    this.jobId = jobId
    this.actual = actual
    this.expected = expected
  }
}

/** Only the job's requester may do this, at least for now. */
export class JobMarketNotRequesterError extends ContractError {
  readonly jobId: Hex
  readonly caller: Address
  readonly requester: Address

  constructor(parameters: { jobId: Hex; caller: Address; requester: Address } & ContractErrorContext) {
    const { jobId, caller, requester, ...context } = parameters
    super("Caller is not the job's requester.", {
      ...context,
      name: 'JobMarketNotRequesterError',
      facts: { Job: jobId, Caller: caller, Requester: requester },
      remedy:
        context.functionName === 'cancel'
          ? 'Use the account that posted the job, or wait until `claimBy` has passed: then anyone may cancel.'
          : 'Use the account that posted the job.',
    })
    this.jobId = jobId
    this.caller = caller
    this.requester = requester
  }
}

/** Only the provider that claimed the job may do this. */
export class JobMarketNotProviderError extends ContractError {
  readonly jobId: Hex
  readonly caller: Address
  readonly provider: Address

  constructor(parameters: { jobId: Hex; caller: Address; provider: Address } & ContractErrorContext) {
    const { jobId, caller, provider, ...context } = parameters
    super("Caller is not the job's provider.", {
      ...context,
      name: 'JobMarketNotProviderError',
      facts: { Job: jobId, Caller: caller, Provider: provider },
      remedy: 'Use the account that claimed the job.',
    })
    this.jobId = jobId
    this.caller = caller
    this.provider = provider
  }
}

/** The call came after its deadline. */
export class JobMarketDeadlinePassedError extends ContractError {
  readonly jobId: Hex
  readonly deadline: number
  readonly time: number

  constructor(parameters: { jobId: Hex; deadline: number; time: number } & ContractErrorContext) {
    const { jobId, deadline, time, ...context } = parameters
    super('Deadline has passed.', {
      ...context,
      name: 'JobMarketDeadlinePassedError',
      facts: { Job: jobId, Deadline: formatTime(deadline), Time: formatTime(time) },
      remedy:
        deadlineRemedies[context.functionName ?? ''] ??
        'Read the job with `getJob` to see what it waits for.',
    })
    this.jobId = jobId
    this.deadline = deadline
    this.time = time
  }
}

const deadlineRemedies: Record<string, string> = {
  claim: 'Claim another job; anyone may `cancel` this one.',
  quoteClaim: 'Choose another job; anyone may `cancel` this one.',
  release:
    'Submit a result before `runBy`: a claim can be released in the first quarter of its run time only.',
  submit: 'Give the job up: anyone may `fail` it now.',
  deliverKey: 'Post the terms again with another nonce: anyone may `release` this claim now.',
  acceptOffer: 'Have the provider sign an offer with a later `claimBy`.',
  claimSigned: 'Have the requester sign a request with a later `claimBy`.',
  challengeOpened: 'Nothing is left to do: the challenge window has closed.',
}

/** The call came before its time. */
export class JobMarketTooEarlyError extends ContractError {
  override readonly retryable = true
  readonly jobId: Hex
  readonly notBefore: number
  readonly time: number

  constructor(parameters: { jobId: Hex; notBefore: number; time: number } & ContractErrorContext) {
    const { jobId, notBefore, time, ...context } = parameters
    super('It is too early for this.', {
      ...context,
      name: 'JobMarketTooEarlyError',
      facts: { Job: jobId, 'Not before': formatTime(notBefore), Time: formatTime(time) },
      remedy: `Call again in ${notBefore - time} s.`,
    })
    this.jobId = jobId
    this.notBefore = notBefore
    this.time = time
  }
}

/** A challenge against the result is open. */
export class JobMarketChallengeOpenError extends ContractError {
  readonly jobId: Hex
  readonly openChallenges: number

  constructor(parameters: { jobId: Hex; openChallenges: number } & ContractErrorContext) {
    const { jobId, openChallenges, ...context } = parameters
    super('Result is disputed.', {
      ...context,
      name: 'JobMarketChallengeOpenError',
      facts: { Job: jobId, 'Open challenges': openChallenges },
      remedy: 'Wait until every challenge is decided.',
    })
    this.jobId = jobId
    this.openChallenges = openChallenges
  }
}

/** The job has as many open challenges as can be counted. */
export class JobMarketTooManyChallengesError extends ContractError {
  readonly jobId: Hex
  readonly max: number

  constructor(parameters: { jobId: Hex; max: number } & ContractErrorContext) {
    const { jobId, max, ...context } = parameters
    super('Job has too many open challenges.', {
      ...context,
      name: 'JobMarketTooManyChallengesError',
      facts: { Job: jobId, Limit: max },
      remedy: 'Wait until a challenge is decided.',
    })
    this.jobId = jobId
    this.max = max
  }
}

/** Only the contract behind the job's assurance level, or the dispute game, may do this. */
export class JobMarketNotHookError extends ContractError {
  readonly jobId: Hex
  readonly caller: Address
  readonly hook: Address

  constructor(parameters: { jobId: Hex; caller: Address; hook: Address } & ContractErrorContext) {
    const { jobId, caller, hook, ...context } = parameters
    super("Caller is not the contract behind the job's assurance level.", {
      ...context,
      name: 'JobMarketNotHookError',
      facts: { Job: jobId, Caller: caller, Hook: hook },
      remedy: 'Open challenges through that contract.',
    })
    this.jobId = jobId
    this.caller = caller
    this.hook = hook
  }
}

/** The job's assurance level does not call the result final yet. */
export class JobMarketNotFinalError extends ContractError {
  override readonly retryable = true
  readonly jobId: Hex
  readonly hook: Address

  constructor(parameters: { jobId: Hex; hook: Address } & ContractErrorContext) {
    const { jobId, hook, ...context } = parameters
    super('Result is not final yet.', {
      ...context,
      name: 'JobMarketNotFinalError',
      facts: { Job: jobId, Hook: hook },
      remedy: 'Settle once the contract behind the assurance level calls the result final.',
    })
    this.jobId = jobId
    this.hook = hook
  }
}

/** A seat would be paid more than its price. */
export class JobMarketPayTooHighError extends ContractError {
  readonly jobId: Hex
  readonly payBps: number
  readonly max: number

  constructor(parameters: { jobId: Hex; payBps: number; max: number } & ContractErrorContext) {
    const { jobId, payBps, max, ...context } = parameters
    super('Pay is above the price.', {
      ...context,
      name: 'JobMarketPayTooHighError',
      facts: { Job: jobId, Pay: `${payBps} basis points`, Limit: `${max} basis points` },
      remedy: 'Conclude the seat with at most its price.',
    })
    this.jobId = jobId
    this.payBps = payBps
    this.max = max
  }
}

/** One job of a batch had too little gas. */
export class JobMarketOutOfGasError extends ContractError {
  readonly index: number

  constructor(parameters: { index: number } & ContractErrorContext) {
    const { index, ...context } = parameters
    super('Batch ran out of gas.', {
      ...context,
      name: 'JobMarketOutOfGasError',
      facts: { 'Place in the batch': index },
      remedy: 'Send it with more gas, or in smaller batches.',
    })
    this.index = index
  }
}
