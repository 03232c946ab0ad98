import { type Hex, numberToHex } from 'viem'
import { type Action, type Arguments, act, type CallName } from './actions.ts'
import { callerOf, deadlines, type JobCall, type TimedCall } from './jobCalls.ts'
import type { Market } from './market.ts'
import type { Random } from './random.ts'
import type { Address, Resources } from './terms.ts'
import type { Job, Status } from './types.ts'

/** What actions are drawn from: the market as the model sees it, its people, and chance. */
export class Pool {
  readonly random: Random
  readonly market: Market
  readonly people: readonly Address[]
  readonly hooks: readonly Address[]

  constructor(random: Random, market: Market, people: readonly Address[], hooks: readonly Address[]) {
    this.random = random
    this.market = market
    this.people = people
    this.hooks = hooks
  }

  /** A call now, by the model's clock. */
  act<K extends CallName>(call: K, from: Address, ...args: Arguments<K>): Action {
    return act(call, from, this.market.now, ...args)
  }

  /** A call for one job, with arguments that make sense for it. */
  actOn(call: JobCall, from: Address, id: Hex): Action {
    const { random } = this
    if (call === 'settleMany') return this.act(call, from, [id])
    if (call === 'submit') {
      return this.act(call, from, id, this.word(), random.amount(0n, 2n ** 128n - 1n))
    }
    if (call === 'reject') {
      const bond = this.market.jobs.get(id)?.bond ?? 0n
      const moves = random.weighted({ none: 1, part: 5, fifth: 2, all: 2, absurd: 1 })
      const most = { none: 0n, part: bond / 5n, fifth: bond / 5n + 1n, all: bond, absurd: 2n ** 200n }[moves]
      return this.act(call, from, id, moves === 'fifth' ? most : random.amount(0n, most))
    }
    return this.act(call, from, id)
  }

  declare(person: Address, resources: Resources, slots: number): Action {
    const odd = this.random.pick(['x'.repeat(256), 'x'.repeat(257), '\x7f', '\x80', 'é'.repeat(129)])
    const endpoints = ['', 'http://198.51.100.8:4401', 'https://provider.example.org', odd]
    return this.act('updateProvider', person, resources, slots, this.random.pick(endpoints), this.word())
  }

  word(): Hex {
    return numberToHex(this.random.bits(256), { size: 32 })
  }

  /** Mostly a part of `limit`; sometimes all of it, one more, or nothing. */
  near(limit: bigint): bigint {
    const kind = this.random.weighted({ part: 86, all: 6, more: 4, none: 4 })
    if (limit > 0n && kind === 'part') return this.random.amount(1n, limit)
    return { part: 1n, all: limit, more: limit + 1n, none: 0n }[kind]
  }

  person(): Address {
    return this.random.pick(this.people)
  }

  /** A person, rarely a hook. */
  anyone(): Address {
    return this.random.chance(0.95) ? this.person() : this.random.pick(this.hooks)
  }

  shuffled(): Address[] {
    return this.random.some(this.people, this.people.length)
  }

  /** Who may make the call for this job, if anyone may at this time. */
  rightCaller(call: JobCall, id: Hex): Address {
    return callerOf(this.market, call, id) ?? this.anyone()
  }

  /** A job in any state, or one that does not exist. */
  anyJob(): Hex {
    const ids = [...this.market.jobs.keys()]
    if (ids.length === 0 || this.random.chance(0.05)) return this.word()
    return this.random.pick(this.random.chance(0.9) ? ids.slice(-40) : ids)
  }

  jobs(status: Status): Job[] {
    return this.market.liveJobs().filter(({ id }) => this.market.statusOf(id) === status)
  }

  oneOf(status: Status, fits: (job: Job) => boolean = () => true): Job | undefined {
    const jobs = this.jobs(status).filter(fits)
    return jobs.length === 0 ? undefined : this.random.pick(jobs)
  }

  /** The jobs whose deadline for this call is still `offset` seconds away at least, soonest first. */
  soonest(call: TimedCall, offset: number): Job[] {
    const { stage, deadline } = deadlines[call]
    return this.market
      .liveJobs()
      .filter((job) => job.stage === stage && deadline(job) + offset >= this.market.now)
      .sort((a, b) => deadline(a) - deadline(b))
  }

  /** Lets the next deadline of this kind pass, if it is less than `patience` away. */
  passDeadline(call: TimedCall, patience: number, fits: (job: Job) => boolean = () => true): Job | undefined {
    const { deadline } = deadlines[call]
    const [job] = this.soonest(call, 1).filter(fits)
    if (!job || deadline(job) - this.market.now > patience) return undefined
    this.market.now = deadline(job) + 1
    return job
  }

  /** A job and a provider that may claim it now. */
  match(jobs: Job[] = this.random.some(this.jobs('Open'), 9)): { job: Job; provider: Address } | undefined {
    for (const job of jobs) {
      const provider = this.shuffled().find((person) => this.quote(job, person))
      if (provider) return { job, provider }
    }
    return undefined
  }

  quote(job: Job, provider: Address): { price: bigint; bond: bigint } | undefined {
    try {
      return this.market.quoteClaim(job.id, provider)
    } catch {
      return undefined
    }
  }
}
