/** What people sign, as the contracts check it (EIP-712). */
import { zeroAddress } from 'viem'
import type { SignedFor } from './market.ts'
import { type Address, packTerms, type Terms } from './terms.ts'

/** A structure to sign, and the domain that it is for. */
export interface Signable {
  domain: { name: string; version: string; chainId: number; verifyingContract: Address }
  types: typeof types
  primaryType: 'JobRequest' | 'JobOffer' | 'Attestation' | 'Permit'
  message: Record<string, unknown>
}

/** The structure with all that `eth_signTypedData_v4` needs besides. */
export function signable(
  domain: { name: string; chainId: number; verifyingContract: Address },
  primaryType: Signable['primaryType'],
  message: Record<string, unknown>,
): Signable {
  return { domain: { ...domain, version: '1' }, types, primaryType, message }
}

/** A request or an offer; where there is nobody that it is for, one of other terms. */
export function agreementOf(
  primaryType: 'JobRequest' | 'JobOffer',
  signer: Address,
  terms: Terms,
  signedFor: SignedFor,
): Record<string, unknown> {
  const other = signedFor ?? zeroAddress
  const [requester, provider] = primaryType === 'JobRequest' ? [signer, other] : [other, signer]
  const { rules, limits, ...rest } = packTerms(terms)
  const words = { rules: `${rules}`, limits: `${signedFor === null ? limits + 1n : limits}` }
  return { requester, provider, ...rest, ...words }
}

/** A list of fields, as one writes them in Solidity. */
function fields(list: string): { name: string; type: string }[] {
  return list.split(', ').map((field) => {
    const [type, name] = field.split(' ') as [string, string]
    return { name, type }
  })
}

const agreement = fields(
  'address requester, address provider, bytes32 programId, bytes32 inputsRoot, bytes32 sharedInput, uint256 rules, ' +
    'uint256 limits, bytes32 assurance, string dataUri',
)

const types = {
  EIP712Domain: fields('string name, string version, uint256 chainId, address verifyingContract'),
  Permit: fields('address owner, address spender, uint256 value, uint256 nonce, uint256 deadline'),
  JobRequest: agreement,
  JobOffer: agreement,
  Attestation: fields('address market, bytes32 jobId, bytes32 resultCommitment'),
}
