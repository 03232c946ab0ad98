import { type Hex, zeroAddress } from 'viem'
import type { Action, CallName } from './actions.ts'
import { drawResources, drawRules, drawTerms } from './drawTerms.ts'
import { min } from './formulas.ts'
import { deadlines, type JobCall, jobCalls, type TimedCall, timedCalls } from './jobCalls.ts'
import { type Plan, planAtAmount } from './plans.ts'
import type { Pool } from './pool.ts'
import { releaseBy, type Status, windowEnd } from './types.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const UNLIMITED = 2n ** 256n - 1n

/** How often each is tried, of those that are possible. */
const intentions = {
  post: 15,
  postMany: 3,
  claim: 30,
  submit: 26,
  release: 4,
  accept: 6,
  settle: 3,
  settleMany: 4,
  fail: 2,
  cancel: 2,
  clear: 1,
  challenge: 22,
  unchallenge: 16,
  reject: 6,
  decide: 10,
  deposit: 2,
  permit: 1,
  approve: 1,
  withdraw: 2,
  stake: 2,
  unstake: 2,
  declare: 2,
  collectFees: 2,
  rules: 1,
  pause: 0.5,
  fees: 1,
  gift: 1,
}

/**
 * Draws actions: more than half that should succeed, the others at a deadline's edge, at an amount's edge, by the wrong
 * caller, for the wrong job, or too early or late. Every person may play every part.
 */
export class ActionSource {
  readonly #pool: Pool
  /** What is left of it. */
  #plan: Plan = []
  /** How often a call was tried just because there was a job of a status. */
  readonly #tempted = new Map<string, number>()

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** The next action; the model's clock stands at its time. */
  next(): Action {
    while (this.#plan.length > 0) {
      const planned = this.#plan.shift()?.()
      if (planned) return planned
    }
    const pool = this.#pool
    const kind = pool.random.weighted({ ordinary: 58, deadline: 17, amount: 4, corrupted: 7, tempting: 14 })
    if (kind !== 'deadline') pool.market.now += this.#pause()
    switch (kind) {
      case 'ordinary':
        return this.#ordinary()
      case 'deadline':
        return this.#atDeadline() ?? this.#ordinary()
      case 'amount':
        this.#plan = planAtAmount(pool)
        return this.#plan.length > 0 ? this.next() : this.#ordinary()
      case 'corrupted':
        return this.#corrupted(this.#ordinary())
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
    const weights = { none: 65, seconds: 26, minutes: 6, hours: 2, days: 0.7, weeks: 0.3 }
    return random.int(0, most[random.weighted(weights)])
  }

  #ordinary(): Action {
    const { random } = this.#pool
    for (let tries = 0; tries < 20; tries++) {
      const intention = random.weighted(intentions)
      const action = this.#onJobs(intention) ?? this.#onMoney(intention) ?? this.#onRules(intention)
      if (action) return action
    }
    return this.#pool.act('gift', this.#pool.person(), 1n)
  }

  /** What moves jobs. */
  #onJobs(intention: keyof typeof intentions): Action | undefined {
    const pool = this.#pool
    const { random, market } = pool
    switch (intention) {
      case 'post':
      case 'postMany':
        return this.#post(intention)
      case 'claim': {
        const match = pool.match()
        if (match) return pool.act('claim', match.provider, match.job.id)
        const job = random.chance(0.1) ? pool.oneOf('Open') : undefined
        return job && pool.act('claim', pool.person(), job.id)
      }
      case 'submit': {
        const job = pool.oneOf('Claimed')
        return job && pool.actOn('submit', job.provider, job.id)
      }
      case 'release': {
        const job = pool.oneOf('Claimed', (job) => market.now <= releaseBy(job))
        return job && pool.act('release', job.provider, job.id)
      }
      case 'accept': {
        const job = pool.oneOf(random.chance(0.5) ? 'Submitted' : 'Settleable')
        return job && pool.act('accept', job.requester, job.id)
      }
      case 'settle': {
        const job =
          pool.oneOf('Settleable') ?? pool.passDeadline('settle', HOUR, (job) => job.openChallenges === 0)
        return job && pool.act('settle', pool.anyone(), job.id)
      }
      case 'settleMany': {
        const ready = random.some(pool.jobs('Settleable'), random.int(1, 6)).map(({ id }) => id)
        const others = Array.from({ length: random.int(0, 2) }, () => pool.anyJob())
        const twice = random.some(ready, random.int(0, 1))
        return pool.act('settleMany', pool.anyone(), [...ready, ...others, ...twice])
      }
      case 'fail': {
        const job = pool.oneOf('Overdue') ?? pool.passDeadline('fail', HOUR)
        const keepers = job && [pool.anyone(), pool.anyone(), job.provider, job.requester]
        return keepers && pool.act('fail', random.pick(keepers), job.id)
      }
      case 'cancel': {
        const job = pool.oneOf('Open')
        return job && pool.act('cancel', job.requester, job.id)
      }
      case 'clear': {
        const job = pool.oneOf('Expired') ?? pool.passDeadline('cancel', HOUR)
        return job && pool.act('cancel', pool.anyone(), job.id)
      }
      case 'challenge': {
        const status = random.chance(0.5) ? 'Disputed' : 'Submitted'
        const inTime = (end: number, hook: string) => market.now <= end && hook !== zeroAddress
        const job = pool.oneOf(status, (job) => inTime(windowEnd(job), market.hookOf(job)))
        return job && pool.act('challengeOpened', market.hookOf(job), job.id)
      }
      case 'unchallenge': {
        const job = pool.oneOf('Disputed')
        return job && pool.act('challengeClosed', market.hookOf(job), job.id)
      }
      case 'reject': {
        const job = pool.oneOf('Disputed')
        return job && pool.actOn('reject', market.hookOf(job), job.id)
      }
      case 'decide': {
        const waiting = random.chance(0.7)
        const ripe = (end: number, level: number) => level > 0 && (!waiting || market.now > end)
        const job = pool.oneOf('Submitted', (job) => ripe(windowEnd(job), job.terms.level))
        return job && pool.act('decide', market.hookOf(job), job.id)
      }
    }
    return undefined
  }

  /** What people do with their money, and as providers. */
  #onMoney(intention: keyof typeof intentions): Action | undefined {
    const pool = this.#pool
    const { random, market } = pool
    const person = pool.person()
    const { balance, stake, locked, active } = market.account(person)
    const { tokens, allowance } = market.wallet(person)
    switch (intention) {
      case 'deposit': {
        const limit = random.chance(0.03) ? 2n ** 256n - 2n : min(allowance / market.unit, 2n ** 71n)
        return pool.act('deposit', person, pool.near(limit))
      }
      case 'permit': {
        const amount = random.chance(0.05) ? random.bits(256) : pool.near(2n ** 71n)
        return pool.act('depositWithPermit', person, amount, random.chance(0.8))
      }
      case 'approve':
        return pool.act('approve', person, random.chance(0.7) ? UNLIMITED : random.bits(75) * market.unit)
      case 'withdraw': {
        const to = random.chance(0.1) ? random.pick([zeroAddress, market.address]) : pool.anyone()
        const from = random.chance(0.9) ? person : random.pick(pool.hooks)
        return pool.act('withdraw', from, to, pool.near(market.account(from).balance))
      }
      case 'stake':
        return pool.act('stake', person, pool.near(random.chance(0.03) ? 2n ** 256n - 2n : balance))
      case 'unstake':
        return pool.act('unstake', person, pool.near(random.chance(0.03) ? 2n ** 256n - 2n : stake - locked))
      case 'declare': {
        const slots = random.chance(0.1) ? active : random.pick([40, 400, 2 ** 16 - 1])
        return pool.declare(person, drawResources(random), slots)
      }
      case 'collectFees':
        return pool.act('collectFees', pool.anyone(), random.some(pool.people, random.int(0, 5)))
      case 'gift':
        return pool.act('gift', person, random.amount(1n, tokens / 4n))
    }
    return undefined
  }

  /** What the owner does. */
  #onRules(intention: keyof typeof intentions): Action | undefined {
    const pool = this.#pool
    const { random, market } = pool
    switch (intention) {
      case 'rules':
        return pool.act('addParameters', market.owner, drawRules(random, pool.hooks, pool.people))
      case 'pause':
        if (market.paused || random.chance(0.2)) return pool.act('resumePosting', market.owner)
        this.#plan = Array.from({ length: random.int(2, 8) }, () => () => this.#ordinary())
        this.#plan.push(() => pool.act('resumePosting', market.owner))
        return pool.act('pausePosting', market.owner)
      case 'fees': {
        const recipient = random.chance(0.2) ? random.pick([zeroAddress, market.address]) : pool.anyone()
        return pool.act('setFeeRecipient', market.owner, recipient)
      }
    }
    return undefined
  }

  #post(call: 'post' | 'postMany'): Action | undefined {
    const pool = this.#pool
    const { random, market } = pool
    if (pool.jobs('Open').length > 10 && random.chance(0.8)) return undefined
    const requester = pool.shuffled().find((person) => market.account(person).balance > 0n)
    if (!requester) return undefined
    const { balance } = market.account(requester)
    // The same again: refused to the same requester, a job of its own to another.
    const again = random.chance(0.05) ? pool.oneOf('Open')?.terms : undefined
    if (call === 'post') {
      const budget = random.chance(0.05) ? balance + 1n : balance
      return pool.act('post', requester, again ?? drawTerms(random, market, budget))
    }
    const count = random.int(0, 4)
    const many = Array.from({ length: count }, () => drawTerms(random, market, balance / BigInt(count)))
    const all = [...many, ...(again ? [again] : []), ...(random.chance(0.05) ? many : [])]
    return pool.act('postMany', requester, all)
  }

  /** A call one second before, at, or one second after a deadline that comes soon. */
  #atDeadline(): Action | undefined {
    const pool = this.#pool
    const { random, market } = pool
    const call = random.pick([...timedCalls, 'release', 'fail'] as const)
    const offset = random.int(-1, 1)
    const { deadline } = deadlines[call]
    const soon = pool
      .soonest(call, offset)
      .filter((job) => deadline(job) < market.now + 2 * DAY)
      .filter((job) => call !== 'challengeOpened' || market.hookOf(job) !== zeroAddress)
    if (soon.length === 0) return undefined
    const job = random.pick(soon.slice(0, 4))
    market.now = deadline(job) + offset
    if (call === 'claim') return pool.act('claim', pool.match([job])?.provider ?? pool.person(), job.id)
    return pool.actOn(call, call === 'cancel' ? pool.anyone() : pool.rightCaller(call, job.id), job.id)
  }

  /** A call by who may make it, for a job that is there, whatever its status: the combination that was least often tried. */
  #tempting(): Action {
    const pool = this.#pool
    const { random, market } = pool
    const tried = (call: JobCall, status: Status) => this.#tempted.get(`${call} ${status}`) ?? 0
    const statuses = new Map<Status, Hex>([['None', pool.word()]])
    for (const id of random.some([...market.jobs.keys()], 200)) statuses.set(market.statusOf(id), id)
    for (const job of random.some(market.liveJobs(), 200)) statuses.set(market.statusOf(job.id), job.id)
    const pairs = jobCalls.flatMap((call) => [...statuses].map(([status, id]) => ({ call, status, id })))
    const least = Math.min(...pairs.map(({ call, status }) => tried(call, status)))
    const { call, status, id } = random.pick(
      pairs.filter(({ call, status }) => tried(call, status) === least),
    )
    this.#tempted.set(`${call} ${status}`, least + 1)
    return pool.actOn(call, pool.rightCaller(call, id), id)
  }

  /** The same by somebody else, or for another job. */
  #corrupted(action: Action): Action {
    const pool = this.#pool
    const alone: CallName[] = ['gift', 'approve', 'decide', 'depositWithPermit']
    if (alone.includes(action.call)) return action
    if (action.call in deadlines && action.call !== 'settleMany' && pool.random.chance(0.4)) {
      return pool.actOn(action.call as TimedCall, action.from, pool.anyJob())
    }
    return { ...action, from: pool.anyone() }
  }
}
