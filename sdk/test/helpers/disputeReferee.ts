// A dispute game without a chain: what the contract checks of each move, literally and with viem's hash, and where the
// moves lead. It shares no line with the players.
import { concat, type Hex, hexToBytes, keccak256, numberToHex, zeroHash } from 'viem'
import { challengerMoves } from '../../src/dispute/challenger.ts'
import { nodeIdOf } from '../../src/dispute/ids.ts'
import { type ClaimKnowledge, Player } from '../../src/dispute/knowledge.ts'
import type { ChallengerMove, Idle, PostedData } from '../../src/dispute/moves.ts'
import { providerMove } from '../../src/dispute/provider.ts'
import type { DisputeNode, DisputePosition, GameReason, GameRules } from '../../src/dispute/types.ts'
import { stepWithWitness } from '../../src/vm/proof/stepWithWitness.ts'
import { firstStateHash } from '../../src/vm/state.ts'

const u = (value: number | bigint, bytes: number): Hex => numberToHex(value, { size: bytes })
const hash = (...parts: Hex[]): Hex => keccak256(concat(parts))
const slice = (data: Hex, from: number, to: number): Hex => `0x${data.slice(2 + 2 * from, 2 + 2 * to)}`

export const rules: GameRules = { moveFee: 5_000n, turnFloor: 10, stepsPerSecond: 1n << 21n }

/** A move that the contract would refuse. */
export class RefusedError extends Error {
  override name = 'RefusedError'
}

function demand(condition: boolean, why: string): asserts condition {
  if (!condition) throw new RefusedError(why)
}

export type Play = {
  end: GameReason | { idle: Idle }
  moves: string[]
  /** Segments that were picked. */
  picks: number[]
  node: DisputeNode
}

/** A game between what two sides know, from the root of a claim; the provider answers until it has nothing to say. */
export async function playGame(parameters: {
  provider?: ClaimKnowledge | undefined
  challenger: ClaimKnowledge
  resultRoot: Hex
  totalSteps: bigint
  tasks: number
}): Promise<Play> {
  const { resultRoot, totalSteps, tasks } = parameters
  const [market, jobId] = ['0x5FbDB2315678afecb367f032d93F642f64180aa3', u(7, 32)] as const
  const players = {
    provider: parameters.provider && new Player(parameters.provider),
    challenger: new Player(parameters.challenger),
  }
  let level = 0
  while (2 ** level < tasks) level++
  const root: DisputeNode = {
    isTrace: false,
    level,
    index: 0,
    steps: 0n,
    from: 0n,
    to: totalSteps,
    start: zeroHash,
    end: resultRoot,
  }
  const claim = { market, jobId, provider: market, tasks, termsHash: zeroHash }
  let position: DisputePosition = { claim, node: root, arrivedAt: 1_000, stretch: 1, moves: 1 }
  const postings = new Map<Hex, PostedData>()
  const path: DisputeNode[] = []
  const play: Play = { end: 'providerLate', moves: [], picks: [], node: root }
  const gameId = u(1, 32)

  for (let now = 1_001; now < 1_500; now++) {
    const situation = { gameId, position, postings, path: [...path], rules, now }
    const decision = await challengerMoves(situation, players.challenger)
    for (const { move } of decision.moves) {
      play.moves.push(move.name)
      if (move.name === 'pick') play.picks.push(move.to.segment)
      const posting = postings.get(nodeIdOf({ market, jobId, node: position.node }))
      const next = judge(move, position, posting, parameters.challenger)
      if (typeof next === 'string') return { ...play, end: next }
      path.push(position.node)
      position = { ...position, node: next, arrivedAt: now, moves: position.moves + 1 }
      play.node = next
    }
    if (decision.moves.length > 0) continue
    const idle = decision.idle ?? 'waiting'
    if (idle !== 'waiting') return { ...play, end: { idle } }
    const answer = players.provider && (await providerMove(situation, players.provider))
    const [made] = answer?.moves ?? []
    if (made?.name === 'timeOut') return { ...play, end: 'challengerLate' }
    if (made === undefined) {
      // its turn passes
      now += 100
      continue
    }
    play.moves.push('post')
    const { node } = position
    postings.set(made.nodeId, { root: checkPosting(node, made.data, tasks), postedAt: now, data: made.data })
  }
  throw new RefusedError(`no end: ${play.moves}`)
}

/** Where a move leads to, or how it ends the game. */
function judge(
  move: ChallengerMove,
  { node, claim }: DisputePosition,
  posting: PostedData | undefined,
  { terms }: ClaimKnowledge,
): DisputeNode | GameReason {
  switch (move.name) {
    case 'descend': {
      const { level, index, hash: child, sum, proof } = move.to
      const below = node.level <= 5 ? 0 : 5 * Math.floor((node.level - 1) / 5)
      demand(!node.isTrace && level <= below, 'level')
      const reached = climbSums(child, sum, index, proof)
      demand(reached.hash === node.end && index >> (node.level - level) === node.index, 'proof')
      if (reached.sum !== node.to) return 'wrongSum'
      if (level === 0 && index >= claim.tasks) {
        demand(child !== zeroHash || sum !== 0n, 'no task')
        return 'wrongPadding'
      }
      return { ...node, level, index, to: sum, end: child }
    }
    case 'enter': {
      const { row, leafIndex, program, inputRoot, inputLength, inputProof } = move.entry
      demand(!node.isTrace && node.level === 0, 'leaf')
      demand(hash('0x04', u(leafIndex, 4), row) === node.end, 'row')
      if (leafIndex !== node.index) return 'wrongTask'
      if (!isPossible(row, node.to, terms)) return 'wrongRow'
      let input = hash('0x06', u(node.index, 4), inputRoot, u(inputLength, 8))
      for (const [at, beside] of inputProof.entries())
        input = (node.index >> at) % 2 === 0 ? hash(input, beside) : hash(beside, input)
      demand(input === terms.inputsRoot, 'input')
      const { memoryRoot, globalsRoot, tableRoot, codeRoot, entry, initialPages, maxPages, version } = program
      const rest = hash(memoryRoot, globalsRoot, tableRoot, u(entry, 4), u(initialPages, 4))
      demand(hash('0x08', codeRoot, u(maxPages, 4), u(version, 2), rest) === terms.programId, 'program')
      const taskInput = hash('0x05', inputRoot, u(inputLength, 8))
      const start = firstStateHash(
        { ...terms, taskInput },
        { entry, initialPages, roots: { memory: memoryRoot, globals: globalsRoot } },
      )
      return { ...node, isTrace: true, steps: node.to, start, end: hash('0x02', row) }
    }
    case 'pick': {
      const { segment, start, end, proof } = move.to
      demand(node.isTrace && posting !== undefined, 'posted')
      let at = hash(start, end)
      for (const [height, beside] of proof.entries())
        at = (segment >> height) % 2 === 0 ? hash(at, beside) : hash(beside, at)
      demand(at === posting.root, 'segment')
      const length = node.to - node.from
      const count = length < 32n ? length : 32n
      const from = node.from + (BigInt(segment) * length) / count
      const to = node.from + (BigInt(segment + 1) * length) / count
      return { ...node, from, to, start, end }
    }
    case 'prove': {
      demand(node.isTrace && node.to - node.from === 1n, 'one step')
      const { before, after } = stepWithWitness(hexToBytes(move.witness))
      demand(before === node.start, 'state')
      return after === node.end ? 'rightStep' : 'wrongStep'
    }
    case 'timeOut':
      return 'providerLate'
  }
}

/** The root of a posting that makes the node. */
function checkPosting(node: DisputeNode, data: Hex, tasks: number): Hex {
  const size = (data.length - 2) / 2
  if (node.isTrace) {
    const length = node.to - node.from
    const count = Number(length < 32n ? length : 32n)
    demand(size === 32 * (count - 1), 'states')
    const states = [
      node.start,
      ...Array.from({ length: count - 1 }, (_, j) => slice(data, 32 * j, 32 * j + 32)),
      node.end,
    ]
    let nodes: Hex[] = Array.from({ length: 32 }, (_, j) =>
      j < count ? hash(states[j]!, states[j + 1]!) : zeroHash,
    )
    while (nodes.length > 1)
      nodes = nodes.filter((_, j) => j % 2 === 0).map((left, j) => hash(left, nodes[2 * j + 1]!))
    return nodes[0]!
  }
  const low = node.level <= 5 ? 0 : 5 * Math.floor((node.level - 1) / 5)
  const first = node.index * 2 ** (node.level - low)
  const children = Array.from({ length: 2 ** (node.level - low) }, (_, at): { hash: Hex; sum: bigint } => {
    if (low > 0)
      return {
        hash: slice(data, 48 * at, 48 * at + 32),
        sum: BigInt(slice(data, 48 * at + 32, 48 * at + 48)),
      }
    if (first + at >= tasks) return { hash: zeroHash, sum: 0n }
    const row = slice(data, 53 * at, 53 * at + 53)
    return { hash: hash('0x04', u(first + at, 4), row), sum: BigInt(slice(row, 45, 53)) }
  })
  let level = children
  while (level.length > 1)
    level = level
      .filter((_, j) => j % 2 === 0)
      .map((left, j) => {
        const right = level[2 * j + 1]!
        return {
          hash: hash(left.hash, u(left.sum, 16), right.hash, u(right.sum, 16)),
          sum: left.sum + right.sum,
        }
      })
  demand(level[0]!.hash === node.end && level[0]!.sum === node.to, 'posting')
  return zeroHash
}

function climbSums(node: Hex, sum: bigint, index: number, proof: Hex): { hash: Hex; sum: bigint } {
  let [at, total] = [node, sum]
  for (let level = 0; level < (proof.length - 2) / 96; level++) {
    const beside = slice(proof, 48 * level, 48 * level + 32)
    const besideSum = BigInt(slice(proof, 48 * level + 32, 48 * level + 48))
    const isLeft = Math.floor(index / 2 ** level) % 2 === 0
    at = isLeft
      ? hash(at, u(total, 16), beside, u(besideSum, 16))
      : hash(beside, u(besideSum, 16), at, u(total, 16))
    total += besideSum
  }
  return { hash: at, sum: total }
}

function isPossible(row: Hex, sum: bigint, { stepLimit, maxOutput }: ClaimKnowledge['terms']): boolean {
  const status = Number(slice(row, 0, 1))
  const exitCode = Number(slice(row, 1, 5))
  const [length, steps] = [BigInt(slice(row, 37, 45)), BigInt(slice(row, 45, 53))]
  if (status < 1 || status > 3 || steps === 0n || steps !== sum || steps > stepLimit) return false
  if (length > 2n ** 30n || length > BigInt(maxOutput)) return false
  if (length === 0n && slice(row, 5, 37) !== emptyRoot) return false
  if (status !== 1 && (exitCode !== 0 || length !== 0n)) return false
  return status !== 3 || steps === stepLimit
}

/** Root of the tree of depth 23 over zero leaves. */
const emptyRoot = Array.from({ length: 23 }).reduce<Hex>(
  (node) => hash(node, node),
  hash('0x00', `0x${'00'.repeat(128)}`),
)
