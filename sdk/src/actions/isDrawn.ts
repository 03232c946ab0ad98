import type { Address, Hex } from 'viem'
import { replicationAbi } from '../abis.ts'
import type { AccountRequiredError } from '../errors/client.ts'
import type { WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { replicationOf } from '../utils/levels.ts'
import { getAccountOf } from '../utils/market.ts'
import { readCall } from '../utils/readCall.ts'

export type IsDrawnParameters = MarketParameter & {
  groupId: Hex
  /** @default the client's account */
  provider?: Address | undefined
  /**
   * The contract that keeps the group.
   * @default that behind `replicated` under the current parameters
   */
  replication?: Address | undefined
}

export type IsDrawnReturnType = boolean

export type IsDrawnErrorType = AccountRequiredError | WrongLevelError | ReadMarketErrorType

/**
 * Tells whether a provider may take a spare of a group that escalated.
 *
 * @example
 * if (await client.isDrawn({ groupId })) await client.claim({ jobId })
 */
export async function isDrawn(
  client: ClientWithMarket,
  parameters: IsDrawnParameters,
): Promise<IsDrawnReturnType> {
  const { groupId } = parameters
  const { address } = getAccountOf(client, { account: parameters.provider, action: 'isDrawn' })
  const replication = await replicationOf(client, parameters)
  return readCall(client, { abi: replicationAbi, address: replication }, 'isDrawn', [groupId, address])
}
