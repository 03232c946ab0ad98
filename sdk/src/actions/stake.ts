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

export type StakeArgs = {
  /** In units. */
  amount: bigint
}

export type StakeParameters = WriteParameters & StakeArgs
export type StakeSyncParameters = WriteSyncParameters & StakeArgs

export type StakeReturnType = Hash
export type StakeSyncReturnType = MarketEventArgs<'Staked'> & { receipt: TransactionReceipt }

export type StakeErrorType = WriteMarketErrorType
export type StakeSyncErrorType = WriteMarketSyncErrorType

/**
 * Moves units of the balance to the stake.
 *
 * @example
 * const hash = await client.stake({ amount: parseUnits('100', 6) })
 */
export async function stake(client: ClientWithMarket, parameters: StakeParameters): Promise<StakeReturnType> {
  return writeCall(client, stake.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
stake.call = ({ market, amount }: MarketCallParameters<StakeArgs>) => marketCall(market, 'stake', [amount])

/** The event among a receipt's logs. */
stake.extractEvent = (logs: readonly Log[]): MarketEvent<'Staked'> => extractEvent('Staked', logs)

/**
 * {@link stake}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.stakeSync({ amount: parseUnits('100', 6) })
 */
export async function stakeSync(
  client: ClientWithMarket,
  parameters: StakeSyncParameters,
): Promise<StakeSyncReturnType> {
  return writeMarketSync(client, stake.call(withMarket(client, parameters)), parameters, stake.extractEvent)
}
