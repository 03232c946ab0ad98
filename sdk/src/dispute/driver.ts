import {
  type Account,
  type Address,
  concat,
  encodeFunctionData,
  type Hex,
  isAddressEqual,
  keccak256,
  type TransactionReceipt,
} from 'viem'
import { getGameRules } from '../actions/getGameRules.ts'
import type { AssayError } from '../errors/base.ts'
import { decodeContractError } from '../errors/decode.ts'
import { ClaimUnknownError } from '../errors/dispute.ts'
import type { ClientWithMarket } from '../types/client.ts'
import { type MoveOutcome, outcomeOf } from '../utils/disputes.ts'
import { getAccountOf, getDeployment } from '../utils/market.ts'
import { type ContractCall, writeCallSync } from '../utils/writeMarket.ts'
import { challengerCalls, collectCall, inOne, postingCall, timeOutCall } from './calls.ts'
import { challengerMoves } from './challenger.ts'
import { lastThird, turnsOf } from './clock.ts'
import type { Disputes, Game } from './games.ts'
import { nodeIdOf, positionHash } from './ids.ts'
import type { DisputeJournal } from './journal.ts'
import { type ClaimKnowledge, Player } from './knowledge.ts'
import { DisputeLog } from './log.ts'
import { type Idle, postingAt, type Situation } from './moves.ts'
import { findClaim, openingCall } from './opening.ts'
import { providerMove } from './provider.ts'
import type { Answer, ChallengerMoveName, DisputeClaim, GameRules } from './types.ts'

/** How a call is sent: resolves when it is mined. The key is the same whenever the same move is sent again. */
export type DisputeSender = (key: string, call: ContractCall) => Promise<TransactionReceipt>

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

/** A move that is ready to be sent. */
type Ready = { key: string; call: ContractCall; outcomes: DisputeOutcome[] }

/** Postings in one transaction: some 100,000 gas each. */
const mostAnswers = 16

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
    const outcomes: DisputeOutcome[] = []
    const sending: Promise<void>[] = []
    const answers = new Map<Hex, { answer: Answer; outcomes: DisputeOutcome[] }>()
    const dispatch = ({ key, call, outcomes: of }: Ready) => {
      const done = send(key, call).then(
        (receipt) => {
          for (const outcome of of) outcome.receipt = receipt
        },
        (error: unknown) => {
          for (const outcome of of)
            outcome.error = decodeContractError(error, { functionName: call.functionName })
        },
      )
      sending.push(done)
    }
    const dispatchAnswers = () => {
      if (answers.size === 0) return
      const all = [...answers.values()]
      const key = `post:${keccak256(concat([...answers.keys()]))}`
      answers.clear()
      const call = postingCall(
        game,
        all.map(({ answer }) => answer),
      )
      dispatch({ key, call, outcomes: all.flatMap(({ outcomes }) => outcomes) })
    }
    for (const { one, role, deadline } of turns) {
      const { gameId, position } = one
      const outcome: DisputeOutcome = { gameId, jobId: position.claim.jobId, role, did: null, deadline }
      outcomes.push(outcome)
      try {
        if (role === 'provider') {
          const answer = await defend(one, outcome)
          if (answer === undefined) continue
          if ('call' in answer) dispatch(answer)
          else {
            const nodeId = nodeIdOf({ market, jobId: position.claim.jobId, node: position.node })
            const same = answers.get(nodeId)
            if (same === undefined) answers.set(nodeId, { answer, outcomes: [outcome] })
            else same.outcomes.push(outcome)
            if (answers.size >= mostAnswers) dispatchAnswers()
          }
        } else {
          const ready = await challenge(one, outcome)
          if (ready !== undefined) dispatch(ready)
        }
      } catch (error) {
        outcome.did = null
        outcome.error = decodeContractError(error)
      }
    }
    dispatchAnswers()
    await Promise.all(sending)
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

  async function defend(one: Game, outcome: DisputeOutcome): Promise<Answer | Ready | undefined> {
    const { gameId, position } = one
    if (one.status !== 'open') return undefined
    const situation = situationOf(one)
    if (situation === undefined) {
      outcome.reason = 'unconfirmed'
      return undefined
    }
    const { claim, node } = position
    const key = `post:${game.toLowerCase()}:${nodeIdOf({ market, jobId: claim.jobId, node })}`
    const written = await journal.read(key)
    const known = await knowledge(claim)
    if (known === undefined) {
      outcome.reason = 'unknown'
      return undefined
    }
    const { moves, idle } = await providerMove(situation, playerFor(known), written)
    outcome.reason = idle
    const [made] = moves
    if (made === undefined) return undefined
    outcome.did = made.name
    if (made.name === 'timeOut')
      return { key: keyOf(one, 'timeOut'), call: timeOutCall(game, situation), outcomes: [outcome] }
    if (written === undefined) await journal.write(key, made.data)
    return { gameId, position, data: made.data }
  }

  async function challenge(one: Game, outcome: DisputeOutcome): Promise<Ready | undefined> {
    const { gameId, position } = one
    if (one.status === 'collectable') {
      outcome.did = 'collect'
      return { key: keyOf(one, 'collect'), call: collectCall(game, gameId, position), outcomes: [outcome] }
    }
    const situation = situationOf(one)
    if (situation === undefined) {
      outcome.reason = 'unconfirmed'
      return undefined
    }
    const known = await knowledge(position.claim)
    if (known === undefined) {
      outcome.reason = 'unknown'
      return undefined
    }
    const { moves, idle } = await challengerMoves(situation, playerFor(known))
    outcome.reason = idle
    if (moves.length === 0) return undefined
    outcome.did = moves.at(-1)!.move.name
    const calls = challengerCalls(game, situation, moves)
    const [first] = calls
    const root = postingAt(position, situation.postings)?.root ?? '0x'
    const key = `move:${game.toLowerCase()}:${gameId}:${positionHash(position)}:${root}`
    const data = encodeFunctionData(first as never)
    const written = await journal.read(key)
    if (written === undefined) await journal.write(key, data)
    else if (written !== data) {
      // never a second, different move: what follows the first is decided from where that leads
      outcome.did = moves[0]!.move.name
      const again: ContractCall = { ...first!, functionName: 'multicall', args: [[written]] }
      return { key, call: again, outcomes: [outcome] }
    }
    return { key: `${key}:${calls.length}`, call: inOne(game, calls), outcomes: [outcome] }
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
