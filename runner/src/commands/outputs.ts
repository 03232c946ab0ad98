import {
  fetchLeaves,
  fetchOutputs,
  getJob,
  getJobTerms,
  getMajority,
  getProvider,
  isAssayError,
  type MarketClient,
  ResultNotSubmittedError,
  type TaskOutput,
  unsaltOutput,
} from 'assay'
import type { Address, Hex } from 'viem'

/** Who serves a job's outputs under which job, and what they have to match. */
type Source = { jobId: Hex; provider: Address; resultCommitment: Hex }

/**
 * The outputs of a job, each verified against the result on the chain; of a seat, against what the majority of its group
 * revealed, from whichever provider of that majority serves them.
 *
 * @param keyOf gives the key of a private job
 * @throws {ResultNotSubmittedError} where there is no result, or no majority; what the last provider asked was refused for
 */
export async function* outputsOf(
  client: MarketClient,
  jobId: Hex,
  keyOf: (jobId: Hex) => Uint8Array,
): AsyncGenerator<TaskOutput> {
  const sources = await sourcesOf(client, jobId)
  // A result beyond the job's own limits is refused before room is made for it.
  const { tasks, maxOutput, stepLimit, isPrivate } = await getJobTerms(client, { jobId })
  const jobKey = isPrivate ? keyOf(jobId) : undefined
  const limits = { maxOutput, stepLimit }
  let from = 0
  for (const [i, { provider, ...source }] of sources.entries()) {
    try {
      const { endpoint } = await getProvider(client, { address: provider })
      const leaves = await fetchLeaves({ ...source, endpoint, tasks, limits, jobKey })
      for await (const output of fetchOutputs({ endpoint, jobId: source.jobId, leaves, from, jobKey })) {
        yield jobKey === undefined ? output : { ...output, bytes: unsaltOutput(output.bytes) }
        from = output.index + 1
      }
      return
    } catch (error) {
      if (i === sources.length - 1 || !isAssayError(error)) throw error
    }
  }
}

async function sourcesOf(client: MarketClient, jobId: Hex): Promise<Source[]> {
  const { level, status, provider, resultCommitment } = await getJob(client, { jobId })
  if (level === 'replicated') {
    const majority = await getMajority(client, { jobId })
    if (majority === null) throw new ResultNotSubmittedError({ jobId, status })
    const named = majority.seats.toSorted((a, b) => Number(b.jobId === jobId) - Number(a.jobId === jobId))
    return named.map((seat) => ({ ...seat, resultCommitment: majority.resultCommitment }))
  }
  if (resultCommitment === null || provider === null) throw new ResultNotSubmittedError({ jobId, status })
  return [{ jobId, provider, resultCommitment }]
}
