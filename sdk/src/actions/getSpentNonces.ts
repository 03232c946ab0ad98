import type { Address } from 'viem'
import type { AccountRequiredError } from '../errors/client.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { getAccountOf, readMarket } from '../utils/market.ts'

export type GetSpentNoncesParameters = MarketParameter & {
  /** @default the client's account */
  signer?: Address | undefined
  /**
   * Which 256 nonces: those from `256 × index` on.
   * @default 0n
   */
  index?: bigint | undefined
}

/** The nonces of these 256 that were used in an agreement or cancelled, ascending. */
export type GetSpentNoncesReturnType = bigint[]

export type GetSpentNoncesErrorType = AccountRequiredError | ReadMarketErrorType

/**
 * Reads which nonces a signer can use no more.
 *
 * @example
 * const spent = await client.getSpentNonces({ index: nonce / 256n })
 */
export async function getSpentNonces(
  client: ClientWithMarket,
  parameters: GetSpentNoncesParameters = {},
): Promise<GetSpentNoncesReturnType> {
  const { index = 0n } = parameters
  const { address } = getAccountOf(client, { account: parameters.signer, action: 'getSpentNonces' })
  const bits = await readMarket(client, parameters, 'spentNonces', [address, index])
  return Array.from({ length: 256 }, (_, bit) => BigInt(bit))
    .filter((bit) => (bits >> bit) & 1n)
    .map((bit) => index * 256n + bit)
}
