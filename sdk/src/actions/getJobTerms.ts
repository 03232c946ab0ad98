import type { Hex } from 'viem'
import { getChainId } from 'viem/actions'
import { EventMismatchError, type EventNotFoundError } from '../errors/events.ts'
import type { UnknownJobError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { JobTerms } from '../types/terms.ts'
import { findJobEvents } from '../utils/findEvent.ts'
import { hashJob } from '../utils/jobId.ts'
import { getMarketAddress } from '../utils/market.ts'
import { decodeJobTerms } from '../utils/terms.ts'
import { getJob } from './getJob.ts'

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
  const { jobId } = parameters
  const { requester, postedAt } = await getJob(client, { jobId, market: parameters.market })
  const market = getMarketAddress(client, parameters)
  const chainId = client.chain?.id ?? (await getChainId(client))
  const events = await findJobEvents(client, { ...parameters, eventName: 'JobPosted', time: postedAt })
  let actual: Hex = '0x'
  for (const { args } of events) {
    actual = hashJob({ chainId, market, requester }, args.terms)
    if (actual === jobId) return decodeJobTerms(args.terms)
  }
  throw new EventMismatchError({ eventName: 'JobPosted', jobId, expected: jobId, actual })
}
