import { isRetryable, type JobEvent, watchJobs } from 'assay'
import type { Disputes } from '../disputes/disputes.ts'
import { ChainReplacedError, factsOf } from '../errors.ts'
import { assertSameChain, pause, persist } from '../provider/chain.ts'
import { Challenges } from './challenges.ts'
import type { WatchContext } from './context.ts'
import { Watching } from './watching.ts'

/** Blocks between notes of how far the events were handled. */
const NOTE_BLOCKS = 100n
const RESUME_KEY = 'watchFrom'

export type WatchLoopOptions = {
  /** Milliseconds between looks at the chain. */
  pollingInterval: number
  /** Units that may be in bonds at once. */
  budget?: bigint | undefined
}

/** Looks at the results that are submitted, checks a sample, and brings what is wrong to court. */
export class WatchLoop {
  readonly challenges: Challenges
  readonly #context: WatchContext
  readonly #disputes: Disputes
  readonly #options: WatchLoopOptions
  readonly #chain: { time: number }
  readonly #stopping: AbortController
  readonly #watching: Watching
  #woken = new AbortController()
  #draining = false
  #nodeAway = false
  #fatal: unknown
  #notedBlock = 0n
  #background: Promise<void> | undefined

  /** @param stopping aborted to stop at once; the context's signal */
  constructor(
    context: WatchContext,
    disputes: Disputes,
    options: WatchLoopOptions,
    { chain, stopping }: { chain: { time: number }; stopping: AbortController },
  ) {
    this.#context = context
    this.#disputes = disputes
    this.#options = options
    this.#chain = chain
    this.#stopping = stopping
    this.challenges = new Challenges(context, disputes, options.budget)
    this.#watching = new Watching(context, {
      hasGame: async (parametersId) => (await disputes.follow(parametersId)) !== null,
      onWrong: (jobId) => {
        this.challenges.add(jobId)
        this.#woken.abort()
      },
      onFree: () => this.#woken.abort(),
      onError: (error) => this.#onError(error),
    })
  }

  /** Looks at nothing more; {@link run} ends once every game is over. */
  drain(): void {
    this.#draining = true
    this.#woken.abort()
  }

  async run(): Promise<void> {
    const { client, journal, log, signal, address } = this.#context
    let unwatch = () => {}
    try {
      await persist(this.#context, 'looking at earlier claims', async () => {
        await this.#readTime()
        await this.#watching.resume()
      })
      const noted = journal.meta(RESUME_KEY)
      unwatch = watchJobs(client, {
        ...(noted !== null && { fromBlock: BigInt(noted) }),
        pollingInterval: this.#options.pollingInterval,
        signal,
        onEvents: (events, { resumeFrom }) => this.#onEvents(events, resumeFrom),
        onError: (error) => this.#onError(error),
      })
      log.info({ event: 'watching', address }, 'watching results')
      while (!signal.aborted && !this.#isDrained()) {
        await this.#tick().then(
          () => this.#onNode(true),
          (error: unknown) => this.#onError(error),
        )
        await pause(this.#options.pollingInterval, AbortSignal.any([this.#woken.signal, signal]))
      }
    } finally {
      unwatch()
      this.#stopping.abort()
      await Promise.allSettled([this.#watching.settled(), this.#background])
    }
    if (this.#fatal !== undefined) throw this.#fatal
  }

  #isDrained(): boolean {
    const { policy } = this.#context
    if (this.challenges.size > 0 || this.#disputes.isPlaying) return false
    if (this.#draining) return true
    return policy.jobs !== undefined && this.#areDecided(policy.jobs)
  }

  /** Whether nothing is left to do for the jobs that were asked for. */
  #areDecided(jobIds: NonNullable<WatchContext['policy']['jobs']>): boolean {
    const { watched } = this.#context
    return jobIds.every((jobId) => watched.claim(jobId)?.phase === 'done' || this.#watching.hasLeft(jobId))
  }

  async #tick(): Promise<void> {
    this.#woken = new AbortController()
    await assertSameChain(this.#context)
    await this.#readTime()
    if (!this.#draining) this.#watching.checkSome()
    this.#background ??= this.#play()
      .catch((error: unknown) => this.#onError(error))
      .finally(() => {
        this.#background = undefined
      })
  }

  async #play(): Promise<void> {
    await this.#disputes.play()
    await this.challenges.move()
  }

  async #readTime(): Promise<void> {
    const block = await this.#context.client.getBlock({ blockTag: 'latest' })
    this.#chain.time = Number(block.timestamp)
  }

  async #onEvents(events: readonly JobEvent[], resumeFrom: bigint): Promise<void> {
    const { journal } = this.#context
    for (const { eventName, args } of events) {
      if (eventName === 'ResultSubmitted') await this.#watching.consider(args.jobId)
    }
    if (resumeFrom >= this.#notedBlock + NOTE_BLOCKS) {
      journal.setMeta(RESUME_KEY, String(resumeFrom))
      this.#notedBlock = resumeFrom
    }
    if (events.length > 0) this.#woken.abort()
  }

  #onError(error: unknown): void {
    const { log, signal } = this.#context
    if (signal.aborted) return
    if (error instanceof ChainReplacedError) {
      this.#fatal ??= error
      this.#stopping.abort()
    } else if (isRetryable(error)) this.#onNode(false, error)
    else log.error({ event: 'error', ...factsOf(error) }, 'something went wrong, going on')
  }

  #onNode(answers: boolean, error?: unknown): void {
    const { log } = this.#context
    if (answers && this.#nodeAway) log.info({ event: 'node-back' }, 'the node answers again')
    if (!answers && !this.#nodeAway)
      log.warn({ event: 'node-away', ...factsOf(error) }, 'the node does not answer, trying again')
    this.#nodeAway = !answers
  }
}
