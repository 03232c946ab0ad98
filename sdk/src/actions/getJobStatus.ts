import type { Hex } from 'viem'
import { UnknownJobError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { JobStatus } from '../types/job.ts'
import { getMarketAddress, readMarket } from '../utils/market.ts'
import { decodeJobStatus } from '../utils/status.ts'

export type GetJobStatusParameters = MarketParameter & {
  jobId: Hex
}

export type GetJobStatusReturnType = JobStatus

export type GetJobStatusErrorType = UnknownJobError | ReadMarketErrorType

/**
 * Reads where a job stands at the newest block.
 *
 * @example
 * const status = await client.getJobStatus({ jobId })
 *
 * @throws {UnknownJobError}
 */
export async function getJobStatus(
  client: ClientWithMarket,
  parameters: GetJobStatusParameters,
): Promise<GetJobStatusReturnType> {
  const { jobId } = parameters
  const status = decodeJobStatus(await readMarket(client, parameters, 'statusOf', [jobId]))
  if (status === 'none') throw new UnknownJobError({ jobId, market: getMarketAddress(client, parameters) })
  return status
}
