export { challengerMoves, firstMoves } from './challenger.ts'
export { lastThird, providerDeadline, type Turns, turnOf, turnsOf } from './clock.ts'
export {
  createDisputeDriver,
  type DisputeDriver,
  type DisputeDriverParameters,
  type DisputeOutcome,
} from './driver.ts'
export { type DisputedStep, type ExplainedMove, explainGame, type GameExplanation } from './explain.ts'
export {
  type Arrival,
  type DisputeEvent,
  type Disputes,
  decodeDisputeEvent,
  foldDisputes,
  type Game,
  type GameStatus,
  noDisputes,
  type Place,
  type Posted,
  postingsOnPath,
} from './games.ts'
export { claimTermsHash, gameIdOf, nodeIdOf, positionHash } from './ids.ts'
export { type DisputeJournal, memoryJournal } from './journal.ts'
export { type ClaimKnowledge, enteredNode, Player, programPartsOf } from './knowledge.ts'
export type {
  ChallengerMove,
  ChallengerStep,
  Decision,
  Idle,
  PostedData,
  Postings,
  ProviderMove,
  Situation,
} from './moves.ts'
export { claimTermsOf, findClaim, type SubmittedClaim } from './opening.ts'
export type { DisputeSender } from './outbox.ts'
export { providerMove } from './provider.ts'
export {
  ownNodes,
  type PostedNodes,
  postingDepth,
  postingOf,
  type ResultNodes,
  readPosting,
  resultDisputeNode,
  resultNodes,
  rootNode,
  rowAt,
} from './results.ts'
export {
  firstDifference,
  readStates,
  type Segments,
  segmentHash,
  segmentNode,
  segmentsOf,
  splitPoints,
} from './split.ts'
export { type TaskStates, TaskTrace, type TaskTraceOptions } from './trace.ts'
export * from './types.ts'
