import type { Hash, Log, TransactionReceipt } from 'viem'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventArgs } from '../types/event.ts'
import { extractEvent } from '../utils/events.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeMarketSync,
} from '../utils/writeMarket.ts'

export type UnstakeArgs = {
  /** In units. */
  amount: bigint
}

export type UnstakeParameters = WriteParameters & UnstakeArgs
export type UnstakeSyncParameters = WriteSyncParameters & UnstakeArgs

export type UnstakeReturnType = Hash
export type UnstakeSyncReturnType = MarketEventArgs<'Unstaked'> & { receipt: TransactionReceipt }

export type UnstakeErrorType = WriteMarketErrorType
export type UnstakeSyncErrorType = WriteMarketSyncErrorType

/**
 * Moves units of the stake that no claim has locked back to the balance.
 *
 * @example
 * const hash = await client.unstake({ amount: parseUnits('100', 6) })
 */
export async function unstake(
  client: ClientWithMarket,
  parameters: UnstakeParameters,
): Promise<UnstakeReturnType> {
  return writeCall(client, unstake.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
unstake.call = ({ market, amount }: MarketCallParameters<UnstakeArgs>) =>
  marketCall(market, 'unstake', [amount])

/** The event among a receipt's logs. */
unstake.extractEvent = (logs: readonly Log[]): MarketEvent<'Unstaked'> => extractEvent('Unstaked', logs)

/**
 * {@link unstake}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.unstakeSync({ amount: parseUnits('100', 6) })
 */
export async function unstakeSync(
  client: ClientWithMarket,
  parameters: UnstakeSyncParameters,
): Promise<UnstakeSyncReturnType> {
  return writeMarketSync(
    client,
    unstake.call(withMarket(client, parameters)),
    parameters,
    unstake.extractEvent,
  )
}
