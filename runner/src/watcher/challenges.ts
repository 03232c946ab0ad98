import {
  formatAmount,
  getAccount,
  getChallengeBond,
  getJob,
  isFinalStatus,
  isRetryable,
  NothingToDisputeError,
} from 'assay'
import type { Game } from 'assay/dispute'
import type { Hex } from 'viem'
import type { Disputes } from '../disputes/disputes.ts'
import { factsOf } from '../errors.ts'
import type { WatchContext } from './context.ts'

/** Seconds after which opening a game is tried again, twice as many each time. */
const FIRST_DELAY = 1
const LONGEST_DELAY = 30
/** Others that may open games before ours; twice as many at each attempt, for they may do so on purpose. */
const FIRST_SPARE = 2
const LARGEST_SPARE = 2 ** 12

type Attempt = { notBefore: number; failures: number }

/** The claims that are wrong: a game is opened about each, and its end is seen. */
export class Challenges {
  readonly #context: WatchContext
  readonly #disputes: Disputes
  readonly #budget: bigint | undefined
  readonly #attempts = new Map<Hex, Attempt>()

  /** @param budget units that may be in bonds at once; the whole balance if not given */
  constructor(context: WatchContext, disputes: Disputes, budget: bigint | undefined) {
    this.#context = context
    this.#disputes = disputes
    this.#budget = budget
  }

  /** Claims that are not decided yet. */
  get size(): number {
    return this.#attempts.size
  }

  add(jobId: Hex): void {
    this.#attempts.set(jobId, { notBefore: 0, failures: 0 })
  }

  /** This watcher's games. */
  games(): Game[] {
    const { address } = this.#context
    return this.#disputes.games().filter(({ challenger }) => isSame(challenger, address))
  }

  /** Opens games where there are none yet, and lets go of claims that are decided. */
  async move(): Promise<void> {
    for (const [jobId, attempt] of this.#attempts) {
      if (attempt.notBefore > this.#context.chainTime()) continue
      try {
        await this.#moveOn(jobId, attempt)
      } catch (error) {
        this.#onFailure(jobId, attempt, error)
      }
    }
  }

  async #moveOn(jobId: Hex, { failures }: Attempt): Promise<void> {
    const { client, chainTime, log } = this.#context
    const job = await getJob(client, { jobId })
    const contract = await this.#disputes.follow(job.parametersId)
    if (contract === null) return this.#letGo(jobId, 'no dispute game')
    const game = this.games().findLast(({ position }) => isSame(position.claim.jobId, jobId))
    if (game?.status === 'open' || game?.status === 'collectable') return
    if (game !== undefined) return this.#end(jobId, game)
    const { status, submittedAt, window } = job
    if (isFinalStatus(status)) return this.#letGo(jobId, `${status} without us`)
    if (chainTime() > (submittedAt ?? 0) + window) return this.#letGo(jobId, 'missed')
    const left = await this.#left()
    const bondFor = (spare: number) => getChallengeBond(client, { jobId, game: contract, spare })
    const least = await bondFor(0)
    if (least > left) return this.#onNoBudget(jobId, least, left)
    // what is more than needed comes back, too
    const bond = min(await bondFor(Math.min(FIRST_SPARE * 2 ** failures, LARGEST_SPARE)), left)
    const opened = await this.#disputes.open(contract, { jobId, bond })
    log.warn({ event: 'challenged', jobId, gameId: opened.gameId }, 'a game was opened about a wrong result')
  }

  #end(jobId: Hex, { gameId, status, reason, bond, paid = 0n }: Game): void {
    const { log, watched } = this.#context
    watched.setDone(jobId, status)
    this.#attempts.delete(jobId)
    const facts = { jobId, gameId, reason, bond, paid }
    if (status === 'lost') {
      const text = 'a game was lost that should have been won: keep the data folder and report it'
      log.error({ event: 'challenge-lost', ...facts }, text)
    } else log.info({ event: 'challenge-won', ...facts }, 'the claim was rejected')
  }

  #letGo(jobId: Hex, end: string): void {
    const { log, watched } = this.#context
    watched.setDone(jobId, end)
    this.#attempts.delete(jobId)
    log.info({ event: 'let-go', jobId, end }, 'nothing to challenge any more')
  }

  /** What of the budget and the balance no game has. */
  async #left(): Promise<bigint> {
    const { client, address } = this.#context
    const { balance } = await getAccount(client, { address })
    const locked = this.games()
      .filter(({ status }) => status === 'open' || status === 'collectable')
      .reduce((sum, { bond }) => sum + bond, 0n)
    return this.#budget === undefined ? balance : min(balance, this.#budget - locked)
  }

  #onNoBudget(jobId: Hex, bond: bigint, left: bigint): void {
    this.#postpone(jobId)
    const facts = { jobId, bond, left: formatAmount(left > 0n ? left : 0n) }
    const text = 'a result is wrong, and there is no money for the bond'
    this.#context.log.warn({ event: 'no-budget', ...facts }, text)
  }

  #onFailure(jobId: Hex, { failures }: Attempt, error: unknown): void {
    const { log, signal } = this.#context
    if (signal.aborted) throw error
    if (error instanceof NothingToDisputeError) {
      log.error({ event: 'engines-differ', jobId, ...factsOf(error) }, 'the interpreter finds nothing wrong')
      this.#letGo(jobId, 'nothing to dispute')
      return
    }
    this.#postpone(jobId, failures)
    const level = isRetryable(error) ? 'info' : 'warn'
    log[level]({ event: 'challenge-failed', jobId, ...factsOf(error) }, 'a game could not be opened yet')
  }

  #postpone(jobId: Hex, failures = this.#attempts.get(jobId)?.failures ?? 0): void {
    const delay = Math.min(FIRST_DELAY * 2 ** failures, LONGEST_DELAY)
    this.#attempts.set(jobId, { notBefore: this.#context.chainTime() + delay, failures: failures + 1 })
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
