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

export type PausePostingParameters = WriteParameters
export type PausePostingSyncParameters = WriteSyncParameters

export type PausePostingReturnType = Hash
export type PausePostingSyncReturnType = MarketEventArgs<'PostingPaused'> & { receipt: TransactionReceipt }

export type PausePostingErrorType = WriteMarketErrorType
export type PausePostingSyncErrorType = WriteMarketSyncErrorType

/**
 * Stops the posting of new jobs, nothing else; only the guardian.
 *
 * @example
 * const hash = await client.pausePosting()
 */
export async function pausePosting(
  client: ClientWithMarket,
  parameters: PausePostingParameters = {},
): Promise<PausePostingReturnType> {
  return writeCall(client, pausePosting.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
pausePosting.call = ({ market }: MarketCallParameters) => marketCall(market, 'pausePosting', [])

/** The event among a receipt's logs. */
pausePosting.extractEvent = (logs: readonly Log[]): MarketEvent<'PostingPaused'> =>
  extractEvent('PostingPaused', logs)

/**
 * {@link pausePosting}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.pausePostingSync()
 */
export async function pausePostingSync(
  client: ClientWithMarket,
  parameters: PausePostingSyncParameters = {},
): Promise<PausePostingSyncReturnType> {
  return writeMarketSync(
    client,
    pausePosting.call(withMarket(client, parameters)),
    parameters,
    pausePosting.extractEvent,
  )
}
