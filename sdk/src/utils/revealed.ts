import { encodeEventTopics, type Hex, parseEventLogs } from 'viem'
import { replicationAbi } from '../abis.ts'
import { getSeat } from '../actions/getSeat.ts'
import { EventNotFoundError } from '../errors/events.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import { getNewestBlockNumber } from './blocks.ts'
import { getDeployment } from './market.ts'
import { scanLogs } from './scanLogs.ts'

/**
 * What the seat of a job revealed, out of its event.
 * @throws {EventNotFoundError | WrongLevelError}
 */
export async function findRevealedResult(
  client: ClientWithMarket,
  parameters: MarketParameter & { jobId: Hex; fromBlock?: bigint | undefined },
): Promise<{ resultRoot: Hex; totalSteps: bigint }> {
  const { jobId, market } = parameters
  const { replication, groupId } = await getSeat(client, { jobId, market })
  const fromBlock = parameters.fromBlock ?? getDeployment(client, { market }).fromBlock
  const [topic] = encodeEventTopics({ abi: replicationAbi, eventName: 'ResultRevealed' }) as [Hex]
  const filter = { address: replication, topics: [topic, groupId, jobId] }
  const range = { fromBlock, toBlock: await getNewestBlockNumber(client) }
  for await (const { logs } of scanLogs(client, filter, range)) {
    const [event] = parseEventLogs({ abi: replicationAbi, eventName: 'ResultRevealed', logs })
    if (event !== undefined) return { resultRoot: event.args.resultRoot, totalSteps: event.args.totalSteps }
  }
  throw new EventNotFoundError({ eventName: 'ResultRevealed', jobId, fromBlock })
}
