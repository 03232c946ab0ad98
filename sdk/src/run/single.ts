import type { Address } from 'viem'
import { acceptSync } from '../actions/accept.ts'
import { cancelSync } from '../actions/cancel.ts'
import { failSync } from '../actions/fail.ts'
import { getJob } from '../actions/getJob.ts'
import { settleSync } from '../actions/settle.ts'
import type { Job } from '../types/job.ts'
import { sleep } from '../utils/sleep.ts'
import { isFinalStatus } from '../utils/status.ts'
import { lose, type RunContext } from './context.ts'
import { OutputsDownload } from './download.ts'
import type { Kind } from './kind.ts'
import type { Shard } from './plan.ts'
import { attempt, reading } from './retry.ts'
import type { RunJob } from './types.ts'

/** Statuses in which the requester was refunded and the part may be posted again. */
const REFUNDED = new Set(['cancelled', 'released', 'failed', 'rejected'])
/** How often a job that anyone can settle is left to its provider. */
const COURTESY = 8
/** How often taking a job back may fail. */
const MAX_REFUSALS = 20

/** Parts that are one job each, done by one provider. */
export const single: Kind = {
  jobsOf: (terms) => [terms],
  follow: (context, shard, [job]) => followJob(context, shard, job as RunJob),
  settle: (context, [job]) => settleJob(context, job as RunJob),
}

/** Follows a job until its outputs are verified; null, or why the requester got its money back. */
async function followJob(context: RunContext, shard: Shard, current: RunJob): Promise<string | null> {
  const { client, signal, halted, pollingInterval } = context
  const { jobId } = current
  const download = new OutputsDownload(context, shard, jobId)
  // Taking money back is not broken off, not even by the caller.
  const unstoppable = { pollingInterval, signal: new AbortController().signal }
  for (let refusals = 0; ; ) {
    const job = await reading(unstoppable, () => getJob(client, { jobId }))
    record(context, current, job)
    if (REFUNDED.has(job.status)) {
      const reason = reasonOf(job, halted)
      lose(context, current, reason)
      return reason
    }
    if (job.status === 'expired' || (job.status === 'open' && halted.aborted)) {
      const refusal = await attempt(() => cancelSync(client, { jobId }))
      if (refusal === undefined) continue
      if (++refusals >= MAX_REFUSALS) throw refusal
      await sleep(pollingInterval, unstoppable.signal)
      continue
    }
    signal.throwIfAborted()
    if (job.status === 'overdue') await attempt(() => failSync(client, { jobId }))
    else if (job.submittedAt !== null && (await download.isDone(job))) {
      current.state = 'verified'
      if (context.accept && job.status !== 'settled') await attempt(() => acceptSync(client, { jobId }))
      return null
    }
    await sleep(pollingInterval, halted.aborted ? signal : halted)
  }
}

function record({ emit }: RunContext, current: RunJob, job: Job): void {
  const { jobId } = current
  if (current.provider === null && job.provider !== null && job.price !== null) {
    Object.assign(current, { provider: job.provider, price: job.price, state: 'claimed' })
    emit({ type: 'claimed', jobId, provider: job.provider, price: job.price })
  }
  if (job.submittedAt !== null && current.state !== 'submitted') {
    current.state = 'submitted'
    emit({ type: 'submitted', jobId, provider: job.provider as Address })
  }
}

/**
 * Waits for the end of a verified job. Its provider settles it in its own interest; where that does not happen, this does.
 */
async function settleJob(context: RunContext, current: RunJob): Promise<void> {
  if (current.state === 'settled') return
  const { client, signal, emit, pollingInterval } = context
  const { jobId } = current
  for (let left = 0; ; ) {
    const job = await reading(context, () => getJob(client, { jobId }))
    if (isFinalStatus(job.status)) {
      current.state = job.status === 'settled' ? 'settled' : 'lost'
      if (current.state === 'lost') current.reason = reasonOf(job, signal)
      else emit({ type: 'settled', jobId })
      return
    }
    if (job.status === 'settleable' && ++left > COURTESY) await attempt(() => settleSync(client, { jobId }))
    await sleep(pollingInterval, signal)
  }
}

function reasonOf(job: Job, halted: AbortSignal): string {
  switch (job.status) {
    case 'cancelled':
      return halted.aborted ? 'it was taken back when the run ended' : 'nobody claimed it in time'
    case 'released':
      return `provider ${job.provider} gave it back`
    case 'failed':
      return `provider ${job.provider} was late`
    default:
      return `the result of provider ${job.provider} was proven wrong`
  }
}
