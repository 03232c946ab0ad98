import type { Hash, Log, TransactionReceipt } from 'viem'
import type { SignedJobOffer } from '../types/agreement.ts'
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

export type AcceptOfferArgs = SignedJobOffer

export type AcceptOfferParameters = WriteParameters & AcceptOfferArgs
export type AcceptOfferSyncParameters = WriteSyncParameters & AcceptOfferArgs

export type AcceptOfferReturnType = Hash
export type AcceptOfferSyncReturnType = MarketEventArgs<'JobClaimed'> & { receipt: TransactionReceipt }

export type AcceptOfferErrorType = WriteMarketErrorType
export type AcceptOfferSyncErrorType = WriteMarketSyncErrorType

/**
 * Posts a job that a provider signed, and claims it for that provider at its price, in one transaction; only the requester
 * that the offer names, or any where it names none.
 *
 * @example
 * const hash = await client.acceptOffer(offer)
 *
 * @throws {AgreementWrongSignatureError | AgreementNonceSpentError} and what a posting or a claim throws
 */
export async function acceptOffer(
  client: ClientWithMarket,
  parameters: AcceptOfferParameters,
): Promise<AcceptOfferReturnType> {
  return writeCall(client, acceptOffer.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
acceptOffer.call = ({ market, provider, isOpen, terms, signature }: MarketCallParameters<AcceptOfferArgs>) =>
  marketCall(market, 'acceptOffer', [provider, isOpen, encodeJobTerms(terms), signature])

/** The event among a receipt's logs. */
acceptOffer.extractEvent = (logs: readonly Log[]): MarketEvent<'JobClaimed'> =>
  extractEvent('JobClaimed', logs)

/**
 * {@link acceptOffer}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.acceptOfferSync(offer)
 */
export async function acceptOfferSync(
  client: ClientWithMarket,
  parameters: AcceptOfferSyncParameters,
): Promise<AcceptOfferSyncReturnType> {
  return writeMarketSync(
    client,
    acceptOffer.call(withMarket(client, parameters)),
    parameters,
    acceptOffer.extractEvent,
  )
}
