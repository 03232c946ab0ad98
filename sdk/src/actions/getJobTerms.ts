import type { Hex } from 'viem'
import type { EventMismatchError, EventNotFoundError } from '../errors/events.ts'
import type { UnknownJobError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { JobTerms } from '../types/terms.ts'
import { findPostedTerms } from '../utils/postedTerms.ts'
import { decodeJobTerms } from '../utils/terms.ts'

export type GetJobTermsParameters = MarketParameter & {
  jobId: Hex
  /** @default the block of the market's deployment */
  fromBlock?: bigint | undefined
}

export type GetJobTermsReturnType = JobTerms

export type GetJobTermsErrorType =
  | UnknownJobError
  | EventNotFoundError
  | EventMismatchError
  | ReadMarketErrorType

/**
 * Reads the whole terms of a job out of the event of its posting; they are checked against the job's id.
 *
 * @example
 * const { programId, dataUri } = await client.getJobTerms({ jobId })
 *
 * @throws {UnknownJobError | EventNotFoundError | EventMismatchError}
 */
export async function getJobTerms(
  client: ClientWithMarket,
  parameters: GetJobTermsParameters,
): Promise<GetJobTermsReturnType> {
  return decodeJobTerms((await findPostedTerms(client, parameters)).terms)
}
