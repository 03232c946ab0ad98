import {
  claimSync,
  failSync,
  getJob,
  type Job,
  JobMarketWrongStatusError,
  releaseSync,
  submitSync,
  TransactionRevertedError,
} from 'assay'
import type { Hex } from 'viem'
import { isRetryable } from '../errors.ts'
import { messageOf, pause, persist } from './chain.ts'
import type { PreparedJob, ProviderContext } from './context.ts'
import { executeJob } from './execute.ts'
import { prepareJob } from './prepare.ts'

/** Ways in which the chain can be unable to take a transaction now and able to take it later. */
function isPassing(error: unknown): boolean {
  return isRetryable(error) || isOutOfGasMoney(error)
}

/** Whether the account cannot pay for gas. */
export function isOutOfGasMoney(error: unknown): boolean {
  const walk = (error as { walk?: (fn: (e: unknown) => boolean) => unknown } | undefined)?.walk
  const match = (e: unknown) =>
    e instanceof Error &&
    (e.name === 'InsufficientFundsError' || /insufficient funds|doesn't have enough funds/i.test(e.message))
  return walk ? walk.call(error, match) !== null : match(error)
}

/**
 * Claims a prepared job. Returns whether the claim is ours; the chain decides, also when the answer to our transaction was
 * lost.
 */
export async function claimJob(context: ProviderContext, { jobId }: PreparedJob): Promise<boolean> {
  const { client, journal, log } = context
  journal.setPhase(jobId, 'claiming')
  try {
    const { price, bond } = await claimSync(client, { jobId })
    journal.setPhase(jobId, 'claimed')
    log.info({ event: 'claimed', jobId, price, bond }, 'claimed')
    return true
  } catch (error) {
    const job = await persist(context, 'reading the job', () => getJob(client, { jobId }))
    const ours = job.provider?.toLowerCase() === context.address.toLowerCase()
    if (ours && job.status === 'claimed') {
      journal.setPhase(jobId, 'claimed')
      return true
    }
    // Still open without a revert: our transaction may land later. The claim event then brings us back here.
    const reverted = error instanceof TransactionRevertedError || error instanceof JobMarketWrongStatusError
    if (!reverted && job.status === 'open') throw error
    journal.setPhase(jobId, 'done', { end: 'not claimed' })
    log.info({ event: 'lost', jobId, status: job.status }, 'another provider was first')
    return false
  }
}

/**
 * Brings a claim of this provider to a submitted result, from wherever the journal and the chain say it is; safe to call
 * again after a crash at any point.
 */
export async function completeClaim(
  context: ProviderContext,
  jobId: Hex,
  prepared?: PreparedJob,
): Promise<void> {
  const { client, journal, log } = context
  const job = await persist(context, 'reading the job', () => getJob(client, { jobId }))
  if (job.status !== 'claimed' || job.runBy === null) return followChain(context, job)

  const until = job.runBy
  let { resultRoot, totalSteps } = journal.job(jobId) ?? { resultRoot: null, totalSteps: null }
  if (resultRoot === null || totalSteps === null) {
    journal.setPhase(jobId, 'claimed')
    try {
      const ready =
        prepared ?? (await persist(context, 'preparing the job', () => prepareJob(context, job), { until }))
      const started = performance.now()
      log.info({ event: 'executing', jobId, tasks: job.tasks }, 'executing')
      ;({ resultRoot, totalSteps } = await executeJob(context, ready, until))
      const seconds = Math.round(performance.now() - started) / 1_000
      journal.setPhase(jobId, 'executed', { resultRoot, totalSteps })
      log.info({ event: 'executed', jobId, tasks: job.tasks, seconds, resultRoot }, 'executed')
    } catch (error) {
      if (context.signal.aborted) throw error
      return giveUp(context, job, messageOf(error))
    }
  }

  const result = { jobId, resultRoot, totalSteps }
  journal.setPhase(jobId, 'submitting')
  try {
    await persist(context, 'submitting the result', () => submitSync(client, result), {
      until,
      retryIf: isPassing,
    })
    journal.setPhase(jobId, 'submitted')
    log.info({ event: 'submitted', jobId, resultRoot }, 'submitted')
  } catch (error) {
    if (context.signal.aborted) throw error
    log.warn({ event: 'submit-failed', jobId, reason: messageOf(error) }, 'the submission did not go through')
    await followChain(context, await persist(context, 'reading the job', () => getJob(client, { jobId })))
  }
}

/** Writes what the chain says about a job that is not Claimed any more; fails it ourselves when we were late. */
export async function followChain(context: ProviderContext, job: Job): Promise<void> {
  const { journal, log } = context
  const { jobId, status } = job
  const ours = job.provider?.toLowerCase() === context.address.toLowerCase()
  // Open with a claim on its way: the claim event, or the next start, brings it up again.
  if (status === 'open') return
  if (!ours) return journal.setPhase(jobId, 'done', { end: 'not claimed' })
  switch (status) {
    case 'submitted':
    case 'disputed':
    case 'settleable':
      return journal.setPhase(jobId, 'submitted')
    case 'claimed':
      return
    case 'overdue':
      // Anyone may: doing it ourselves gets the keeper's part of the slash back.
      await persist(context, 'failing the overdue job', () => failSync(context.client, { jobId }), {
        retryIf: isPassing,
      }).catch((error: unknown) =>
        log.info({ event: 'fail-lost', jobId, reason: messageOf(error) }, 'already failed'),
      )
      log.warn({ event: 'late', jobId }, 'the run time passed, a part of the bond is lost')
      return journal.setPhase(jobId, 'done', { end: 'failed' })
    default:
      log.info({ event: status, jobId }, status)
      return journal.setPhase(jobId, 'done', { end: status })
  }
}

/** Gives a claim back while that is cheap; otherwise waits for its deadline and ends it. */
async function giveUp(context: ProviderContext, job: Job, reason: string): Promise<void> {
  const { client, journal, log, signal } = context
  const { jobId } = job
  const runBy = job.runBy as number
  const releaseBy = runBy - job.run + Math.floor(job.run / 4)
  log.error({ event: 'gave-up', jobId, reason }, 'this job cannot be finished here')
  if (context.chainTime() < releaseBy) {
    try {
      await persist(context, 'releasing the claim', () => releaseSync(client, { jobId }), {
        until: releaseBy,
        retryIf: isPassing,
      })
      log.info({ event: 'released', jobId }, 'released')
      return journal.setPhase(jobId, 'done', { end: 'released' })
    } catch (error) {
      log.warn({ event: 'release-failed', jobId, reason: messageOf(error) }, 'the release did not go through')
    }
  }
  while (!signal.aborted && context.chainTime() <= runBy) await pause(1_000, signal)
  if (signal.aborted) return
  await followChain(context, await persist(context, 'reading the job', () => getJob(client, { jobId })))
}
