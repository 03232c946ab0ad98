import { decodeEventLog, encodeEventTopics, type Hex, type Log } from 'viem'
import { jobMarketAbi } from '../abis.ts'
import { EventNotFoundError } from '../errors/events.ts'
import { type JobEvent, jobEventNames, type MarketEvent, type MarketEventName } from '../types/event.ts'

/** Signature topic of a market event. */
export function eventTopic(eventName: MarketEventName): Hex {
  return encodeEventTopics({ abi: jobMarketAbi, eventName } as never)[0] as Hex
}

/** Decodes a log of the market; undefined for one that is none of its events, or is pending. */
export function decodeMarketEvent(log: Log): MarketEvent | undefined {
  const { blockHash, blockNumber, logIndex, transactionHash } = log
  if (blockHash === null || blockNumber === null || logIndex === null || transactionHash === null)
    return undefined
  try {
    const { eventName, args } = decodeEventLog({
      abi: jobMarketAbi,
      data: log.data,
      topics: log.topics,
      strict: true,
    })
    return { eventName, args, blockNumber, blockHash, transactionHash, logIndex } as MarketEvent
  } catch {
    // Another contract's event, e.g. the token's in the same receipt.
    return undefined
  }
}

/** The events of one name among the logs of a receipt, in their order. */
export function extractEvents<const name extends MarketEventName>(
  eventName: name,
  logs: readonly Log[],
): MarketEvent<name>[] {
  return logs
    .map(decodeMarketEvent)
    .filter((event): event is MarketEvent<name> & MarketEvent => event?.eventName === eventName)
}

/**
 * The first event of one name among the logs of a receipt.
 * @throws {EventNotFoundError}
 */
export function extractEvent<const name extends MarketEventName>(
  eventName: name,
  logs: readonly Log[],
): MarketEvent<name> {
  const [event] = extractEvents(eventName, logs)
  if (event === undefined) throw new EventNotFoundError({ eventName })
  return event
}

const jobEvents: ReadonlySet<string> = new Set(jobEventNames)

/** The events among a market's logs that belong to a job. */
export function decodeJobEvents(logs: readonly Log[]): JobEvent[] {
  return logs
    .map(decodeMarketEvent)
    .filter((event): event is JobEvent => event !== undefined && jobEvents.has(event.eventName))
}
