import type { Address } from 'viem'
import type { AccountRequiredError } from '../errors/client.ts'
import type { Account } from '../types/account.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { getAccountOf, readMarket } from '../utils/market.ts'

export type GetAccountParameters = MarketParameter & {
  /** @default the client's account */
  address?: Address | undefined
  /** @default the newest block */
  blockNumber?: bigint | undefined
}

export type GetAccountReturnType = Account

export type GetAccountErrorType = AccountRequiredError | ReadMarketErrorType

/**
 * Reads the money of an address inside the market, in units.
 *
 * @example
 * const { balance, stake, free } = await client.getAccount()
 *
 * @throws {AccountRequiredError} without `address` on a client without an account
 */
export async function getAccount(
  client: ClientWithMarket,
  parameters: GetAccountParameters = {},
): Promise<GetAccountReturnType> {
  const { address } = getAccountOf(client, { account: parameters.address, action: 'getAccount' })
  const [balance, stake, locked, active] = await readMarket(client, parameters, 'accountOf', [address])
  return { balance, stake, locked, free: stake - locked, active: Number(active) }
}
