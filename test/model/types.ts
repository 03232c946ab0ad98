/** What the market is made of. Amounts are units (bigint), times are seconds, shares are basis points. */
import { type Hex, zeroAddress, zeroHash } from 'viem'
import type { Rules } from './formulas.ts'
import type { Address, Resources, Terms } from './terms.ts'

/** The part `locked` of `stake` stands behind `active` claims; `balance` may be withdrawn or pay for jobs. */
export interface Account {
  balance: bigint
  stake: bigint
  locked: bigint
  active: number
}

/** What a provider declares and has earned. Reputation counts fees paid, as it stood at `reputationAt`. */
export interface Provider {
  resources: Resources
  concurrency: number
  endpoint: string
  encryptionKey: Hex
  faults: number
  reputation: bigint
  reputationAt: number
  feeOwed: bigint
}

/** What a job has been moved to by a call. Where it stands at a given time follows from this and the clock: {@link Status}. */
export type Stage =
  | 'Open'
  | 'Claimed'
  | 'Submitted'
  | 'Settled'
  | 'Released'
  | 'Failed'
  | 'Rejected'
  | 'Cancelled'
export type Status = 'None' | Stage | 'Expired' | 'Overdue' | 'Disputed' | 'Settleable'

/** In the order of the contracts. */
export const statuses: readonly Status[] = [
  ...(['None', 'Open', 'Claimed', 'Submitted', 'Settled', 'Released', 'Failed', 'Rejected'] as const),
  ...(['Cancelled', 'Expired', 'Overdue', 'Disputed', 'Settleable'] as const),
]

export interface Job {
  id: Hex
  requester: Address
  terms: Terms
  postedAt: number
  /** The set of rules that was current at posting. */
  setId: number
  stage: Stage
  provider: Address
  price: bigint
  bond: bigint
  runBy: number
  submittedAt: number
  openChallenges: number
  resultCommitment: Hex
}

/** A set of rules and the contract that decides the jobs of each assurance level. */
export interface RuleSet extends Rules {
  hooks: readonly Address[]
}

export interface MarketEvent {
  name: string
  [argument: string]: unknown
}

/** Why a call is not possible: the name of the contract's error. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: string
  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** Refuses with `reason` unless the condition holds. */
export function need(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Refusal(reason)
}

export function newJob(id: Hex, requester: Address, terms: Terms, setId: number, postedAt: number): Job {
  const unclaimed = { provider: zeroAddress, price: 0n, bond: 0n, runBy: 0 }
  const nothing = { submittedAt: 0, openChallenges: 0, resultCommitment: zeroHash }
  return { id, requester, terms, postedAt, setId, stage: 'Open', ...unclaimed, ...nothing }
}

/** The last second in which a claim may be given back. */
export function releaseBy(job: Job): number {
  return job.runBy - job.terms.run + Math.floor(job.terms.run / 4)
}

/** The last second in which a result may be challenged. */
export function windowEnd(job: Job): number {
  return job.submittedAt + job.terms.window
}
