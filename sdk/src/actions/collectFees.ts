import type { Address, Hash, Log, TransactionReceipt } from 'viem'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventArgs } from '../types/event.ts'
import { extractEvents } from '../utils/events.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeCallSync,
} from '../utils/writeMarket.ts'

export type CollectFeesArgs = {
  providers: readonly Address[]
}

export type CollectFeesParameters = WriteParameters & CollectFeesArgs
export type CollectFeesSyncParameters = WriteSyncParameters & CollectFeesArgs

export type CollectFeesReturnType = Hash
export type CollectFeesSyncReturnType = {
  /** One for each provider that owed a fee. */
  collected: MarketEventArgs<'FeesCollected'>[]
  receipt: TransactionReceipt
}

export type CollectFeesErrorType = WriteMarketErrorType
export type CollectFeesSyncErrorType = WriteMarketSyncErrorType

/**
 * Moves the fees that providers owe from their jobs to the fee recipient's balance; anyone may do it.
 *
 * @example
 * const hash = await client.collectFees({ providers: [provider] })
 */
export async function collectFees(
  client: ClientWithMarket,
  parameters: CollectFeesParameters,
): Promise<CollectFeesReturnType> {
  return writeCall(client, collectFees.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
collectFees.call = ({ market, providers }: MarketCallParameters<CollectFeesArgs>) =>
  marketCall(market, 'collectFees', [providers])

/** The events among a receipt's logs. */
collectFees.extractEvents = (logs: readonly Log[]): MarketEvent<'FeesCollected'>[] =>
  extractEvents('FeesCollected', logs)

/**
 * {@link collectFees}, then waits for the receipt.
 *
 * @example
 * const { collected } = await client.collectFeesSync({ providers: [provider] })
 */
export async function collectFeesSync(
  client: ClientWithMarket,
  parameters: CollectFeesSyncParameters,
): Promise<CollectFeesSyncReturnType> {
  const receipt = await writeCallSync(client, collectFees.call(withMarket(client, parameters)), parameters)
  return { collected: collectFees.extractEvents(receipt.logs).map(({ args }) => args), receipt }
}
