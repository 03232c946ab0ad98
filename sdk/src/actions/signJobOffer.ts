import type { Account, Address } from 'viem'
import { signTypedData } from 'viem/actions'
import type { JobAgreementPriceTooFineError } from '../errors/agreements.ts'
import type { AccountRequiredError, MarketUnknownError } from '../errors/client.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { InvalidIntegerError, ValueOutOfRangeError } from '../errors/parameters.ts'
import type { TransactionRejectedError } from '../errors/rpc.ts'
import type { SignedJobOffer } from '../types/agreement.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { type AgreementArgs, agreementTypedData, termsToSign } from '../utils/agreements.ts'
import { getAccountOf } from '../utils/market.ts'

export type SignJobOfferParameters = AgreementArgs & {
  /**
   * Who may take it.
   * @default anyone
   */
  requester?: Address | undefined
  /**
   * Who signs.
   * @default client.account
   */
  account?: Account | Address | undefined
  /**
   * In whose name, where that is a contract (ERC-1271) for which the account signs.
   * @default the account
   */
  provider?: Address | undefined
}

export type SignJobOfferReturnType = SignedJobOffer

export type SignJobOfferErrorType =
  | AccountRequiredError
  | MarketUnknownError
  | InvalidIntegerError
  | ValueOutOfRangeError
  | JobAgreementPriceTooFineError
  | TransactionRejectedError
  | ReadMarketErrorType

/**
 * Signs an offer: a job at a fixed price that a requester takes with `acceptOffer` until `claimBy`. Nothing is sent; signing
 * again with the same nonce replaces, and `cancelNonces` takes it back. It binds under the current parameters only, or those
 * that the terms expect.
 *
 * @example
 * const offer = await client.signJobOffer({ terms })
 *
 * @throws {ValueOutOfRangeError | JobAgreementPriceTooFineError} for a price that is not fixed, or too fine
 */
export async function signJobOffer(
  client: ClientWithMarket,
  parameters: SignJobOfferParameters,
): Promise<SignJobOfferReturnType> {
  const { market, requester } = parameters
  const account = getAccountOf(client, { account: parameters.account, action: 'signJobOffer' })
  const provider = parameters.provider ?? account.address
  const terms = await termsToSign(client, parameters)
  const data = await agreementTypedData(client, 'JobOffer', { market, provider, requester, terms })
  try {
    const signature = await signTypedData(client, { account, ...data } as never)
    return { provider, isOpen: requester === undefined, terms, signature }
  } catch (error) {
    throw decodeContractError(error, { functionName: 'signJobOffer' })
  }
}
