import type { Hex } from 'viem'
import { ResultNotSubmittedError, type UnknownJobError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { getBlockTime } from '../utils/blocks.ts'
import { getJob } from './getJob.ts'

export type GetTimeToSettleParameters = MarketParameter & {
  jobId: Hex
}

export type GetTimeToSettleReturnType = {
  /** Seconds from the newest block until `timestamp`, zero when it has passed. */
  seconds: number
  /** First second in which `settle` succeeds, if no challenge is open then. */
  timestamp: number
}

export type GetTimeToSettleErrorType = ResultNotSubmittedError | UnknownJobError | ReadMarketErrorType

/**
 * Tells how long the challenge window of a submitted job still runs.
 *
 * @example
 * const { seconds, timestamp } = await client.getTimeToSettle({ jobId })
 *
 * @throws {ResultNotSubmittedError | UnknownJobError}
 */
export async function getTimeToSettle(
  client: ClientWithMarket,
  parameters: GetTimeToSettleParameters,
): Promise<GetTimeToSettleReturnType> {
  const [{ jobId, status, submittedAt, window }, now] = await Promise.all([
    getJob(client, parameters),
    getBlockTime(client),
  ])
  if (submittedAt === null) throw new ResultNotSubmittedError({ jobId, status })
  const timestamp = submittedAt + window + 1
  return { seconds: Math.max(0, timestamp - now), timestamp }
}
