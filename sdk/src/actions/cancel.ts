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

export type CancelArgs = {
  jobId: Hex
}

export type CancelParameters = WriteParameters & CancelArgs
export type CancelSyncParameters = WriteSyncParameters & CancelArgs

export type CancelReturnType = Hash
export type CancelSyncReturnType = MarketEventArgs<'JobCancelled'> & { receipt: TransactionReceipt }

export type CancelErrorType = WriteMarketErrorType
export type CancelSyncErrorType = WriteMarketSyncErrorType

/**
 * Takes an unclaimed job back: its requester at any time, anyone after `claimBy`.
 *
 * @example
 * const hash = await client.cancel({ jobId })
 */
export async function cancel(
  client: ClientWithMarket,
  parameters: CancelParameters,
): Promise<CancelReturnType> {
  return writeCall(client, cancel.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
cancel.call = ({ market, jobId }: MarketCallParameters<CancelArgs>) => marketCall(market, 'cancel', [jobId])

/** The event among a receipt's logs. */
cancel.extractEvent = (logs: readonly Log[]): MarketEvent<'JobCancelled'> =>
  extractEvent('JobCancelled', logs)

/**
 * {@link cancel}, then waits for the receipt.
 *
 * @example
 * const { refund } = await client.cancelSync({ jobId })
 */
export async function cancelSync(
  client: ClientWithMarket,
  parameters: CancelSyncParameters,
): Promise<CancelSyncReturnType> {
  return writeMarketSync(client, cancel.call(withMarket(client, parameters)), parameters, cancel.extractEvent)
}
