import { getJob, type Job } from 'assay'
import type { Hex } from 'viem'
import { factsOf } from '../errors.ts'
import { EnginesDifferError } from '../machine/errors.ts'
import { assertSameChain, persist } from './chain.ts'
import type { PreparedJob, ProviderContext } from './context.ts'
import { completeSeat } from './seats.ts'
import { completeClaim, isOurs } from './work.ts'

const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 60_000

export type JobsAtWorkOptions = {
  /** Milliseconds between looks at the chain. */
  pollingInterval: number
  /** Called with what the chain says of a job once the work on it has ended without an error. */
  onDone: (job: Job) => void
  /** Called when a job leaves the machine free for others. */
  onFree: () => void
  onError: (error: unknown) => void
}

/** The jobs that are being claimed, executed or submitted. Work that stops on the way is begun again later. */
export class JobsAtWork {
  readonly #context: ProviderContext
  readonly #options: JobsAtWorkOptions
  readonly #working = new Map<Hex, Promise<void>>()
  /** Those of them that take up the machine. */
  readonly #busy = new Set<Hex>()
  readonly #retries = new Map<Hex, number>()
  /** Claims that were given up, and after when they can be failed. */
  readonly #failAfter = new Map<Hex, number>()

  constructor(context: ProviderContext, options: JobsAtWorkOptions) {
    this.#context = context
    this.#options = options
  }

  get size(): number {
    return this.#working.size
  }

  /** How many take up the machine. */
  get busy(): number {
    return this.#busy.size
  }

  has(jobId: Hex): boolean {
    return this.#working.has(jobId)
  }

  /** Whether the job was given up, and waits for the second at which it can be failed. */
  isGivenUp(jobId: Hex): boolean {
    return this.#failAfter.has(jobId)
  }

  /** Takes up the jobs that were given up and can be failed at `time`. */
  failDue(time: number): void {
    for (const [jobId, after] of this.#failAfter) if (time > after) this.start(jobId)
  }

  /** Resolves when the work that is under way has ended; never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#working.values())
  }

  /** Brings a claim to its end, after `claimed` made it ours; null from that means it is not. */
  start(jobId: Hex, claimed: () => Promise<PreparedJob | null | undefined> = async () => undefined): void {
    if (this.#working.has(jobId)) return
    this.#failAfter.delete(jobId)
    this.#busy.add(jobId)
    const free = () => {
      this.#busy.delete(jobId)
      this.#options.onFree()
    }
    const run = async () => {
      const prepared = await claimed()
      if (prepared !== null) await this.#complete(jobId, prepared, free)
    }
    const work = run()
      .catch((error: unknown) => this.#onWorkError(jobId, error))
      .finally(() => {
        this.#working.delete(jobId)
        free()
      })
    this.#working.set(jobId, work)
  }

  async #complete(jobId: Hex, prepared: PreparedJob | undefined, onExecuted: () => void): Promise<void> {
    const { client } = this.#context
    const { pollingInterval, onDone } = this.#options
    const claim = await persist(this.#context, 'reading the job', () => getJob(client, { jobId }))
    if (claim.status === 'seated' && isOurs(this.#context, claim)) {
      await completeSeat(this.#context, claim, { prepared, onExecuted, pollingInterval })
      this.#retries.delete(jobId)
      return onDone(claim)
    }
    const { failAfter } = await completeClaim(this.#context, claim, { prepared, onExecuted })
    if (failAfter !== null) this.#failAfter.set(jobId, failAfter)
    const job = await getJob(client, { jobId })
    onDone(job)
    if (failAfter === null && job.status === 'claimed') this.#retryLater(jobId)
    else this.#retries.delete(jobId)
  }

  async #onWorkError(jobId: Hex, error: unknown): Promise<void> {
    const { signal, log } = this.#context
    if (signal.aborted) return
    log.error({ event: 'work', jobId, ...factsOf(error) }, 'work on this job stopped')
    if (error instanceof EnginesDifferError) return this.#options.onError(error)
    await assertSameChain(this.#context).catch((cause: unknown) => this.#options.onError(cause))
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
        if (phase !== undefined && phase !== 'done') this.start(jobId)
      },
      Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS),
    ).unref()
  }
}
