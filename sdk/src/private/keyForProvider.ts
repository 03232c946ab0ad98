import type { Hex } from 'viem'
import { getChainId } from 'viem/actions'
import { getJob } from '../actions/getJob.ts'
import { getProvider } from '../actions/getProvider.ts'
import { KeyNotAwaitedError } from '../errors/private.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import { getMarketAddress } from '../utils/market.ts'
import { wrapJobKey } from './jobKey.ts'

export type KeyForProviderParameters = MarketParameter & {
  jobId: Hex
  /** From `sealInputs`. */
  jobKey: Uint8Array
}

/**
 * Wraps the key of a private job for the provider that has claimed it, as it is registered now.
 *
 * @example
 * await client.deliverKeySync({ jobId, key: await keyForProvider(client, { jobId, jobKey }) })
 *
 * @throws {UnknownJobError | KeyNotAwaitedError}
 * @throws {EncryptionKeyError} if the provider has registered no key
 */
export async function keyForProvider(
  client: ClientWithMarket,
  { jobId, jobKey, ...parameters }: KeyForProviderParameters,
): Promise<Hex> {
  const market = getMarketAddress(client, parameters)
  const { provider, status } = await getJob(client, { jobId, market })
  if (provider === null || status !== 'awaitingKey') throw new KeyNotAwaitedError({ jobId, status })
  const { encryptionKey } = await getProvider(client, { address: provider, market })
  const chainId = client.chain?.id ?? (await getChainId(client))
  return wrapJobKey(jobKey, encryptionKey, { chainId, market, jobId, provider })
}
