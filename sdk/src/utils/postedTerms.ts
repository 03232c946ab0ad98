import type { Address, Hex } from 'viem'
import { getChainId } from 'viem/actions'
import { getJob } from '../actions/getJob.ts'
import { EventMismatchError } from '../errors/events.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { EncodedJobTerms } from '../types/terms.ts'
import { findJobEvents } from './findEvent.ts'
import { hashJob } from './jobId.ts'
import { getMarketAddress } from './market.ts'

/**
 * The terms of a job word by word, out of the event of its posting; they are checked against the job's id.
 * @throws {UnknownJobError | EventNotFoundError | EventMismatchError}
 */
export async function findPostedTerms(
  client: ClientWithMarket,
  parameters: MarketParameter & { jobId: Hex; fromBlock?: bigint | undefined },
): Promise<{ requester: Address; terms: EncodedJobTerms }> {
  const { jobId } = parameters
  const { requester, postedAt, isSigned } = await getJob(client, { jobId, market: parameters.market })
  const market = getMarketAddress(client, parameters)
  const chainId = client.chain?.id ?? (await getChainId(client))
  // a signed job does not keep when it was posted
  const time = isSigned ? undefined : postedAt
  const events = await findJobEvents(client, { ...parameters, eventName: 'JobPosted', time })
  let actual: Hex = '0x'
  for (const { args } of events) {
    actual = hashJob({ chainId, market, requester }, args.terms)
    if (actual === jobId) return { requester, terms: args.terms }
  }
  throw new EventMismatchError({ eventName: 'JobPosted', jobId, expected: jobId, actual })
}
