import { getChainId, getCode } from 'viem/actions'
import { MarketNotDeployedError, type MarketUnknownError, WrongChainError } from '../errors/client.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { getMarketAddress } from '../utils/market.ts'

export type AssertChainParameters = MarketParameter

export type AssertChainErrorType =
  | WrongChainError
  | MarketNotDeployedError
  | MarketUnknownError
  | ReadMarketErrorType

/**
 * Checks that the node belongs to the client's chain, and that there is a contract at the market's address.
 *
 * @example
 * await assertChain(client)
 *
 * @throws {WrongChainError | MarketNotDeployedError}
 */
export async function assertChain(
  client: ClientWithMarket,
  parameters: AssertChainParameters = {},
): Promise<void> {
  const market = getMarketAddress(client, parameters)
  const expected = client.chain?.id
  const [actual, code] = await Promise.all([getChainId(client), getCode(client, { address: market })]).catch(
    (error: unknown) => {
      throw decodeContractError(error, { functionName: 'eth_chainId' })
    },
  )
  if (expected !== undefined && actual !== expected) throw new WrongChainError({ expected, actual })
  if (code === undefined || code === '0x') throw new MarketNotDeployedError({ market })
}
