import { custom, type Transport } from 'viem'
import type { Request } from './chain.ts'

type Args = { method: string; params?: unknown }
type LogQuery = { fromBlock: `0x${string}`; toBlock: `0x${string}` }

/** What a node behind a transport does wrong; fields may be changed while it is used. */
export type Faults = {
  /** Longest range of blocks that `eth_getLogs` accepts. */
  maxRange?: number | undefined
  /** Calls that fail as if the connection were lost. */
  away?: ((args: Args) => boolean) | undefined
  /** Whether a block's logs are left out; asked with the block that is the newest at the time. */
  dropNewest?: ((block: bigint) => boolean) | undefined
}

/** A real chain behind a transport with faults. */
export function faultyNode(request: Request, faults: Faults): { transport: Transport; looks: () => number } {
  let looks = 0
  const forward = request as unknown as (args: Args) => Promise<unknown>

  async function answer(args: Args): Promise<unknown> {
    if (faults.away?.(args)) throw new Error('connection lost')
    if (args.method !== 'eth_getLogs') return forward(args)
    const [{ fromBlock, toBlock }] = args.params as [LogQuery]
    const blocks = Number(BigInt(toBlock) - BigInt(fromBlock)) + 1
    if (faults.maxRange !== undefined && blocks > faults.maxRange)
      throw Object.assign(new Error(`query exceeds max block range ${faults.maxRange}`), { code: -32_602 })
    const logs = (await forward(args)) as { blockNumber: `0x${string}` }[]
    const newest = BigInt((await forward({ method: 'eth_blockNumber' })) as string)
    const drops =
      logs.some(({ blockNumber }) => BigInt(blockNumber) === newest) && faults.dropNewest?.(newest)
    if (BigInt(toBlock) >= newest) looks += 1
    return drops ? logs.filter(({ blockNumber }) => BigInt(blockNumber) !== newest) : logs
  }
  return {
    transport: custom({ request: answer as Request }, { retryCount: 0 }),
    /** How many times logs up to the newest block were returned. */
    looks: () => looks,
  }
}
