import type { Hash, Hex, Log, TransactionReceipt } from 'viem'
import type { InvalidIntegerError } from '../errors/parameters.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent } from '../types/event.ts'
import type { JobTermsInput } from '../types/terms.ts'
import { extractEvent } from '../utils/events.ts'
import { encodeJobTerms, withNonce } from '../utils/terms.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeCallSync,
} from '../utils/writeMarket.ts'

export type PostArgs = {
  /** What the job is; a random `nonce` is drawn where it is left out. */
  terms: JobTermsInput
}

export type PostParameters = WriteParameters & PostArgs
export type PostSyncParameters = WriteSyncParameters & PostArgs

export type PostReturnType = Hash
export type PostSyncReturnType = { jobId: Hex; receipt: TransactionReceipt }

export type PostErrorType = WriteMarketErrorType | InvalidIntegerError
export type PostSyncErrorType = WriteMarketSyncErrorType | InvalidIntegerError

/**
 * Posts a job and moves its maximum price from the balance to escrow; the auction starts with the block.
 *
 * @example
 * const hash = await client.post({ terms })
 */
export async function post(client: ClientWithMarket, parameters: PostParameters): Promise<PostReturnType> {
  return writeCall(client, post.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
post.call = ({ market, terms }: MarketCallParameters<PostArgs>) =>
  marketCall(market, 'post', [encodeJobTerms(withNonce(terms))])

/** The event among a receipt's logs. */
post.extractEvent = (logs: readonly Log[]): MarketEvent<'JobPosted'> => extractEvent('JobPosted', logs)

/**
 * {@link post}, then waits for the receipt.
 *
 * @example
 * const { jobId } = await client.postSync({ terms })
 */
export async function postSync(
  client: ClientWithMarket,
  parameters: PostSyncParameters,
): Promise<PostSyncReturnType> {
  const receipt = await writeCallSync(client, post.call(withMarket(client, parameters)), parameters)
  return { jobId: post.extractEvent(receipt.logs).args.jobId, receipt }
}
