import type { Address, Hex } from 'viem'
import type { AccountRequiredError } from '../errors/client.ts'
import type { ContractError } from '../errors/contractError.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { getAccountOf, readMarket } from '../utils/market.ts'

export type QuoteClaimParameters = MarketParameter & {
  jobId: Hex
  /** @default the client's account */
  provider?: Address | undefined
}

export type QuoteClaimReturnType = {
  /** What the job would pay, in units, before the fee. */
  price: bigint
  /** What the claim would lock of the stake, in units. */
  bond: bigint
}

export type QuoteClaimErrorType = AccountRequiredError | ContractError | ReadMarketErrorType

/**
 * Tells what a claim at the newest block would get and lock; throws what the claim would throw.
 *
 * @example
 * const { price, bond } = await client.quoteClaim({ jobId })
 */
export async function quoteClaim(
  client: ClientWithMarket,
  parameters: QuoteClaimParameters,
): Promise<QuoteClaimReturnType> {
  const { address } = getAccountOf(client, { account: parameters.provider, action: 'quoteClaim' })
  const [price, bond] = await readMarket(client, parameters, 'quoteClaim', [parameters.jobId, address])
  return { price, bond }
}
