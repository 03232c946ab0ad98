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

export type ClaimArgs = {
  jobId: Hex
}

export type ClaimParameters = WriteParameters & ClaimArgs
export type ClaimSyncParameters = WriteSyncParameters & ClaimArgs

export type ClaimReturnType = Hash
export type ClaimSyncReturnType = MarketEventArgs<'JobClaimed'> & { receipt: TransactionReceipt }

export type ClaimErrorType = WriteMarketErrorType
export type ClaimSyncErrorType = WriteMarketSyncErrorType

/**
 * Claims an open job at the auction's price of this moment and locks the bond for it.
 *
 * @example
 * const hash = await client.claim({ jobId })
 */
export async function claim(client: ClientWithMarket, parameters: ClaimParameters): Promise<ClaimReturnType> {
  return writeCall(client, claim.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
claim.call = ({ market, jobId }: MarketCallParameters<ClaimArgs>) => marketCall(market, 'claim', [jobId])

/** The event among a receipt's logs. */
claim.extractEvent = (logs: readonly Log[]): MarketEvent<'JobClaimed'> => extractEvent('JobClaimed', logs)

/**
 * {@link claim}, then waits for the receipt.
 *
 * @example
 * const { price, bond } = await client.claimSync({ jobId })
 */
export async function claimSync(
  client: ClientWithMarket,
  parameters: ClaimSyncParameters,
): Promise<ClaimSyncReturnType> {
  return writeMarketSync(client, claim.call(withMarket(client, parameters)), parameters, claim.extractEvent)
}
