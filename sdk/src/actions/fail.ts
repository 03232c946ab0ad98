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

export type FailArgs = {
  jobId: Hex
}

export type FailParameters = WriteParameters & FailArgs
export type FailSyncParameters = WriteSyncParameters & FailArgs

export type FailReturnType = Hash
export type FailSyncReturnType = MarketEventArgs<'JobFailed'> & { receipt: TransactionReceipt }

export type FailErrorType = WriteMarketErrorType
export type FailSyncErrorType = WriteMarketSyncErrorType

/**
 * Ends a claim whose provider submitted nothing by `runBy`: the requester is refunded; anyone may do it.
 *
 * @example
 * const hash = await client.fail({ jobId })
 */
export async function fail(client: ClientWithMarket, parameters: FailParameters): Promise<FailReturnType> {
  return writeCall(client, fail.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
fail.call = ({ market, jobId }: MarketCallParameters<FailArgs>) => marketCall(market, 'fail', [jobId])

/** The event among a receipt's logs. */
fail.extractEvent = (logs: readonly Log[]): MarketEvent<'JobFailed'> => extractEvent('JobFailed', logs)

/**
 * {@link fail}, then waits for the receipt.
 *
 * @example
 * const { toRequester, toKeeper } = await client.failSync({ jobId })
 */
export async function failSync(
  client: ClientWithMarket,
  parameters: FailSyncParameters,
): Promise<FailSyncReturnType> {
  return writeMarketSync(client, fail.call(withMarket(client, parameters)), parameters, fail.extractEvent)
}
