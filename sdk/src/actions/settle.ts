import type { Hash, Hex, Log, TransactionReceipt } from 'viem'
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

export type SettleArgs = {
  jobId: Hex
}

export type SettleParameters = WriteParameters & SettleArgs
export type SettleSyncParameters = WriteSyncParameters & SettleArgs

export type SettleReturnType = Hash
export type SettleSyncReturnType = MarketEventArgs<'JobSettled'> & { receipt: TransactionReceipt }

export type SettleErrorType = WriteMarketErrorType
export type SettleSyncErrorType = WriteMarketSyncErrorType

/**
 * Pays the provider after the challenge window; anyone may do it.
 *
 * @example
 * const hash = await client.settle({ jobId })
 */
export async function settle(
  client: ClientWithMarket,
  parameters: SettleParameters,
): Promise<SettleReturnType> {
  return writeCall(client, settle.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
settle.call = ({ market, jobId }: MarketCallParameters<SettleArgs>) => marketCall(market, 'settle', [jobId])

/** The event among a receipt's logs. */
settle.extractEvent = (logs: readonly Log[]): MarketEvent<'JobSettled'> => extractEvent('JobSettled', logs)

/**
 * {@link settle}, then waits for the receipt.
 *
 * @example
 * const { pay, fee } = await client.settleSync({ jobId })
 */
export async function settleSync(
  client: ClientWithMarket,
  parameters: SettleSyncParameters,
): Promise<SettleSyncReturnType> {
  return writeMarketSync(client, settle.call(withMarket(client, parameters)), parameters, settle.extractEvent)
}
