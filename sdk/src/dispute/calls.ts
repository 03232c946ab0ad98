import { type Address, encodeFunctionData, type Hex } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import { collectReward } from '../actions/collectReward.ts'
import { descend } from '../actions/descend.ts'
import { enterTrace } from '../actions/enterTrace.ts'
import { pickSegment } from '../actions/pickSegment.ts'
import { postNode } from '../actions/postNode.ts'
import { postNodes } from '../actions/postNodes.ts'
import { proveStep } from '../actions/proveStep.ts'
import { timeOutGame } from '../actions/timeOutGame.ts'
import type { ContractCall } from '../utils/writeMarket.ts'
import { type ChallengerMove, type ChallengerStep, postingAt, type Situation } from './moves.ts'
import { type Answer, type DisputePosition, type NodePosting, nothingPosted } from './types.ts'

/** The calls that make a challenger's moves, one after the other: each is made from where the one before it led to. */
export function challengerCalls(
  game: Address,
  { gameId, position, postings }: Pick<Situation, 'gameId' | 'position' | 'postings'>,
  steps: readonly ChallengerStep[],
): ContractCall[] {
  return steps.map(({ move }, index) => {
    const from = steps[index - 1]?.to
    const at: DisputePosition =
      from === undefined ? position : { ...position, node: from, arrivedAt: 0, moves: position.moves + index }
    return callOf(game, gameId, at, shortOf(postingAt(at, postings)), move)
  })
}

function callOf(
  game: Address,
  gameId: Hex,
  position: DisputePosition,
  posting: NodePosting | undefined,
  move: ChallengerMove,
): ContractCall {
  switch (move.name) {
    case 'descend':
      return descend.call({ game, position, posting, to: move.to })
    case 'enter':
      return enterTrace.call({ game, position, posting, entry: move.entry })
    case 'pick':
      return pickSegment.call({ game, position, posting: posting ?? nothingPosted, to: move.to })
    case 'prove':
      return proveStep.call({ game, gameId, position, witness: move.witness })
    case 'timeOut':
      return timeOutGame.call({ game, gameId, position, posting })
  }
}

/** Several calls of a game in one transaction. */
export function inOne(game: Address, calls: readonly ContractCall[]): ContractCall {
  const [only] = calls
  if (calls.length === 1) return only!
  const data = calls.map((call) => encodeFunctionData(call as never))
  return { abi: disputeGameAbi, address: game, functionName: 'multicall', args: [data] }
}

/** The call that makes one or several postings. */
export function postingCall(game: Address, answers: readonly Answer[]): ContractCall {
  const [only] = answers
  return answers.length === 1 ? postNode.call({ game, ...only! }) : postNodes.call({ game, answers })
}

/** The call that ends a game in which somebody was late. */
export function timeOutCall(
  game: Address,
  { gameId, position, postings }: Pick<Situation, 'gameId' | 'position' | 'postings'>,
): ContractCall {
  return timeOutGame.call({ game, gameId, position, posting: shortOf(postingAt(position, postings)) })
}

export function collectCall(game: Address, gameId: Hex, position: DisputePosition): ContractCall {
  return collectReward.call({ game, gameId, position })
}

function shortOf(posting: NodePosting | undefined): NodePosting | undefined {
  return posting && { root: posting.root, postedAt: posting.postedAt }
}
