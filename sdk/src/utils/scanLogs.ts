import type { Address, Hex, Log, RpcLog } from 'viem'
import { formatLog, numberToHex } from 'viem'
import { getBlockNumber } from 'viem/actions'
import { decodeContractError } from '../errors/decode.ts'
import type { ClientWithMarket } from '../types/client.ts'

/** As `eth_getLogs` takes it: a topic, any of several, or null for any. */
export type LogTopics = readonly (Hex | readonly Hex[] | null)[]

export type LogFilter = {
  address: Address
  topics?: LogTopics | undefined
}

export type LogRange = {
  fromBlock: bigint
  toBlock: bigint
}

/** How many blocks to ask for at once; shrinks when a node refuses and grows back slowly. Kept by the caller. */
export type ScanPace = {
  blocks: bigint
}

const maxBlocks = 10_000n

/** The pace to begin with. */
export function scanPace(): ScanPace {
  return { blocks: maxBlocks }
}

/**
 * The logs of a block range, in order, in pieces that the node accepts. A piece that fails is split while the node answers
 * other questions; ranges that are too long or hold too many logs are refused by every provider differently.
 * @throws {RpcUnavailableError | RpcRequestFailedError} when the node does not answer, or refuses a single block
 */
export async function* scanLogs(
  client: ClientWithMarket,
  filter: LogFilter,
  { fromBlock, toBlock }: LogRange,
  pace: ScanPace = scanPace(),
): AsyncGenerator<LogRange & { logs: Log[] }> {
  let from = fromBlock
  while (from <= toBlock) {
    const last = from + pace.blocks - 1n
    const range = { fromBlock: from, toBlock: last < toBlock ? last : toBlock }
    let logs: Log[]
    try {
      logs = await getLogs(client, filter, range)
    } catch (error) {
      const blocks = range.toBlock - range.fromBlock + 1n
      if (blocks === 1n || !(await answers(client)))
        throw decodeContractError(error, { functionName: 'eth_getLogs' })
      pace.blocks = blocks / 2n
      continue
    }
    yield { ...range, logs }
    from = range.toBlock + 1n
    const next = pace.blocks + pace.blocks / 4n + 1n
    pace.blocks = next < maxBlocks ? next : maxBlocks
  }
}

async function getLogs(
  client: ClientWithMarket,
  { address, topics }: LogFilter,
  { fromBlock, toBlock }: LogRange,
): Promise<Log[]> {
  const logs = await client.request(
    {
      method: 'eth_getLogs',
      params: [
        {
          address,
          fromBlock: numberToHex(fromBlock),
          toBlock: numberToHex(toBlock),
          ...(topics === undefined ? {} : { topics: topics as never }),
        },
      ],
    },
    // A shorter range helps sooner than the same one again.
    { retryCount: 0 },
  )
  return (logs as RpcLog[]).map((log) => formatLog(log))
}

async function answers(client: ClientWithMarket): Promise<boolean> {
  try {
    await getBlockNumber(client, { cacheTime: 0 })
    return true
  } catch {
    return false
  }
}
