import type { Address, Hex } from 'viem'

/** An attester's signature over the result of a job; `attest` takes it while the result is not final. */
export type SignedAttestation = {
  jobId: Hex
  attester: Address
  /** The result that was signed. */
  resultCommitment: Hex
  signature: Hex
}
