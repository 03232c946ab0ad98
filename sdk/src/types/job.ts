import type { Address, Hex } from 'viem'
import type { Resources } from './resources.ts'

/**
 * Where a job stands, in the order of the contract's enum. `expired`, `keyless`, `overdue`, `disputed` and `settleable`
 * follow from the time and open challenges; `settled`, `released`, `failed`, `rejected` and `cancelled` are final.
 */
export const jobStatuses = [
  'none',
  'open',
  'awaitingKey',
  'claimed',
  'seated',
  'submitted',
  'settled',
  'released',
  'failed',
  'rejected',
  'cancelled',
  'expired',
  'keyless',
  'overdue',
  'disputed',
  'settleable',
] as const

export type JobStatus = (typeof jobStatuses)[number]

/** The levels of the product, in the order of their numbers. */
export const assuranceLevels = ['optimistic', 'attested', 'replicated'] as const

/**
 * How a result becomes final: `optimistic` after a challenge window, `attested` also by the signature of a named
 * attester, `replicated` by the majority of several providers, who are trusted with it, other numbers as their hook decides.
 */
export type AssuranceLevel = (typeof assuranceLevels)[number] | number

/**
 * A job as the market keeps it. Amounts in units, times in seconds. Of a signed job it keeps only what binds after the
 * claim: `postedAt`, `claimBy`, `tasks`, `minPrice`, `ramp`, `minReputation` and `floor` read zero, `isPrivate` false;
 * `getJobTerms` finds them.
 */
export type Job = {
  jobId: Hex
  status: JobStatus
  requester: Address
  /** Unix time of posting; the auction starts here. */
  postedAt: number
  /** Last second in which the job may be claimed. */
  claimBy: number
  tasks: number
  maxPrice: bigint
  minPrice: bigint
  /** Seconds in which the price climbs from `minPrice` to `maxPrice`. */
  ramp: number
  /** Seconds from claim to the submission deadline. */
  run: number
  /** Seconds from submission in which the result may be challenged. */
  window: number
  minReputation: bigint
  floor: Resources
  level: AssuranceLevel
  /** The parameter set that was current at posting. */
  parametersId: number
  /** Protocol fee in basis points of the price, fixed at posting. */
  feeBps: number
  /** Whether the requester delivers a key for the data after the claim. */
  isPrivate: boolean
  /** Whether it was agreed by signature: posted and claimed in one transaction. */
  isSigned: boolean
  /** Share of the price that is paid by step, in basis points; zero for a fixed price. */
  meteredBps: number
  /** Steps for which the whole price is paid, null unless metered. */
  stepBudget: bigint | null
  /** Steps that are paid for, at most the budget; null until submitted and unless metered. */
  steps: bigint | null
  /** Null until claimed. */
  provider: Address | null
  /** Fixed by the claim, null before. */
  price: bigint | null
  /** Stake locked by the claim, null before. */
  bond: bigint | null
  /** Until when the requester may deliver the key while `awaitingKey` or `keyless`, else null. */
  keyBy: number | null
  /** Submission deadline while claimed or overdue, else null. */
  runBy: number | null
  /** When the result stood, null before. */
  submittedAt: number | null
  openChallenges: number
  /** `keccak(resultRoot ‖ totalSteps u128)`, null until submitted. */
  resultCommitment: Hex | null
}
