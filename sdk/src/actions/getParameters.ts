import type { ParameterSetUnknownError } from '../errors/parameters.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { MarketRules } from '../types/parameters.ts'
import { readMarket } from '../utils/market.ts'

export type GetParametersParameters = MarketParameter & {
  /** @default the set that jobs posted now will keep */
  id?: number | undefined
}

export type GetParametersReturnType = MarketRules & {
  id: number
  /** Whether jobs posted now will keep this set. */
  current: boolean
  /** Whether posting is paused. */
  paused: boolean
}

export type GetParametersErrorType = ParameterSetUnknownError | ReadMarketErrorType

/**
 * Reads a set of the market's rules, and whether posting is paused.
 *
 * @example
 * const { feeBps, minBond, paused } = await client.getParameters()
 *
 * @throws {ParameterSetUnknownError}
 */
export async function getParameters(
  client: ClientWithMarket,
  parameters: GetParametersParameters = {},
): Promise<GetParametersReturnType> {
  const [currentId, paused] = await readMarket(client, parameters, 'currentParameters', [])
  const id = parameters.id ?? Number(currentId)
  const rules = await readMarket(client, parameters, 'parametersOf', [BigInt(id)])
  return { ...rules, id, current: id === Number(currentId), paused }
}
