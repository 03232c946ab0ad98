import type { Hex } from 'viem'
import type { EventNotFoundError } from '../errors/events.ts'
import type { UnknownJobError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { findJobEvents } from '../utils/findEvent.ts'
import { getJob } from './getJob.ts'

export type GetDeliveredKeyParameters = MarketParameter & {
  jobId: Hex
  /** @default the block of the market's deployment */
  fromBlock?: bigint | undefined
}

/** The key as it was wrapped. */
export type GetDeliveredKeyReturnType = Hex

export type GetDeliveredKeyErrorType = UnknownJobError | EventNotFoundError | ReadMarketErrorType

/**
 * Reads the wrapped key of a private job out of the event of its delivery.
 *
 * @example
 * const wrapped = await client.getDeliveredKey({ jobId })
 * const jobKey = await unwrapJobKey(wrapped, privateKey, { chainId, market, jobId, provider })
 *
 * @throws {UnknownJobError}
 * @throws {EventNotFoundError} if none was delivered
 */
export async function getDeliveredKey(
  client: ClientWithMarket,
  parameters: GetDeliveredKeyParameters,
): Promise<GetDeliveredKeyReturnType> {
  const { jobId, market } = parameters
  const { runBy, run } = await getJob(client, { jobId, market })
  const time = runBy === null ? undefined : runBy - run
  const events = await findJobEvents(client, { ...parameters, eventName: 'KeyDelivered', time })
  // A job is claimed once, so there is one key: the market takes no second one.
  return events[0]!.args.key
}
