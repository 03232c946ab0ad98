import type { Hash, Hex, Log, TransactionReceipt } from 'viem'
import { zeroHash } from 'viem'
import type { InvalidIntegerError } from '../errors/parameters.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventArgs } from '../types/event.ts'
import type { Resources } from '../types/resources.ts'
import { extractEvent } from '../utils/events.ts'
import { maxUint, toUint } from '../utils/integers.ts'
import { encodeResources } from '../utils/resources.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeMarketSync,
} from '../utils/writeMarket.ts'

export type UpdateProviderArgs = {
  /** What the machine offers to each job. */
  resources: Resources
  /** How many jobs it holds at once at the most; zero to take no more. */
  concurrency: number
  /** Base URL where it serves results, at most 256 bytes. */
  endpoint: string
  /**
   * X25519 public key for private inputs.
   * @default none
   */
  encryptionKey?: Hex | undefined
}

export type UpdateProviderParameters = WriteParameters & UpdateProviderArgs
export type UpdateProviderSyncParameters = WriteSyncParameters & UpdateProviderArgs

export type UpdateProviderReturnType = Hash
export type UpdateProviderSyncReturnType = MarketEventArgs<'ProviderUpdated'> & {
  receipt: TransactionReceipt
}

export type UpdateProviderErrorType = WriteMarketErrorType | InvalidIntegerError
export type UpdateProviderSyncErrorType = WriteMarketSyncErrorType | InvalidIntegerError

/**
 * Registers the account as a provider, or replaces everything that it declared.
 *
 * @example
 * const hash = await client.updateProvider({
 *   resources: { cores: 4, memoryMiB: 8192, diskGiB: 20 },
 *   concurrency: 2,
 *   endpoint: 'https://provider.example',
 * })
 */
export async function updateProvider(
  client: ClientWithMarket,
  parameters: UpdateProviderParameters,
): Promise<UpdateProviderReturnType> {
  return writeCall(client, updateProvider.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
updateProvider.call = (parameters: MarketCallParameters<UpdateProviderArgs>) => {
  const { market, resources, concurrency, endpoint, encryptionKey = zeroHash } = parameters
  const slots = Number(toUint('concurrency', concurrency, maxUint(16)))
  return marketCall(market, 'updateProvider', [encodeResources(resources), slots, endpoint, encryptionKey])
}

/** The event among a receipt's logs. */
updateProvider.extractEvent = (logs: readonly Log[]): MarketEvent<'ProviderUpdated'> =>
  extractEvent('ProviderUpdated', logs)

/**
 * {@link updateProvider}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.updateProviderSync({ resources, concurrency: 2, endpoint })
 */
export async function updateProviderSync(
  client: ClientWithMarket,
  parameters: UpdateProviderSyncParameters,
): Promise<UpdateProviderSyncReturnType> {
  const call = updateProvider.call(withMarket(client, parameters))
  return writeMarketSync(client, call, parameters, updateProvider.extractEvent)
}
