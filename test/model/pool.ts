import { concatHex, type Hex, hexToBytes, keccak256, numberToHex, zeroHash } from 'viem'
import { type ResultNodes, resultNodes } from '../../sdk/src/dispute/results.ts'
import { type Action, type Arguments, act, type CallName } from './actions.ts'
import { attestersHash } from './attestation.ts'
import type { Hooks } from './chain.ts'
import { depthOf } from './disputes.ts'
import { attestersOf, drawTerms, MOST_TASKS } from './drawTerms.ts'
import { min } from './formulas.ts'
import { callerOf, deadlines, type JobCall, type Timed } from './jobCalls.ts'
import type { Plan } from './plans.ts'
import type { Random } from './random.ts'
import type { ReplicatedMarket } from './replication.ts'
import type { Address, Resources } from './terms.ts'
import type { Job, Stage, Status } from './types.ts'

interface Vote {
  root: Hex
  steps: bigint
  salt: Hex
}

/** What actions are drawn from: the market as the model sees it, its people, and chance. */
export class Pool {
  readonly random: Random
  readonly market: ReplicatedMarket
  readonly people: readonly Address[]
  readonly hooks: Hooks
  /** What comes next, whatever chance says. */
  plan: Plan = []
  /** What each seat has committed to. */
  readonly secrets = new Map<Hex, Vote>()
  /** Trees of results by their roots. */
  readonly trees = new Map<Hex, { tree: ResultNodes; rows: Uint8Array }>()

  constructor(random: Random, market: ReplicatedMarket, people: readonly Address[], hooks: Hooks) {
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
    switch (call) {
      case 'settleMany':
      case 'failMany':
        return this.act(call, from, [id])
      case 'submit':
        return this.act(
          call,
          from,
          id,
          ...(this.resultWithTree(id) ?? ([this.word(), this.steps(id)] as const)),
        )
      case 'deliverKey':
        return this.act(call, from, id, this.bytes(random.pick([1, 48, 48, 48, 511, 512, 512, 513, 0])))
      case 'commit':
        return this.act(call, from, id, this.commitment(from, id))
      case 'reveal': {
        const { root, steps, salt } = this.secrets.get(id) ?? this.drawVote(id)
        return this.act(call, from, id, root, steps, salt)
      }
      case 'attest':
        return this.attest(from, id)
      case 'conclude':
        return this.act(call, from, id, this.word(), random.int(0, 10_001), random.chance(0.5))
    }
    if (call === 'reject') {
      const bond = this.market.jobs.get(id)?.bond ?? 0n
      const moves = random.weighted({ none: 1, part: 5, fifth: 2, all: 2, absurd: 1 })
      const most = { none: 0n, part: bond / 5n, fifth: bond / 5n + 1n, all: bond, absurd: 2n ** 200n }[moves]
      return this.act(call, from, id, moves === 'fifth' ? most : random.amount(0n, most))
    }
    return this.act(call, from, id)
  }

  /** An attester's signature of the job's result, sometimes of another one or by a list that is not the job's. */
  attest(from: Address, id: Hex): Action {
    const { random, market } = this
    const { requester, terms, resultCommitment } = market.jobs.get(id) ?? {
      ...{ requester: this.person(), terms: drawTerms(random, market, 1n), resultCommitment: this.word() },
    }
    const lists = Array.from({ length: 8 }, (_, list) => attestersOf(market, list))
    const own = lists.find((list) => attestersHash(list) === terms.assurance)
    const list = own && random.chance(0.95) ? own : random.pick(lists)
    // accounts with code cannot sign
    const able = [...list.keys()].filter((index) => market.codeless.has(list[index]!) || random.chance(0.05))
    const index = random.chance(0.95) && able.length > 0 ? random.pick(able) : list.length
    const signed = random.chance(0.93) ? resultCommitment : this.word()
    return this.act('attest', from, requester, terms, list, index, signed)
  }

  /** Mostly a result whose tree both sides of a dispute know; in some the tree does not add up, or has a task too many. */
  resultWithTree(id: Hex): readonly [root: Hex, steps: bigint] | undefined {
    const { random } = this
    const job = this.market.jobs.get(id)
    if (!job || job.terms.tasks > MOST_TASKS || random.chance(0.1)) return undefined
    const { tasks } = job.terms
    const hasRoom = depthOf({ terms: { ...job.terms, tasks: tasks + 1 } }) === depthOf(job)
    const count = hasRoom && random.chance(0.6) ? tasks + 1 : tasks
    // rows of any bytes, of which the last eight are the steps
    const row = () =>
      concatHex([numberToHex(random.bits(360), { size: 45 }), numberToHex(random.bits(36), { size: 8 })])
    const rows = hexToBytes(concatHex(Array.from({ length: count }, row)))
    const tree = resultNodes(rows)
    this.trees.set(tree.top.hash, { tree, rows })
    return [tree.top.hash, tree.top.steps + (random.chance(0.15) ? 1n : 0n)]
  }

  /** What a seat will reveal: in most groups the same as the others. */
  commitment(provider: Address, id: Hex): Hex {
    if (this.random.chance(0.02)) return zeroHash
    const { root, steps, salt } = this.drawVote(id)
    this.secrets.set(id, { root, steps, salt })
    return this.market.commitmentOf(id, provider, root, steps, salt)
  }

  /** Most spares are honest: they are there to decide. */
  drawVote(id: Hex): Vote {
    const { groupId, index } = this.market.seats.get(id) ?? { groupId: id, index: 0 }
    const isSpare = index >= (this.market.groups.get(groupId)?.terms.seats ?? 1)
    const honesty = isSpare || BigInt(groupId) % 3n === 0n ? 0.9 : 0.4
    const root = this.random.chance(honesty) ? groupId : this.random.pick([keccak256(groupId), this.word()])
    return { root, steps: 7n, salt: this.word() }
  }

  /** Anything from none to far beyond what is paid for. */
  steps(id: Hex): bigint {
    const { tasks, stepLimit } = this.market.jobs.get(id)?.terms ?? { tasks: 1, stepLimit: 1n }
    const budget = BigInt(tasks) * stepLimit
    return this.random.amount(0n, this.random.chance(0.8) ? budget : min(4n * budget, 2n ** 128n - 1n))
  }

  bytes(count: number): Hex {
    return `0x${'5a'.repeat(count)}`
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
    return this.random.chance(0.95) ? this.person() : this.random.pick(this.hooks.scripted)
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

  /** The jobs for which this deadline is still `offset` seconds away at least, soonest first. */
  soonest({ stage, deadline }: Timed, offset: number): Job[] {
    const { market } = this
    return market
      .liveJobs()
      .filter((job) => job.stage === stage && deadline(job, market) + offset >= market.now)
      .sort((a, b) => deadline(a, market) - deadline(b, market))
  }

  /** Lets the next deadline of this kind pass, if it is less than `patience` away. */
  passDeadline(
    call: JobCall,
    stage: Stage,
    patience: number,
    fits: (job: Job) => boolean = () => true,
  ): Job | undefined {
    const timed = deadlines.find((one) => one.call === call && one.stage === stage)!
    const [job] = this.soonest(timed, 1).filter(fits)
    if (!job || timed.deadline(job, this.market) - this.market.now > patience) return undefined
    this.market.now = timed.deadline(job, this.market) + 1
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
      const quote = this.market.quoteClaim(job.id, provider)
      if (this.market.isMediated(job)) this.market.jobClaimed(job, provider)
      return quote
    } catch {
      return undefined
    }
  }
}
