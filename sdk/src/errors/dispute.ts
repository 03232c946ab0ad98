import type { Address, Hex } from 'viem'
import { formatAmount, formatTime } from '../utils/format.ts'
import { AssayError } from './base.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** A challenge needs a bond that pays for every posting of the longest game; each challenge that is open raises it. */
export class DisputeBondTooSmallError extends ContractError {
  readonly jobId: Hex
  readonly bond: bigint
  readonly needed: bigint

  constructor(parameters: { jobId: Hex; bond: bigint; needed: bigint } & ContractErrorContext) {
    const { jobId, bond, needed, ...context } = parameters
    super('Bond of the challenge is too small.', {
      ...context,
      name: 'DisputeBondTooSmallError',
      facts: { Job: jobId, Bond: formatAmount(bond), Needed: formatAmount(needed) },
      remedy: 'Open it again with the bond that `getChallengeBond` reads now.',
    })
    this.jobId = jobId
    this.bond = bond
    this.needed = needed
  }
}

/** The challenger did not move in its turn, so the game is lost. */
export class DisputeChallengerLateError extends ContractError {
  readonly gameId: Hex
  readonly deadline: number
  readonly time: number

  constructor(parameters: { gameId: Hex; deadline: number; time: number } & ContractErrorContext) {
    const { gameId, deadline, time, ...context } = parameters
    super("The challenger's turn has passed.", {
      ...context,
      name: 'DisputeChallengerLateError',
      facts: { Game: gameId, Deadline: formatTime(deadline), Time: formatTime(time) },
      remedy: 'Leave the game: anyone may end it with `timeOutGame`.',
    })
    this.gameId = gameId
    this.deadline = deadline
    this.time = time
  }
}

/** Rewards are paid when a game about the claim was won; until then every game has to be played. */
export class DisputeClaimNotRejectedError extends ContractError {
  readonly jobId: Hex

  constructor(parameters: { jobId: Hex } & ContractErrorContext) {
    const { jobId, ...context } = parameters
    super('The claim is not rejected.', {
      ...context,
      name: 'DisputeClaimNotRejectedError',
      facts: { Job: jobId },
      remedy: 'Play the game on, or wait until another one is won.',
    })
    this.jobId = jobId
  }
}

/** Another game about the claim was won: no move is taken any more. */
export class DisputeClaimRejectedError extends ContractError {
  readonly jobId: Hex

  constructor(parameters: { jobId: Hex } & ContractErrorContext) {
    const { jobId, ...context } = parameters
    super('The claim is rejected already.', {
      ...context,
      name: 'DisputeClaimRejectedError',
      facts: { Job: jobId },
      remedy: 'Take the bond back with `collectReward`.',
    })
    this.jobId = jobId
  }
}

/** A challenger plays one game at a time about a claim. */
export class DisputeGameExistsError extends ContractError {
  readonly gameId: Hex

  constructor(parameters: { gameId: Hex } & ContractErrorContext) {
    const { gameId, ...context } = parameters
    super('The challenger has a game about this claim.', {
      ...context,
      name: 'DisputeGameExistsError',
      facts: { Game: gameId },
      remedy: 'Play the game that is open; after losing it, another one may be opened.',
    })
    this.gameId = gameId
  }
}

/** A segment can be picked when the provider has posted the states between. */
export class DisputeNodeNotPostedError extends ContractError {
  readonly nodeId: Hex

  constructor(parameters: { nodeId: Hex } & ContractErrorContext) {
    const { nodeId, ...context } = parameters
    super('The provider has not posted the node.', {
      ...context,
      name: 'DisputeNodeNotPostedError',
      facts: { Node: nodeId },
      remedy: 'Wait for the provider; once its turn has passed the game is won with `timeOutGame`.',
    })
    this.nodeId = nodeId
  }
}

/** What is posted about a node is final and serves every game that comes there. */
export class DisputeNodePostedError extends ContractError {
  readonly nodeId: Hex

  constructor(parameters: { nodeId: Hex } & ContractErrorContext) {
    const { nodeId, ...context } = parameters
    super('The node is posted already.', {
      ...context,
      name: 'DisputeNodePostedError',
      facts: { Node: nodeId },
      remedy: "Wait for the challenger's move.",
    })
    this.nodeId = nodeId
  }
}

/** Only the provider that submitted the claim posts about it. */
export class DisputeNotProviderError extends ContractError {
  readonly gameId: Hex
  readonly caller: Address
  readonly provider: Address

  constructor(parameters: { gameId: Hex; caller: Address; provider: Address } & ContractErrorContext) {
    const { gameId, caller, provider, ...context } = parameters
    super("Caller is not the claim's provider.", {
      ...context,
      name: 'DisputeNotProviderError',
      facts: { Game: gameId, Caller: caller, Provider: provider },
      remedy: 'Use the account that claimed the job.',
    })
    this.gameId = gameId
    this.caller = caller
    this.provider = provider
  }
}

/** The provider posted nothing in its turn, so the game is won. */
export class DisputeProviderLateError extends ContractError {
  readonly gameId: Hex
  readonly deadline: number
  readonly time: number

  constructor(parameters: { gameId: Hex; deadline: number; time: number } & ContractErrorContext) {
    const { gameId, deadline, time, ...context } = parameters
    super("The provider's turn has passed.", {
      ...context,
      name: 'DisputeProviderLateError',
      facts: { Game: gameId, Deadline: formatTime(deadline), Time: formatTime(time) },
      remedy: 'Challengers end the game with `timeOutGame`; there is no move left for the provider.',
    })
    this.gameId = gameId
    this.deadline = deadline
    this.time = time
  }
}

/** A game can be ended by time once the turn of whoever is to move has passed. */
export class DisputeTooEarlyError extends ContractError {
  readonly gameId: Hex
  readonly deadline: number
  readonly time: number

  constructor(parameters: { gameId: Hex; deadline: number; time: number } & ContractErrorContext) {
    const { gameId, deadline, time, ...context } = parameters
    super('Nobody is late yet.', {
      ...context,
      name: 'DisputeTooEarlyError',
      facts: { Game: gameId, Deadline: formatTime(deadline), Time: formatTime(time) },
      remedy: 'Wait until the deadline has passed.',
    })
    this.gameId = gameId
    this.deadline = deadline
    this.time = time
  }
}

/** A contract calls another one that is not there. */
export class AddressEmptyCodeError extends ContractError {
  readonly target: Address

  constructor(parameters: { target: Address } & ContractErrorContext) {
    const { target, ...context } = parameters
    super('There is no contract at the address.', {
      ...context,
      name: 'AddressEmptyCodeError',
      facts: { Address: target },
      remedy: 'Check the address.',
    })
    this.target = target
  }
}

const reasons = {
  agrees: 'the result is as executed',
  notExecuted: 'the rows are withheld, and not all tasks are executed',
} as const

/** A challenge could be lost: nothing in the claim is other than one's own execution, or too little of it is known. */
export class NothingToDisputeError extends AssayError {
  readonly jobId: Hex
  readonly reason: 'agrees' | 'notExecuted'
  readonly executed: number
  readonly tasks: number

  constructor(parameters: {
    jobId: Hex
    reason: 'agrees' | 'notExecuted'
    executed: number
    tasks: number
  }) {
    const { jobId, reason, executed, tasks } = parameters
    super('A challenge could be lost.', {
      name: 'NothingToDisputeError',
      facts: {
        Job: jobId,
        Reason: reasons[reason],
        Executed: `${executed} of ${tasks} tasks`,
      },
      remedy: 'Leave the job alone, or execute more of its tasks.',
    })
    this.jobId = jobId
    this.reason = reason
    this.executed = executed
    this.tasks = tasks
  }
}

/** A player was asked to dispute a claim that it knows nothing about. */
export class ClaimUnknownError extends AssayError {
  readonly jobId: Hex

  constructor({ jobId }: { jobId: Hex }) {
    super('Nothing is known about the claim.', {
      name: 'ClaimUnknownError',
      facts: { Job: jobId },
      remedy: "Fetch the job's program and inputs and execute its tasks first.",
    })
    this.jobId = jobId
  }
}

/** The execution of a task was given up for a more urgent one, and begins again. */
export class TraceGivenUpError extends AssayError {
  override readonly retryable = true

  constructor() {
    super('The execution was given up for a more urgent one.', {
      name: 'TraceGivenUpError',
      remedy: 'Ask again: it begins anew when the urgent one is done.',
    })
  }
}
