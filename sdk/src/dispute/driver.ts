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
import { ClaimUnknownError } from '../errors/dispute.ts'
import type { ClientWithMarket } from '../types/client.ts'
import { type MoveOutcome, outcomeOf } from '../utils/disputes.ts'
import { inTurn } from '../utils/inTurn.ts'
import { mapPooled } from '../utils/mapPooled.ts'
import { getAccountOf, getDeployment } from '../utils/market.ts'
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
}

/** What became of a game's turn. */
export type DisputeOutcome = {
  gameId: Hex
  jobId: Hex
  role: 'provider' | 'challenger'
  /** The last of the moves that were made; null for none. */
  did: 'post' | ChallengerMoveName | 'prove' | 'timeOut' | 'collect' | null
  /** Why none was made. */
  reason?: Idle | 'unconfirmed' | 'unknown' | undefined
  /** Last second of the turn in which the game was. */
  deadline?: number | undefined
  /** What went wrong: the move is tried again by the next call. */
  error?: AssayError | undefined
  receipt?: TransactionReceipt | undefined
}

export type DisputeDriver = {
  /** Reads what the chain has had since. */
  sync: () => Promise<void>
  /** Makes every move that is due, the most urgent first. No game keeps another from being played. */
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
  const { client, game, journal, knowledge, confirmations = 1 } = parameters
  const account = getAccountOf(client, { account: parameters.account, action: 'createDisputeDriver' })
  const deployment = getDeployment(client, parameters)
  const { market } = deployment
  const fromBlock = parameters.fromBlock ?? deployment.fromBlock
  const log = new DisputeLog({ client, game, fromBlock, confirmations })
  const players = new WeakMap<ClaimKnowledge, Player>()
  const send: DisputeSender =
    parameters.send ?? ((_key, call) => writeCallSync(client, call, { account, market }))
  let rules: GameRules | undefined

  const playerFor = (known: ClaimKnowledge): Player => {
    const player = players.get(known) ?? new Player(known)
    players.set(known, player)
    return player
  }
  const isOwn = ({ challenger, position }: Game) =>
    isAddressEqual(challenger, account.address) || isAddressEqual(position.claim.provider, account.address)
  const ownGames = () =>
    log.newest.games.filter((one) => isAddressEqual(one.position.claim.market, market) && isOwn(one))

  async function move(): Promise<DisputeOutcome[]> {
    rules ??= await getGameRules(client, { game })
    const turns = ownGames()
      .flatMap((one) => rolesIn(one, account.address).map((role) => ({ one, role })))
      .map((turn) => ({ ...turn, deadline: deadlineOf(turn.one, log.newest, rules!) }))
      .sort((left, right) => left.deadline - right.deadline)
    const outbox = new Outbox(game, send)
    const outcomes = turns.map(({ one, role, deadline }): DisputeOutcome => {
      const { gameId, position } = one
      return { gameId, jobId: position.claim.jobId, role, did: null, deadline }
    })
    // two at a time: what is quick to decide does not wait for a long execution
    await mapPooled(
      turns,
      async ({ one, role }, at) => {
        const outcome = outcomes[at]!
        try {
          if (role === 'provider') await defend(one, outcome, outbox)
          else await challenge(one, outcome, outbox)
        } catch (error) {
          outcome.did = null
          outcome.error = decodeContractError(error)
        }
      },
      { limit: 2 },
    )
    await outbox.empty()
    return outcomes
  }

  /** What a player decides by, unless it has to wait for blocks. */
  function situationOf({ gameId, position, path, status }: Game): Situation | undefined {
    const newest: Situation = {
      gameId,
      position,
      postings: log.newest.postings,
      path: path.slice(0, -1).map(({ node }) => node),
      rules: rules!,
      now: log.now,
    }
    const turns = turnsOf(position, postingAt(position, newest.postings), rules!)
    const isUrgent = log.now >= lastThird(turns)
    const known = log.confirmed.games.findLast((one) => one.gameId === gameId)
    const isConfirmed =
      known?.status === status &&
      positionHash(known.position) === positionHash(position) &&
      (postingAt(position, log.confirmed.postings) !== undefined) ===
        (postingAt(position, newest.postings) !== undefined)
    return isConfirmed || isUrgent ? newest : undefined
  }

  async function defend(one: Game, outcome: DisputeOutcome, outbox: Outbox): Promise<void> {
    const { gameId, position } = one
    const { claim, node } = position
    const situation = situationOf(one)
    const known = situation && (await knowledge(claim))
    if (situation === undefined || known === undefined) {
      outcome.reason = situation === undefined ? 'unconfirmed' : 'unknown'
      return
    }
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
    outcome.reason = idle
    const [made] = moves
    if (made === undefined) return
    outcome.did = made.name
    if (made.name === 'post') outbox.post(nodeId, { gameId, position, data: made.data }, outcome)
    else outbox.send(keyOf(one, 'timeOut'), timeOutCall(game, situation), [outcome])
  }

  async function challenge(one: Game, outcome: DisputeOutcome, outbox: Outbox): Promise<void> {
    const { gameId, position, status } = one
    if (status === 'collectable') {
      outcome.did = 'collect'
      return outbox.send(keyOf(one, 'collect'), collectCall(game, gameId, position), [outcome])
    }
    const situation = situationOf(one)
    const known = situation && (await knowledge(position.claim))
    if (situation === undefined || known === undefined) {
      outcome.reason = situation === undefined ? 'unconfirmed' : 'unknown'
      return
    }
    const { moves, idle } = await challengerMoves(situation, playerFor(known))
    outcome.reason = idle
    const [first] = moves
    if (first === undefined) return
    outcome.did = moves.at(-1)!.move.name
    if (first.move.name === 'timeOut')
      return outbox.send(keyOf(one, 'timeOut'), timeOutCall(game, situation), [outcome])
    const calls = challengerCalls(game, situation, moves)
    // a move answers one posting: after a reorganisation there may be another
    const { root, postedAt } = postingAt(position, situation.postings) ?? nothingPosted
    const key = `${keyOf(one, 'move')}:${postedAt}:${root}`
    const data = encodeFunctionData(calls[0] as never)
    const written = await journal.read(key)
    if (written === undefined) await journal.write(key, data)
    else if (written !== data) {
      // never a second, different move; what follows it is decided from where it leads
      outcome.did = first.move.name
      const call: ContractCall = { ...calls[0]!, functionName: 'multicall', args: [[written]] }
      return outbox.send(key, call, [outcome])
    }
    outbox.send(`${key}:${calls.length}`, inOne(game, calls), [outcome])
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
      const player = published === undefined ? playerFor(known) : new Player({ ...known, published })
      const call = await openingCall(client, submitted, player, { game, bond })
      return outcomeOf(await send(`open:${game.toLowerCase()}:${jobId}:${log.now}`, call))
    },
  }
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
