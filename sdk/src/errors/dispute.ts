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

/** The result tree is filled up past the last task; there is nothing to dispute. */
export class DisputeNoTaskError extends ContractError {
  readonly index: number
  readonly tasks: number

  constructor(parameters: { index: number; tasks: number } & ContractErrorContext) {
    const { index, tasks, ...context } = parameters
    super('There is no task at this place.', {
      ...context,
      name: 'DisputeNoTaskError',
      facts: { Index: index, Tasks: tasks },
      remedy: 'Go down to another place.',
    })
    this.index = index
    this.tasks = tasks
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

/** The rows or nodes of a posting must hash and add up to the node that they are below of. */
export class DisputeWrongDataError extends ContractError {
  readonly nodeId: Hex
  readonly hash: Hex
  readonly sum: bigint

  constructor(parameters: { nodeId: Hex; hash: Hex; sum: bigint } & ContractErrorContext) {
    const { nodeId, hash, sum, ...context } = parameters
    super('What was posted does not make the node.', {
      ...context,
      name: 'DisputeWrongDataError',
      facts: { Node: nodeId, Hash: hash, Sum: sum },
      remedy: 'Post the rows that were submitted, as `providerMove` computes it.',
    })
    this.nodeId = nodeId
    this.hash = hash
    this.sum = sum
  }
}

/** A node's level, or the length of a stretch, says how much is posted about it. */
export class DisputeWrongDataSizeError extends ContractError {
  readonly nodeId: Hex
  readonly size: number
  readonly expected: number

  constructor(parameters: { nodeId: Hex; size: number; expected: number } & ContractErrorContext) {
    const { nodeId, size, expected, ...context } = parameters
    super('A posting of this node has another size.', {
      ...context,
      name: 'DisputeWrongDataSizeError',
      facts: { Node: nodeId, Size: size, Expected: expected },
      remedy: 'Post what `providerMove` computes for the position.',
    })
    this.nodeId = nodeId
    this.size = size
    this.expected = expected
  }
}

/** The input's content hash and proof must lead to the inputs root of the job's terms. */
export class DisputeWrongInputError extends ContractError {
  readonly task: number

  constructor(parameters: { task: number } & ContractErrorContext) {
    const { task, ...context } = parameters
    super("The input is not the task's.", {
      ...context,
      name: 'DisputeWrongInputError',
      facts: { Task: task },
      remedy: "Pass root, length and proof of that task's input.",
    })
    this.task = task
  }
}

/** A descent goes at least as far down as a posting would show. */
export class DisputeWrongLevelError extends ContractError {
  readonly level: number
  readonly max: number

  constructor(parameters: { level: number; max: number } & ContractErrorContext) {
    const { level, max, ...context } = parameters
    super('A descent has to go further down.', {
      ...context,
      name: 'DisputeWrongLevelError',
      facts: { Level: level, Highest: max },
      remedy: 'Name a node of a lower level.',
    })
    this.level = level
    this.max = max
  }
}

/** Descents start at a node of the result tree, entries at its leaves, picks and postings at stretches, proofs at one step. */
export class DisputeWrongNodeError extends ContractError {
  readonly nodeId: Hex

  constructor(parameters: { nodeId: Hex } & ContractErrorContext) {
    const { nodeId, ...context } = parameters
    super('The node is not of the kind that the move needs.', {
      ...context,
      name: 'DisputeWrongNodeError',
      facts: { Node: nodeId },
      remedy: 'Make the move that the position asks for, as `challengerMoves` and `providerMove` compute it.',
    })
    this.nodeId = nodeId
  }
}

/** The game has gone on since, is over, or is another account's. Sent twice, a move fails so the second time. */
export class DisputeWrongPositionError extends ContractError {
  readonly gameId: Hex
  readonly given: Hex
  readonly actual: Hex

  constructor(parameters: { gameId: Hex; given: Hex; actual: Hex } & ContractErrorContext) {
    const { gameId, given, actual, ...context } = parameters
    super('The game does not stand there.', {
      ...context,
      name: 'DisputeWrongPositionError',
      facts: { Game: gameId, Given: given, Actual: actual },
      remedy: 'Read the game again and move from where it stands.',
    })
    this.gameId = gameId
    this.given = given
    this.actual = actual
  }
}

/** A move names the posting that it answers, by its root and its time. */
export class DisputeWrongPostingError extends ContractError {
  readonly nodeId: Hex
  readonly given: Hex
  readonly actual: Hex

  constructor(parameters: { nodeId: Hex; given: Hex; actual: Hex } & ContractErrorContext) {
    const { nodeId, given, actual, ...context } = parameters
    super('Something else was posted about the node.', {
      ...context,
      name: 'DisputeWrongPostingError',
      facts: { Node: nodeId, Given: given, Actual: actual },
      remedy: 'Read the posting again and answer that.',
    })
    this.nodeId = nodeId
    this.given = given
    this.actual = actual
  }
}

/** Its parts must hash to the program id of the job's terms. */
export class DisputeWrongProgramError extends ContractError {
  readonly given: Hex
  readonly expected: Hex

  constructor(parameters: { given: Hex; expected: Hex } & ContractErrorContext) {
    const { given, expected, ...context } = parameters
    super("The program is not the job's.", {
      ...context,
      name: 'DisputeWrongProgramError',
      facts: { Given: given, Expected: expected },
      remedy: 'Pass the parts of the program that the terms name.',
    })
    this.given = given
    this.expected = expected
  }
}

/** A node, a leaf or a segment must be proven under what the game stands at. */
export class DisputeWrongProofError extends ContractError {
  readonly hash: Hex
  readonly expected: Hex

  constructor(parameters: { hash: Hex; expected: Hex } & ContractErrorContext) {
    const { hash, expected, ...context } = parameters
    super('The proof leads elsewhere.', {
      ...context,
      name: 'DisputeWrongProofError',
      facts: { Hash: hash, Expected: expected },
      remedy: "Prove it under the node of the game's position, or under the posting that it answers.",
    })
    this.hash = hash
    this.expected = expected
  }
}

/** A proof has 48 bytes for each level between the two nodes. */
export class DisputeWrongProofSizeError extends ContractError {
  readonly size: number
  readonly expected: number

  constructor(parameters: { size: number; expected: number } & ContractErrorContext) {
    const { size, expected, ...context } = parameters
    super('The proof has another size.', {
      ...context,
      name: 'DisputeWrongProofSizeError',
      facts: { Size: size, Expected: expected },
      remedy: 'Pass one node for each level.',
    })
    this.size = size
    this.expected = expected
  }
}

/** Root and steps of a challenge must make the commitment that the job keeps. */
export class DisputeWrongResultError extends ContractError {
  readonly jobId: Hex
  readonly given: Hex
  readonly submitted: Hex

  constructor(parameters: { jobId: Hex; given: Hex; submitted: Hex } & ContractErrorContext) {
    const { jobId, given, submitted, ...context } = parameters
    super('This result was not submitted.', {
      ...context,
      name: 'DisputeWrongResultError',
      facts: { Job: jobId, Given: given, Submitted: submitted },
      remedy: 'Pass root and steps of the submitted result, as `getResult` reads them.',
    })
    this.jobId = jobId
    this.given = given
    this.submitted = submitted
  }
}

/** A stretch has at most 32 segments, and not more than it has steps. */
export class DisputeWrongSegmentError extends ContractError {
  readonly segment: number
  readonly segments: number

  constructor(parameters: { segment: number; segments: number } & ContractErrorContext) {
    const { segment, segments, ...context } = parameters
    super('The stretch has no such segment.', {
      ...context,
      name: 'DisputeWrongSegmentError',
      facts: { Segment: segment, Segments: segments },
      remedy: 'Pick a segment by its number, from 0 on.',
    })
    this.segment = segment
    this.segments = segments
  }
}

/** They must hash to what the game has kept of the job since its opening. */
export class DisputeWrongTermsError extends ContractError {
  readonly given: Hex
  readonly expected: Hex

  constructor(parameters: { given: Hex; expected: Hex } & ContractErrorContext) {
    const { given, expected, ...context } = parameters
    super("The terms are not the job's.", {
      ...context,
      name: 'DisputeWrongTermsError',
      facts: { Given: given, Expected: expected },
      remedy: 'Pass the terms with which the job was posted.',
    })
    this.given = given
    this.expected = expected
  }
}

/** A job has 1 to 2^32 − 1 tasks. */
export class BinaryTreeTaskCountError extends ContractError {
  readonly tasks: bigint

  constructor(parameters: { tasks: bigint } & ContractErrorContext) {
    const { tasks, ...context } = parameters
    super('No job has so many tasks.', {
      ...context,
      name: 'BinaryTreeTaskCountError',
      facts: { Tasks: tasks },
      remedy: 'Pass the terms with which the job was posted.',
    })
    this.tasks = tasks
  }
}

/** A row of the leaves file has 53 bytes. */
export class ResultTreeRowSizeError extends ContractError {
  readonly size: number

  constructor(parameters: { size: number } & ContractErrorContext) {
    const { size, ...context } = parameters
    super('A row has another size.', {
      ...context,
      name: 'ResultTreeRowSizeError',
      facts: { Size: size },
      remedy: 'Pass the 53 bytes of the task in the leaves file.',
    })
    this.size = size
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
