import { fetchJobData, getJobTerms } from 'assay'
import type { ClaimKnowledge } from 'assay/dispute'
import { translate } from 'assay/vm'
import type { Knowledge } from '../disputes/disputes.ts'
import type { WatchContext } from './context.ts'

/** What the watcher knows of the claims that it found to be wrong; it plays no others. */
export function challengerKnowledge(context: WatchContext): Knowledge {
  const { client, contents: cache, policy, signal, watched } = context
  return async ({ jobId }): Promise<ClaimKnowledge | undefined> => {
    if (watched.claim(jobId)?.phase !== 'wrong') return undefined
    const terms = await getJobTerms(client, { jobId })
    const { dataUri, programId, inputsRoot, sharedInput, tasks } = terms
    const names = { dataUri, programId, inputsRoot, sharedInput, tasks }
    const data = await fetchJobData({ ...names, limits: policy, cache, signal })
    const published = watched.rows(jobId)
    return {
      terms,
      program: translate(data.program),
      inputs: data.inputs,
      shared: data.shared,
      rows: watched.tasks(jobId),
      ...(published !== null && { published }),
    }
  }
}
