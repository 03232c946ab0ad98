import type { Hex } from 'viem'
import { EventNotFoundError } from '../errors/events.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { MarketEvent, MarketEventName } from '../types/event.ts'
import { getBlockTime, getNewestBlockNumber } from './blocks.ts'
import { eventTopic, extractEvents } from './events.ts'
import { getDeployment } from './market.ts'
import { type LogRange, scanLogs } from './scanLogs.ts'

// A range this short is asked for at once; in a longer one the block is found by its time first.
const shortRange = 5_000n

/**
 * The events of one name and job, emitted in a block of the given time, or in any.
 * @throws {EventNotFoundError}
 */
export async function findJobEvents<const name extends MarketEventName>(
  client: ClientWithMarket,
  parameters: MarketParameter & {
    eventName: name
    jobId: Hex
    /** Timestamp of the event's block, where it is known. */
    time: number | undefined
    fromBlock?: bigint | undefined
  },
): Promise<MarketEvent<name>[]> {
  const { eventName, jobId, time } = parameters
  const { market, fromBlock: deployed } = getDeployment(client, parameters)
  const fromBlock = parameters.fromBlock ?? deployed
  const toBlock = await getNewestBlockNumber(client)
  const whole = { fromBlock, toBlock }
  const filter = { address: market, topics: [eventTopic(eventName), jobId] }
  const ranges = time === undefined ? [whole] : [await narrow(client, whole, time), whole]
  for (const range of ranges) {
    const events: MarketEvent<name>[] = []
    for await (const { logs } of scanLogs(client, filter, range))
      events.push(...extractEvents(eventName, logs))
    if (events.length > 0) return events
  }
  throw new EventNotFoundError({ eventName, jobId, fromBlock })
}

/** A short range around the blocks of one second: by bisection, because block times never fall. */
async function narrow(client: ClientWithMarket, range: LogRange, time: number): Promise<LogRange> {
  let { fromBlock, toBlock } = range
  while (toBlock - fromBlock > shortRange) {
    const middle = (fromBlock + toBlock) / 2n
    const middleTime = await getBlockTime(client, middle)
    if (middleTime < time) fromBlock = middle
    else if (middleTime > time) toBlock = middle
    // A chain with thousands of blocks in one second may have more of them further away.
    else return { fromBlock: middle - shortRange / 2n, toBlock: middle + shortRange / 2n }
  }
  return { fromBlock, toBlock }
}
