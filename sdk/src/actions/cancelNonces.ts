import type { Hash, Log, TransactionReceipt } from 'viem'
import { ValueOutOfRangeError } from '../errors/parameters.ts'
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

export type CancelNoncesArgs = {
  /** All in one word of storage: with the same `nonce / 256`, rounded down. */
  nonces: readonly bigint[]
}

export type CancelNoncesParameters = WriteParameters & CancelNoncesArgs
export type CancelNoncesSyncParameters = WriteSyncParameters & CancelNoncesArgs

export type CancelNoncesReturnType = Hash
export type CancelNoncesSyncReturnType = MarketEventArgs<'NoncesCancelled'> & { receipt: TransactionReceipt }

export type CancelNoncesErrorType = WriteMarketErrorType
export type CancelNoncesSyncErrorType = WriteMarketSyncErrorType

/**
 * Makes what the account signed with any of these nonces worthless.
 *
 * @example
 * const hash = await client.cancelNonces({ nonces: [7n, 8n] })
 *
 * @throws {ValueOutOfRangeError} for nonces of several words
 */
export async function cancelNonces(
  client: ClientWithMarket,
  parameters: CancelNoncesParameters,
): Promise<CancelNoncesReturnType> {
  return writeCall(client, cancelNonces.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
cancelNonces.call = ({ market, nonces }: MarketCallParameters<CancelNoncesArgs>) =>
  marketCall(market, 'cancelNonces', [...nonceWord(nonces)])

/** The event among a receipt's logs. */
cancelNonces.extractEvent = (logs: readonly Log[]): MarketEvent<'NoncesCancelled'> =>
  extractEvent('NoncesCancelled', logs)

/**
 * {@link cancelNonces}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.cancelNoncesSync({ nonces: [7n, 8n] })
 */
export async function cancelNoncesSync(
  client: ClientWithMarket,
  parameters: CancelNoncesSyncParameters,
): Promise<CancelNoncesSyncReturnType> {
  return writeMarketSync(
    client,
    cancelNonces.call(withMarket(client, parameters)),
    parameters,
    cancelNonces.extractEvent,
  )
}

/** The word that keeps some nonces, and their bits in it. */
function nonceWord([first, ...more]: readonly bigint[]): [index: bigint, bits: bigint] {
  if (first === undefined) return [0n, 0n]
  const index = first >> 8n
  let bits = 1n << (first & 0xffn)
  for (const value of more) {
    if (value >> 8n !== index)
      throw new ValueOutOfRangeError({ field: 'nonce', value, min: index << 8n, max: (index << 8n) + 255n })
    bits |= 1n << (value & 0xffn)
  }
  return [index, bits]
}
