import {
  ContentMismatchError,
  ContentNotFoundError,
  fetchJobData,
  fetchSealedData,
  getJobTerms,
  isRetryable,
  type Job,
  type JobTerms,
  StoreResponseError,
} from 'assay'
import type { Hex } from 'viem'
import { memoryFault, stepsFault } from '../core/fit.ts'
import { JobRefusedError } from '../errors.ts'
import type { PreparedJob, ProviderContext } from './context.ts'
import { reasonFor } from './interpreted.ts'
import { openPrivateInputs } from './privateInputs.ts'

/**
 * Gets everything a job needs before a bond is put on it: the terms (verified by the job's id), program, shared input and
 * inputs (verified by the terms), and a compile of the program inside the sandbox, which translates it and compares its id again. What was fetched is kept, so that a
 * restart needs no store. Of a private job that is the program and the sealed inputs, which are opened once the key is there.
 *
 * @returns null for a private job whose key is to come: all that can be had before is there
 * @throws JobRefusedError, ProgramRefusedError when the job can never be run here; store errors, retryable ones among them
 */
export async function prepareJob(context: ProviderContext, job: Job): Promise<PreparedJob | null> {
  const { client, executor, journal, limits, inputs: cache, signal } = context
  const { jobId } = job
  const terms = await getJobTerms(client, { jobId })
  refuseAbove(jobId, 'bytes of output of a task', terms.maxOutput, executor.limits.maxOutputBytes)
  const { dataUri, programId, inputsRoot, sharedInput, tasks, stepLimit } = terms
  if (job.status === 'open') {
    const { stepRate, taskWallTime } = limits
    const room = { slots: executor.slots, taskSeconds: taskWallTime / 1_000, stepRate }
    const isInterpreted = reasonFor(journal, programId) !== undefined
    refuseFor(jobId, stepsFault({ stepLimit, run: job.run, tasks }, room, isInterpreted))
  }
  if (terms.isPrivate) {
    const { program, sealed } = await fetchSealedData({ dataUri, programId, limits, cache, signal })
    await checkProgram(context, job, terms, program)
    if (job.status === 'open' || job.status === 'awaitingKey') return null
    const opened = await openPrivateInputs(context, job, terms, sealed)
    checkInputs(context, jobId, opened)
    return { jobId, job, terms, program, ...opened }
  }
  const names = { dataUri, programId, inputsRoot, sharedInput, tasks }
  const { program, ...data } = await fetchJobData({ ...names, limits, cache, signal })
  checkInputs(context, jobId, data)
  await checkProgram(context, job, terms, program)
  return { jobId, job, terms, program, ...data, jobKey: null }
}

function checkInputs(
  { executor }: ProviderContext,
  jobId: Hex,
  { inputs, shared }: Pick<PreparedJob, 'inputs' | 'shared'>,
): void {
  refuseAbove(jobId, 'bytes of shared input', shared.length, executor.limits.maxSharedBytes)
  const longest = inputs.reduce((max, { length }) => Math.max(max, length), 0)
  refuseAbove(jobId, 'bytes of input of a task', longest, executor.limits.maxInputBytes)
}

/** Looks at the program, and compiles it inside the sandbox: there must be memory for all tasks that run at a time. */
async function checkProgram(
  context: ProviderContext,
  { jobId, status }: Job,
  terms: JobTerms,
  program: Uint8Array,
): Promise<void> {
  const { executor, jobs, resources } = context
  const { programId, maxPages, tasks } = terms
  const { memory } = await executor.check({ programId, program })
  refuseAbove(jobId, 'pages of memory, beyond what the job allows', memory.max, maxPages)
  // What was claimed is done as well as it can be: an operator may offer less than before.
  if (status !== 'open') return
  const room = { jobs, slots: executor.slots, memoryMiB: resources.memoryMiB }
  refuseFor(jobId, memoryFault({ pages: memory.max, tasks }, room))
}

function refuseFor(jobId: Hex, reason: string | undefined): void {
  if (reason !== undefined) throw new JobRefusedError({ jobId, reason })
}

/** Whether a job that could not be prepared may be later: a store can be repaired, a bad job cannot. */
export function mayComeBack(error: unknown): boolean {
  return (
    isRetryable(error) ||
    error instanceof ContentNotFoundError ||
    error instanceof ContentMismatchError ||
    error instanceof StoreResponseError
  )
}

function refuseAbove(jobId: Hex, what: string, value: number, limit: number): void {
  if (value > limit)
    throw new JobRefusedError({ jobId, reason: `${value} ${what}, up to ${limit} are possible` })
}
