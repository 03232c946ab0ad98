import { acceptSync } from '../actions/accept.ts'
import { cancelSync } from '../actions/cancel.ts'
import { failSync } from '../actions/fail.ts'
import { getJob } from '../actions/getJob.ts'
import { releaseSync } from '../actions/release.ts'
import { settleSync } from '../actions/settle.ts'
import { JobMarketWrongStatusError } from '../errors/market.ts'
import { ResultRefutedError } from '../errors/run.ts'
import type { Job } from '../types/job.ts'
import { sleep } from '../utils/sleep.ts'
import { isFinalStatus } from '../utils/status.ts'
import { type RunContext, recordClaim, recordLoss, recordResult, recordSettlement } from './context.ts'
import { costOf, isRefunded } from './cost.ts'
import { OutputsDownload, Patience } from './download.ts'
import { deliverJobKey } from './keys.ts'
import type { Kind } from './kind.ts'
import type { Shard } from './plan.ts'
import { attempt, COURTESY, MAX_REFUSALS, reading, trying } from './retry.ts'
import type { RunJob } from './types.ts'

/** Parts that are one job each, done by one provider. */
export const single: Kind = {
  jobsPerShard: 1,
  isRevocable: true,
  jobsOf: (terms) => [terms],
  takeBack: async (context, jobIds) => {
    for (const jobId of jobIds) {
      await trying(context, async () => {
        try {
          await cancelSync(context.client, { jobId })
        } catch (error) {
          // claimed meanwhile
          if (!(error instanceof JobMarketWrongStatusError)) throw error
        }
      })
    }
  },
  follow: (context, shard, [job]) => followJob(context, shard, job as RunJob),
  settle: (context, [job]) => settleJob(context, job as RunJob),
}

/** Follows a job until its outputs are verified, and final if asked for; null, or why the requester got its money back. */
async function followJob(context: RunContext, shard: Shard, current: RunJob): Promise<string | null> {
  const { client, signal, halted, pollingInterval } = context
  const { jobId } = current
  const download = new OutputsDownload(context, shard)
  const patience = new Patience(context.patience)
  // Taking money back is not broken off, not even by the caller.
  const unstoppable = { pollingInterval, signal: new AbortController().signal }
  let keyFailure: string | null = null
  for (let refusals = 0; ; ) {
    const job = await reading(unstoppable, () => getJob(client, { jobId }))
    record(context, current, job)
    if (isRefunded(job.status)) {
      const reason = keyFailure ?? reasonOf(job, halted)
      recordLoss(context, current, reason)
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
    if (job.status === 'awaitingKey') {
      const canBe = await deliverJobKey(context, job)
      keyFailure = canBe ? null : `provider ${job.provider} has no key that data can be encrypted for`
    } else if (job.status === 'keyless') {
      keyFailure ??= `the key for provider ${job.provider} did not arrive in time`
      await attempt(() => releaseSync(client, { jobId }))
    } else if (job.status === 'overdue') await attempt(() => failSync(client, { jobId }))
    else if (job.submittedAt !== null) {
      const withheld = await download.attempt(job)
      if (withheld === null) {
        current.state = 'verified'
        if (context.accept && job.status !== 'settled') await attempt(() => acceptSync(client, { jobId }))
        return context.untilFinal ? waitForEnd(context, current) : null
      }
      const isPaid = job.status === 'settled' || job.status === 'settleable'
      if (isPaid && patience.isOver()) throw withheld
    }
    await sleep(pollingInterval, halted.aborted ? signal : halted)
  }
}

function record(context: RunContext, current: RunJob, job: Job): void {
  current.cost = costOf(job)
  recordClaim(context, current, job)
  if (job.submittedAt !== null) recordResult(context, current)
}

/**
 * Waits for the end of a verified job.
 * @throws ResultRefutedError where it was rejected: its outputs have been handed out
 */
async function settleJob(context: RunContext, current: RunJob): Promise<void> {
  const { jobId, first, tasks } = current
  const reason = await waitForEnd(context, current)
  if (reason !== null) throw new ResultRefutedError({ jobId, first, tasks, reason })
}

/**
 * Waits for the end of a verified job; null, or why it was rejected. Its provider settles it in its own interest; where that
 * does not happen, this does.
 */
async function waitForEnd(context: RunContext, current: RunJob): Promise<string | null> {
  const { client, signal, pollingInterval } = context
  const { jobId } = current
  for (let left = 0; current.state === 'verified'; ) {
    const job = await reading(context, () => getJob(client, { jobId }))
    current.cost = costOf(job)
    if (isFinalStatus(job.status)) {
      if (job.status === 'settled') recordSettlement(context, current)
      else recordLoss(context, current, reasonOf(job, signal))
      break
    }
    if (job.status === 'settleable' && ++left > COURTESY) await attempt(() => settleSync(client, { jobId }))
    await sleep(pollingInterval, signal)
  }
  return current.state === 'lost' ? (current.reason ?? '') : null
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
