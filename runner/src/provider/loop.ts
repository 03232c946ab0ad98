import {
  getJob,
  getJobs,
  getProvider,
  isDrawn,
  isFinalStatus,
  isRetryable,
  type Job,
  type JobEvent,
  quoteClaim,
  watchJobs,
} from 'assay'
import type { Hex } from 'viem'
import { type Capacity, gasFor, matchJob } from '../core/match.ts'
import { isCurrent, preferredSeat } from '../core/seats.ts'
import { ChainReplacedError, factsOf } from '../errors.ts'
import { assertSameChain, pause, persist } from './chain.ts'
import type { PreparedJob, ProviderContext } from './context.ts'
import { type OpenJob, OpenJobs } from './openJobs.ts'
import { mayComeBack, prepareJob } from './prepare.ts'
import { completeSeat, readSeat, Seats } from './seats.ts'
import { Settlements } from './settlements.ts'
import { claimJob, completeClaim, followChain, isOurs } from './work.ts'

/** How often the journal is compared with the chain, and its transactions with what the node knows. */
const RECONCILE_MS = 30_000
/** A job whose data takes longer to arrive does not keep other jobs waiting. */
const PATIENCE_MS = 2_000
/** Slow downloads beside the jobs that are worked on. */
const SLOW_DOWNLOADS = 2
/** Open jobs that are looked at before the chain is looked at again: there may be very many. */
const CONSIDERED_AT_ONCE = 32
/** Seconds after which a job is looked at again that needs more reputation. */
const CAPACITY_SECONDS = 30
/** Seconds after which a group's seats are looked at again where another one is tried for first. */
const SEAT_SECONDS = 2
const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 60_000
/** Blocks between notes of how far the events were handled. */
const NOTE_BLOCKS = 100n

export type LoopOptions = {
  /** Jobs worked on at once. */
  jobs: number
  /** Milliseconds between looks at the chain. */
  pollingInterval: number
}

/** Looks at the chain, decides what to do, and starts the work; every decision is taken again from the chain's state. */
export class ProviderLoop {
  readonly #context: ProviderContext
  readonly #options: LoopOptions
  readonly #chain: { time: number }
  /** Aborted to stop at once; the context's signal. */
  readonly #stopping: AbortController
  readonly #open = new OpenJobs()
  readonly #settlements: Settlements
  readonly #seats: Seats
  /** Jobs whose data is on its way, since when. */
  readonly #preparing = new Map<Hex, number>()
  /** Jobs that are claimed, executed or submitted. */
  readonly #working = new Map<Hex, Promise<void>>()
  /** Those of them that take up the machine. */
  readonly #busy = new Set<Hex>()
  readonly #retries = new Map<Hex, number>()
  /** Claims that were given up, and after when they can be failed. */
  readonly #failAfter = new Map<Hex, number>()
  readonly #background = new Map<string, Promise<void>>()
  #woken = new AbortController()
  #fatal: unknown
  #draining = false
  #lowOnGas = false
  #nodeAway = false
  #reconciledAt = Number.NEGATIVE_INFINITY
  #notedBlock = 0n

  constructor(
    context: ProviderContext,
    options: LoopOptions,
    chain: { time: number },
    stopping: AbortController,
  ) {
    this.#context = context
    this.#options = options
    this.#chain = chain
    this.#stopping = stopping
    this.#settlements = new Settlements(context)
    this.#seats = new Seats(context)
  }

  /** Claims nothing more; {@link run} ends once the work that was begun is submitted. */
  drain(): void {
    this.#draining = true
    this.#wake()
  }

  async run(): Promise<void> {
    const { client, log, signal, address } = this.#context
    let unwatch = () => {}
    try {
      await persist(this.#context, 'looking at earlier jobs', () => this.#start())
      unwatch = watchJobs(client, {
        pollingInterval: this.#options.pollingInterval,
        signal,
        onEvents: (events, { resumeFrom }) => this.#onEvents(events, resumeFrom),
        onError: (error) => this.#onError(error),
      })
      log.info({ event: 'ready', address }, 'watching for jobs')
      while (!signal.aborted && !(this.#draining && this.#working.size === 0)) {
        await this.#tick().then(
          () => this.#onNode(true),
          (error: unknown) => this.#onError(error),
        )
        await this.#sleep()
      }
    } finally {
      unwatch()
      this.#stopping.abort()
      await Promise.allSettled([...this.#working.values(), ...this.#background.values()])
    }
    if (this.#fatal !== undefined) throw this.#fatal
  }

  async #tick(): Promise<void> {
    this.#woken = new AbortController()
    await assertSameChain(this.#context)
    await this.#readTime()
    if (performance.now() - this.#reconciledAt > RECONCILE_MS)
      this.#inBackground('reconcile', () => this.#reconcile())
    for (const [jobId, time] of this.#failAfter) if (this.#chain.time > time) this.#work(jobId)
    this.#inBackground('settle', () =>
      this.#settlements.settleDue(this.#chain.time, (job) => this.#follow(job)),
    )
    this.#inBackground('resolve', () => this.#seats.resolveDue(this.#chain.time, (job) => this.#follow(job)))
    if (!this.#draining) await this.#claimSome()
  }

  /** Sleeps until the next look at the chain is due, or until something changed since the last one began. */
  async #sleep(): Promise<void> {
    await pause(this.#options.pollingInterval, AbortSignal.any([this.#woken.signal, this.#context.signal]))
  }

  #wake(): void {
    this.#woken.abort()
  }

  #inBackground(name: string, step: () => Promise<void>): void {
    if (this.#background.has(name)) return
    const work = step()
      .catch((error: unknown) => this.#onError(error))
      .finally(() => this.#background.delete(name))
    this.#background.set(name, work)
  }

  #onError(error: unknown): void {
    if (this.#context.signal.aborted) return
    if (error instanceof ChainReplacedError) {
      this.#fatal ??= error
      this.#stopping.abort()
    } else if (isRetryable(error)) this.#onNode(false, error)
    else this.#context.log.error({ event: 'error', ...factsOf(error) }, 'something went wrong, going on')
  }

  #onNode(answers: boolean, error?: unknown): void {
    const { log } = this.#context
    if (answers && this.#nodeAway) log.info({ event: 'node-back' }, 'the node answers again')
    if (!answers && !this.#nodeAway) {
      log.warn({ event: 'node-away', ...factsOf(error) }, 'the node does not answer, trying again')
    }
    this.#nodeAway = !answers
  }

  async #readTime(): Promise<void> {
    const block = await this.#context.client.getBlock({ blockTag: 'latest' })
    this.#chain.time = Number(block.timestamp)
  }

  /** Takes up every claim that the journal or the chain knows of. */
  async #start(): Promise<void> {
    const { client, journal, address, log, transactions } = this.#context
    await this.#readTime()
    await transactions.resume()
    // Claims in events before that block are in the journal.
    const noted = journal.meta('resumeFrom')
    const claims = await getJobs(client, {
      provider: address,
      ...(noted !== null && { fromBlock: BigInt(noted) }),
    })
    const jobs = new Map(claims.filter(({ status }) => !isFinalStatus(status)).map((job) => [job.jobId, job]))
    for (const { jobId } of journal.openJobs()) {
      jobs.set(jobId, jobs.get(jobId) ?? (await getJob(client, { jobId })))
    }
    for (const job of jobs.values()) await this.#follow(job)
    this.#reconciledAt = performance.now()
    if (jobs.size > 0) log.info({ event: 'reconciled', jobs: jobs.size }, 'took up earlier jobs')
  }

  /** Compares the journal with the chain: events are hints, and may be lost. */
  async #reconcile(): Promise<void> {
    const { client, journal, transactions } = this.#context
    await transactions.resume()
    for (const { jobId } of journal.openJobs()) {
      if (this.#working.has(jobId) || this.#settlements.has(jobId) || this.#seats.has(jobId)) continue
      await this.#follow(await getJob(client, { jobId }))
    }
    this.#reconciledAt = performance.now()
  }

  /** Does what a job's state asks of this provider. */
  async #follow(job: Job): Promise<void> {
    const { jobId, status } = job
    const ours = isOurs(this.#context, job)
    if (ours && (status === 'claimed' || status === 'overdue')) {
      if (status === 'overdue' || !this.#failAfter.has(jobId)) this.#work(jobId)
    } else if (ours && status === 'seated') {
      if (!this.#seats.has(jobId)) this.#work(jobId)
    } else if (ours || status !== 'open') await followChain(this.#context, job)
    if (!ours) return
    this.#settlements.follow(job, this.#chain.time)
    if (status !== 'seated') this.#seats.follow(job)
  }

  async #onEvents(events: readonly JobEvent[], resumeFrom: bigint): Promise<void> {
    const { client, address, journal } = this.#context
    for (const { eventName, args } of events) {
      const { jobId } = args
      if (eventName === 'JobPosted') this.#open.add(jobId)
      else this.#open.remove(jobId)
      const mine = 'provider' in args && args.provider.toLowerCase() === address.toLowerCase()
      if (!mine || this.#working.has(jobId) || journal.job(jobId)?.phase === 'done') continue
      await this.#follow(await getJob(client, { jobId }))
    }
    if (resumeFrom >= this.#notedBlock + NOTE_BLOCKS) {
      journal.setMeta('resumeFrom', String(resumeFrom))
      this.#notedBlock = resumeFrom
    }
    if (events.length > 0) this.#wake()
  }

  async #claimSome(): Promise<void> {
    const { client, address, resources } = this.#context
    if (this.#freeSlots() < 1 || this.#open.size === 0) return
    const gasPrice = await client.getGasPrice()
    if (!(await this.#canPayGas(gasPrice))) return
    const { reputation } = await getProvider(client, { address })
    for (const open of this.#open.due(this.#chain.time).slice(0, CONSIDERED_AT_ONCE)) {
      const freeSlots = this.#freeSlots()
      if (freeSlots < 1) return
      await this.#consider(open, { resources, reputation, freeSlots, gasPrice })
    }
  }

  /** How many more jobs may be begun. Those that wait for a slow store do not count, up to a limit. */
  #freeSlots(): number {
    const now = performance.now()
    const downloads = [...this.#preparing.values()]
    const quick = downloads.filter((since) => now - since < PATIENCE_MS).length
    const slow = downloads.length - quick
    return this.#options.jobs - this.#busy.size - quick - Math.max(0, slow - SLOW_DOWNLOADS)
  }

  /** Starts work on the job if it suits. */
  async #consider(open: OpenJob, capacity: Capacity): Promise<void> {
    const { client, address, policy } = this.#context
    const { jobId } = open
    const time = this.#chain.time
    if (this.#preparing.has(jobId) || this.#working.has(jobId)) return
    open.job ??= await getJob(client, { jobId })
    if (open.job.status !== 'open') return this.#open.remove(jobId)
    const verdict = matchJob(open.job, capacity, policy, time)
    if (!verdict.claim) {
      this.#say(open, 'passed-over', { reason: verdict.reason })
      if (verdict.at === null) this.#open.remove(jobId)
      else open.notBefore = typeof verdict.at === 'number' ? verdict.at : time + CAPACITY_SECONDS
      return
    }
    try {
      await quoteClaim(client, { jobId, provider: address })
      if (open.job.level === 'replicated' && !(await this.#mayTakeSeat(open, time))) return
    } catch (error) {
      if (isRetryable(error)) throw error
      this.#say(open, 'not-eligible', factsOf(error))
      this.#open.postpone(open, time)
      return
    }
    if (open.job.level === 'replicated' && !(await this.#mayTakeSeat(open, time))) return
    this.#preparing.set(jobId, performance.now())
    void this.#prepareAndClaim(open, open.job)
      .catch((error: unknown) => this.#onError(error))
      .finally(() => {
        this.#preparing.delete(jobId)
        this.#wake()
      })
  }

  /** Whether to try for this seat now: for one of its group at most, and not for the one that all others try for. */
  async #mayTakeSeat(open: OpenJob, time: number): Promise<boolean> {
    const { address, client, policy } = this.#context
    const { seat, group } = await readSeat(this.#context, open.jobId)
    const { seats, commitTime } = group.terms
    const isSpare = seat.index >= seats
    const pass = (reason: string, forGood = true) => {
      this.#say(open, 'passed-over', { reason })
      if (forGood) this.#open.remove(open.jobId)
      else open.notBefore = time + SEAT_SECONDS
      return false
    }
    if (isSpare && group.phase === 'first') return pass('it is a spare seat, not needed yet', false)
    if (!isCurrent(seat, group)) return pass(`its group is ${group.phase}`)
    if (commitTime < policy.minRun) return pass(`${commitTime} s to run, the policy needs ${policy.minRun} s`)
    const siblings = group.jobIds.filter((id) => id !== null)
    if (siblings.length < group.jobIds.length) return pass('its group is not complete', false)
    if (siblings.some((id) => this.#isTaken(id))) return pass('another seat of its group is ours', false)
    if (isSpare && !(await isDrawn(client, { ...seat, provider: address }))) {
      return pass('it is a spare seat, and another one is drawn', group.seed !== null)
    }
    const voters = isSpare ? siblings.slice(seats) : siblings.slice(0, seats)
    const preferred = preferredSeat(voters, address, (id) => this.#open.has(id))
    if (preferred !== open.jobId) open.notBefore = time + SEAT_SECONDS
    return preferred === open.jobId
  }

  /** Whether this provider holds a job, or is about to. */
  #isTaken(jobId: Hex): boolean {
    const { phase, end } = this.#context.journal.job(jobId) ?? { phase: null, end: null }
    const isHeld = phase !== null && (phase !== 'done' || end === 'settled')
    return this.#preparing.has(jobId) || this.#working.has(jobId) || isHeld
  }

  async #prepareAndClaim(open: OpenJob, job: Job): Promise<void> {
    const { jobId } = job
    let prepared: PreparedJob
    try {
      prepared = await prepareJob(this.#context, job)
    } catch (error) {
      if (this.#context.signal.aborted) return
      const again = mayComeBack(error)
      this.#say(open, again ? 'not-ready' : 'refused', factsOf(error))
      if (again) this.#open.postpone(open, this.#chain.time)
      else this.#open.remove(jobId)
      return
    }
    this.#preparing.delete(jobId)
    // All that came is kept: the next look at this job needs no store.
    if (this.#draining || this.#busy.size >= this.#options.jobs) return
    this.#work(jobId, async () => {
      const claimed = await claimJob(this.#context, prepared)
      if (claimed === 'open') this.#open.postpone(open, this.#chain.time)
      else this.#open.remove(jobId)
      return claimed === 'ours' ? prepared : null
    })
  }

  /** Says why a job is not claimed, once for each reason. */
  #say(open: OpenJob, event: string, facts: { reason: string; error?: string }): void {
    if (open.said === facts.reason) return
    open.said = facts.reason
    const { jobId } = open
    const level = event === 'passed-over' ? 'info' : 'warn'
    this.#context.log[level]({ event, jobId, ...facts }, NOT_CLAIMED[event])
  }

  /** Brings a claim to its end, after `claimed` made it ours; null from that means it is not. */
  #work(jobId: Hex, claimed: () => Promise<PreparedJob | null | undefined> = async () => undefined): void {
    if (this.#working.has(jobId)) return
    this.#failAfter.delete(jobId)
    this.#busy.add(jobId)
    const free = () => {
      this.#busy.delete(jobId)
      this.#wake()
    }
    const run = async () => {
      const prepared = await claimed()
      if (prepared === null) return
      const { client } = this.#context
      const claim = await persist(this.#context, 'reading the job', () => getJob(client, { jobId }))
      const { pollingInterval } = this.#options
      if (claim.status === 'seated' && isOurs(this.#context, claim)) {
        await completeSeat(this.#context, claim, { prepared, onExecuted: free, pollingInterval })
        this.#retries.delete(jobId)
        return this.#seats.follow(claim)
      }
      const { failAfter } = await completeClaim(this.#context, claim, { prepared, onExecuted: free })
      if (failAfter !== null) this.#failAfter.set(jobId, failAfter)
      const job = await getJob(client, { jobId })
      this.#settlements.follow(job, this.#chain.time)
      if (failAfter === null && job.status === 'claimed') this.#retryLater(jobId)
      else this.#retries.delete(jobId)
    }
    const work = run()
      .catch((error: unknown) => this.#onWorkError(jobId, error))
      .finally(() => {
        this.#working.delete(jobId)
        free()
      })
    this.#working.set(jobId, work)
  }

  async #onWorkError(jobId: Hex, error: unknown): Promise<void> {
    const { signal, log } = this.#context
    if (signal.aborted) return
    log.error({ event: 'work', jobId, ...factsOf(error) }, 'work on this job stopped')
    await assertSameChain(this.#context).catch((cause: unknown) => this.#onError(cause))
    this.#retryLater(jobId)
  }

  #retryLater(jobId: Hex): void {
    const failures = this.#retries.get(jobId) ?? 0
    this.#retries.set(jobId, failures + 1)
    setTimeout(
      () => {
        // The journal is closed once the provider has stopped.
        if (this.#context.signal.aborted) return
        const phase = this.#context.journal.job(jobId)?.phase
        if (phase !== undefined && phase !== 'done') this.#work(jobId)
      },
      Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS),
    ).unref()
  }

  /** A claim without money for its submission would cost a part of the bond. */
  async #canPayGas(gasPrice: bigint): Promise<boolean> {
    const { client, address, log } = this.#context
    const balance = await client.getBalance({ address })
    const enough = balance >= gasPrice * gasFor('optimistic') * BigInt(this.#working.size + 1)
    if (!enough && !this.#lowOnGas) {
      const text = 'no money for gas: no more jobs are claimed until it is topped up'
      log.error({ event: 'out-of-gas-money', address, balance }, text)
    }
    if (enough && this.#lowOnGas)
      log.info({ event: 'gas-money', address, balance }, 'there is money for gas again')
    this.#lowOnGas = !enough
    return enough
  }
}

const NOT_CLAIMED: Record<string, string> = {
  'passed-over': 'passed over',
  'not-eligible': 'cannot claim now',
  'not-ready': 'its data cannot be had now',
  refused: 'refused',
}
