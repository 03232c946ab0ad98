import type { Hash, Log, TransactionReceipt } from 'viem'
import type { SignedJobRequest } from '../types/agreement.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventArgs } from '../types/event.ts'
import { extractEvent } from '../utils/events.ts'
import { encodeJobTerms } from '../utils/terms.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeMarketSync,
} from '../utils/writeMarket.ts'

export type ClaimSignedArgs = SignedJobRequest

export type ClaimSignedParameters = WriteParameters & ClaimSignedArgs
export type ClaimSignedSyncParameters = WriteSyncParameters & ClaimSignedArgs

export type ClaimSignedReturnType = Hash
export type ClaimSignedSyncReturnType = MarketEventArgs<'JobClaimed'> & { receipt: TransactionReceipt }

export type ClaimSignedErrorType = WriteMarketErrorType
export type ClaimSignedSyncErrorType = WriteMarketSyncErrorType

/**
 * Posts a job that its requester signed, and claims it at its price, in one transaction; only the provider that the request
 * names, or any where it names none.
 *
 * @example
 * const hash = await client.claimSigned(request)
 *
 * @throws {AgreementWrongSignatureError | AgreementNonceSpentError} and what a posting or a claim throws
 */
export async function claimSigned(
  client: ClientWithMarket,
  parameters: ClaimSignedParameters,
): Promise<ClaimSignedReturnType> {
  return writeCall(client, claimSigned.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
claimSigned.call = ({ market, requester, isOpen, terms, signature }: MarketCallParameters<ClaimSignedArgs>) =>
  marketCall(market, 'claimSigned', [requester, isOpen, encodeJobTerms(terms), signature])

/** The event among a receipt's logs. */
claimSigned.extractEvent = (logs: readonly Log[]): MarketEvent<'JobClaimed'> =>
  extractEvent('JobClaimed', logs)

/**
 * {@link claimSigned}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.claimSignedSync(request)
 */
export async function claimSignedSync(
  client: ClientWithMarket,
  parameters: ClaimSignedSyncParameters,
): Promise<ClaimSignedSyncReturnType> {
  return writeMarketSync(
    client,
    claimSigned.call(withMarket(client, parameters)),
    parameters,
    claimSigned.extractEvent,
  )
}
