import { getBlock, getBlockNumber } from 'viem/actions'
import { decodeContractError } from '../errors/decode.ts'
import type { ClientWithMarket } from '../types/client.ts'

/** Number of the newest block, never a remembered one. */
export async function getNewestBlockNumber(client: ClientWithMarket): Promise<bigint> {
  try {
    return await getBlockNumber(client, { cacheTime: 0 })
  } catch (error) {
    throw decodeContractError(error, { functionName: 'eth_blockNumber' })
  }
}

/** Timestamp of a block, by default the newest, in seconds: the only clock that the contract knows. */
export async function getBlockTime(client: ClientWithMarket, blockNumber?: bigint): Promise<number> {
  try {
    const { timestamp } = await getBlock(client, blockNumber === undefined ? {} : { blockNumber })
    return Number(timestamp)
  } catch (error) {
    throw decodeContractError(error, { functionName: 'eth_getBlockByNumber' })
  }
}
