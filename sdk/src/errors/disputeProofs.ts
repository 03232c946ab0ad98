import type { Hex } from 'viem'
import { ContractError, type ContractErrorContext } from './contractError.ts'

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
