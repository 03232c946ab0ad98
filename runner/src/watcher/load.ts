import {
  AssayError,
  fetchJobData,
  fetchRows,
  getJobTerms,
  getProvider,
  getResult,
  isRetryable,
  type Job,
} from 'assay'
import type { Hex } from 'viem'
import { factsOf, JobRefusedError } from '../errors.ts'
import type { LoadedClaim, WatchContext } from './context.ts'

/** How long leaves are waited for that are not served yet: part of the window, and seconds at most. */
const PATIENCE_PART = 4
const LONGEST_PATIENCE = 60

/**
 * Gets what checking a claim needs: the terms (verified by the job's id), program and inputs (verified by the terms; kept,
 * so that a dispute does not depend on the requester's store), and the leaves behind the result (verified by its
 * commitment). A provider that does not serve its leaves in time has withheld them.
 *
 * @throws JobRefusedError, ProgramRefusedError where this machine cannot check it; store errors, of which retryable ones
 * pass
 */
export async function loadClaim(context: WatchContext, job: Job): Promise<LoadedClaim> {
  const { client, contents: cache, executor, policy, signal, watched } = context
  const { jobId } = job
  const terms = await getJobTerms(client, { jobId })
  refuseAbove(jobId, 'tasks', terms.tasks, policy.maxTasks)
  refuseAbove(jobId, 'bytes of output of a task', terms.maxOutput, executor.limits.maxOutputBytes)
  const { dataUri, programId, inputsRoot, sharedInput, tasks } = terms
  const names = { dataUri, programId, inputsRoot, sharedInput, tasks }
  const data = await fetchJobData({ ...names, limits: policy, cache, signal })
  await executor.check({ programId, program: data.program })
  const { resultRoot, totalSteps, provider } = await getResult(client, { jobId })
  const claim = { jobId, terms, provider, resultRoot, totalSteps, ...data }
  const known = watched.rows(jobId)
  if (known !== null) return { ...claim, rows: known }
  const rows = await servedRows(context, job, claim)
  if (rows !== null) watched.putRows(jobId, rows)
  return { ...claim, rows }
}

/** The claim's leaves file, or null once it counts as withheld. */
async function servedRows(
  { client, log, signal, chainTime }: WatchContext,
  job: Job,
  { jobId, terms, provider, resultRoot, totalSteps }: Omit<LoadedClaim, 'rows'>,
): Promise<Uint8Array | null> {
  const { endpoint } = await getProvider(client, { address: provider })
  const from = { endpoint, jobId, tasks: terms.tasks, resultRoot, totalSteps }
  try {
    return await fetchRows({ ...from, signal })
  } catch (error) {
    if (!(error instanceof AssayError)) throw error
    const patience = Math.min(LONGEST_PATIENCE, Math.floor(job.window / PATIENCE_PART))
    if (isRetryable(error) && chainTime() < (job.submittedAt ?? 0) + patience) throw error
    log.warn({ event: 'leaves-withheld', jobId, provider, ...factsOf(error) }, 'the leaves are not served')
    return null
  }
}

function refuseAbove(jobId: Hex, what: string, value: number, limit: number): void {
  if (value > limit)
    throw new JobRefusedError({ jobId, reason: `${value} ${what}, up to ${limit} are possible` })
}
