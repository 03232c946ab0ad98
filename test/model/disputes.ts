/**
 * The dispute game behind level 0, as far as its money goes: games are opened with a bond, descend the result tree, and end
 * by who is late or by a tree that does not add up. (What happens inside a task's trace moves no money of its own.)
 */
import { encodePacked, type Hex, hexToBigInt, keccak256, size, slice, zeroHash } from 'viem'
import { claimTermsHash, gameIdOf, nodeIdOf } from '../../sdk/src/dispute/ids.ts'
import { max, min } from './formulas.ts'
import { Settlement } from './settlement.ts'
import type { Address, Terms } from './terms.ts'
import { type Job, need, resultCommitmentOf } from './types.ts'

/** The rules of the game in the lockstep: a floor that is long beside what chance lets pass, and cheap moves. */
export const gameRules = { moveFee: 701n, turnFloor: 3_600, stepsPerSecond: 1n << 22n }

const ROW = 53
const NODE = 48
const MAX_STRETCH = 32

/** A node of a result tree: height above the leaves, place on that level, hash and steps. */
export interface TreeNode {
  level: number
  index: number
  hash: Hex
  steps: bigint
}

/** A node below another one, with the nodes beside the path between them. */
export interface Descent extends TreeNode {
  proof: Hex
}

/** Where a game stands, as the contract has it. */
export interface Position {
  claim: { market: Address; jobId: Hex; provider: Address; tasks: number; termsHash: Hex }
  node: {
    isTrace: boolean
    level: number
    index: number
    steps: bigint
    from: bigint
    to: bigint
    start: Hex
    end: Hex
  }
  arrivedAt: number
  stretch: number
  moves: number
}

export interface Game {
  challenger: Address
  bond: bigint
  /** Made by the provider for this game. */
  posts: number
  position: Position
}

/** What the game knows of a claim: moves of its games, and once it is rejected what is left for them. */
interface Claim {
  isRejected: boolean
  moves: bigint
  reward: bigint
}

export const reasons = [
  ...['ProviderLate', 'WrongSum', 'WrongPadding', 'WrongTask', 'WrongRow', 'WrongStep'],
  ...['RightStep', 'ChallengerLate'],
]

export abstract class Disputes extends Settlement {
  /** Of each claim, by challenger. */
  readonly games = new Map<Hex, Map<Address, Game>>()
  readonly claims = new Map<Hex, Claim>()
  /** When a node was posted, by claim and place. */
  readonly posted = new Map<string, number>()

  /** The bond arrives and the challenge counts, together. */
  openGame(from: Address, requester: Address, terms: Terms, bond: bigint, root: Hex, steps: bigint): void {
    const id = this.idOf(requester, terms)
    const send = this.sending(from, this.game, bond)
    need(!this.gameOf(id, from), 'DisputeGameExists')
    const challenge = this.opening(this.game, id)
    const job = this.jobs.get(id)!
    need(resultCommitmentOf(root, steps) === job.resultCommitment, 'DisputeWrongResult')
    need(bond >= leastBond(job), 'DisputeBondTooSmall')
    const stretch = Math.min(MAX_STRETCH, 1 + job.openChallenges)
    send()
    challenge()
    const node = { isTrace: false, level: depthOf(job), index: 0, steps: 0n, from: 0n, to: steps }
    const position: Position = {
      claim: this.claimOf(job),
      node: { ...node, start: zeroHash, end: root },
      ...{ arrivedAt: this.now, stretch, moves: 1 },
    }
    const games = this.games.get(id) ?? new Map<Address, Game>()
    this.games.set(id, games.set(from, { challenger: from, bond, posts: 0, position }))
    this.emit('GameOpened', { gameId: idOf(from, position), jobId: id, challenger: from, position, bond })
  }

  /** The provider shows what is below a node, once and for every game. */
  postNode(from: Address, challenger: Address, position: Position, data: Hex): void {
    const game = this.gameAt(challenger, position)
    need(from === position.claim.provider, 'DisputeNotProvider')
    need(this.now <= providersEnd(position), 'DisputeProviderLate')
    need(this.postedAt(position) === 0, 'DisputeNodePosted')
    need(size(data) === sizeBelow(position), 'DisputeWrongDataSize')
    const { hash, steps } = fold(position, data)
    need(hash === position.node.end && steps === position.node.to, 'DisputeWrongData')
    this.posted.set(placeOf(position), this.now)
    game.posts += 1
    const nodeId = nodeIdOf({ ...position.claim, node: position.node })
    this.emit('NodePosted', { nodeId, gameId: idOf(challenger, position), postedAt: this.now, data })
  }

  /** The challenger goes down to a node, or shows that the tree above it does not add up. */
  descend(from: Address, position: Position, postedAt: number, to: Descent): void {
    const game = this.gameAt(from, position)
    const { node, claim } = position
    this.requireChallengersTurn(position, postedAt)
    need(node.level > 0, 'DisputeWrongNode')
    need(to.level <= levelBelow(node.level), 'DisputeWrongLevel')
    const top = climb(to)
    const isUnder = Math.floor(to.index / 2 ** (node.level - to.level)) === node.index
    need(top.hash === node.end && isUnder, 'DisputeWrongProof')
    const isPadding = to.level === 0 && to.index >= claim.tasks
    if (top.steps === node.to) need(!isPadding || to.hash !== zeroHash || to.steps !== 0n, 'DisputeNoTask')
    game.position = { ...position, moves: position.moves + 1 }
    this.claimStateOf(claim.jobId).moves += 1n
    if (top.steps !== node.to || isPadding) {
      this.win(game, top.steps !== node.to ? 'WrongSum' : 'WrongPadding')
      return
    }
    const { level, index, hash: end, steps } = to
    Object.assign(game.position, { node: { ...node, level, index, to: steps, end }, arrivedAt: this.now })
    this.emit('GameMoved', { gameId: idOf(from, position), move: 0, position: game.position })
  }

  /** Who was late loses. */
  timeOut(_from: Address, challenger: Address, position: Position, postedAt: number): void {
    const game = this.gameAt(challenger, position)
    need(postedAt === this.postedAt(position), 'DisputeWrongPosting')
    if (postedAt === 0 || postedAt > providersEnd(position)) {
      need(this.now > providersEnd(position), 'DisputeTooEarly')
      this.win(game, 'ProviderLate')
      return
    }
    need(this.now > challengersEnd(position, postedAt), 'DisputeTooEarly')
    this.lose(game, 'ChallengerLate')
  }

  /** What another one's win leaves to a game that was open. */
  collect(_from: Address, challenger: Address, position: Position): void {
    const game = this.standing(challenger, position)
    const claim = this.claimStateOf(position.claim.jobId)
    need(claim.isRejected, 'DisputeClaimNotRejected')
    const reward = (claim.reward * BigInt(position.moves)) / claim.moves
    claim.moves -= BigInt(position.moves)
    claim.reward -= reward
    this.over(game)
    const { jobId } = position.claim
    this.emit('GameCollected', { gameId: idOf(challenger, position), jobId, bond: game.bond, reward })
    this.transfer(this.game, challenger, game.bond + reward, '0x')
  }

  // Questions

  gameOf(id: Hex, challenger: Address): Game | undefined {
    return this.games.get(id)?.get(challenger)
  }

  /** Every game that is not over. */
  openGames(): Game[] {
    return [...this.games.values()].flatMap((games) => [...games.values()])
  }

  claimStateOf(id: Hex): Claim {
    const claim = this.claims.get(id) ?? { isRejected: false, moves: 0n, reward: 0n }
    this.claims.set(id, claim)
    return claim
  }

  /** When the node was posted, zero if it was not. */
  postedAt(position: Position): number {
    return this.posted.get(placeOf(position)) ?? 0
  }

  /** The last second of whose turn it is. */
  turnEnd(position: Position): number {
    const postedAt = this.postedAt(position)
    const isLate = postedAt === 0 || postedAt > providersEnd(position)
    return isLate ? providersEnd(position) : challengersEnd(position, postedAt)
  }

  // Steps that several calls share

  private win(game: Game, reason: string): void {
    const { claim, moves } = game.position
    const { jobId } = claim
    const job = this.jobs.get(jobId)!
    const state = this.claimStateOf(jobId)
    const open = job.openChallenges
    const before = this.account(this.game).balance
    const price = BigInt(moves) * gameRules.moveFee
    this.over(game)
    this.reject(this.game, jobId, price)
    const slash = this.account(this.game).balance - before
    // the others' moves: those counted without their openings, and an opening each
    const others = state.moves - BigInt(moves - 1) + BigInt(open - 1)
    const reward = max(min(slash, price), (slash * BigInt(moves)) / (BigInt(moves) + others))
    Object.assign(state, { isRejected: true, moves: others, reward: slash - reward })
    const paid = game.bond + reward
    const gameId = idOf(game.challenger, game.position)
    this.emit('GameWon', { gameId, jobId, reason: reasons.indexOf(reason), paid })
    this.transfer(this.game, game.challenger, paid, '0x')
  }

  private lose(game: Game, reason: string): void {
    const { claim, moves } = game.position
    const { jobId, provider } = claim
    this.over(game)
    this.claimStateOf(jobId).moves -= BigInt(moves - 1)
    const rest = max(0n, game.bond - BigInt(game.posts) * gameRules.moveFee)
    const toReserve = (rest + 1n) / 2n
    const toProvider = game.bond - toReserve
    const gameId = idOf(game.challenger, game.position)
    this.emit('GameLost', { gameId, jobId, reason: reasons.indexOf(reason), toProvider, toReserve })
    this.challengeClosed(this.game, jobId)
    if (toProvider > 0n) this.transfer(this.game, provider, toProvider, '0x')
    if (toReserve > 0n) this.transfer(this.game, this.address, toReserve, '0x')
  }

  private over({ challenger, position }: Game): void {
    this.games.get(position.claim.jobId)!.delete(challenger)
  }

  private gameAt(challenger: Address, position: Position): Game {
    const game = this.standing(challenger, position)
    need(!this.claimStateOf(position.claim.jobId).isRejected, 'DisputeClaimRejected')
    return game
  }

  private standing(challenger: Address, position: Position): Game {
    const game = this.gameOf(position.claim.jobId, challenger)
    need(game !== undefined && isSame(game.position, position), 'DisputeWrongPosition')
    return game
  }

  private requireChallengersTurn(position: Position, postedAt: number): void {
    need(postedAt === this.postedAt(position), 'DisputeWrongPosting')
    need((postedAt || this.now) <= providersEnd(position), 'DisputeProviderLate')
    need(postedAt === 0 || this.now <= challengersEnd(position, postedAt), 'DisputeChallengerLate')
  }

  private claimOf({ id, provider, terms }: Job): Position['claim'] {
    const termsHash = claimTermsHash({ ...terms, maxOutput: Number(terms.maxOutput) })
    return { market: this.address, jobId: id, provider, tasks: terms.tasks, termsHash }
  }
}

/** `moveFee` for each posting of the longest game and four more, rising by a sixteenth with each open challenge. */
export function leastBond({ terms, openChallenges }: Job): bigint {
  const descents = Math.ceil(depthOf({ terms }) / 5)
  let picks = 0
  for (let reach = 1n; reach < terms.stepLimit; reach *= 32n) picks += 1
  const sixteenths = gameRules.moveFee * BigInt(descents + picks + 4) * BigInt(16 + openChallenges)
  return (sixteenths + 15n) / 16n
}

/** The level that a posting shows of a node: the next one below that is divisible by five. */
export function levelBelow(level: number): number {
  return level === 0 ? 0 : Math.floor((level - 1) / 5) * 5
}

/** The tasks of a job fill a tree of that height. */
export function depthOf({ terms }: Pick<Job, 'terms'>): number {
  return Math.ceil(Math.log2(terms.tasks))
}

function idOf(challenger: Address, { claim: { market, jobId } }: Position): Hex {
  return gameIdOf({ market, jobId, challenger })
}

function providersEnd({ arrivedAt, stretch }: Position): number {
  return arrivedAt + gameRules.turnFloor * stretch
}

function challengersEnd({ arrivedAt }: Position, postedAt: number): number {
  return Math.max(arrivedAt, postedAt) + gameRules.turnFloor
}

function sizeBelow({ claim, node: { level, index } }: Position): number {
  const below = levelBelow(level)
  if (below > 0) return 2 ** (level - below) * NODE
  return Math.max(0, Math.min(claim.tasks - index * 2 ** level, 2 ** level)) * ROW
}

/** The node that posted rows, or nodes, make. */
function fold({ node: { level, index } }: Position, data: Hex): { hash: Hex; steps: bigint } {
  const below = levelBelow(level)
  const at = (from: number, to: number) => slice(data, from, to)
  const count = 2 ** (level - below)
  let nodes = Array.from({ length: count }, (_, i) => {
    if (below > 0)
      return {
        hash: at(i * NODE, i * NODE + 32),
        steps: hexToBigInt(at(i * NODE + 32, (i + 1) * NODE)),
      }
    if ((i + 1) * ROW > size(data)) return { hash: zeroHash as Hex, steps: 0n }
    const row = at(i * ROW, (i + 1) * ROW)
    const leaf = encodePacked(['uint8', 'uint32', 'bytes'], [4, index * count + i, row])
    return { hash: keccak256(leaf), steps: hexToBigInt(slice(row, ROW - 8)) }
  })
  while (nodes.length > 1)
    nodes = Array.from({ length: nodes.length / 2 }, (_, i) => above(nodes[2 * i]!, nodes[2 * i + 1]!))
  return nodes[0]!
}

function climb({ hash, steps, index, proof }: Descent): { hash: Hex; steps: bigint } {
  let node = { hash, steps }
  for (let at = 0; at < size(proof); at += NODE, index = Math.floor(index / 2)) {
    const beside = {
      hash: slice(proof, at, at + 32),
      steps: hexToBigInt(slice(proof, at + 32, at + NODE)),
    }
    node = index % 2 === 0 ? above(node, beside) : above(beside, node)
  }
  return node
}

type Summed = { hash: Hex; steps: bigint }

function above(left: Summed, right: Summed): Summed {
  const words = [left.hash, left.steps, right.hash, right.steps] as const
  const hash = keccak256(encodePacked(['bytes32', 'uint128', 'bytes32', 'uint128'], words))
  return { hash, steps: left.steps + right.steps }
}

/** A node is posted once for a claim, whoever stands there: with the hash and steps that the game says it has. */
function placeOf({ claim, node }: Position): string {
  return [claim.jobId, node.level, node.index, node.to, node.end].join(' ')
}

function isSame(left: Position, right: Position): boolean {
  const { claim: a, node: b, ...one } = left
  const { claim: c, node: d, ...two } = right
  const equal = (x: object, y: object) =>
    Object.entries(x).every(([key, value]) => Reflect.get(y, key) === value)
  return equal(a, c) && equal(b, d) && equal(one, two)
}
