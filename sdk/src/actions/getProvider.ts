import type { Address } from 'viem'
import { zeroHash } from 'viem'
import type { AccountRequiredError } from '../errors/client.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { Provider } from '../types/provider.ts'
import { getAccountOf, readMarket } from '../utils/market.ts'
import { decodeResources } from '../utils/resources.ts'

export type GetProviderParameters = MarketParameter & {
  /** @default the client's account */
  address?: Address | undefined
  /** @default the newest block */
  blockNumber?: bigint | undefined
}

export type GetProviderReturnType = Provider

export type GetProviderErrorType = AccountRequiredError | ReadMarketErrorType

/**
 * Reads what a provider declares and has earned; `registered` is false for an address that never declared anything.
 *
 * @example
 * const { endpoint, reputation } = await client.getProvider({ address })
 */
export async function getProvider(
  client: ClientWithMarket,
  parameters: GetProviderParameters = {},
): Promise<GetProviderReturnType> {
  const { address } = getAccountOf(client, { account: parameters.address, action: 'getProvider' })
  const [resources, concurrency, faults, reputation, feeOwed, endpoint, encryptionKey] = await readMarket(
    client,
    parameters,
    'providerOf',
    [address],
  )
  return {
    address,
    resources: decodeResources(resources),
    concurrency: Number(concurrency),
    faults: Number(faults),
    reputation,
    feeOwed,
    endpoint,
    encryptionKey,
    registered: resources !== 0 || concurrency !== 0n || endpoint !== '' || encryptionKey !== zeroHash,
  }
}
