import { type Hex, zeroAddress } from 'viem'
import type { Action, CallName } from './actions.ts'
import { drawForGroup } from './drawGroups.ts'
import { drawResources, drawRules, drawTerms } from './drawTerms.ts'
import { min } from './formulas.ts'
import { deadlines, jobCalls, playersOf, type Timed } from './jobCalls.ts'
import { type Plan, planAtAmount } from './plans.ts'
import type { Pool } from './pool.ts'
import type { Address } from './terms.ts'
import { type Job, releaseBy, type Status, windowEnd } from './types.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const UNLIMITED = 2n ** 256n - 1n

/** How often each is tried, of those that are possible. */
const intentions = {
  post: 15,
  postMany: 3,
  signed: 18,
  claim: 34,
  group: 10,
  deliverKey: 13,
  keyless: 2,
  submit: 34,
  release: 4,
  accept: 9,
  settle: 3,
  settleMany: 4,
  fail: 2,
  failMany: 3,
  cancel: 4,
  clear: 1,
  challenge: 22,
  unchallenge: 13,
  reject: 6,
  decide: 30,
  attest: 22,
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
  guardian: 0.7,
  nonces: 1,
  mine: 0.7,
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
  /** How often a call was tried just because there was a job of a status, or a deadline. */
  readonly #tried: Map<string, number>

  /** @param tried - What is rare in one market gets its chance in the next one, if they share this. */
  constructor(pool: Pool, tried: Map<string, number>) {
    this.#pool = pool
    this.#tried = tried
  }

  /** The next action; the model's clock stands at its time. */
  next(): Action {
    while (this.#plan.length > 0) {
      const planned = this.#plan.shift()?.()
      if (planned) return planned
    }
    const pool = this.#pool
    const kind = pool.random.weighted({ ordinary: 54, deadline: 14, amount: 3, corrupted: 5, tempting: 24 })
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
    const weights = { none: 65, seconds: 26, minutes: 6, hours: 1.5, days: 0.4, weeks: 0.15 }
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
    const isPlain = (job: Job) => !market.isMediated(job)
    switch (intention) {
      case 'post':
      case 'postMany':
        return this.#post(intention)
      case 'claim': {
        const match = pool.match(random.some(pool.jobs('Open').filter(isPlain), 9))
        if (match) return pool.act('claim', match.provider, match.job.id)
        const job = random.chance(0.1) ? pool.oneOf('Open') : undefined
        return job && pool.act('claim', pool.person(), job.id)
      }
      case 'signed':
        return this.#signed()
      case 'group':
        // In a row, because a group that waits for chance misses its deadlines.
        if (random.chance(0.8))
          this.#plan = Array<Plan[number]>(random.int(1, 12)).fill(() => drawForGroup(pool))
        return drawForGroup(pool)
      case 'deliverKey': {
        const job = pool.oneOf('AwaitingKey')
        return job && pool.actOn('deliverKey', job.requester, job.id)
      }
      case 'keyless': {
        const job = pool.oneOf('Keyless') ?? pool.passDeadline('release', 'AwaitingKey', HOUR)
        return job && pool.act('release', pool.anyone(), job.id)
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
          pool.oneOf('Settleable') ??
          pool.passDeadline('settle', 'Submitted', HOUR, (job) => job.openChallenges === 0)
        return job && pool.act('settle', pool.anyone(), job.id)
      }
      case 'settleMany':
      case 'failMany': {
        const jobs = pool.jobs(intention === 'settleMany' ? 'Settleable' : 'Overdue')
        const ready = random.some(jobs, random.int(1, 6)).map(({ id }) => id)
        const others = Array.from({ length: random.int(0, 2) }, () => pool.anyJob())
        const twice = random.some(ready, random.int(0, 1))
        return pool.act(intention, pool.anyone(), [...ready, ...others, ...twice])
      }
      case 'fail': {
        const job = pool.oneOf('Overdue') ?? pool.passDeadline('fail', 'Claimed', HOUR)
        const keepers = job && [pool.anyone(), pool.anyone(), job.provider, job.requester]
        return keepers && pool.act('fail', random.pick(keepers), job.id)
      }
      case 'cancel': {
        const job = pool.oneOf('Open', (job) => isPlain(job) || random.chance(0.1))
        return job && pool.act('cancel', job.requester, job.id)
      }
      case 'clear': {
        const job = pool.oneOf('Expired') ?? pool.passDeadline('cancel', 'Open', HOUR)
        return job && pool.act('cancel', pool.anyone(), job.id)
      }
      case 'challenge': {
        const status = random.chance(0.5) ? 'Disputed' : 'Submitted'
        const job =
          pool.oneOf('Settleable', (job) => market.now <= windowEnd(job)) ??
          pool.oneOf(status, (job) => market.now <= windowEnd(job))
        const hook = job && this.#challenger(job)
        return hook && pool.act('challengeOpened', hook, job.id)
      }
      case 'unchallenge': {
        const job = pool.oneOf('Disputed')
        const hook = job && this.#challenger(job)
        return hook && pool.act('challengeClosed', hook, job.id)
      }
      case 'reject': {
        const job = pool.oneOf('Disputed')
        const hook = job && this.#challenger(job)
        return hook && pool.actOn('reject', hook, job.id)
      }
      case 'attest': {
        const attested = (job: Job) => market.hookOf(job) === market.attestation
        const job = pool.oneOf(random.chance(0.9) ? 'Submitted' : 'Disputed', attested)
        if (job && random.chance(0.6)) this.#plan = [() => this.#challengeSigned(job)]
        return job && pool.attest(pool.anyone(), job.id)
      }
      case 'decide': {
        const waiting = random.chance(0.7)
        const asked = (job: Job) => pool.hooks.scripted.includes(market.hookOf(job)) && job.terms.level > 0
        const job = pool.oneOf('Submitted', (job) => asked(job) && (!waiting || market.now > windowEnd(job)))
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
        const from = random.chance(0.9) ? person : random.pick(pool.hooks.scripted)
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
        return pool.act('gift', person, random.amount(1n, min(tokens, 2n ** 50n)))
      case 'nonces': {
        const nonces = (1n << BigInt(random.int(0, 255))) | (1n << BigInt(random.int(0, 255)))
        return pool.act('cancelNonces', person, BigInt(random.int(0, 3)), nonces)
      }
    }
    return undefined
  }

  /** What those who govern do, and the chain. */
  #onRules(intention: keyof typeof intentions): Action | undefined {
    const pool = this.#pool
    const { random, market } = pool
    switch (intention) {
      case 'rules':
        return pool.act('addParameters', market.timelock, drawRules(random, pool.hooks, pool.people))
      case 'pause': {
        const by = () => random.pick([market.timelock, market.guardian, market.guardian])
        if (market.paused || random.chance(0.2)) return pool.act('resumePosting', by())
        this.#plan = Array.from({ length: random.int(2, 8) }, () => () => this.#ordinary())
        this.#plan.push(() => pool.act('resumePosting', by()))
        return pool.act('pausePosting', by())
      }
      case 'guardian':
        return pool.act('setGuardian', market.timelock, pool.person())
      case 'mine':
        return pool.act('mine', pool.person(), random.pick([3, 255, 256, 257, 600]))
      case 'fees': {
        const recipient = random.chance(0.2) ? random.pick([zeroAddress, market.address]) : pool.anyone()
        return pool.act('setFeeRecipient', market.timelock, recipient)
      }
    }
    return undefined
  }

  #post(call: 'post' | 'postMany'): Action | undefined {
    const pool = this.#pool
    const { random, market } = pool
    const plain = pool.jobs('Open').filter((job) => !market.isMediated(job))
    if (plain.length > 10 && random.chance(0.8)) return undefined
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

  /** Who may say something about a challenge: the level's own hook, or the dispute game. */
  #challenger(job: Job): Address | undefined {
    const { market, random } = this.#pool
    const hooks = playersOf(market, job)
    return hooks.length > 0 ? random.pick(hooks) : undefined
  }

  /** A challenge of a result that its attester has signed. */
  #challengeSigned(job: Job): Action | undefined {
    const hook = this.#challenger(job)
    const { market } = this.#pool
    return hook && market.statusOf(job.id) === 'Settleable'
      ? this.#pool.act('challengeOpened', hook, job.id)
      : undefined
  }

  /** A request or an offer, and who takes it; sometimes with a nonce that was spent, or a signature that is none. */
  #signed(): Action | undefined {
    const pool = this.#pool
    const { random, market } = pool
    const [requester, provider, stranger] = pool.shuffled() as [Address, Address, Address]
    const balance = market.account(requester).balance
    const terms = drawTerms(random, market, balance)
    const level = market.sets.at(-1)!.levels[terms.level]
    if (level?.isMediated && random.chance(0.9)) return undefined
    terms.nonce = BigInt(random.int(0, 1_023))
    terms.isPrivate = random.chance(0.4)
    if (random.chance(0.95)) terms.minBps = 10_000
    if (random.chance(0.95)) terms.maxPrice = coarse(terms.maxPrice)
    const [call, signer, caller] = random.chance(0.5)
      ? (['claimSigned', requester, provider] as const)
      : (['acceptOffer', provider, requester] as const)
    const isOpen = random.chance(0.5)
    const named = random.pick([
      ...Array<null | Address>(20).fill(isOpen ? zeroAddress : caller),
      null,
      stranger,
    ])
    const by = random.chance(0.01) ? zeroAddress : signer
    return pool.act(call, caller, by, isOpen, terms, by === zeroAddress ? null : named)
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

/** The largest price up to this one that a signed job can keep. */
function coarse(price: bigint): bigint {
  const exponent = BigInt(Math.max(0, price.toString(2).length - 40))
  return (price >> exponent) << exponent
}
