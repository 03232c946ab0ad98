import { getJob, type Job, settleMany } from 'assay'
import type { Hex } from 'viem'
import { factsOf } from '../errors.ts'
import { Backoff } from './backoff.ts'
import type { ProviderContext } from './context.ts'

const BATCH = 100
/** Seconds between looks whether an attester has ended the window of an attested job. */
const ATTESTED_SECONDS = 10

/** This provider's submitted jobs, settled in batches once their windows have passed or an attester has ended them. */
export class Settlements {
  readonly #context: ProviderContext
  /** The second after which each job is looked at: the last one of its window, or an earlier one if it is attested. */
  readonly #lookAfter = new Map<Hex, number>()
  readonly #backoff = new Backoff()

  constructor(context: ProviderContext) {
    this.#context = context
  }

  get size(): number {
    return this.#lookAfter.size
  }

  has(jobId: Hex): boolean {
    return this.#lookAfter.has(jobId)
  }

  /** Takes the job up at `time`, or lets go of it, as its status says. */
  follow(job: Job, time: number): void {
    const isPending = job.status === 'submitted' || job.status === 'disputed' || job.status === 'settleable'
    // To the end of the line: one that cannot be settled yet must not hold up the others.
    this.#lookAfter.delete(job.jobId)
    if (!isPending || job.submittedAt === null) return
    const windowEnd = job.submittedAt + job.window
    const next = job.level === 'attested' ? Math.min(windowEnd, time + ATTESTED_SECONDS) : windowEnd
    this.#lookAfter.set(job.jobId, next)
  }

  /**
   * Settles what can be settled at `time`, and hands every job it looked at to `onJob`. Failing to settle is logged and not
   * thrown: nothing is lost by trying again later.
   */
  async settleDue(time: number, onJob: (job: Job) => Promise<void>): Promise<void> {
    const { client, log, signal, transactions } = this.#context
    const due = [...this.#lookAfter].filter(([, after]) => time > after).map(([jobId]) => jobId)
    if (due.length === 0 || this.#backoff.isPausing) return
    const batch = due.slice(0, BATCH)
    const read = () => Promise.all(batch.map((jobId) => getJob(client, { jobId })))
    try {
      const jobIds = (await read()).filter(({ status }) => status === 'settleable').map(({ jobId }) => jobId)
      if (jobIds.length > 0) {
        await transactions.send('settle', settleMany.call({ market: client.market, jobIds }))
      }
      for (const job of await read()) await onJob(job)
      this.#backoff.succeeded()
    } catch (error) {
      if (signal.aborted) return
      const seconds = this.#backoff.failed() / 1_000
      const facts = { jobs: batch.length, seconds, ...factsOf(error) }
      log.warn({ event: 'settle-failed', ...facts }, 'settling did not go through, trying again')
    }
  }
}
