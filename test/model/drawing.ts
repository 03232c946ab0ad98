import type { Hex } from 'viem'
import type { Action, CallName } from './actions.ts'
import { drawOrdinary } from './intentions.ts'
import { deadlines, jobCalls, playersOf, type Timed } from './jobCalls.ts'
import { planAtAmount } from './plans.ts'
import type { Pool } from './pool.ts'
import type { Status } from './types.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * Draws actions: more than half that should succeed, the others at a deadline's edge, at an amount's edge, by the wrong
 * caller, for the wrong job, or too early or late. Every person may play every part.
 */
export class ActionSource {
  readonly #pool: Pool
  /** How often a call was tried just because there was a job of a status, or a deadline. */
  readonly #tried: Map<string, number>

  /** @param tried - What is rare in one market gets its chance in the next one, if they share this. */
  constructor(pool: Pool, tried: Map<string, number>) {
    this.#pool = pool
    this.#tried = tried
  }

  /** The next action; the model's clock stands at its time. */
  next(): Action {
    const pool = this.#pool
    while (pool.plan.length > 0) {
      const planned = pool.plan.shift()?.()
      if (planned) return planned
    }
    const kind = pool.random.weighted({ ordinary: 54, deadline: 14, amount: 3, corrupted: 5, tempting: 24 })
    if (kind !== 'deadline') pool.market.now += this.#pause()
    switch (kind) {
      case 'ordinary':
        return drawOrdinary(pool)
      case 'deadline':
        return this.#atDeadline() ?? drawOrdinary(pool)
      case 'amount':
        pool.plan = planAtAmount(pool)
        return pool.plan.length > 0 ? this.next() : drawOrdinary(pool)
      case 'corrupted':
        return this.#corrupted(drawOrdinary(pool))
      case 'tempting':
        return this.#tempting()
    }
  }

  /** Seconds that nothing happens in. */
  #pause(): number {
    const { random } = this.#pool
    const most = {
      none: 0,
      seconds: 20,
      minutes: 20 * MINUTE,
      hours: 5 * HOUR,
      days: 4 * DAY,
      weeks: 45 * DAY,
    }
    const weights = { none: 65, seconds: 26, minutes: 6, hours: 1.5, days: 0.4, weeks: 0.15 }
    return random.int(0, most[random.weighted(weights)])
  }

  /** A call one second before, at, or one second after a deadline that comes soon. */
  #atDeadline(): Action | undefined {
    const pool = this.#pool
    const { random, market } = pool
    const soon = (timed: Timed, offset: number) =>
      pool
        .soonest(timed, offset)
        .filter((job) => timed.deadline(job, market) < market.now + 2 * DAY)
        .filter((job) => job.stage !== 'Open' || !market.isMediated(job))
        .filter((job) => timed.call !== 'challengeOpened' || playersOf(market, job).length > 0)
    const edges = deadlines.flatMap((timed, i) => [-1, 0, 1].map((offset) => ({ timed, i, offset })))
    const edge = this.#leastTried(
      edges.filter(({ timed, offset }) => soon(timed, offset).length > 0),
      ({ timed, i, offset }) => `${timed.call} ${i} ${offset}`,
    )
    if (!edge) return undefined
    const { call, deadline } = edge.timed
    const job = random.pick(soon(edge.timed, edge.offset).slice(0, 4))
    market.now = deadline(job, market) + edge.offset
    if (call === 'claim') return pool.act('claim', pool.match([job])?.provider ?? pool.person(), job.id)
    return pool.actOn(call, call === 'cancel' ? pool.anyone() : pool.rightCaller(call, job.id), job.id)
  }

  /** One of those that were least often chosen here. */
  #leastTried<T>(choices: readonly T[], nameOf: (choice: T) => string): T | undefined {
    const tried = (choice: T) => this.#tried.get(nameOf(choice)) ?? 0
    const least = Math.min(...choices.map(tried))
    const rare = choices.filter((choice) => tried(choice) === least)
    if (rare.length === 0) return undefined
    const chosen = this.#pool.random.pick(rare)
    this.#tried.set(nameOf(chosen), least + 1)
    return chosen
  }

  /** A call by who may make it, for a job that is there, whatever its status: the combination that was least often tried. */
  #tempting(): Action {
    const pool = this.#pool
    const { random, market } = pool
    const statuses = new Map<Status, Hex>([['None', pool.word()]])
    for (const id of random.some([...market.jobs.keys()], 200)) statuses.set(market.statusOf(id), id)
    for (const job of random.some(market.liveJobs(), 200)) statuses.set(market.statusOf(job.id), job.id)
    const pairs = jobCalls.flatMap((call) => [...statuses].map(([status, id]) => ({ call, status, id })))
    const { call, id } = this.#leastTried(pairs, ({ call, status }) => `${call} ${status}`)!
    return pool.actOn(call, pool.rightCaller(call, id), id)
  }

  /** The same by somebody else, or for another job. */
  #corrupted(action: Action): Action {
    const pool = this.#pool
    const alone: CallName[] = ['gift', 'mine', 'approve', 'decide', 'depositWithPermit']
    if (alone.includes(action.call)) return action
    const call = deadlines.map(({ call }) => call).find((call) => call === action.call)
    if (call !== undefined && !call.endsWith('Many') && pool.random.chance(0.4)) {
      return pool.actOn(call, action.from, pool.anyJob())
    }
    return { ...action, from: pool.anyone() }
  }
}
