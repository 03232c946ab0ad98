import type { Hash, Hex, Log, TransactionReceipt } from 'viem'
import type { InvalidIntegerError } from '../errors/parameters.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent } from '../types/event.ts'
import type { JobTermsInput } from '../types/terms.ts'
import { extractEvents } from '../utils/events.ts'
import { encodeJobTerms, withNonce } from '../utils/terms.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeCallSync,
} from '../utils/writeMarket.ts'

export type PostManyArgs = {
  /** What the jobs are; a random `nonce` is drawn where it is left out. */
  terms: readonly JobTermsInput[]
}

export type PostManyParameters = WriteParameters & PostManyArgs
export type PostManySyncParameters = WriteSyncParameters & PostManyArgs

export type PostManyReturnType = Hash
/** Ids in the order of the terms. */
export type PostManySyncReturnType = { jobIds: Hex[]; receipt: TransactionReceipt }

export type PostManyErrorType = WriteMarketErrorType | InvalidIntegerError
export type PostManySyncErrorType = WriteMarketSyncErrorType | InvalidIntegerError

/**
 * Posts several jobs in one transaction, all or none.
 *
 * @example
 * const hash = await client.postMany({ terms: [first, second] })
 */
export async function postMany(
  client: ClientWithMarket,
  parameters: PostManyParameters,
): Promise<PostManyReturnType> {
  return writeCall(client, postMany.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
postMany.call = ({ market, terms }: MarketCallParameters<PostManyArgs>) =>
  marketCall(market, 'postMany', [terms.map((each) => encodeJobTerms(withNonce(each)))])

/** The events among a receipt's logs, in the order of the terms. */
postMany.extractEvents = (logs: readonly Log[]): MarketEvent<'JobPosted'>[] =>
  extractEvents('JobPosted', logs)

/**
 * {@link postMany}, then waits for the receipt.
 *
 * @example
 * const { jobIds } = await client.postManySync({ terms: [first, second] })
 */
export async function postManySync(
  client: ClientWithMarket,
  parameters: PostManySyncParameters,
): Promise<PostManySyncReturnType> {
  const receipt = await writeCallSync(client, postMany.call(withMarket(client, parameters)), parameters)
  return { jobIds: postMany.extractEvents(receipt.logs).map(({ args }) => args.jobId), receipt }
}
