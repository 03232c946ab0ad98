import type { Hash, Hex, Log, TransactionReceipt } from 'viem'
import type { AssayError } from '../errors/base.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { InvalidIntegerError } from '../errors/parameters.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
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

/** A job that was posted, or why it was refused. */
export type PostOutcome = { jobId: Hex; error: null } | { jobId: null; error: AssayError }

export type PostManyReturnType = Hash
export type PostManySyncReturnType = {
  /** What became of each of the terms, in their order. */
  outcomes: PostOutcome[]
  receipt: TransactionReceipt
}

export type PostManyErrorType = WriteMarketErrorType | InvalidIntegerError
export type PostManySyncErrorType = WriteMarketSyncErrorType | InvalidIntegerError

/**
 * Posts several jobs in one transaction: each that can be. Those that are refused cost nothing but gas, and the outcomes of
 * `postManySync` say why.
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

/** What the events among a receipt's logs say of each of the terms, in their order. */
postMany.extractOutcomes = (logs: readonly Log[]): PostOutcome[] => {
  const outcomes = extractEvents('JobPosted', logs).map(
    ({ args: { jobId } }): PostOutcome => ({ jobId, error: null }),
  )
  // in ascending order, so that each finds its place among those before it
  for (const { args } of extractEvents('PostRefused', logs))
    outcomes.splice(Number(args.index), 0, { jobId: null, error: refusal(args.reason) })
  return outcomes
}

/**
 * {@link postMany}, then waits for the receipt.
 *
 * @example
 * const { outcomes } = await client.postManySync({ terms: [first, second] })
 * for (const { jobId, error } of outcomes) console.log(jobId ?? error.shortMessage)
 */
export async function postManySync(
  client: ClientWithMarket,
  parameters: PostManySyncParameters,
): Promise<PostManySyncReturnType> {
  const receipt = await writeCallSync(client, postMany.call(withMarket(client, parameters)), parameters)
  return { outcomes: postMany.extractOutcomes(receipt.logs), receipt }
}

function refusal(reason: Hex): AssayError {
  return decodeContractError({ data: reason }, { functionName: 'post' })
}
