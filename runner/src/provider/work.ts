import { claim, fail, getJob, InsufficientGasFundsError, isRetryable, type Job, release, submit } from 'assay'
import type { Hex } from 'viem'
import { lastLook } from '../core/pace.ts'
import { factsOf, JobRefusedError, messageOf } from '../errors.ts'
import { EnginesDifferError } from '../machine/errors.ts'
import { distrust } from './awaitedKeys.ts'
import { persist } from './chain.ts'
import type { PreparedJob, ProviderContext } from './context.ts'
import { executeJob } from './execute.ts'
import { forgetDistrusted } from './interpreted.ts'
import { prepareJob } from './prepare.ts'
import { isUselessKey } from './privateInputs.ts'

/** Ways in which the chain can be unable to take a transaction now and able to take it later. */
export function isPassing(error: unknown): boolean {
  return isRetryable(error) || error instanceof InsufficientGasFundsError
}

/** Whether this provider has claimed the job. */
export function isOurs(context: Pick<ProviderContext, 'address'>, job: Pick<Job, 'provider'>): boolean {
  return job.provider?.toLowerCase() === context.address.toLowerCase()
}

/**
 * Claims a prepared job, and tells whether the claim is ours (the chain decides, also when the answer to our transaction was
 * lost), somebody else's, or still to be had.
 */
export async function claimJob(
  context: ProviderContext,
  { jobId }: Pick<Job, 'jobId'>,
): Promise<'ours' | 'lost' | 'open'> {
  const { client, journal, log, transactions } = context
  const ours = (claimed: { price: bigint | null; bond: bigint | null }) => {
    journal.setPhase(jobId, 'claimed')
    log.info({ event: 'claimed', jobId, price: claimed.price, bond: claimed.bond }, 'claimed')
    return 'ours' as const
  }
  journal.setPhase(jobId, 'claiming')
  let failure: unknown
  try {
    const call = claim.call({ market: client.market, jobId })
    const send = () => transactions.send(`claim:${jobId}`, call)
    const { logs } = await persist(context, 'claiming the job', send)
    return ours(claim.extractEvent(logs).args)
  } catch (error) {
    if (context.signal.aborted) throw error
    failure = error
  }
  const job = await persist(context, 'reading the job', () => getJob(client, { jobId }))
  if (isOurs(context, job)) return ours(job)
  journal.setPhase(jobId, 'done', { end: 'not claimed' })
  const { status } = job
  if (status === 'open') {
    log.warn({ event: 'claim-failed', jobId, ...factsOf(failure) }, 'the claim did not go through')
    return 'open'
  }
  log.info({ event: 'lost', jobId, status, provider: job.provider }, 'another provider was first')
  return 'lost'
}

/**
 * Brings a claim of this provider to a submitted result, from wherever the journal and the chain say it is; safe to call
 * again after a crash at any point.
 *
 * @param options.onExecuted called when the machine is free for other work
 * @returns the end of the run time if the job was given up too late to be released: it can be failed after that
 */
export async function completeClaim(
  context: ProviderContext,
  job: Job,
  options: { prepared?: PreparedJob | undefined; onExecuted?: () => void } = {},
): Promise<{ failAfter: number | null }> {
  const { client, journal, log, transactions } = context
  const { jobId } = job
  const done = { failAfter: null }
  if (job.status !== 'claimed' || job.runBy === null) {
    options.onExecuted?.()
    await followChain(context, job)
    return done
  }

  const until = job.runBy
  await forgetDistrusted(context, jobId)
  let { resultRoot, totalSteps } = journal.job(jobId) ?? { resultRoot: null, totalSteps: null }
  if (resultRoot === null || totalSteps === null) {
    journal.setPhase(jobId, 'claimed')
    try {
      const times = { until, decideAt: lastLook(until, job.run) }
      ;({ resultRoot, totalSteps } = await execute(context, job, times, options.prepared))
    } catch (error) {
      if (context.signal.aborted || error instanceof EnginesDifferError) throw error
      return giveUp(context, job, error)
    }
  }
  options.onExecuted?.()

  journal.setPhase(jobId, 'submitting')
  const call = submit.call({ market: client.market, jobId, resultRoot, totalSteps })
  try {
    await persist(context, 'submitting the result', () => transactions.send(`submit:${jobId}`, call), {
      until,
      retryIf: isPassing,
    })
    journal.setPhase(jobId, 'submitted')
    log.info({ event: 'submitted', jobId, resultRoot }, 'submitted')
  } catch (error) {
    if (context.signal.aborted) throw error
    log.warn({ event: 'submit-failed', jobId, ...factsOf(error) }, 'the submission did not go through')
    await followChain(context, await persist(context, 'reading the job', () => getJob(client, { jobId })))
  }
  return done
}

/**
 * Gets what the job needs if it is not `prepared`, executes it, and has the result in the journal.
 *
 * @param times.until last second that a task may take
 * @param times.decideAt see {@link executeJob}
 */
export async function execute(
  context: ProviderContext,
  job: Job,
  { until, decideAt }: { until: number; decideAt: number },
  prepared?: PreparedJob,
): Promise<{ resultRoot: Hex; totalSteps: bigint }> {
  const { journal, log } = context
  const { jobId, tasks } = job
  const ready =
    prepared ?? (await persist(context, 'preparing the job', () => prepareJob(context, job), { until }))
  if (ready === null) throw new JobRefusedError({ jobId, reason: 'its key is to come' })
  const started = performance.now()
  log.info({ event: 'executing', jobId, tasks }, 'executing')
  const { resultRoot, totalSteps, kept } = await executeJob(context, ready, until, decideAt)
  journal.setPhase(jobId, 'executed', { resultRoot, totalSteps })
  const seconds = Math.round(performance.now() - started) / 1_000
  log.info({ event: 'executed', jobId, tasks, kept, seconds, resultRoot }, 'executed')
  return { resultRoot, totalSteps }
}

/** Writes what the chain says about a job that is not Claimed any more; fails it ourselves when we were late. */
export async function followChain(context: ProviderContext, job: Job): Promise<void> {
  const { client, journal, log, transactions } = context
  const { jobId, status } = job
  // Open with a claim on its way: the claim event, or the next look at the journal, brings it up again.
  if (status === 'open') return
  if (!isOurs(context, job)) return journal.setPhase(jobId, 'done', { end: 'not claimed' })
  switch (status) {
    case 'submitted':
    case 'disputed':
    case 'settleable':
      return journal.setPhase(jobId, 'submitted')
    case 'claimed':
    case 'seated':
      return
    case 'awaitingKey':
    case 'keyless':
      // Known to the chain alone where the journal was lost.
      if (journal.job(jobId)?.phase !== 'claimed') journal.setPhase(jobId, 'claimed')
      return
    case 'overdue': {
      // Anyone may: doing it ourselves gets the keeper's part of the slash back.
      const call = fail.call({ market: client.market, jobId })
      await persist(context, 'failing the overdue job', () => transactions.send(`fail:${jobId}`, call), {
        retryIf: isPassing,
      }).catch((error: unknown) => {
        if (context.signal.aborted) throw error
        log.info({ event: 'fail-lost', jobId, reason: messageOf(error) }, 'somebody else failed it')
      })
      log.warn({ event: 'late', jobId }, 'the run time passed, a part of the bond is lost')
      return journal.setPhase(jobId, 'done', { end: 'failed' })
    }
    default:
      if (journal.job(jobId)?.end !== status) log.info({ event: status, jobId }, status)
      return journal.setPhase(jobId, 'done', { end: status })
  }
}

/** Gives a claim back while that is cheap; else tells after when it can be ended. */
async function giveUp(
  context: ProviderContext,
  job: Job,
  error: unknown,
): Promise<{ failAfter: number | null }> {
  const { client, journal, log, transactions } = context
  const { jobId } = job
  const runBy = job.runBy as number
  const releaseBy = runBy - job.run + Math.floor(job.run / 4)
  log.error({ event: 'gave-up', jobId, ...factsOf(error) }, 'this job cannot be finished here')
  // Sealed data that is too large shows only once it is opened.
  const isTooLarge = job.isPrivate && error instanceof JobRefusedError
  if (isUselessKey(error) || isTooLarge) {
    const reason = isTooLarge
      ? 'its private data is too large'
      : 'it delivered a useless key for a private job'
    distrust(context, job.requester, reason, context.chainTime())
  }
  if (context.chainTime() < releaseBy) {
    const call = release.call({ market: client.market, jobId })
    try {
      await persist(context, 'releasing the claim', () => transactions.send(`release:${jobId}`, call), {
        until: releaseBy,
        retryIf: isPassing,
      })
      journal.setPhase(jobId, 'done', { end: 'released' })
      log.info({ event: 'released', jobId }, 'released')
      return { failAfter: null }
    } catch (failure) {
      if (context.signal.aborted) throw failure
      log.warn({ event: 'release-failed', jobId, ...factsOf(failure) }, 'the release did not go through')
    }
  }
  log.warn({ event: 'abandoned', jobId, runBy }, 'too late to be released: it is failed after its run time')
  return { failAfter: runBy }
}
