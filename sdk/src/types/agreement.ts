import type { Address, Hex } from 'viem'
import type { JobTermsInput, NamedJobTerms } from './terms.ts'

/**
 * Terms that can be agreed by signature: their price is fixed, so `minPrice` is `maxPrice` and `ramp` zero where they are
 * left out. Nonces are spent by 256 in one storage word: consecutive ones cost less gas than random ones.
 */
export type AgreementTerms = Omit<JobTermsInput, 'minPrice' | 'ramp'> & {
  minPrice?: bigint | undefined
  ramp?: number | undefined
}

/** A job that its requester signed; `claimSigned` takes it until the terms' `claimBy`. */
export type SignedJobRequest = {
  requester: Address
  /** Whether any provider may take it. */
  isOpen: boolean
  terms: NamedJobTerms
  signature: Hex
}

/** A job that a provider signed; `acceptOffer` takes it until the terms' `claimBy`. */
export type SignedJobOffer = {
  provider: Address
  /** Whether any requester may take it. */
  isOpen: boolean
  terms: NamedJobTerms
  signature: Hex
}
