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

export type ResumePostingParameters = WriteParameters
export type ResumePostingSyncParameters = WriteSyncParameters

export type ResumePostingReturnType = Hash
export type ResumePostingSyncReturnType = MarketEventArgs<'PostingResumed'> & { receipt: TransactionReceipt }

export type ResumePostingErrorType = WriteMarketErrorType
export type ResumePostingSyncErrorType = WriteMarketSyncErrorType

/**
 * Lets jobs be posted again; only the guardian.
 *
 * @example
 * const hash = await client.resumePosting()
 */
export async function resumePosting(
  client: ClientWithMarket,
  parameters: ResumePostingParameters = {},
): Promise<ResumePostingReturnType> {
  return writeCall(client, resumePosting.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
resumePosting.call = ({ market }: MarketCallParameters) => marketCall(market, 'resumePosting', [])

/** The event among a receipt's logs. */
resumePosting.extractEvent = (logs: readonly Log[]): MarketEvent<'PostingResumed'> =>
  extractEvent('PostingResumed', logs)

/**
 * {@link resumePosting}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.resumePostingSync()
 */
export async function resumePostingSync(
  client: ClientWithMarket,
  parameters: ResumePostingSyncParameters = {},
): Promise<ResumePostingSyncReturnType> {
  return writeMarketSync(
    client,
    resumePosting.call(withMarket(client, parameters)),
    parameters,
    resumePosting.extractEvent,
  )
}
