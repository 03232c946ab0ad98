import type { Address, Hex } from 'viem'
import type { Resources } from './resources.ts'

/**
 * Where a job stands, in the order of the contract's enum. `expired`, `overdue`, `disputed` and `settleable` follow from
 * the time and open challenges; `settled`, `released`, `failed`, `rejected` and `cancelled` are final.
 */
export const jobStatuses = [
  'none',
  'open',
  'claimed',
  'submitted',
  'settled',
  'released',
  'failed',
  'rejected',
  'cancelled',
  'expired',
  'overdue',
  'disputed',
  'settleable',
] as const

export type JobStatus = (typeof jobStatuses)[number]

/** How a result becomes final: `optimistic` after a challenge window, other levels as their hook decides. */
export type AssuranceLevel = 'optimistic' | number

/** A job as the market keeps it. Amounts in units, times in seconds. */
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
  /** Null until claimed. */
  provider: Address | null
  /** Fixed by the claim, null before. */
  price: bigint | null
  /** Stake locked by the claim, null before. */
  bond: bigint | null
  /** Submission deadline while claimed or overdue, else null. */
  runBy: number | null
  /** Null until submitted. */
  submittedAt: number | null
  openChallenges: number
  /** `keccak(resultRoot ‖ totalSteps u128)`, null until submitted. */
  resultCommitment: Hex | null
}
