import { getJob, getJobs, isFinalStatus, isRetryable, type Job, type JobEvent, watchJobs } from 'assay'
import type { Disputes } from '../disputes/disputes.ts'
import { ChainReplacedError, factsOf } from '../errors.ts'
import { EnginesDifferError } from '../machine/errors.ts'
import { AwaitedKeys } from './awaitedKeys.ts'
import { assertSameChain, pause, persist } from './chain.ts'
import { Claiming } from './claiming.ts'
import type { ProviderContext } from './context.ts'
import { JobsAtWork } from './jobsAtWork.ts'
import { Seats } from './seats.ts'
import { Settlements } from './settlements.ts'
import { followChain, isOurs } from './work.ts'

/** How often the journal is compared with the chain, and its transactions with what the node knows. */
const RECONCILE_MS = 30_000
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
  readonly #disputes: Disputes
  readonly #options: LoopOptions
  readonly #chain: { time: number }
  /** Aborted to stop at once; the context's signal. */
  readonly #stopping: AbortController
  readonly #settlements: Settlements
  readonly #seats: Seats
  readonly #awaited: AwaitedKeys
  readonly #atWork: JobsAtWork
  readonly #claiming: Claiming
  readonly #background = new Map<string, Promise<void>>()
  #woken = new AbortController()
  #fatal: unknown
  #draining = false
  #nodeAway = false
  #reconciledAt = Number.NEGATIVE_INFINITY
  #notedBlock = 0n

  constructor(
    context: ProviderContext,
    disputes: Disputes,
    options: LoopOptions,
    chain: { time: number },
    stopping: AbortController,
  ) {
    this.#context = context
    this.#disputes = disputes
    this.#options = options
    this.#chain = chain
    this.#stopping = stopping
    this.#settlements = new Settlements(context)
    this.#seats = new Seats(context)
    this.#awaited = new AwaitedKeys(context)
    const onError = (error: unknown) => this.#onError(error)
    const wake = () => this.#wake()
    const { jobs, pollingInterval } = options
    const onDone = (job: Job) => this.#track(job)
    this.#atWork = new JobsAtWork(context, { pollingInterval, onDone, onFree: wake, onError })
    const [atWork, awaited] = [this.#atWork, this.#awaited]
    this.#claiming = new Claiming(context, { atWork, awaited }, { jobs, onPrepared: wake, onError })
  }

  /** Claims nothing more; {@link run} ends once the work that was begun is submitted and nobody can challenge it any more. */
  drain(): void {
    this.#draining = true
    this.#claiming.stop()
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
      while (!signal.aborted && !this.#isDrained()) {
        await this.#tick().then(
          () => this.#onNode(true),
          (error: unknown) => this.#onError(error),
        )
        await this.#sleep()
      }
    } finally {
      unwatch()
      this.#stopping.abort()
      await Promise.allSettled([this.#atWork.settled(), ...this.#background.values()])
    }
    if (this.#fatal !== undefined) throw this.#fatal
  }

  #isDrained(): boolean {
    if (!this.#draining || this.#atWork.size > 0 || this.#awaited.size > 0) return false
    return !this.#disputes.hasGame || (this.#settlements.size === 0 && !this.#disputes.isPlaying)
  }

  async #tick(): Promise<void> {
    this.#woken = new AbortController()
    await assertSameChain(this.#context)
    await this.#readTime()
    if (performance.now() - this.#reconciledAt > RECONCILE_MS)
      this.#inBackground('reconcile', () => this.#reconcile())
    this.#atWork.failDue(this.#chain.time)
    this.#inBackground('settle', () =>
      this.#settlements.settleDue(this.#chain.time, (job) => this.#follow(job)),
    )
    this.#inBackground('resolve', () => this.#seats.resolveDue(this.#chain.time, (job) => this.#follow(job)))
    this.#inBackground('disputes', () => this.#disputes.play())
    this.#inBackground('keys', () => this.#awaited.lookDue(this.#chain.time, (job) => this.#follow(job)))
    await this.#claiming.claimSome()
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
    if (error instanceof ChainReplacedError || error instanceof EnginesDifferError) {
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
      const isFollowed = [this.#atWork, this.#settlements, this.#seats, this.#awaited].some((part) =>
        part.has(jobId),
      )
      if (isFollowed) continue
      await this.#follow(await getJob(client, { jobId }))
    }
    this.#reconciledAt = performance.now()
  }

  /** Does what a job's state asks of this provider. */
  async #follow(job: Job): Promise<void> {
    const { jobId, status } = job
    const ours = isOurs(this.#context, job)
    if (ours && (status === 'claimed' || status === 'overdue')) {
      if (status === 'overdue' || !this.#atWork.isGivenUp(jobId)) this.#atWork.start(jobId)
    } else if (ours && status === 'seated') {
      if (!this.#seats.has(jobId)) this.#atWork.start(jobId)
    } else if (ours || status !== 'open') await followChain(this.#context, job)
    if (ours && status !== 'seated') this.#track(job)
  }

  /** Hands a job on to those who bring it to its end once its result is given. */
  #track(job: Job): void {
    if (job.submittedAt !== null) this.#disputes.want(job.parametersId)
    this.#settlements.follow(job, this.#chain.time)
    this.#seats.follow(job)
    this.#awaited.follow(job, this.#chain.time)
  }

  async #onEvents(events: readonly JobEvent[], resumeFrom: bigint): Promise<void> {
    const { client, address, journal } = this.#context
    for (const { eventName, args } of events) {
      const { jobId } = args
      if (eventName === 'JobPosted') this.#claiming.add(jobId)
      else this.#claiming.remove(jobId)
      const mine = 'provider' in args && args.provider.toLowerCase() === address.toLowerCase()
      if (!mine || this.#atWork.has(jobId) || journal.job(jobId)?.phase === 'done') continue
      await this.#follow(await getJob(client, { jobId }))
    }
    if (resumeFrom >= this.#notedBlock + NOTE_BLOCKS) {
      journal.setMeta('resumeFrom', String(resumeFrom))
      this.#notedBlock = resumeFrom
    }
    if (events.length > 0) this.#wake()
  }
}
