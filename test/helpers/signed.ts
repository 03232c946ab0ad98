import type { Signer } from './actors.ts'
import { ethers } from './chain.ts'
import { DEFAULT_PRICE } from './defaults.ts'
import type { World } from './fixtures.ts'
import { chainId, draft, type Job } from './jobs.ts'
import { jobIdOf, packTerms, type Terms, type TermsFields } from './terms.ts'
import { at, now } from './time.ts'

const FIELDS = [
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

export type Side = 'JobRequest' | 'JobOffer'

/** What is signed: terms, who asks, who works; the zero address on the open side. */
export interface Agreement {
  requester: string
  provider: string
  terms: Terms
}

const domainOf = (verifyingContract: string, chain = chainId) => ({
  name: 'Assay',
  version: '1',
  chainId: chain,
  verifyingContract,
})

const messageOf = ({ requester, provider, terms }: Agreement) => ({ requester, provider, ...terms })

/** The EIP-712 digest, by ethers. */
export function digestOf(market: string, side: Side, agreement: Agreement, chain = chainId): string {
  return ethers.TypedDataEncoder.hash(domainOf(market, chain), { [side]: FIELDS }, messageOf(agreement))
}

export function signAgreement(
  signer: Signer,
  market: string,
  side: Side,
  agreement: Agreement,
  chain = chainId,
): Promise<string> {
  return signer.signTypedData(domainOf(market, chain), { [side]: FIELDS }, messageOf(agreement))
}

/** Fields of a job that can be agreed by signature: its price is fixed, that of the default job after its claim. */
export function agreedDraft(overrides: Partial<TermsFields> = {}): Promise<TermsFields> {
  return draft({ maxPrice: DEFAULT_PRICE, minBps: 10_000n, ...overrides })
}

/** A job agreed by the requester's signature and claimed by the provider, at `time` or with the next block. */
export async function agreed(
  world: World,
  overrides: Partial<TermsFields> = {},
  options: { requester?: Signer; provider?: Signer; time?: bigint } = {},
): Promise<Job> {
  const { market, address, actors } = world
  const requester = options.requester ?? actors.requester
  const provider = options.provider ?? actors.provider
  const fields = await agreedDraft(overrides)
  const terms = packTerms(fields)
  const agreement = { requester: requester.address, provider: provider.address, terms }
  const signature = await signAgreement(requester, address, 'JobRequest', agreement)
  const send = () => market.connect(provider).claimSigned(requester.address, false, terms, signature)
  await (options.time === undefined ? send() : at(options.time, send))
  const time = await now()
  const jobId = jobIdOf(chainId, address, requester.address, terms)
  return { jobId, terms, fields, requester, provider, postedAt: time, claimedAt: time, submittedAt: 0n }
}
