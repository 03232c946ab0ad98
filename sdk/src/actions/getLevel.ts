import { zeroAddress } from 'viem'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { AssuranceLevel } from '../types/job.ts'
import type { MarketLevel } from '../types/parameters.ts'
import { readMarket } from '../utils/market.ts'
import { encodeLevel } from '../utils/terms.ts'

export type GetLevelParameters = MarketParameter & {
  level: AssuranceLevel
  /** @default the set that jobs posted now will keep */
  parametersId?: number | undefined
}

export type GetLevelReturnType = MarketLevel & {
  /** Whether jobs of this level may be posted under that set. */
  isOffered: boolean
}

export type GetLevelErrorType = ReadMarketErrorType

/**
 * Reads which contract decides the jobs of an assurance level. That of `optimistic` is the dispute game.
 *
 * @example
 * const { hook, isOffered } = await client.getLevel({ level: 'replicated' })
 */
export async function getLevel(
  client: ClientWithMarket,
  parameters: GetLevelParameters,
): Promise<GetLevelReturnType> {
  const { level, market } = parameters
  const id =
    parameters.parametersId ?? Number((await readMarket(client, { market }, 'currentParameters', []))[0])
  const [hook, isMediated] = await readMarket(client, { market }, 'levelOf', [
    BigInt(id),
    BigInt(encodeLevel(level)),
  ])
  return { hook, isMediated, isOffered: hook !== zeroAddress || level === 'optimistic' || level === 0 }
}
