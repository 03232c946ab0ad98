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

export type AcceptArgs = {
  jobId: Hex
}

export type AcceptParameters = WriteParameters & AcceptArgs
export type AcceptSyncParameters = WriteSyncParameters & AcceptArgs

export type AcceptReturnType = Hash
export type AcceptSyncReturnType = MarketEventArgs<'JobSettled'> & { receipt: TransactionReceipt }

export type AcceptErrorType = WriteMarketErrorType
export type AcceptSyncErrorType = WriteMarketSyncErrorType

/**
 * Pays the provider before the challenge window has passed; only the requester.
 *
 * @example
 * const hash = await client.accept({ jobId })
 */
export async function accept(
  client: ClientWithMarket,
  parameters: AcceptParameters,
): Promise<AcceptReturnType> {
  return writeCall(client, accept.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
accept.call = ({ market, jobId }: MarketCallParameters<AcceptArgs>) => marketCall(market, 'accept', [jobId])

/** The event among a receipt's logs. */
accept.extractEvent = (logs: readonly Log[]): MarketEvent<'JobSettled'> => extractEvent('JobSettled', logs)

/**
 * {@link accept}, then waits for the receipt.
 *
 * @example
 * const { pay, fee } = await client.acceptSync({ jobId })
 */
export async function acceptSync(
  client: ClientWithMarket,
  parameters: AcceptSyncParameters,
): Promise<AcceptSyncReturnType> {
  return writeMarketSync(client, accept.call(withMarket(client, parameters)), parameters, accept.extractEvent)
}
