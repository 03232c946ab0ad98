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

export type ReleaseArgs = {
  jobId: Hex
}

export type ReleaseParameters = WriteParameters & ReleaseArgs
export type ReleaseSyncParameters = WriteSyncParameters & ReleaseArgs

export type ReleaseReturnType = Hash
export type ReleaseSyncReturnType = MarketEventArgs<'JobReleased'> & { receipt: TransactionReceipt }

export type ReleaseErrorType = WriteMarketErrorType
export type ReleaseSyncErrorType = WriteMarketSyncErrorType

/**
 * Gives a claim back in the first quarter of its run time, for 2 % of the price; only its provider. A claim that got no key
 * by `keyBy` is given back for nothing, by anyone.
 *
 * @example
 * const hash = await client.release({ jobId })
 */
export async function release(
  client: ClientWithMarket,
  parameters: ReleaseParameters,
): Promise<ReleaseReturnType> {
  return writeCall(client, release.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
release.call = ({ market, jobId }: MarketCallParameters<ReleaseArgs>) =>
  marketCall(market, 'release', [jobId])

/** The event among a receipt's logs. */
release.extractEvent = (logs: readonly Log[]): MarketEvent<'JobReleased'> => extractEvent('JobReleased', logs)

/**
 * {@link release}, then waits for the receipt.
 *
 * @example
 * const { penalty } = await client.releaseSync({ jobId })
 */
export async function releaseSync(
  client: ClientWithMarket,
  parameters: ReleaseSyncParameters,
): Promise<ReleaseSyncReturnType> {
  return writeMarketSync(
    client,
    release.call(withMarket(client, parameters)),
    parameters,
    release.extractEvent,
  )
}
