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

export type DeliverKeyArgs = {
  jobId: Hex
  /** The data key, wrapped for the provider's `encryptionKey`; 1 to 512 bytes, only emitted. */
  key: Hex
}

export type DeliverKeyParameters = WriteParameters & DeliverKeyArgs
export type DeliverKeySyncParameters = WriteSyncParameters & DeliverKeyArgs

export type DeliverKeyReturnType = Hash
export type DeliverKeySyncReturnType = MarketEventArgs<'KeyDelivered'> & { receipt: TransactionReceipt }

export type DeliverKeyErrorType = WriteMarketErrorType
export type DeliverKeySyncErrorType = WriteMarketSyncErrorType

/**
 * Hands the key of a private job's data to its provider, from when on its run time counts; only the requester, until `keyBy`.
 *
 * @example
 * const hash = await client.deliverKey({ jobId, key })
 */
export async function deliverKey(
  client: ClientWithMarket,
  parameters: DeliverKeyParameters,
): Promise<DeliverKeyReturnType> {
  return writeCall(client, deliverKey.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
deliverKey.call = ({ market, jobId, key }: MarketCallParameters<DeliverKeyArgs>) =>
  marketCall(market, 'deliverKey', [jobId, key])

/** The event among a receipt's logs. */
deliverKey.extractEvent = (logs: readonly Log[]): MarketEvent<'KeyDelivered'> =>
  extractEvent('KeyDelivered', logs)

/**
 * {@link deliverKey}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.deliverKeySync({ jobId, key })
 */
export async function deliverKeySync(
  client: ClientWithMarket,
  parameters: DeliverKeySyncParameters,
): Promise<DeliverKeySyncReturnType> {
  return writeMarketSync(
    client,
    deliverKey.call(withMarket(client, parameters)),
    parameters,
    deliverKey.extractEvent,
  )
}
