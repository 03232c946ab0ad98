import { hexToBytes } from '@noble/hashes/utils.js'
import { sameHash, toHex } from '../trees/bytes.ts'
import { decodeLeaves, resultFault } from '../trees/result.ts'
import { sameBytes } from '../vm/bytes.ts'
import { stepWithWitness } from '../vm/proof/stepWithWitness.ts'
import { isSingleStep, turnsOf } from './clock.ts'
import { enteredNode, type Player } from './knowledge.ts'
import {
  type ChallengerStep,
  type Decision,
  type Idle,
  type PostedData,
  postingAt,
  type Situation,
} from './moves.ts'
import {
  isOther,
  leafOf,
  ownNodes,
  type ResultNodes,
  readPosting,
  resultDisputeNode,
  rowAt,
  tasksUnder,
} from './results.ts'
import { firstDifference, readStates, segmentNode, segmentsOf, splitPoints } from './split.ts'
import type { Urgency } from './tracePool.ts'
import type { Descent, DisputeNode, DisputePosition, FirstMoves, ResultNode } from './types.ts'

/** A move, or why there is none. */
type Step = (ChallengerStep & { idle?: undefined }) | { idle: Idle }

/**
 * What a challenger does in a game: it goes to the first part of the claim that is not what its own execution gave, down to
 * one step, which it proves. The moves are all that can be made now, one after the other in one transaction.
 * @throws {FastMachineError} if the host gives no memory for the task
 */
export async function challengerMoves(
  situation: Situation,
  player: Player,
): Promise<Decision<ChallengerStep>> {
  const { position, postings, rules, now } = situation
  const turns = turnsOf(position, postingAt(position, postings), rules)
  if (now > turns.deadline)
    return turns.turn === 'provider'
      ? { turns, moves: [{ move: { name: 'timeOut' } }] }
      : { turns, moves: [], idle: 'late' }

  const moves: ChallengerStep[] = []
  const path = [...situation.path]
  let at = position
  for (;;) {
    const step = await stepFrom({
      at,
      path,
      situation,
      player,
      urgency: { deadline: turns.deadline, isOver: situation.isOver },
    })
    if (step.idle === undefined) moves.push(step)
    if (step.idle !== undefined || step.to === undefined) {
      const [first, ...rest] = moves
      if (first !== undefined) return { turns, moves: [first, ...rest] }
      return { turns, moves: [], idle: step.idle ?? 'waiting' }
    }
    path.push(at.node)
    at = { ...at, node: step.to, arrivedAt: now, moves: at.moves + 1 }
  }
}

/** Why a challenger does not begin. */
export type NoGame = 'agrees' | 'notExecuted'

/**
 * With what a challenger begins: where rows of this result are published, it goes straight to the first task whose row is
 * not its own, and into its trace. Without them it begins at the root, if it has executed all tasks.
 * @returns why it does not: all that it can compare is its own, or it could only bet
 */
export function firstMoves(tasks: number, root: DisputeNode, player: Player): FirstMoves | NoGame {
  const sums = wrongSum(root, tasks, player)
  const published = publishedUnder(root, tasks, player)
  if (sums === undefined && published === undefined) {
    const own = ownNodes(player.knowledge.rows, tasks, root)
    // to open with a sample alone would be to bet that it is of what is wrong
    if (own === undefined) return 'notExecuted'
    if (!isOther(resultNodeOf(root), own.top)) return 'agrees'
    return { descents: [], entries: [] }
  }
  const task = sums === undefined ? firstOther(root, tasks, player, published!.rows) : 0
  if (task === undefined) return 'agrees'
  if (root.level > 0 && sums !== undefined)
    return { descents: [descentTo(sums.node(0, 0), root, sums)], entries: [] }
  // without rows of this very claim it is one task whose sum is wrong: the row is whichever makes the leaf
  const known = published ?? player.published(tasks)
  const rows = [known && rowAt(known.rows, task), player.knowledge.rows.get(task)]
  const row =
    published === undefined ? rows.find((one) => one && sameHash(leafOf(task, one), root.end))! : rows[0]!
  return {
    descents: root.level === 0 ? [] : [descentTo(published!.tree.node(0, task), root, published!.tree)],
    entries: [player.entryOf(task, row)],
  }
}

type Here = {
  at: DisputePosition
  path: readonly DisputeNode[]
  situation: Situation
  player: Player
  urgency: Urgency
}

async function stepFrom(here: Here): Promise<Step> {
  const { at, situation } = here
  const posting = postingAt(at, situation.postings)
  // one that came too late for this game is none
  const counts = turnsOf(at, posting, situation.rules).turn === 'challenger' ? posting : undefined
  if (isSingleStep(at.node)) return prove(here)
  if (at.node.isTrace) return counts === undefined ? { idle: 'waiting' } : pick(here, counts)
  return at.node.level === 0 ? enter(here, counts) : descend(here, counts)
}

function descend({ at, player }: Here, posting: PostedData | undefined): Step {
  const { node, claim } = at
  const { tasks } = claim
  const sums = wrongSum(node, tasks, player)
  if (sums !== undefined) {
    const to = descentTo(sums.node(0, node.index * 2 ** node.level), node, sums)
    return { move: { name: 'descend', to } }
  }
  const published = publishedUnder(node, tasks, player)
  if (published !== undefined) {
    const task = firstOther(node, tasks, player, published.rows)
    if (task === undefined) return { idle: 'agrees' }
    return descentStep(published.tree.node(0, task), node, published.tree)
  }
  if (posting === undefined) return { idle: 'waiting' }
  const posted = readPosting(node, hexToBytes(posting.data.slice(2)), tasks)
  const { rows } = player.knowledge
  let isComplete = true
  let promising: ResultNode | undefined
  for (const child of posted.bottom()) {
    const own = ownNodes(rows, tasks, child)?.top
    if (own !== undefined && isOther(child, own)) return descentStep(child, node, posted)
    if (own !== undefined) continue
    isComplete = false
    if (promising === undefined && tasksUnder(child, tasks).some((task) => rows.has(task))) promising = child
  }
  if (isComplete) return { idle: 'agrees' }
  return promising === undefined ? { idle: 'notExecuted' } : descentStep(promising, node, posted)
}

function enter(here: Here, posting: PostedData | undefined): Step {
  const { at, player } = here
  const { node } = at
  const task = node.index
  const row = claimedRow(here, posting)
  if (row === undefined) return { idle: 'waiting' }
  const own = player.knowledge.rows.get(task)
  if (own === undefined) return { idle: 'notExecuted' }
  const isWrong = !canBe(row, node, player)
  if (sameBytes(own, row) && !isWrong) return { idle: 'agrees' }
  const entry = player.entryOf(task, row)
  const to = isWrong ? undefined : enteredNode(entry)
  return { move: { name: 'enter', entry }, ...(to === undefined ? {} : { to }) }
}

async function pick({ at, player, urgency }: Here, posting: PostedData): Promise<Step> {
  const { node } = at
  const claimed = readStates(node, posting.data)
  const own = await player.statesOf(node.index, urgency).hashesAt(splitPoints(node))
  if (!sameHash(own[0]!, node.start)) return { idle: 'differs' }
  const segment = firstDifference(claimed, own)
  if (segment === undefined) return { idle: 'agrees' }
  const to = segmentNode(node, segment, claimed)
  const proof = segmentsOf(claimed).proof(segment)
  return { move: { name: 'pick', to: { segment, start: to.start, end: to.end, proof } }, to }
}

async function prove({ at, player, urgency }: Here): Promise<Step> {
  const { index, from, to, start, end } = at.node
  const states = player.statesOf(index, urgency)
  const [before, after] = await states.hashesAt([from, to])
  if (!sameHash(before!, start)) return { idle: 'differs' }
  if (sameHash(after!, end)) return { idle: 'agrees' }
  const witness = await states.witnessAt(from)
  // what the contract will say: a step that it finds right loses the game
  const judged = stepWithWitness(witness)
  if (!sameHash(judged.before, start) || sameHash(judged.after, end)) return { idle: 'differs' }
  return { move: { name: 'prove', witness: toHex(witness) } }
}

function descentStep(child: ResultNode, node: DisputeNode, nodes: ResultNodes): Step {
  return { move: { name: 'descend', to: descentTo(child, node, nodes) }, to: resultDisputeNode(child) }
}

function descentTo(child: ResultNode, node: DisputeNode, nodes: ResultNodes): Descent {
  const { level, index, hash, steps } = child
  return { level, index, hash, sum: steps, proof: nodes.proof(child, node.level) }
}

/** What the provider publishes, where its tree has the node. */
function publishedUnder(node: DisputeNode, tasks: number, player: Player) {
  const published = player.published(tasks)
  if (published === undefined || node.index * 2 ** node.level >= tasks) return undefined
  return isOther(published.tree.node(node.level, node.index), resultNodeOf(node)) ? undefined : published
}

function resultNodeOf({ level, index, end, to }: DisputeNode): ResultNode {
  return { level, index, hash: end, steps: to }
}

/** The first task under a node that was executed and whose row is another one. */
function firstOther(
  node: DisputeNode,
  tasks: number,
  player: Player,
  claimed: Uint8Array,
): number | undefined {
  const { rows } = player.knowledge
  return tasksUnder(node, tasks).find((task) => {
    const own = rows.get(task)
    return own !== undefined && !sameBytes(own, rowAt(claimed, task))
  })
}

/** A tree with the node's hash and another sum: to show it wins. */
function wrongSum(node: DisputeNode, tasks: number, player: Player): ResultNodes | undefined {
  const { level, index } = node
  const isUnderTasks = index * 2 ** level < tasks
  const known = [
    isUnderTasks ? player.published(tasks)?.tree : undefined,
    ownNodes(player.knowledge.rows, tasks, node),
  ]
  return known.find((tree) => {
    const own = tree?.node(level, index)
    return own !== undefined && own.steps !== node.to && sameHash(own.hash, node.end)
  })
}

/** The row in dispute at a leaf: published, or posted for it or for a node above it. */
function claimedRow({ at, path, situation, player }: Here, posting: PostedData | undefined) {
  const { claim, node } = at
  const { tasks } = claim
  const isClaimed = (row: Uint8Array | undefined) =>
    row !== undefined && sameHash(leafOf(node.index, row), node.end)
  const published = player.published(tasks)
  const candidates = [published && rowAt(published.rows, node.index)]
  if (posting !== undefined) candidates.push(hexToBytes(posting.data.slice(2)))
  for (const above of path) {
    const posted = above.isTrace ? undefined : postingAt({ ...at, node: above }, situation.postings)
    if (posted !== undefined)
      candidates.push(readPosting(above, hexToBytes(posted.data.slice(2)), tasks).rows.get(node.index))
  }
  return candidates.find(isClaimed)
}

/** Whether a task of the job can have this row and this sum; with others a game is won by entering. */
function canBe(row: Uint8Array, { to }: DisputeNode, { knowledge }: Player): boolean {
  try {
    const [result] = decodeLeaves(row)
    return result!.steps === to && resultFault(result!, knowledge.terms) === undefined
  } catch {
    return false
  }
}
