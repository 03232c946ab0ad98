import {
  EventNotFoundError,
  getDeliveredKey,
  type Job,
  type JobTerms,
  KeyUnwrapError,
  openInputs,
  PrivateDataMismatchError,
  SealBrokenError,
} from 'assay'
import { KeyNotSeenError } from '../errors.ts'
import type { ProviderContext } from './context.ts'

/** Inputs of a private job as its program reads them, and the key that its results are sealed with. */
export type OpenedInputs = { inputs: readonly Uint8Array[]; shared: Uint8Array; jobKey: Uint8Array }

/**
 * Opens the inputs of a private job with the key that its requester has delivered. The key is read from the chain and
 * unwrapped each time it is needed, and kept nowhere; the inputs are in memory alone.
 *
 * @throws KeyNotSeenError while the node does not know the delivery yet; errors of {@link isUselessKey}
 */
export async function openPrivateInputs(
  context: Pick<ProviderContext, 'client' | 'address' | 'encryptionKey'>,
  { jobId }: Pick<Job, 'jobId'>,
  terms: JobTerms,
  sealed: Uint8Array,
): Promise<OpenedInputs> {
  const { client, address: provider, encryptionKey } = context
  const wrapped = await getDeliveredKey(client, { jobId }).catch((cause: unknown) => {
    if (!(cause instanceof EventNotFoundError)) throw cause
    throw new KeyNotSeenError({ jobId, cause })
  })
  const chainId = await client.getChainId()
  const jobKey = await encryptionKey.unwrap(wrapped, { chainId, market: client.market, jobId, provider })
  return { ...(await openInputs(sealed, jobKey, terms)), jobKey }
}

/** Whether an error says that the delivered key, or what it opens, is not what the job's terms promise. */
export function isUselessKey(error: unknown): boolean {
  return (
    error instanceof KeyUnwrapError ||
    error instanceof SealBrokenError ||
    error instanceof PrivateDataMismatchError
  )
}
