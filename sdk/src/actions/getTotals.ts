import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { getNewestBlockNumber } from '../utils/blocks.ts'
import { getMarketAddress, readMarket } from '../utils/market.ts'
import { getTokenAddress, readToken } from '../utils/token.ts'

export type GetTotalsParameters = MarketParameter & {
  /** @default the newest block */
  blockNumber?: bigint | undefined
}

export type GetTotalsReturnType = {
  /** Units deposited and not withdrawn: all balances, stakes, escrow, reserve and fees together. */
  held: bigint
  /** Units in the insurance reserve, a part of `held`. */
  reserve: bigint
  /** The market's tokens, in whole units. */
  tokenBalance: bigint
  /** `tokenBalance − held`: a gift where positive; negative would mean that the market cannot pay everyone. */
  surplus: bigint
  /** Token base units in one unit. */
  unit: bigint
}

export type GetTotalsErrorType = ReadMarketErrorType

/**
 * Reads what the market owes and what it has, all at one block.
 *
 * @example
 * const { held, tokenBalance } = await client.getTotals()
 */
export async function getTotals(
  client: ClientWithMarket,
  parameters: GetTotalsParameters = {},
): Promise<GetTotalsReturnType> {
  const market = getMarketAddress(client, parameters)
  const blockNumber = parameters.blockNumber ?? (await getNewestBlockNumber(client))
  const at = { ...parameters, blockNumber }
  const token = await getTokenAddress(client, at)
  const [held, reserve, unit, balance] = await Promise.all([
    readMarket(client, at, 'held', []),
    readMarket(client, at, 'reserve', []),
    readMarket(client, at, 'unit', []),
    readToken(client, token, 'balanceOf', [market], blockNumber),
  ])
  const tokenBalance = balance / unit
  return { held, reserve, tokenBalance, surplus: tokenBalance - held, unit }
}
