import type { Hex } from 'viem'
import type { Turns } from './clock.ts'
import { nodeIdOf } from './ids.ts'
import type { Descent, DisputePosition, Entry, GameRules, NodePosting, Pick } from './types.ts'

/** A posting with what was posted, as its event has it. */
export type PostedData = NodePosting & { data: Hex }

/** What is posted about the nodes of a claim, by node id. */
export type Postings = ReadonlyMap<Hex, PostedData>

/** What a player decides by. */
export type Situation = {
  gameId: Hex
  position: DisputePosition
  /** What is posted about this claim. */
  postings: Postings
  /** Nodes at which the game was before, the root first. */
  path: readonly DisputePosition['node'][]
  rules: GameRules
  /** Time of the block that a move would stand in, at least. */
  now: number
  /** Whether it is too late for what is being decided, or no longer needed: then executions for it are given up. */
  isOver?: (() => boolean) | undefined
}

export type ProviderMove =
  | { name: 'post'; nodeId: Hex; data: Hex }
  /** The challenger was late. */
  | { name: 'timeOut' }

export type ChallengerMove =
  | { name: 'descend'; to: Descent }
  | { name: 'enter'; entry: Entry }
  | { name: 'pick'; to: Pick }
  | { name: 'prove'; witness: Hex }
  /** The provider was late. */
  | { name: 'timeOut' }

/** Why a player does nothing. */
export type Idle =
  /** The other one is to move. */
  | 'waiting'
  /** Its own turn has passed. */
  | 'late'
  /** Its own execution says what the claim says: there is nothing to dispute, or no longer. */
  | 'agrees'
  /** It has not executed what it would have to know. */
  | 'notExecuted'
  /** Its own execution does not lead to what it claimed, or not to where the game is. */
  | 'differs'

/** A challenger's move, and the node that it leads to: none where the game ends. */
export type ChallengerStep = { move: ChallengerMove; to?: DisputePosition['node'] | undefined }

/** Moves to be made in one transaction, or why there are none. */
export type Decision<move> = { turns: Turns } & (
  | { moves: readonly [move, ...move[]]; idle?: undefined }
  | { moves: readonly []; idle: Idle }
)

/** What is posted about the node at which a game is. */
export function postingAt({ claim, node }: DisputePosition, postings: Postings): PostedData | undefined {
  return postings.get(nodeIdOf({ market: claim.market, jobId: claim.jobId, node }))
}
