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
  /** Units in the insurance reserve. */
  reserve: bigint
  /** The market's tokens, in whole units. */
  tokenBalance: bigint
  /** Token base units in one unit. */
  unit: bigint
}

export type GetTotalsErrorType = ReadMarketErrorType

/**
 * Reads what the market has and what of it is the reserve, at one block. What it owes in all is the sum of its deposits
 * less its withdrawals: `audit` adds up both.
 *
 * @example
 * const { reserve, tokenBalance } = await client.getTotals()
 */
export async function getTotals(
  client: ClientWithMarket,
  parameters: GetTotalsParameters = {},
): Promise<GetTotalsReturnType> {
  const market = getMarketAddress(client, parameters)
  const blockNumber = parameters.blockNumber ?? (await getNewestBlockNumber(client))
  const at = { ...parameters, blockNumber }
  const token = await getTokenAddress(client, at)
  const [reserve, unit, balance] = await Promise.all([
    readMarket(client, at, 'reserve', []),
    readMarket(client, at, 'unit', []),
    readToken(client, token, 'balanceOf', [market], blockNumber),
  ])
  const tokenBalance = balance / unit
  return { reserve, tokenBalance, unit }
}
