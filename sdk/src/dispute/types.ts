import { type Address, type Hex, zeroHash } from 'viem'

/** The result that a provider submitted for a job. */
export type DisputeClaim = {
  market: Address
  jobId: Hex
  provider: Address
  /** The job's number of tasks. */
  tasks: number
  /** `claimTermsHash`. */
  termsHash: Hex
}

/** What of a job's terms decides the result of a task. */
export type ClaimTerms = {
  programId: Hex
  inputsRoot: Hex
  /** Content hash. */
  sharedInput: Hex
  stepLimit: bigint
  maxOutput: number
  maxPages: number
}

/** A part of a claim: a node of its result tree, or a stretch of one task's trace. */
export type DisputeNode = {
  isTrace: boolean
  /** Of a result node: its height above the leaves. Of a trace: 0. */
  level: number
  /** Of a result node: its place on that level. Of a trace: the task. */
  index: number
  /** Of a trace: the steps claimed for the task. Of a result node: 0. */
  steps: bigint
  /** Of a trace: the step at which it begins. Of a result node: 0. */
  from: bigint
  /** Of a trace: the step at which it ends. Of a result node: the steps under it. */
  to: bigint
  /** Of a trace: the state after `from` steps. Of a result node: the zero word. */
  start: Hex
  /** Of a trace: the state after `to` steps. Of a result node: its hash. */
  end: Hex
}

/** Where a game stands: what its next move is made from. */
export type DisputePosition = {
  claim: DisputeClaim
  node: DisputeNode
  /** When the game came there, unix time. Zero in a call: in the block of the call. */
  arrivedAt: number
  /** By how much the provider's turns are longer than the challenger's. */
  stretch: number
  /** The challenger's moves so far, the opening included. */
  moves: number
}

/** A node of a result tree. */
export type ResultNode = {
  level: number
  index: number
  hash: Hex
  /** Steps of all tasks under it. */
  steps: bigint
}

/** What a program consists of, as contracts take it. */
export type ProgramParts = {
  codeRoot: Hex
  memoryRoot: Hex
  globalsRoot: Hex
  tableRoot: Hex
  entry: number
  initialPages: number
  maxPages: number
  version: number
}

/** The rules of one deployed game; they never change. */
export type GameRules = {
  /** Price of one move, in units. */
  moveFee: bigint
  /** Seconds that every turn has. */
  turnFloor: number
  /** Steps for which a turn has one second more. */
  stepsPerSecond: bigint
}

/** What the provider posted about a node, in short: final, and the same for every game that comes there. */
export type NodePosting = {
  /** Root over the segments of a stretch; the zero word for a result node, and where nothing was posted. */
  root: Hex
  /** Unix time; zero where nothing was posted. */
  postedAt: number
}

export const nothingPosted: NodePosting = { root: zeroHash, postedAt: 0 }

/** A node below another one in the result tree, as contracts take it. */
export type Descent = {
  level: number
  index: number
  hash: Hex
  /** Steps under it. */
  sum: bigint
  /** `hash ‖ steps` of the node beside the path, 48 bytes for each level from the node up. */
  proof: Hex
}

/** What leads from a leaf of the result tree into a task's trace, as contracts take it. */
export type Entry = {
  /** 53 bytes of the leaves file. */
  row: Hex
  /** The task whose index was hashed into the leaf. */
  leafIndex: number
  terms: ClaimTerms
  program: ProgramParts
  /** Content root and length of the task's input, and the nodes beside its path in the inputs tree. */
  inputRoot: Hex
  inputLength: bigint
  inputProof: readonly Hex[]
}

/** One segment of a posted stretch, as contracts take it. */
export type Pick = {
  /** Its number, from 0. */
  segment: number
  /** States at which it begins and ends. */
  start: Hex
  end: Hex
  /** Nodes beside its path, from the leaf up. */
  proof: SegmentProof
}

export type SegmentProof = readonly [Hex, Hex, Hex, Hex, Hex]

/** One of several postings, as contracts take it. */
export type Answer = {
  gameId: Hex
  position: DisputePosition
  data: Hex
}

/** With what a game may begin besides its opening. */
export type FirstMoves = {
  descents: readonly Descent[]
  entries: readonly Entry[]
}

/** What a challenger did, besides opening. */
export type ChallengerMoveName = (typeof challengerMoveNames)[number]
/** In the order of the contract. */
export const challengerMoveNames = ['descend', 'enter', 'pick'] as const

/** Why a game ended. In the order of the contract; all but the last two were won. */
export const gameReasons = [
  'providerLate',
  'wrongSum',
  'wrongPadding',
  'wrongTask',
  'wrongRow',
  'wrongStep',
  'rightStep',
  'challengerLate',
] as const
export type GameReason = (typeof gameReasons)[number]
