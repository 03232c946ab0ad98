import type { Signer } from './actors.ts'
import { chainId, ethers } from './chain.ts'
import type { World } from './fixtures.ts'
import type { Terms } from './terms.ts'
import { AGREEMENT } from './typedData.ts'

const ATTESTATION = [
  { name: 'market', type: 'address' },
  { name: 'jobId', type: 'bytes32' },
  { name: 'resultCommitment', type: 'bytes32' },
]

type AgreementType = 'JobRequest' | 'JobOffer'

/** Both sides of an agreement; a side that is left out is open to whoever takes it. */
export interface Sides {
  requester?: string
  provider?: string
}

const domainOf = ({ address }: Pick<World, 'address'>) => ({
  name: 'Assay',
  version: '1',
  chainId,
  verifyingContract: address,
})

const messageOf = ({ requester, provider }: Sides, terms: Terms) => ({
  requester: requester ?? ethers.ZeroAddress,
  provider: provider ?? ethers.ZeroAddress,
  ...terms,
})

/** What a requester or a provider signs: the EIP-712 digest, for a contract's signature or an error's value. */
export function agreementDigest(
  world: Pick<World, 'address'>,
  type: AgreementType,
  sides: Sides,
  terms: Terms,
) {
  return ethers.TypedDataEncoder.hash(domainOf(world), { [type]: AGREEMENT }, messageOf(sides, terms))
}

/** A request of `requester`, for `provider` or, left out, for whoever claims it. */
export async function signRequest(
  world: Pick<World, 'address'>,
  requester: Signer,
  terms: Terms,
  provider?: string,
): Promise<string> {
  const sides = { requester: requester.address, ...(provider === undefined ? {} : { provider }) }
  return requester.signTypedData(domainOf(world), { JobRequest: AGREEMENT }, messageOf(sides, terms))
}

/** An offer of `provider`, for `requester` or, left out, for whoever accepts it. */
export async function signOffer(
  world: Pick<World, 'address'>,
  provider: Signer,
  terms: Terms,
  requester?: string,
): Promise<string> {
  const sides = { provider: provider.address, ...(requester === undefined ? {} : { requester }) }
  return provider.signTypedData(domainOf(world), { JobOffer: AGREEMENT }, messageOf(sides, terms))
}

/** An attester's signature over a job's result, for the hook of the level Attested. */
export async function signAttestation(
  { attestation, address }: Pick<World, 'attestation' | 'address'>,
  attester: Signer,
  jobId: string,
  resultCommitment: string,
): Promise<string> {
  const domain = {
    name: 'Assay Attestation',
    version: '1',
    chainId,
    verifyingContract: await attestation.getAddress(),
  }
  const message = { market: address, jobId, resultCommitment }
  return attester.signTypedData(domain, { Attestation: ATTESTATION }, message)
}

/** The `assurance` of a job with these attesters. */
export function attestersHash(attesters: readonly string[]): string {
  return ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(['address[]'], [attesters]))
}
