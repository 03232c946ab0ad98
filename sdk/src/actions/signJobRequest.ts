import type { Account, Address } from 'viem'
import { signTypedData } from 'viem/actions'
import type { JobAgreementPriceTooFineError } from '../errors/agreements.ts'
import type { AccountRequiredError, MarketUnknownError } from '../errors/client.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { InvalidIntegerError, ValueOutOfRangeError } from '../errors/parameters.ts'
import type { TransactionRejectedError } from '../errors/rpc.ts'
import type { SignedJobRequest } from '../types/agreement.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { type AgreementArgs, agreementTypedData, termsToSign } from '../utils/agreements.ts'
import { getAccountOf } from '../utils/market.ts'

export type SignJobRequestParameters = AgreementArgs & {
  /**
   * Who may take it.
   * @default anyone
   */
  provider?: Address | undefined
  /**
   * Who signs.
   * @default client.account
   */
  account?: Account | Address | undefined
  /**
   * In whose name, where that is a contract (ERC-1271) for which the account signs.
   * @default the account
   */
  requester?: Address | undefined
}

export type SignJobRequestReturnType = SignedJobRequest

export type SignJobRequestErrorType =
  | AccountRequiredError
  | MarketUnknownError
  | InvalidIntegerError
  | ValueOutOfRangeError
  | JobAgreementPriceTooFineError
  | TransactionRejectedError
  | ReadMarketErrorType

/**
 * Signs a request: a job at a fixed price that a provider takes with `claimSigned` until `claimBy`. Nothing is sent; signing
 * again with the same nonce replaces, and `cancelNonces` takes it back. It binds under the current parameters only, or those
 * that the terms expect.
 *
 * @example
 * const request = await client.signJobRequest({ terms })
 *
 * @throws {ValueOutOfRangeError | JobAgreementPriceTooFineError} for a price that is not fixed, or too fine
 */
export async function signJobRequest(
  client: ClientWithMarket,
  parameters: SignJobRequestParameters,
): Promise<SignJobRequestReturnType> {
  const { market, provider } = parameters
  const account = getAccountOf(client, { account: parameters.account, action: 'signJobRequest' })
  const requester = parameters.requester ?? account.address
  const terms = await termsToSign(client, parameters)
  const data = await agreementTypedData(client, 'JobRequest', { market, requester, provider, terms })
  try {
    const signature = await signTypedData(client, { account, ...data } as never)
    return { requester, isOpen: provider === undefined, terms, signature }
  } catch (error) {
    throw decodeContractError(error, { functionName: 'signJobRequest' })
  }
}
