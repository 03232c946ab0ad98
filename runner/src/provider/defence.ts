import { encodeLeaves, getJob } from 'assay'
import type { ClaimKnowledge } from 'assay/dispute'
import { translate } from 'assay/vm'
import type { Knowledge } from '../disputes/disputes.ts'
import { JobRefusedError } from '../errors.ts'
import type { ProviderContext } from './context.ts'
import { executeJob } from './execute.ts'
import { prepareJob } from './prepare.ts'

/**
 * What the provider knows of its own claims: their data, kept since before they were claimed, and the rows that it
 * submitted. Where those are lost, the tasks are executed again.
 */
export function providerKnowledge(context: ProviderContext): Knowledge {
  const { client, address, journal, log } = context
  return async ({ jobId, provider, tasks }): Promise<ClaimKnowledge | undefined> => {
    if (provider.toLowerCase() !== address.toLowerCase()) return undefined
    const job = await getJob(client, { jobId })
    const prepared = await prepareJob(context, job)
    if (prepared === null) throw new JobRefusedError({ jobId, reason: 'its key is to come' })
    if (journal.taskTotals(jobId).tasks < tasks) {
      log.warn(
        { event: 'results-lost', jobId },
        'the results of a challenged claim are lost, executing again',
      )
      await executeJob(context, prepared, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    }
    const rows = journal.tasks(jobId).map((row) => [row.index, encodeLeaves([row])] as const)
    const { terms, program, inputs, shared } = prepared
    return { terms, program: translate(program), inputs, shared, rows: new Map(rows) }
  }
}
