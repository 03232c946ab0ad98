import { hexToBytes } from '@noble/hashes/utils.js'
import type { Hex } from 'viem'
import { sameHash } from '../trees/bytes.ts'
import type { Program } from '../vm/program.ts'
import { type TraceStep, trace } from '../vm/trace/trace.ts'
import { isSingleStep } from './clock.ts'
import { type Disputes, type Game, type Place, type Posted, postingsOnPath } from './games.ts'
import type { ClaimKnowledge } from './knowledge.ts'
import { leafOf, readPosting, rowAt } from './results.ts'
import { splitPoints } from './split.ts'
import type { DisputeNode } from './types.ts'

/** One thing that a side did in a game. */
export type ExplainedMove = {
  by: 'challenger' | 'provider'
  name: 'open' | 'descend' | 'enter' | 'pick' | 'post'
  /** Where the move led to; of a posting, what it is about. */
  node: DisputeNode
  /** Unix time. */
  time: number
  place: Place
  /** Of a posting: how many rows, nodes or states it shows. */
  shown?: { rows: number } | { nodes: number } | { states: number } | undefined
  /** Of a pick: which of how many segments. */
  segment?: { index: number; of: number } | undefined
}

/** The instruction that a game came down to, and what each side says that it does. */
export type DisputedStep = {
  /** Steps before it. */
  step: bigint
  /** The instruction with its operands, as one's own execution has it; undefined where that ended before. */
  instruction: TraceStep | undefined
  /** The state that both sides agree on. */
  before: Hex
  /** The next one, as the provider claims and as one's own execution has it. */
  claimed: Hex
  own: Hex
}

export type GameExplanation = {
  moves: ExplainedMove[]
  /** Where it is known: the row that the provider claims for the task that the game came to, and one's own. */
  rows?: { task: number; claimed: Uint8Array | undefined; own: Uint8Array | undefined } | undefined
  /** Where the game came down to one step and the task is known. */
  step?: DisputedStep | undefined
}

/**
 * Tells a game move by move, down to the disputed instruction with its operands and what both sides make of it.
 * @param knowledge - Of the game's job, with a translated program; without it the moves alone are told.
 * @throws {FastMachineError} if the host gives no memory for the task
 */
export function explainGame(parameters: {
  game: Game
  postings: Disputes['postings']
  knowledge?: (Omit<ClaimKnowledge, 'program'> & { program: Program }) | undefined
}): GameExplanation {
  const { game, postings, knowledge } = parameters
  const { tasks } = game.position.claim
  const posted = postingsOnPath(game, postings)
  const moves = game.path.flatMap(({ move: name, node, arrivedAt: time, ...place }, at): ExplainedMove[] => {
    const before = game.path[at - 1]?.node
    const segment = name === 'pick' && before !== undefined ? segmentOf(before, node) : undefined
    const arrival: ExplainedMove = { by: 'challenger', name, node, time, place, ...(segment && { segment }) }
    const posting = posted[at]
    // posted for another game, it may be older than the arrival
    return posting === undefined ? [arrival] : [arrival, explainPosting(node, posting)]
  })
  moves.sort(inOrder)
  if (knowledge === undefined) return { moves }
  const last = game.position.node
  if (!last.isTrace && last.level > 0) return { moves }
  const claimed = rowOnPath(game, posted, tasks, knowledge.published)
  const rows = { task: last.index, claimed, own: knowledge.rows.get(last.index) }
  return { moves, rows, ...(isSingleStep(last) && { step: explainStep(last, knowledge) }) }
}

function explainStep(
  { index, from, start, end }: DisputeNode,
  { program, inputs, shared, terms }: Omit<ClaimKnowledge, 'program'> & { program: Program },
): DisputedStep {
  const { stepLimit, maxOutput } = terms
  const task = { program, input: inputs[index]!, shared, stepLimit, maxOutput }
  const { steps, last } = trace({ task, from, to: from + 1n, withStates: true })
  return { step: from, instruction: steps[0], before: start, claimed: end, own: last.stateHash! }
}

function explainPosting(node: DisputeNode, { postedAt, data, ...posted }: Posted): ExplainedMove {
  const { blockNumber, logIndex, transactionHash } = posted
  const place: Place = { blockNumber, logIndex, transactionHash }
  const size = (data.length - 2) / 2
  const shown = node.isTrace
    ? { states: size / 32 }
    : node.level <= 5
      ? { rows: Math.ceil(size / 53) }
      : { nodes: size / 48 }
  return { by: 'provider', name: 'post', node, time: postedAt, place, shown }
}

function segmentOf(node: DisputeNode, child: DisputeNode): { index: number; of: number } {
  const points = splitPoints(node)
  return { index: points.indexOf(child.from), of: points.length - 1 }
}

/** The claimed row of the task at which the game is: published, or posted on its way. */
function rowOnPath(
  { path, position }: Game,
  posted: readonly (Posted | undefined)[],
  tasks: number,
  published: Uint8Array | undefined,
): Uint8Array | undefined {
  const task = position.node.index
  const leaf = path.findLast(({ node }) => !node.isTrace)!.node
  const candidates = path.map(({ node }, at) => {
    const posting = posted[at]
    if (node.isTrace || posting === undefined) return undefined
    return readPosting(node, hexToBytes(posting.data.slice(2)), tasks).rows.get(task)
  })
  if (published !== undefined) candidates.push(rowAt(published, task))
  return candidates.find(
    (row) => row?.length === 53 && leaf.level === 0 && sameHash(leafOf(task, row), leaf.end),
  )
}

function inOrder(left: ExplainedMove, right: ExplainedMove): number {
  return (
    Number(left.place.blockNumber - right.place.blockNumber) || left.place.logIndex - right.place.logIndex
  )
}
