import { getJob, type Job, settleMany } from 'assay'
import type { Hex } from 'viem'
import { factsOf } from '../errors.ts'
import type { ProviderContext } from './context.ts'

const BATCH = 100
const LONGEST_PAUSE_MS = 60_000

/** This provider's submitted jobs, settled in batches once their windows have passed. */
export class Settlements {
  readonly #context: ProviderContext
  /** The last second of each job's window. */
  readonly #windowEnd = new Map<Hex, number>()
  #failures = 0
  #notBefore = 0

  constructor(context: ProviderContext) {
    this.#context = context
  }

  has(jobId: Hex): boolean {
    return this.#windowEnd.has(jobId)
  }

  /** Takes the job up, or lets go of it, as its status says. */
  follow(job: Job): void {
    const isPending = job.status === 'submitted' || job.status === 'disputed' || job.status === 'settleable'
    // To the end of the line: one that cannot be settled yet must not hold up the others.
    this.#windowEnd.delete(job.jobId)
    if (isPending && job.submittedAt !== null) this.#windowEnd.set(job.jobId, job.submittedAt + job.window)
  }

  /**
   * Settles what can be settled at `time`, and hands every job it looked at to `onJob`. Failing to settle is logged and not
   * thrown: nothing is lost by trying again later.
   */
  async settleDue(time: number, onJob: (job: Job) => Promise<void>): Promise<void> {
    const { client, log, signal, transactions } = this.#context
    const due = [...this.#windowEnd].filter(([, end]) => time > end).map(([jobId]) => jobId)
    if (due.length === 0 || performance.now() < this.#notBefore) return
    const batch = due.slice(0, BATCH)
    const read = () => Promise.all(batch.map((jobId) => getJob(client, { jobId })))
    try {
      const jobIds = (await read()).filter(({ status }) => status === 'settleable').map(({ jobId }) => jobId)
      if (jobIds.length > 0) {
        await transactions.send('settle', settleMany.call({ market: client.market, jobIds }))
      }
      for (const job of await read()) await onJob(job)
      this.#failures = 0
    } catch (error) {
      if (signal.aborted) return
      const pause = Math.min(1_000 * 2 ** this.#failures++, LONGEST_PAUSE_MS)
      this.#notBefore = performance.now() + pause
      const facts = { jobs: batch.length, seconds: pause / 1_000, ...factsOf(error) }
      log.warn({ event: 'settle-failed', ...facts }, 'settling did not go through, trying again')
    }
  }
}
