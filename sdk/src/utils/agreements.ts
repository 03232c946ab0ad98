import { type Address, zeroAddress } from 'viem'
import { getChainId } from 'viem/actions'
import { getParameters } from '../actions/getParameters.ts'
import { JobAgreementPriceTooFineError } from '../errors/agreements.ts'
import { ValueOutOfRangeError } from '../errors/parameters.ts'
import type { AgreementTerms } from '../types/agreement.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import { getMarketAddress } from './market.ts'
import { encodeJobTerms, withNonce } from './terms.ts'

// contracts/Agreements.sol
const fields = [
  { name: 'requester', type: 'address' },
  { name: 'provider', type: 'address' },
  { name: 'programId', type: 'bytes32' },
  { name: 'inputsRoot', type: 'bytes32' },
  { name: 'sharedInput', type: 'bytes32' },
  { name: 'rules', type: 'uint256' },
  { name: 'limits', type: 'uint256' },
  { name: 'assurance', type: 'bytes32' },
  { name: 'dataUri', type: 'string' },
] as const

const mantissaBits = 40

export type AgreementType = 'JobRequest' | 'JobOffer'

/** What is signed, and under which rules. */
export type AgreementArgs = MarketParameter & {
  /**
   * What the job is; a random `nonce` is drawn where it is left out. Terms that expect no parameters (`expects`) get the
   * current ones, so that nobody is bound to rules that came after the signature.
   */
  terms: AgreementTerms
  /**
   * Leaves `expects` out on purpose: the job gets whatever rules are current when it is taken.
   * @default false
   */
  anyParameters?: boolean | undefined
}

/**
 * Terms to sign: with their nonce, and the parameters that are current now where they expect no others.
 * @throws {ValueOutOfRangeError | JobAgreementPriceTooFineError} as {@link agreementTerms}
 */
export async function termsToSign(
  client: ClientWithMarket,
  { terms, anyParameters = false, market }: AgreementArgs,
): Promise<NamedJobTerms> {
  const named = agreementTerms(terms)
  if (anyParameters || (named.expects ?? null) !== null) return named
  const { id: parametersId, feeBps } = await getParameters(client, { market })
  return { ...named, expects: { parametersId, feeBps } }
}

/**
 * Terms as they can be agreed, with their nonce.
 * @throws {ValueOutOfRangeError} where `minPrice` is not `maxPrice`
 * @throws {JobAgreementPriceTooFineError} where the price has more than 40 significant bits
 */
function agreementTerms({ minPrice, ramp = 0, ...terms }: AgreementTerms): NamedJobTerms {
  const { maxPrice } = terms
  if (minPrice !== undefined && minPrice !== maxPrice)
    throw new ValueOutOfRangeError({ field: 'minPrice', value: minPrice, min: maxPrice, max: maxPrice })
  const multiple = 1n << BigInt(Math.max(0, maxPrice.toString(2).length - mantissaBits))
  if (maxPrice % multiple !== 0n) throw new JobAgreementPriceTooFineError({ price: maxPrice, multiple })
  return withNonce({ ...terms, minPrice: maxPrice, ramp })
}

/**
 * The EIP-712 data of a request or an offer, for wallets of any kind.
 *
 * @example
 * const typedData = await agreementTypedData(client, 'JobRequest', { requester, terms })
 * const signature = await wallet.signTypedData(typedData)
 *
 * @param parties - Left out: whoever takes it.
 */
export async function agreementTypedData(
  client: ClientWithMarket,
  primaryType: AgreementType,
  parameters: MarketParameter & {
    requester?: Address | undefined
    provider?: Address | undefined
    terms: NamedJobTerms
  },
) {
  const { requester = zeroAddress, provider = zeroAddress, terms } = parameters
  const chainId = client.chain?.id ?? (await getChainId(client))
  return {
    domain: { name: 'Assay', version: '1', chainId, verifyingContract: getMarketAddress(client, parameters) },
    types: { [primaryType]: fields },
    primaryType,
    message: { requester, provider, ...encodeJobTerms(terms) },
  } as const
}
