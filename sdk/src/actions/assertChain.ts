import type { MarketNotDeployedError, MarketUnknownError, WrongChainError } from '../errors/client.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { assertContract } from '../utils/assertContract.ts'
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
 * await client.assertChain()
 *
 * @throws {WrongChainError | MarketNotDeployedError}
 */
export async function assertChain(
  client: ClientWithMarket,
  parameters: AssertChainParameters = {},
): Promise<void> {
  await assertContract(client, getMarketAddress(client, parameters))
}
