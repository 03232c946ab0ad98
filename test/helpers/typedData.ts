/** The fields of what is signed, by EIP-712; written independently of the SDK's. */

/** Of a `JobRequest` and a `JobOffer`. */
export const AGREEMENT = [
  { name: 'requester', type: 'address' },
  { name: 'provider', type: 'address' },
  { name: 'programId', type: 'bytes32' },
  { name: 'inputsRoot', type: 'bytes32' },
  { name: 'sharedInput', type: 'bytes32' },
  { name: 'rules', type: 'uint256' },
  { name: 'limits', type: 'uint256' },
  { name: 'assurance', type: 'bytes32' },
  { name: 'dataUri', type: 'string' },
]

/** Of an ERC-2612 `Permit`. */
export const PERMIT = [
  { name: 'owner', type: 'address' },
  { name: 'spender', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'nonce', type: 'uint256' },
  { name: 'deadline', type: 'uint256' },
]
