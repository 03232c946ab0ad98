import { fetchJobData, getJobTerms, inspectProgram, type Job } from 'assay'
import { JobRefusedError } from '../errors.ts'
import type { PreparedJob, ProviderContext } from './context.ts'

/**
 * Gets everything a job needs before a bond is put on it: the terms (verified by the job's id), program, shared input and
 * inputs (verified by the terms), and a compile of the program inside the sandbox. What was fetched is kept, so that a
 * restart needs no store.
 *
 * @throws JobRefusedError when the job can never be run here; store errors, retryable ones among them
 */
export async function prepareJob(context: ProviderContext, job: Job): Promise<PreparedJob> {
  const { client, limits, inputs: cache, signal } = context
  const { jobId } = job
  const terms = await getJobTerms(client, { jobId })
  const { program, shared, inputs } = await fetchJobData({
    dataUri: terms.dataUri,
    programId: terms.programId,
    inputsRoot: terms.inputsRoot,
    sharedInput: terms.sharedInput,
    tasks: terms.tasks,
    limits,
    cache,
    signal,
  })
  const { memory } = inspectProgram(program)
  if (memory.max > terms.maxPages) {
    throw new JobRefusedError({
      jobId,
      reason: `the program may use ${memory.max} pages of memory, the job allows ${terms.maxPages}`,
    })
  }
  await context.executor.check({ programId: terms.programId, program })
  return { jobId, job, terms, program, shared, inputs }
}
