import { getLevel, isRetryable, type MarketClient } from 'assay'
import {
  type ClaimKnowledge,
  createDisputeDriver,
  type DisputeClaim,
  type DisputeDriver,
  type DisputeOutcome,
  type Game,
} from 'assay/dispute'
import type { Logger } from 'pino'
import { type Address, type Hex, type TransactionReceipt, zeroAddress } from 'viem'
import { factsOf } from '../errors.ts'
import type { Journal } from '../provider/journal.ts'
import type { Transactions } from '../provider/transactions.ts'
import { MoveJournal } from './journal.ts'

const GAS_KEY = 'disputeGas'
/** Data of claims in dispute that is in memory at once. */
const MOST_BYTES = 2 ** 30

/** What one side knows of a claim; undefined where it has no part in it. */
export type Knowledge = (claim: DisputeClaim) => Promise<ClaimKnowledge | undefined>

export type DisputesContext = {
  client: MarketClient
  journal: Journal
  transactions: Transactions
  log: Logger
  signal: AbortSignal
}

/** Reasons not to move that somebody has to look at. */
const stuck: Partial<Record<NonNullable<DisputeOutcome['reason']>, string>> = {
  differs: 'executed again, this task does not lead to what was submitted: the game cannot be defended',
  notExecuted: 'a game needs a task that was not executed here',
  agrees: 'executed again, this task is as it was said to be: the game cannot be won',
  late: 'a turn has passed without a move: the game is lost',
}

/** Plays every game of this account, about claims of its own and of others, whatever the role that asks for it. */
export class Disputes {
  readonly #context: DisputesContext
  readonly #moves: MoveJournal
  readonly #sides: Knowledge[] = []
  readonly #drivers = new Map<Address, DisputeDriver>()
  /** The game that decides jobs of a parameter set; null where there is none. */
  readonly #games = new Map<number, Address | null>()
  /** Parameter sets whose game is still to be found out. */
  readonly #wanted = new Set<number>()
  /** Knowledge of claims that games go on about, those used longest ago first. */
  readonly #known = new Map<Hex, Promise<ClaimKnowledge | undefined>>()
  #asking: Promise<unknown> = Promise.resolve()
  /** Bytes of data that each of them holds. */
  readonly #bytes = new Map<Hex, number>()
  /** How each game stood when it was last spoken of. */
  readonly #said = new Map<Hex, Game['status']>()
  /** Why each game was last not played. */
  readonly #stuck = new Map<Hex, DisputeOutcome['reason']>()
  #playing: Promise<void> | undefined

  constructor(context: DisputesContext) {
    this.#context = context
    this.#moves = new MoveJournal(context.journal)
  }

  /** Adds a role's knowledge: the first that knows a claim plays it. */
  addSide(knowledge: Knowledge): void {
    this.#sides.push(knowledge)
  }

  /** Games of claims that this account has a part in. */
  games(): Game[] {
    return [...this.#drivers.values()].flatMap((driver) => driver.games())
  }

  /** Wei that moves cost so far, in earlier lives too. */
  gasSpent(): bigint {
    return BigInt(this.#context.journal.meta(GAS_KEY) ?? 0)
  }

  /** Whether there is a game that somebody may open about a claim that this account has a part in. */
  get hasGame(): boolean {
    return this.#drivers.size > 0 || this.#wanted.size > 0
  }

  /** Has the game of a parameter set followed, as soon as the node says which it is. */
  want(parametersId: number): void {
    if (!this.#games.has(parametersId)) this.#wanted.add(parametersId)
  }

  /** Whether anything is still to be played or collected. */
  get isPlaying(): boolean {
    return this.games().some(({ status }) => status === 'open' || status === 'collectable')
  }

  /** The game that decides jobs of a parameter set, which is followed from now on; null where there is none. */
  async follow(parametersId: number): Promise<Address | null> {
    const known = this.#games.get(parametersId)
    if (known !== undefined) return known
    const { hook } = await getLevel(this.#context.client, { level: 'optimistic', parametersId })
    const game = hook === zeroAddress ? null : hook
    if (game !== null && !this.#drivers.has(game)) {
      const driver = this.#createDriver(game)
      // Whoever asks next looks at the games there are.
      await driver.sync()
      if (!this.#drivers.has(game)) this.#drivers.set(game, driver)
    }
    this.#games.set(parametersId, game)
    this.#wanted.delete(parametersId)
    return game
  }

  /** Opens a game about a claim that is wrong. */
  async open(game: Address, { jobId, bond }: { jobId: Hex; bond: bigint }): Promise<{ gameId: Hex }> {
    const driver = this.#drivers.get(game) as DisputeDriver
    await driver.sync()
    const opened = await driver.open({ jobId, bond })
    await driver.sync()
    return opened
  }

  /** Reads what happened and makes the moves that are due; does nothing while it is still at it. */
  play(): Promise<void> {
    this.#playing ??= this.#play().finally(() => {
      this.#playing = undefined
    })
    return this.#playing
  }

  async #play(): Promise<void> {
    const steps = [
      ...[...this.#wanted].map((parametersId) => this.follow(parametersId)),
      ...[...this.#drivers.values()].map((driver) => this.#playOn(driver)),
    ]
    const ends = await Promise.allSettled(steps)
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  /** Games of one contract: what goes wrong there keeps those of others from nothing. */
  async #playOn(driver: DisputeDriver): Promise<void> {
    await driver.sync()
    for (const outcome of await driver.move()) this.#say(outcome)
    for (const game of driver.games()) this.#sayEnd(game)
  }

  #createDriver(game: Address): DisputeDriver {
    const { client, transactions } = this.#context
    return createDisputeDriver({
      client,
      game,
      journal: this.#moves,
      knowledge: (claim) => this.#knowledge(claim),
      send: async (key, call) => {
        const receipt = await transactions.send(key, call)
        this.#count(receipt)
        return receipt
      },
    })
  }

  #count({ gasUsed, effectiveGasPrice }: TransactionReceipt): void {
    this.#context.journal.setMeta(GAS_KEY, String(this.gasSpent() + gasUsed * effectiveGasPrice))
  }

  /**
   * Kept while its games go on: it is asked for with every move. Where so many claims are in dispute that their data does not
   * fit, that used longest ago is given up and read again when it is needed.
   */
  async #knowledge(claim: DisputeClaim): Promise<ClaimKnowledge | undefined> {
    const { jobId } = claim
    const known = this.#known.get(jobId) ?? this.#askInTurn(claim)
    this.#known.delete(jobId)
    this.#known.set(jobId, known)
    try {
      const knowledge = await known
      if (knowledge === undefined) this.#forget(jobId)
      else {
        this.#bytes.set(jobId, bytesOf(knowledge))
        this.#makeRoom(jobId)
      }
      return knowledge
    } catch (error) {
      this.#forget(jobId)
      throw error
    }
  }

  #makeRoom(last: Hex): void {
    let bytes = [...this.#bytes.values()].reduce((sum, each) => sum + each, 0)
    for (const jobId of this.#known.keys()) {
      if (bytes <= MOST_BYTES || jobId === last) return
      bytes -= this.#bytes.get(jobId) ?? 0
      this.#forget(jobId)
    }
  }

  #forget(jobId: Hex): void {
    this.#known.delete(jobId)
    this.#bytes.delete(jobId)
  }

  /** One after the other: the data of many claims at a time would not fit. */
  #askInTurn(claim: DisputeClaim): Promise<ClaimKnowledge | undefined> {
    const asked = this.#asking.then(() => this.#ask(claim))
    this.#asking = asked.catch(() => undefined)
    return asked
  }

  async #ask(claim: DisputeClaim): Promise<ClaimKnowledge | undefined> {
    for (const side of this.#sides) {
      const knowledge = await side(claim)
      if (knowledge !== undefined) return knowledge
    }
    return undefined
  }

  #say({ gameId, jobId, role, did, reason, deadline, error }: DisputeOutcome): void {
    const { log } = this.#context
    const facts = { gameId, jobId, role, ...(deadline !== undefined && { deadline }) }
    if (error !== undefined) {
      const level = isRetryable(error) ? 'info' : 'warn'
      log[level]({ event: 'move-failed', ...facts, did, ...factsOf(error) }, 'a move did not go through')
    } else if (did !== null) log.info({ event: 'moved', ...facts, did }, `dispute: ${did}`)
    else if (reason !== undefined) this.#sayStuck(gameId, reason, facts)
  }

  /** Why a game is not played in one's own turn, once. */
  #sayStuck(gameId: Hex, reason: NonNullable<DisputeOutcome['reason']>, facts: object): void {
    const text = stuck[reason]
    if (text === undefined || this.#stuck.get(gameId) === reason) return
    this.#stuck.set(gameId, reason)
    this.#context.log.error({ event: 'game-stuck', ...facts, reason }, text)
  }

  #sayEnd({ gameId, position, status, reason, paid }: Game): void {
    if (this.#said.get(gameId) === status) return
    this.#said.set(gameId, status)
    const { jobId } = position.claim
    // the others about the claim go on with what was computed for it
    if (!this.games().some((one) => one.status === 'open' && one.position.claim.jobId === jobId))
      this.#forget(jobId)
    const facts = { gameId, jobId, reason, ...(paid !== undefined && { paid }) }
    this.#context.log.info({ event: `game-${status}`, ...facts }, `a game about a result is ${status}`)
  }
}

/** What the data of a claim takes, about: its inputs are views into one buffer. */
function bytesOf({ program, inputs, shared, rows, published }: ClaimKnowledge): number {
  const data = inputs.reduce((sum, { length }) => sum + length, shared.length)
  return data + program.code.length + 200 * rows.size + (published?.length ?? 0)
}
