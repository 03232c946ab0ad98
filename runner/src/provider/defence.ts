import { encodeLeaves, fetchJobData, fetchSealedData, getJob, getJobTerms, type JobTerms } from 'assay'
import type { ClaimKnowledge } from 'assay/dispute'
import { programIdOfImage, translate } from 'assay/vm'
import type { Hex } from 'viem'
import type { Knowledge } from '../disputes/disputes.ts'
import { JobRefusedError } from '../errors.ts'
import type { ProviderContext } from './context.ts'
import { executeJob } from './execute.ts'
import { prepareJob } from './prepare.ts'
import { openPrivateInputs } from './privateInputs.ts'

/** Whatever was taken once is taken again. */
const limits = {
  maxProgram: Number.MAX_SAFE_INTEGER,
  maxShared: Number.MAX_SAFE_INTEGER,
  maxInputs: Number.MAX_SAFE_INTEGER,
}

/**
 * What the provider knows of its own claims: their data, kept since before they were claimed, and the rows that it
 * submitted. The executor has no part in it: a machine that is busy with other jobs must not be late for a turn. Only where
 * the rows are lost the tasks are executed again.
 *
 * What the operator takes today plays no role either: these claims were made.
 */
export function providerKnowledge(context: ProviderContext): Knowledge {
  const { client, address, journal } = context
  return async ({ jobId, provider, tasks }): Promise<ClaimKnowledge | undefined> => {
    if (provider.toLowerCase() !== address.toLowerCase()) return undefined
    const terms = await getJobTerms(client, { jobId })
    const data = await dataOf(context, jobId, terms)
    const program = translate(data.program)
    const programId = programIdOfImage(program)
    if (programId !== terms.programId.toLowerCase())
      throw new JobRefusedError({ jobId, reason: `the module that was kept is program ${programId}` })
    if (journal.taskTotals(jobId).tasks < tasks) await executeAgain(context, jobId)
    const rows = journal.tasks(jobId).map((row) => [row.index, encodeLeaves([row])] as const)
    return { terms, program, inputs: data.inputs, shared: data.shared, rows: new Map(rows) }
  }
}

async function dataOf(context: ProviderContext, jobId: Hex, terms: JobTerms) {
  const { inputs: cache, signal } = context
  const { dataUri, programId, inputsRoot, sharedInput, tasks } = terms
  if (!terms.isPrivate)
    return fetchJobData({ dataUri, programId, inputsRoot, sharedInput, tasks, limits, cache, signal })
  const { program, sealed } = await fetchSealedData({ dataUri, programId, limits, cache, signal })
  return { program, ...(await openPrivateInputs(context, { jobId }, terms, sealed)) }
}

async function executeAgain(context: ProviderContext, jobId: Hex): Promise<void> {
  const { client, log } = context
  log.warn({ event: 'results-lost', jobId }, 'the results of a challenged claim are lost, executing again')
  const prepared = await prepareJob(context, await getJob(client, { jobId }))
  if (prepared === null) throw new JobRefusedError({ jobId, reason: 'its key is to come' })
  await executeJob(context, prepared, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
}
