import {
  getJob,
  getJobs,
  getProvider,
  isFinalStatus,
  type Job,
  type MarketEvent,
  quoteClaim,
  settleManySync,
  UnknownJobError,
  watchJobs,
} from 'assay'
import type { Hex } from 'viem'
import { type Capacity, matchJob } from '../core/match.ts'
import { ChainReplacedError, isRetryable } from '../errors.ts'
import { assertSameChain, messageOf, pause } from './chain.ts'
import type { PreparedJob, ProviderContext } from './context.ts'
import { prepareJob } from './prepare.ts'
import { claimJob, completeClaim, followChain } from './work.ts'

const SETTLE_BATCH = 100
/** Gas for the four transactions a claim may still need. */
const GAS_RESERVE = 500_000n
const PREPARE_RETRY_SECONDS = 5

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
  /** Posted and not claimed, as far as the events tell. */
  readonly #open = new Set<Hex>()
  /** Open jobs as read once, with when to look at them again (chain time). */
  readonly #known = new Map<Hex, { job: Job; notBefore: number }>()
  readonly #working = new Map<Hex, Promise<void>>()
  /** Submitted jobs and when they can be settled. */
  readonly #settleAt = new Map<Hex, number>()
  #fatal: unknown
  #lowOnGas = false

  constructor(context: ProviderContext, options: LoopOptions, chain: { time: number }) {
    this.#context = context
    this.#options = options
    this.#chain = chain
  }

  async run(): Promise<void> {
    const { client, log, signal, address } = this.#context
    await this.#readTime()
    await this.#reconcile()
    const unwatch = watchJobs(client, {
      pollingInterval: this.#options.pollingInterval,
      signal,
      onEvents: (events) => this.#onEvents(events),
      onError: (error) => log.warn({ event: 'watch', reason: messageOf(error) }, 'the node does not answer'),
    })
    log.info({ event: 'ready', address }, 'watching for jobs')
    try {
      while (!signal.aborted && this.#fatal === undefined) {
        await this.#tick().catch((error: unknown) => this.#onTickError(error))
        await pause(this.#options.pollingInterval, signal)
      }
    } finally {
      unwatch()
      await Promise.allSettled(this.#working.values())
    }
    if (this.#fatal !== undefined) throw this.#fatal
  }

  async #tick(): Promise<void> {
    await this.#readTime()
    await assertSameChain(this.#context)
    await this.#settleDue()
    await this.#claimSome()
  }

  #onTickError(error: unknown): void {
    if (error instanceof ChainReplacedError) this.#fatal = error
    else
      this.#context.log.warn(
        { event: 'tick', reason: messageOf(error) },
        'the chain could not be asked, trying again',
      )
  }

  async #readTime(): Promise<void> {
    const block = await this.#context.client.getBlock({ blockTag: 'latest' })
    this.#chain.time = Number(block.timestamp)
  }

  /** Takes up every claim that the journal or the chain knows of. */
  async #reconcile(): Promise<void> {
    const { client, journal, address, log } = this.#context
    const onChain = await getJobs(client, { provider: address })
    const ids = new Set<Hex>(journal.openJobs().map(({ jobId }) => jobId))
    for (const job of onChain) if (!isFinalStatus(job.status)) ids.add(job.jobId)
    const byId = new Map(onChain.map((job) => [job.jobId, job]))
    for (const jobId of ids) {
      const job = byId.get(jobId) ?? (await getJob(client, { jobId }))
      const ours = job.provider?.toLowerCase() === address.toLowerCase()
      if (ours && (job.status === 'claimed' || job.status === 'overdue')) this.#work(jobId)
      else if (ours || job.status !== 'open') await followChain(this.#context, job)
      if (ours) this.#scheduleSettle(job)
    }
    if (ids.size > 0) log.info({ event: 'reconciled', jobs: ids.size }, 'took up earlier jobs')
  }

  async #onEvents(events: readonly MarketEvent[]): Promise<void> {
    for (const event of events) {
      if (!('jobId' in event.args)) continue
      const { jobId } = event.args
      if (event.eventName === 'JobPosted') this.#open.add(jobId)
      else this.#forget(jobId)
      const mine =
        'provider' in event.args && event.args.provider.toLowerCase() === this.#context.address.toLowerCase()
      if (mine) await this.#onOwnEvent(event.eventName, jobId)
    }
  }

  async #onOwnEvent(eventName: MarketEvent['eventName'], jobId: Hex): Promise<void> {
    if (this.#working.has(jobId)) return
    const job = await getJob(this.#context.client, { jobId })
    // Ours by a transaction whose answer we never saw.
    if (eventName === 'JobClaimed' && job.status === 'claimed') this.#work(jobId)
    else if (job.status !== 'claimed') await followChain(this.#context, job)
    this.#scheduleSettle(job)
  }

  #forget(jobId: Hex): void {
    this.#open.delete(jobId)
    this.#known.delete(jobId)
  }

  #scheduleSettle(job: Job): void {
    if (job.submittedAt === null || !['submitted', 'disputed', 'settleable'].includes(job.status)) {
      this.#settleAt.delete(job.jobId)
    } else {
      this.#settleAt.set(job.jobId, job.submittedAt + job.window)
    }
  }

  async #settleDue(): Promise<void> {
    const due = [...this.#settleAt].filter(([, end]) => this.#chain.time > end).map(([jobId]) => jobId)
    const { client, log } = this.#context
    const batch = due.slice(0, SETTLE_BATCH)
    if (batch.length === 0) return
    try {
      await settleManySync(client, { jobIds: batch })
    } catch (error) {
      log.warn({ event: 'settle', reason: messageOf(error) }, 'settling did not go through')
    }
    for (const jobId of batch) {
      const job = await getJob(client, { jobId })
      await followChain(this.#context, job)
      this.#scheduleSettle(job)
    }
  }

  async #claimSome(): Promise<void> {
    const free = this.#options.jobs - this.#working.size
    if (free < 1 || this.#open.size === 0) return
    if (!(await this.#canPayGas())) return
    const { client, address, resources } = this.#context
    const { reputation } = await getProvider(client, { address })
    const capacity: Capacity = { resources, reputation, freeSlots: free }
    for (const jobId of this.#open) {
      if (capacity.freeSlots < 1) return
      if (await this.#consider(jobId, capacity)) capacity.freeSlots--
    }
  }

  /** Starts work on the job if it suits. */
  async #consider(jobId: Hex, capacity: Capacity): Promise<boolean> {
    const { client, log, policy } = this.#context
    const time = this.#chain.time
    let known = this.#known.get(jobId)
    if (known === undefined) {
      known = { job: await getJob(client, { jobId }), notBefore: 0 }
      this.#known.set(jobId, known)
    }
    if (time < known.notBefore || this.#working.has(jobId)) return false
    if (known.job.status !== 'open') {
      this.#forget(jobId)
      return false
    }
    const verdict = matchJob(known.job, capacity, policy, time)
    if (!verdict.claim) {
      if (verdict.at === null) {
        log.info({ event: 'passed-over', jobId, reason: verdict.reason }, 'passed over')
        this.#forget(jobId)
      } else if (typeof verdict.at === 'number') known.notBefore = verdict.at
      return false
    }
    try {
      await quoteClaim(client, { jobId, provider: this.#context.address })
    } catch (error) {
      log.info({ event: 'not-eligible', jobId, reason: messageOf(error) }, 'cannot claim now')
      known.notBefore = time + PREPARE_RETRY_SECONDS
      return false
    }
    this.#workFrom(jobId, () => this.#claimAndComplete(known.job))
    return true
  }

  async #claimAndComplete(job: Job): Promise<void> {
    const { jobId } = job
    const { log } = this.#context
    let prepared: PreparedJob
    try {
      prepared = await prepareJob(this.#context, job)
    } catch (error) {
      const again = isRetryable(error)
      const entry = this.#known.get(jobId)
      if (again && entry !== undefined) entry.notBefore = this.#chain.time + PREPARE_RETRY_SECONDS
      else this.#forget(jobId)
      const event = again ? 'not-ready' : 'refused'
      log.warn(
        { event, jobId, reason: messageOf(error), error: (error as Error).name },
        again ? 'its data cannot be had now' : 'refused',
      )
      return
    }
    const claimed = await claimJob(this.#context, prepared)
    this.#forget(jobId)
    if (claimed) await completeClaim(this.#context, jobId, prepared)
  }

  #work(jobId: Hex): void {
    this.#workFrom(jobId, () => completeClaim(this.#context, jobId))
  }

  #workFrom(jobId: Hex, run: () => Promise<void>): void {
    if (this.#working.has(jobId)) return
    const { client, log, signal, journal } = this.#context
    const work = run()
      .then(async () => {
        if (journal.job(jobId)?.phase === 'submitted') this.#scheduleSettle(await getJob(client, { jobId }))
      })
      .catch(async (error: unknown) => {
        if (signal.aborted) return
        log.error({ event: 'work', jobId, reason: messageOf(error) }, 'work on this job stopped')
        if (error instanceof UnknownJobError) await assertSameChain(this.#context)
        const again = journal.job(jobId)?.phase
        if (again !== undefined && again !== 'done') setTimeout(() => this.#retry(jobId), 2_000).unref()
      })
      .catch((error: unknown) => this.#onTickError(error))
      .finally(() => this.#working.delete(jobId))
    this.#working.set(jobId, work)
  }

  #retry(jobId: Hex): void {
    if (!this.#context.signal.aborted && this.#fatal === undefined) this.#work(jobId)
  }

  /** A claim without money for its submission would cost a part of the bond. */
  async #canPayGas(): Promise<boolean> {
    const { client, address, log } = this.#context
    const [balance, gasPrice] = await Promise.all([client.getBalance({ address }), client.getGasPrice()])
    const enough = balance >= gasPrice * GAS_RESERVE
    if (!enough && !this.#lowOnGas) {
      log.error(
        { event: 'out-of-gas-money', address, balance },
        'no money for gas: no more jobs are claimed until it is topped up',
      )
    }
    this.#lowOnGas = !enough
    return enough
  }
}
