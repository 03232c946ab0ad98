import { getJob, type Job, release } from 'assay'
import type { Hex } from 'viem'
import { factsOf } from '../errors.ts'
import { Backoff } from './backoff.ts'
import type { ProviderContext } from './context.ts'

/** Seconds between looks at a job whose key is to come: the event says so too, but may be lost. */
const LOOK_SECONDS = 5
/** Seconds for which private jobs are not claimed of a requester that withheld a key, or delivered a useless one. */
const DISTRUST_SECONDS = 86_400

/** This provider's claims that wait for the keys of their data, given back for nothing once the time for it has passed. */
export class AwaitedKeys {
  readonly #context: ProviderContext
  /** When each is looked at next. */
  readonly #lookAt = new Map<Hex, number>()
  readonly #backoff = new Backoff()

  constructor(context: ProviderContext) {
    this.#context = context
  }

  get size(): number {
    return this.#lookAt.size
  }

  has(jobId: Hex): boolean {
    return this.#lookAt.has(jobId)
  }

  /** Takes the job up at `time`, or lets go of it, as its status says. */
  follow({ jobId, status, keyBy }: Job, time: number): void {
    if (status !== 'awaitingKey' && status !== 'keyless') this.#lookAt.delete(jobId)
    else if (!this.has(jobId)) {
      const { log } = this.#context
      log.info({ event: 'awaiting-key', jobId, keyBy }, 'waiting for the key of a private job')
      this.#lookAt.set(jobId, time + LOOK_SECONDS)
    }
  }

  /**
   * Looks at the jobs that are due at `time`, releases those whose keys did not come, and hands each to `onJob`. Failing is
   * logged and not thrown: nothing is lost by trying again later.
   */
  async lookDue(time: number, onJob: (job: Job) => Promise<void>): Promise<void> {
    const { client, log, signal } = this.#context
    if (this.#backoff.isPausing) return
    for (const [jobId, at] of this.#lookAt) {
      if (at > time) continue
      this.#lookAt.set(jobId, time + LOOK_SECONDS)
      try {
        let job = await getJob(client, { jobId })
        if (job.status === 'keyless') {
          await this.#release(job, time)
          job = await getJob(client, { jobId })
        }
        await onJob(job)
        this.#backoff.succeeded()
      } catch (error) {
        if (signal.aborted) return
        this.#backoff.failed()
        log.warn(
          { event: 'key-look-failed', jobId, ...factsOf(error) },
          'looking for a key failed, trying again',
        )
      }
    }
  }

  async #release({ jobId, requester, keyBy }: Job, time: number): Promise<void> {
    const { client, log, transactions } = this.#context
    log.warn({ event: 'keyless', jobId, requester, keyBy }, 'no key came in time, giving the claim back')
    distrust(this.#context, requester, 'it withheld the key of a private job', time)
    await transactions.send(`release:${jobId}`, release.call({ market: client.market, jobId }))
    log.info({ event: 'released', jobId }, 'released')
  }
}

/** Remembers for a day that private jobs of a requester are not worth their gas. */
export function distrust(
  { journal, log }: Pick<ProviderContext, 'journal' | 'log'>,
  requester: Job['requester'],
  reason: string,
  time: number,
): void {
  journal.distrust(requester, reason, time + DISTRUST_SECONDS)
  log.warn({ event: 'distrusted', requester, reason }, 'no more private jobs of this requester for a day')
}
