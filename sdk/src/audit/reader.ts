import {
  type Address,
  type Client,
  createClient,
  type Hex,
  hexToBigInt,
  hexToNumber,
  http,
  numberToHex,
} from 'viem'
import { AuditNodeAnswerError } from '../errors/audit.ts'
import { decodeContractError } from '../errors/decode.ts'
import { mapPooled } from '../utils/mapPooled.ts'
import { word } from './words.ts'

/** What an audit needs of a block. */
export type Header = { number: bigint; hash: Hex; parentHash: Hex; timestamp: bigint }

/** A log as the node gives it. */
export type RawLog = {
  address: Address
  topics: Hex[]
  data: Hex
  blockNumber: bigint
  blockHash: Hex
  transactionHash: Hex
  logIndex: number
}

export type LogFilter = { address: Address; topics?: (Hex | null)[] }

/** The few RPC methods an audit uses, raw: no getter of a contract and no cache is in between. */
export type ChainReader = {
  chainId: () => Promise<number>
  hasCode: (address: Address, block: bigint) => Promise<boolean>
  /** @throws {AuditNodeAnswerError} if there is no such block. */
  header: (block: bigint | 'latest') => Promise<Header>
  /** Headers by number, each asked for once. */
  headers: (
    blocks: Iterable<bigint>,
    onEach?: (done: number, total: number) => void,
  ) => Promise<Map<bigint, Header>>
  logs: (filter: LogFilter, fromBlock: bigint, toBlock: bigint, retry: boolean) => Promise<RawLog[]>
  /** Words of a contract's storage, in the order of the slots. */
  storage: (
    address: Address,
    slots: readonly bigint[],
    block: bigint,
    onEach?: (done: number, total: number) => void,
  ) => Promise<bigint[]>
  call: (to: Address, data: Hex, block: bigint) => Promise<Hex>
}

const batchSize = 100

/**
 * Reads through a client. Over plain HTTP, requests are put into JSON-RPC batches of 100 if the node takes them.
 * @param concurrency - Requests in flight at once; by default four batches, or 16 single requests.
 */
export async function createReader(
  client: Client,
  { concurrency, signal }: { concurrency?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<ChainReader> {
  const batched = await createBatchedClient(client)
  const request = named((batched ?? client).request)
  const limit = concurrency ?? (batched ? 4 * batchSize : 16)

  const header = async (block: bigint | 'latest'): Promise<Header> => {
    const tag = typeof block === 'bigint' ? numberToHex(block) : block
    const raw = await request({ method: 'eth_getBlockByNumber', params: [tag, false] })
    if (!raw?.hash || raw.number === null)
      throw new AuditNodeAnswerError({ method: 'eth_getBlockByNumber', reason: `it has no block ${block}` })
    const { hash, parentHash } = raw
    return { number: hexToBigInt(raw.number), hash, parentHash, timestamp: hexToBigInt(raw.timestamp) }
  }

  return {
    chainId: async () => hexToNumber(await request({ method: 'eth_chainId' })),
    async hasCode(address, block) {
      const code = await request({ method: 'eth_getCode', params: [address, numberToHex(block)] })
      return code !== undefined && code.length > 2
    },
    header,
    async headers(blocks, onEach) {
      const numbers = [...new Set(blocks)]
      const found = await mapPooled(numbers, header, { limit, signal, onEach })
      return new Map(numbers.map((number, index) => [number, found[index]!]))
    },
    async logs({ address, topics = [] }, fromBlock, toBlock, retry) {
      signal?.throwIfAborted()
      const range = { fromBlock: numberToHex(fromBlock), toBlock: numberToHex(toBlock) }
      const options = retry ? {} : { retryCount: 0 }
      const raw = await request({ method: 'eth_getLogs', params: [{ address, topics, ...range }] }, options)
      if (!Array.isArray(raw))
        throw new AuditNodeAnswerError({ method: 'eth_getLogs', reason: 'no list of logs' })
      return raw.map((log) => {
        if (log.removed || log.blockNumber === null || log.blockHash === null || log.logIndex === null)
          throw new AuditNodeAnswerError({ method: 'eth_getLogs', reason: 'a log that is not in a block' })
        return {
          address: log.address,
          topics: [...log.topics],
          data: log.data,
          blockNumber: hexToBigInt(log.blockNumber),
          blockHash: log.blockHash,
          transactionHash: log.transactionHash!,
          logIndex: hexToNumber(log.logIndex),
        }
      })
    },
    storage(address, slots, block, onEach) {
      const tag = numberToHex(block)
      const read = async (slot: bigint) => {
        const value = await request({ method: 'eth_getStorageAt', params: [address, word(slot), tag] })
        return value === undefined || value === '0x' ? 0n : BigInt(value)
      }
      return mapPooled(slots, read, { limit, signal, onEach })
    },
    call: (to, data, block) => request({ method: 'eth_call', params: [{ to, data }, numberToHex(block)] }),
  }
}

/** The same requests; what fails arrives as an error of this package that names the method. */
function named(request: Client['request']): Client['request'] {
  type Plain = (args: { method: string; params?: unknown }, options?: unknown) => Promise<unknown>
  const ask: Plain = async (args, options) => {
    try {
      return await (request as Plain)(args, options)
    } catch (error) {
      throw decodeContractError(error, { functionName: args.method })
    }
  }
  return ask as Client['request']
}

/** A twin of an HTTP client that batches; undefined for other transports and for nodes that refuse batches. */
async function createBatchedClient(client: Client): Promise<Client | undefined> {
  const { transport } = client
  if (transport.type !== 'http' || typeof transport.url !== 'string') return undefined
  const batched = createClient({
    transport: http(transport.url, {
      batch: { batchSize },
      fetchOptions: transport.fetchOptions,
      retryCount: transport.retryCount,
      ...(transport.timeout === undefined ? {} : { timeout: transport.timeout }),
    }),
  })
  try {
    await batched.request({ method: 'eth_chainId' }, { retryCount: 0 })
    return batched
  } catch {
    return undefined
  }
}
