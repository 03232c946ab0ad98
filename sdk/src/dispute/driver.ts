import {
  type Account,
  type Address,
  encodeFunctionData,
  type Hex,
  isAddressEqual,
  type TransactionReceipt,
} from 'viem'
import { getGameRules } from '../actions/getGameRules.ts'
import type { AssayError } from '../errors/base.ts'
import { decodeContractError } from '../errors/decode.ts'
import { ClaimUnknownError, TraceGivenUpError } from '../errors/dispute.ts'
import type { ClientWithMarket } from '../types/client.ts'
import { type MoveOutcome, outcomeOf } from '../utils/disputes.ts'
import { inTurn } from '../utils/inTurn.ts'
import { getAccountOf, getDeployment } from '../utils/market.ts'
import { sleep } from '../utils/sleep.ts'
import { type ContractCall, writeCallSync } from '../utils/writeMarket.ts'
import { challengerCalls, collectCall, inOne, timeOutCall } from './calls.ts'
import { challengerMoves } from './challenger.ts'
import { lastThird, turnsOf } from './clock.ts'
import type { Disputes, Game } from './games.ts'
import { nodeIdOf, positionHash } from './ids.ts'
import type { DisputeJournal } from './journal.ts'
import { type ClaimKnowledge, Player } from './knowledge.ts'
import { DisputeLog } from './log.ts'
import { type Idle, postingAt, type Situation } from './moves.ts'
import { findClaim, openingCall } from './opening.ts'
import { type DisputeSender, Outbox } from './outbox.ts'
import { providerMove } from './provider.ts'
import { TracePool } from './tracePool.ts'
import { type ChallengerMoveName, type DisputeClaim, type GameRules, nothingPosted } from './types.ts'

export type DisputeDriverParameters = {
  client: ClientWithMarket
  /**
   * Who plays.
   * @default client.account
   */
  account?: Account | Address | undefined
  /** @default the client's market */
  market?: Address | undefined
  /** Address of the dispute game. */
  game: Address
  journal: DisputeJournal
  /**
   * What the player has of a claim, asked for at every move: the same object each time keeps what was computed from it.
   * Undefined for a claim that it does not play about.
   */
  knowledge: (claim: DisputeClaim) => Promise<ClaimKnowledge | undefined>
  /** @default simulates each call, sends it and waits for its receipt */
  send?: DisputeSender | undefined
  /**
   * Blocks, its own included, that an event must have to be acted on. In the last third of a turn one is enough.
   * @default 1
   */
  confirmations?: number | undefined
  /** @default the block of the market's deployment */
  fromBlock?: bigint | undefined
  /**
   * Milliseconds that `move` waits for moves to be decided and mined. What takes longer goes on meanwhile.
   * @default 3_000
   */
  patience?: number | undefined
  /** How many tasks may be in execution at a time, and the memory of the snapshots of all that are disputed. */
  traces?: { size?: number | undefined; snapshotBytes?: number | undefined } | undefined
}

/** What became of a game's turn. */
export type DisputeOutcome = {
  gameId: Hex
  jobId: Hex
  role: 'provider' | 'challenger'
  /** The last of the moves that were made; null for none. */
  did: 'post' | ChallengerMoveName | 'prove' | 'timeOut' | 'collect' | null
  /** Why none was made; `busy` while the task is executed or the transaction not mined: a later `move` tells. */
  reason?: Idle | 'unconfirmed' | 'unknown' | 'busy' | undefined
  /** Last second of the turn in which the game was. */
  deadline?: number | undefined
  /** What went wrong: the move is tried again by the next call. */
  error?: AssayError | undefined
  receipt?: TransactionReceipt | undefined
}

export type DisputeDriver = {
  /** Reads what the chain has had since. */
  sync: () => Promise<void>
  /**
   * Makes every move that is due, the most urgent first. No game keeps another from being played: what takes long goes on
   * while the next `sync` and `move` are called, and is told by one of them when it is done.
   */
  move: () => Promise<DisputeOutcome[]>
  /** Every game about a claim of the account, or that the account opened, as the newest block has them. */
  games: () => Game[]
  /** What was posted about claims. */
  postings: () => Disputes['postings']
  /** Opens a challenge of a job's result, with the moves that can be made at once. */
  open: (parameters: {
    jobId: Hex
    bond?: bigint | undefined
    /** Instead of the knowledge's own. */
    published?: Uint8Array | undefined
  }) => Promise<MoveOutcome>
}

/** What a player does in its turn, and how it is sent. */
type Turn = {
  did?: DisputeOutcome['did']
  reason?: DisputeOutcome['reason']
  sent?: (() => Promise<TransactionReceipt>) | undefined
}

/**
 * Plays the disputes of one account: defends the claims whose provider it is, and plays the games that it opened. It has no
 * timers and keeps nothing that the chain and the journal do not have: after a restart another one goes on.
 *
 * @example
 * const driver = createDisputeDriver({ client, game, journal: memoryJournal(), knowledge })
 * await driver.sync()
 * const outcomes = await driver.move()
 */
export function createDisputeDriver(parameters: DisputeDriverParameters): DisputeDriver {
  const { client, game, journal, knowledge, confirmations = 1, patience = 3_000 } = parameters
  const account = getAccountOf(client, { account: parameters.account, action: 'createDisputeDriver' })
  const deployment = getDeployment(client, parameters)
  const { market } = deployment
  const fromBlock = parameters.fromBlock ?? deployment.fromBlock
  const log = new DisputeLog({ client, game, market, fromBlock, confirmations })
  const players = new WeakMap<ClaimKnowledge, Player>()
  const send: DisputeSender =
    parameters.send ?? ((_key, call) => writeCallSync(client, call, { account, market }))
  const outbox = new Outbox(game, send)
  const pool = new TracePool(parameters.traces)
  const busy = new Map<string, DisputeOutcome>()
  /** Where the games stood at the last move. */
  let open = new Set<string>()
  let finished: DisputeOutcome[] = []
  let rules: GameRules | undefined

  const playerFor = (known: ClaimKnowledge): Player => {
    const player = players.get(known) ?? new Player(known, pool)
    players.set(known, player)
    return player
  }
  const isOwn = ({ challenger, position }: Game) =>
    isAddressEqual(challenger, account.address) || isAddressEqual(position.claim.provider, account.address)
  const ownGames = () => log.newest.games.filter(isOwn)

  async function move(): Promise<DisputeOutcome[]> {
    rules ??= await getGameRules(client, { game })
    const turns = ownGames()
      .flatMap((one) => rolesIn(one, account.address).map((role) => ({ one, role })))
      .map((turn) => ({ ...turn, deadline: deadlineOf(turn.one, log.newest, rules!) }))
      .sort((left, right) => left.deadline - right.deadline)
    open = new Set(turns.map(({ one }) => turnKey(one, log.newest)))
    const outcomes: DisputeOutcome[] = []
    const playing = turns.map(({ one, role, deadline }) => {
      const key = `${role} ${one.status} ${turnKey(one, log.newest)}`
      const known = busy.get(key)
      if (known !== undefined) {
        outcomes.push(known)
        return undefined
      }
      const { gameId, position } = one
      const { jobId } = position.claim
      const outcome: DisputeOutcome = { gameId, jobId, role, did: null, reason: 'busy', deadline }
      outcomes.push(outcome)
      busy.set(key, outcome)
      const decided = Promise.withResolvers<void>()
      const played = play(one, outcome, decided.resolve).finally(() => {
        busy.delete(key)
        decided.resolve()
        finished.push(outcome)
      })
      return { decided: decided.promise, played }
    })
    const started = playing.filter((one) => one !== undefined)
    const everything = Promise.all(started.map(({ decided }) => decided))
      .then(() => outbox.flush())
      .then(() => Promise.all(started.map(({ played }) => played)))
    const enough = new AbortController()
    await Promise.race([everything, sleep(patience, enough.signal)])
    enough.abort()
    // those of moves before this one are told once, when they are done
    const told = new Set([...finished, ...outcomes])
    finished = []
    return [...told].map((outcome) => ({ ...outcome }))
  }

  /** Plays a turn, and notes what became of it. */
  async function play(one: Game, outcome: DisputeOutcome, decided: () => void): Promise<void> {
    try {
      const { did, reason, sent } = outcome.role === 'provider' ? await defend(one) : await challenge(one)
      outcome.did = did ?? null
      decided()
      if (sent !== undefined) outcome.receipt = await sent()
      outcome.reason = reason
    } catch (error) {
      outcome.reason = undefined
      // given up for a more urgent one: it begins again
      if (error instanceof TraceGivenUpError) outcome.reason = 'busy'
      else outcome.error = decodeContractError(error)
    }
  }

  /** What a player decides by, unless it has to wait for blocks. */
  function situationOf(one: Game): Situation | undefined {
    const { gameId, position, path, status } = one
    const key = turnKey(one, log.newest)
    const turns = turnsOf(position, postingAt(position, log.newest.postings), rules!)
    const newest: Situation = {
      gameId,
      position,
      postings: log.newest.postings,
      path: path.slice(0, -1).map(({ node }) => node),
      rules: rules!,
      now: log.now,
      isOver: () => log.now > turns.deadline || !open.has(key),
    }
    const isUrgent = log.now >= lastThird(turns)
    const known = log.confirmed.games.findLast((one) => one.gameId === gameId)
    const isConfirmed =
      known?.status === status &&
      positionHash(known.position) === positionHash(position) &&
      (postingAt(position, log.confirmed.postings) !== undefined) ===
        (postingAt(position, newest.postings) !== undefined)
    return isConfirmed || isUrgent ? newest : undefined
  }

  async function defend(one: Game): Promise<Turn> {
    const { gameId, position } = one
    const { claim, node } = position
    const situation = situationOf(one)
    if (situation === undefined) return { reason: 'unconfirmed' }
    const known = await knowledge(claim)
    if (known === undefined) return { reason: 'unknown' }
    const nodeId = nodeIdOf({ market, jobId: claim.jobId, node })
    const key = `post:${game.toLowerCase()}:${nodeId}`
    // games at one node: the second finds what the first has written
    const { moves, idle } = await inTurn(`${client.uid} ${key}`, async () => {
      const written = await journal.read(key)
      const decision = await providerMove(situation, playerFor(known), written)
      const [made] = decision.moves
      if (made?.name === 'post' && written === undefined) await journal.write(key, made.data)
      return decision
    })
    const [made] = moves
    if (made === undefined) return { reason: idle }
    if (made.name === 'timeOut') return timeOut(one, situation)
    return { did: 'post', sent: () => outbox.post(nodeId, { gameId, position, data: made.data }) }
  }

  async function challenge(one: Game): Promise<Turn> {
    const { gameId, position, status } = one
    if (status === 'collectable') {
      const call = collectCall(game, gameId, position)
      return { did: 'collect', sent: () => outbox.send(keyOf(one, 'collect'), call) }
    }
    const situation = situationOf(one)
    if (situation === undefined) return { reason: 'unconfirmed' }
    const known = await knowledge(position.claim)
    if (known === undefined) return { reason: 'unknown' }
    const { moves, idle } = await challengerMoves(situation, playerFor(known))
    const [first] = moves
    if (first === undefined) return { reason: idle }
    if (first.move.name === 'timeOut') return timeOut(one, situation)
    const calls = challengerCalls(game, situation, moves)
    // a move answers one posting: after a reorganisation there may be another
    const { root, postedAt } = postingAt(position, situation.postings) ?? nothingPosted
    const key = `${keyOf(one, 'move')}:${postedAt}:${root}`
    const data = encodeFunctionData(calls[0] as never)
    const written = await journal.read(key)
    if (written === undefined) await journal.write(key, data)
    else if (written !== data) {
      // never a second, different move; what follows it is decided from where it leads
      const call: ContractCall = { ...calls[0]!, functionName: 'multicall', args: [[written]] }
      return { did: first.move.name, sent: () => outbox.send(key, call) }
    }
    const call = inOne(game, calls)
    return { did: moves.at(-1)!.move.name, sent: () => outbox.send(`${key}:${calls.length}`, call) }
  }

  /** Ending by time is nobody's choice, so it is not written down. */
  function timeOut(one: Game, situation: Situation): Turn {
    const call = timeOutCall(game, situation)
    return { did: 'timeOut', sent: () => outbox.send(keyOf(one, 'timeOut'), call) }
  }

  const keyOf = ({ gameId, position }: Game, name: string) =>
    `${name}:${game.toLowerCase()}:${gameId}:${positionHash(position)}`

  return {
    sync: () => log.sync(),
    move,
    games: ownGames,
    postings: () => log.newest.postings,
    async open({ jobId, bond, published }) {
      const submitted = await findClaim(client, { jobId, market })
      const known = await knowledge(submitted.claim)
      if (known === undefined) throw new ClaimUnknownError({ jobId })
      const player = published === undefined ? playerFor(known) : new Player({ ...known, published }, pool)
      const call = await openingCall(client, submitted, player, { game, bond })
      return outcomeOf(await send(`open:${game.toLowerCase()}:${jobId}:${log.now}`, call))
    },
  }
}

/** Names where a game stands, and what is posted there. */
function turnKey({ gameId, position }: Game, { postings }: Disputes): string {
  return `${gameId} ${positionHash(position)} ${postingAt(position, postings)?.postedAt ?? 0}`
}

function rolesIn({ challenger, position, status }: Game, account: Address): DisputeOutcome['role'][] {
  if (status !== 'open' && status !== 'collectable') return []
  const roles: DisputeOutcome['role'][] = []
  if (status === 'open' && isAddressEqual(position.claim.provider, account)) roles.push('provider')
  if (isAddressEqual(challenger, account)) roles.push('challenger')
  return roles
}

function deadlineOf({ position }: Game, { postings }: Disputes, rules: GameRules): number {
  return turnsOf(position, postingAt(position, postings), rules).deadline
}
