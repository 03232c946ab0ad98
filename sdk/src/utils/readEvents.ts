import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { MarketEvent } from '../types/event.ts'
import { getNewestBlockNumber } from './blocks.ts'
import { decodeMarketEvent } from './events.ts'
import { getDeployment } from './market.ts'
import { type LogTopics, scanLogs } from './scanLogs.ts'

/** Decoded events of the market that match the topics, in their order. */
export async function readEvents(
  client: ClientWithMarket,
  parameters: MarketParameter & { fromBlock?: bigint | undefined; toBlock?: bigint | undefined },
  topics: LogTopics,
): Promise<MarketEvent[]> {
  const { market, fromBlock: deployed } = getDeployment(client, parameters)
  const range = {
    fromBlock: parameters.fromBlock ?? deployed,
    toBlock: parameters.toBlock ?? (await getNewestBlockNumber(client)),
  }
  const events: MarketEvent[] = []
  for await (const { logs } of scanLogs(client, { address: market, topics }, range)) {
    for (const log of logs) {
      const event = decodeMarketEvent(log)
      if (event) events.push(event)
    }
  }
  return events
}
