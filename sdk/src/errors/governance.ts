import { type Address, type Hex, keccak256, stringToHex } from 'viem'
import { ContractError, type ContractErrorContext } from './contractError.ts'

const roles = ['PROPOSER_ROLE', 'EXECUTOR_ROLE', 'CANCELLER_ROLE'] as const

function roleOf(role: Hex): string {
  return roles.find((name) => keccak256(stringToHex(name)) === role) ?? role
}

/** OpenZeppelin's states of an operation, in the order of the bits. */
const states = ['not scheduled', 'waiting', 'ready', 'done'] as const

function statesOf(bits: Hex): string {
  const named = states.filter((_, bit) => (BigInt(bits) >> BigInt(bit)) & 1n)
  return named.length === 0 ? bits : named.join(' or ')
}

/** Only the timelock that governs the market may do this. */
export class GovernedNotTimelockError extends ContractError {
  readonly caller: Address
  readonly timelock: Address

  constructor(parameters: { caller: Address; timelock: Address } & ContractErrorContext) {
    const { caller, timelock, ...context } = parameters
    super("Caller is not the market's timelock.", {
      ...context,
      name: 'GovernedNotTimelockError',
      facts: { Caller: caller, Timelock: timelock },
      remedy: 'Schedule the call with `scheduleCall`, and `executeCall` it once its delay has passed.',
    })
    this.caller = caller
    this.timelock = timelock
  }
}

/** Only the guardian or the timelock may do this. */
export class GovernedNotGuardianError extends ContractError {
  readonly caller: Address
  readonly guardian: Address

  constructor(parameters: { caller: Address; guardian: Address } & ContractErrorContext) {
    const { caller, guardian, ...context } = parameters
    super("Caller is not the market's guardian.", {
      ...context,
      name: 'GovernedNotGuardianError',
      facts: { Caller: caller, Guardian: guardian },
      remedy: "Use the guardian's account, or schedule the call with `scheduleCall`.",
    })
    this.caller = caller
    this.guardian = guardian
  }
}

/** The call was not scheduled, is not due yet, or was executed before. */
export class TimelockUnexpectedOperationStateError extends ContractError {
  readonly operationId: Hex
  readonly expectedStates: Hex

  constructor(parameters: { operationId: Hex; expectedStates: Hex } & ContractErrorContext) {
    const { operationId, expectedStates, ...context } = parameters
    super('Scheduled call is not in the right state.', {
      ...context,
      name: 'TimelockUnexpectedOperationStateError',
      facts: { Operation: operationId, Expected: statesOf(expectedStates) },
      remedy:
        'Read it with `getScheduledCall`: it must be scheduled first, executed once its time has come, and once only.',
    })
    this.operationId = operationId
    this.expectedStates = expectedStates
  }
}

/** The delay is shorter than the timelock asks for. */
export class TimelockInsufficientDelayError extends ContractError {
  readonly delay: bigint
  readonly minDelay: bigint

  constructor(parameters: { delay: bigint; minDelay: bigint } & ContractErrorContext) {
    const { delay, minDelay, ...context } = parameters
    super('Delay is too short.', {
      ...context,
      name: 'TimelockInsufficientDelayError',
      facts: { Delay: `${delay} s`, 'Least delay': `${minDelay} s` },
      remedy: 'Schedule with at least that delay, or leave it out.',
    })
    this.delay = delay
    this.minDelay = minDelay
  }
}

/** Another call has to be executed first. */
export class TimelockUnexecutedPredecessorError extends ContractError {
  readonly predecessorId: Hex

  constructor(parameters: { predecessorId: Hex } & ContractErrorContext) {
    const { predecessorId, ...context } = parameters
    super('Predecessor was not executed.', {
      ...context,
      name: 'TimelockUnexecutedPredecessorError',
      facts: { Predecessor: predecessorId },
      remedy: 'Execute the predecessor first.',
    })
    this.predecessorId = predecessorId
  }
}

/** Only the timelock itself may do this. */
export class TimelockUnauthorizedCallerError extends ContractError {
  readonly caller: Address

  constructor(parameters: { caller: Address } & ContractErrorContext) {
    const { caller, ...context } = parameters
    super('Caller is not the timelock itself.', {
      ...context,
      name: 'TimelockUnauthorizedCallerError',
      facts: { Caller: caller },
      remedy: 'Schedule the call: the timelock changes itself only through its own delay.',
    })
    this.caller = caller
  }
}

/** A batch of calls has lists of different lengths. */
export class TimelockInvalidOperationLengthError extends ContractError {
  readonly targets: bigint
  readonly payloads: bigint
  readonly values: bigint

  constructor(parameters: { targets: bigint; payloads: bigint; values: bigint } & ContractErrorContext) {
    const { targets, payloads, values, ...context } = parameters
    super('Lists of the batch have different lengths.', {
      ...context,
      name: 'TimelockInvalidOperationLengthError',
      facts: { Targets: targets, Payloads: payloads, Values: values },
      remedy: 'Pass one target, payload and value for each call.',
    })
    this.targets = targets
    this.payloads = payloads
    this.values = values
  }
}

/** The account lacks a role of the timelock. */
export class AccessControlUnauthorizedAccountError extends ContractError {
  readonly account: Address
  readonly neededRole: Hex

  constructor(parameters: { account: Address; neededRole: Hex } & ContractErrorContext) {
    const { account, neededRole, ...context } = parameters
    super('Account lacks the role for this.', {
      ...context,
      name: 'AccessControlUnauthorizedAccountError',
      facts: { Account: account, Role: roleOf(neededRole) },
      remedy: 'Use an account that has the role: proposers schedule, executors execute.',
    })
    this.account = account
    this.neededRole = neededRole
  }
}

/** A role may be given up by its own account only. */
export class AccessControlBadConfirmationError extends ContractError {
  constructor(context: ContractErrorContext = {}) {
    super('Role of another account cannot be given up.', {
      ...context,
      name: 'AccessControlBadConfirmationError',
      remedy: 'Send it from the account that has the role.',
    })
  }
}

/** The scheduled call reverted without a reason. */
export class FailedCallError extends ContractError {
  constructor(context: ContractErrorContext = {}) {
    super('Scheduled call failed.', {
      ...context,
      name: 'FailedCallError',
      remedy: 'Simulate the call as the timelock to see what it lacks.',
    })
  }
}
