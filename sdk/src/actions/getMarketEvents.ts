import type { Hex } from 'viem'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventName } from '../types/event.ts'
import { eventTopic } from '../utils/events.ts'
import { readEvents } from '../utils/readEvents.ts'

export type GetMarketEventsParameters<name extends MarketEventName = MarketEventName> = MarketParameter & {
  /** @default every event */
  eventNames?: readonly name[] | undefined
  /** Only events of this job. */
  jobId?: Hex | undefined
  /** @default the block of the market's deployment */
  fromBlock?: bigint | undefined
  /** @default the newest block */
  toBlock?: bigint | undefined
}

export type GetMarketEventsReturnType<name extends MarketEventName = MarketEventName> = MarketEvent<name>[]

export type GetMarketEventsErrorType = ReadMarketErrorType

/**
 * Reads decoded events of the market in their order, in as many requests as the node needs.
 *
 * @example
 * const posted = await client.getMarketEvents({ eventNames: ['JobPosted'] })
 */
export async function getMarketEvents<const name extends MarketEventName = MarketEventName>(
  client: ClientWithMarket,
  parameters: GetMarketEventsParameters<name> = {},
): Promise<GetMarketEventsReturnType<name>> {
  const { eventNames, jobId } = parameters
  const topics = [eventNames?.map(eventTopic) ?? null, jobId ?? null]
  return (await readEvents(client, parameters, topics)) as MarketEvent<name>[]
}
