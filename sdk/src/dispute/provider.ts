import { concat, type Hex } from 'viem'
import { sameHash } from '../trees/bytes.ts'
import { turnsOf } from './clock.ts'
import { nodeIdOf } from './ids.ts'
import type { Player } from './knowledge.ts'
import { type Decision, type Idle, type ProviderMove, postingAt, type Situation } from './moves.ts'
import { ownNodes, postingOf } from './results.ts'
import { splitPoints } from './split.ts'
import type { Urgency } from './tracePool.ts'
import type { DisputeClaim, DisputeNode } from './types.ts'

/**
 * What the provider of a claim does in a game: it posts what is below the node in dispute, out of its own execution, and
 * ends the game of a challenger that was late. For a single step it does nothing: the challenger has to prove it.
 * @param known - What was posted for the node or is written down to be: then nothing is computed.
 * @throws {FastMachineError} if the host gives no memory for the task
 */
export async function providerMove(
  situation: Situation,
  player: Player,
  known?: Hex | undefined,
): Promise<Decision<ProviderMove>> {
  const { position, postings, rules, now } = situation
  const { claim, node } = position
  const turns = turnsOf(position, postingAt(position, postings), rules)
  const isLate = now > turns.deadline
  if (turns.turn === 'challenger')
    return isLate ? { turns, moves: [{ name: 'timeOut' }] } : { turns, moves: [], idle: 'waiting' }
  if (isLate) return { turns, moves: [], idle: 'late' }
  const posting =
    known === undefined
      ? await postingFor(claim, node, player, { deadline: turns.deadline, isOver: situation.isOver })
      : { data: known }
  if ('idle' in posting) return { turns, moves: [], idle: posting.idle }
  const nodeId = nodeIdOf({ market: claim.market, jobId: claim.jobId, node })
  return { turns, moves: [{ name: 'post', nodeId, data: posting.data }] }
}

/** What one's own execution has below a node, where it leads to the node. */
async function postingFor(
  { tasks }: DisputeClaim,
  node: DisputeNode,
  player: Player,
  urgency: Urgency,
): Promise<{ data: Hex } | { idle: Idle }> {
  if (!node.isTrace) {
    const { rows } = player.knowledge
    const own = ownNodes(rows, tasks, node)?.top
    if (own === undefined) return { idle: 'notExecuted' }
    if (own.steps !== node.to || !sameHash(own.hash, node.end)) return { idle: 'differs' }
    return { data: postingOf(node, tasks, rows) }
  }
  const states = await player.statesOf(node.index, urgency).hashesAt(splitPoints(node))
  const isOwn = sameHash(states[0]!, node.start) && sameHash(states.at(-1)!, node.end)
  return isOwn ? { data: concat(states.slice(1, -1)) } : { idle: 'differs' }
}
