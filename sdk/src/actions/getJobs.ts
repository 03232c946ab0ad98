import type { Address, Hex } from 'viem'
import { isAddressEqual, pad } from 'viem'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { Job, JobStatus } from '../types/job.ts'
import { eventTopic } from '../utils/events.ts'
import { mapPooled } from '../utils/mapPooled.ts'
import { readEvents } from '../utils/readEvents.ts'
import { getJob } from './getJob.ts'

// Reads that are under way at once: enough to hide the latency, few enough for public nodes.
const parallelReads = 20

export type GetJobsParameters = MarketParameter & {
  requester?: Address | undefined
  /** Who claimed them. */
  provider?: Address | undefined
  /** One of these. */
  status?: JobStatus | readonly JobStatus[] | undefined
  /** @default the block of the market's deployment */
  fromBlock?: bigint | undefined
}

export type GetJobsReturnType = Job[]

export type GetJobsErrorType = ReadMarketErrorType

/**
 * Finds jobs in the events since `fromBlock` (posted since, with `provider`: claimed since) and reads each, oldest first.
 *
 * @example
 * const open = await client.getJobs({ status: 'open' })
 */
export async function getJobs(
  client: ClientWithMarket,
  parameters: GetJobsParameters = {},
): Promise<GetJobsReturnType> {
  const { market, requester, provider, status } = parameters
  const statuses = typeof status === 'string' ? [status] : status
  const jobIds = await findJobIds(client, parameters)
  const jobs = await mapPooled(jobIds, (jobId) => getJob(client, { jobId, market }), { limit: parallelReads })
  return jobs.filter(
    (job) =>
      (statuses === undefined || statuses.includes(job.status)) &&
      (requester === undefined || isAddressEqual(job.requester, requester)) &&
      (provider === undefined || (job.provider !== null && isAddressEqual(job.provider, provider))),
  )
}

async function findJobIds(client: ClientWithMarket, parameters: GetJobsParameters): Promise<Hex[]> {
  const { requester, provider } = parameters
  const party = provider ?? requester
  const topics = [
    eventTopic(provider === undefined ? 'JobPosted' : 'JobClaimed'),
    null,
    party === undefined ? null : pad(party),
  ]
  const events = await readEvents(client, parameters, topics)
  return events.flatMap(({ args }) => ('jobId' in args ? [args.jobId] : []))
}
