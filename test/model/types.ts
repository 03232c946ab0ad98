/** What the market is made of. Amounts are units (bigint), times are seconds, shares are basis points. */
import { encodePacked, type Hex, keccak256, zeroAddress, zeroHash } from 'viem'
import type { Rules } from './formulas.ts'
import type { Address, Resources, Terms } from './terms.ts'

/** The part `locked` of `stake` stands behind `active` claims; `balance` may be withdrawn or pay for jobs. */
export interface Account {
  balance: bigint
  stake: bigint
  locked: bigint
  active: number
}

/** What a provider declares and has earned. Reputation counts fees paid, as it stood at `reputationAt`. It registered
 * when it declared something first. */
export interface Provider {
  resources: Resources
  concurrency: number
  endpoint: string
  encryptionKey: Hex
  registeredAt: number
  faults: number
  reputation: bigint
  reputationAt: number
  feeOwed: bigint
}

/** What a job has been moved to by a call. Where it stands at a given time follows from this and the clock: {@link Status}. */
export type Stage = (typeof stages)[number]
export type Status = (typeof statuses)[number]

const stages = [
  ...(['Open', 'AwaitingKey', 'Claimed', 'Seated', 'Submitted'] as const),
  ...(['Settled', 'Released', 'Failed', 'Rejected', 'Cancelled'] as const),
] as const

/** In the order of the contracts. */
export const statuses = [
  ...(['None', ...stages] as const),
  ...(['Expired', 'Keyless', 'Overdue', 'Disputed', 'Settleable'] as const),
] as const

export interface Job {
  id: Hex
  requester: Address
  terms: Terms
  postedAt: number
  /** The set of rules that was current at posting. */
  setId: number
  stage: Stage
  /** Posted and claimed at once, by one side's signature and the other's call. */
  isSigned: boolean
  provider: Address
  price: bigint
  bond: bigint
  keyBy: number
  runBy: number
  submittedAt: number
  openChallenges: number
  /** Those that a metered job pays for. */
  steps: bigint
  resultCommitment: Hex
  /** What the commitment is of, where a provider submitted it. */
  result: { root: Hex; steps: bigint } | undefined
}

/** The contract that decides the jobs of an assurance level; a mediating one begins and ends claims itself. */
export interface Level {
  hook: Address
  isMediated: boolean
}

/** A set of rules and who decides the jobs of each assurance level. */
export interface RuleSet extends Rules {
  levels: readonly Level[]
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
  const unclaimed = { provider: zeroAddress, price: 0n, bond: 0n, isSigned: false, keyBy: 0, runBy: 0 }
  const result = { resultCommitment: zeroHash, result: undefined }
  const nothing = { submittedAt: 0, openChallenges: 0, steps: 0n, ...result }
  return { id, requester, terms, postedAt, setId, stage: 'Open', ...unclaimed, ...nothing }
}

export function resultCommitmentOf(resultRoot: Hex, totalSteps: bigint): Hex {
  return keccak256(encodePacked(['bytes32', 'uint128'], [resultRoot, totalSteps]))
}

/** The last second in which a claim may be given back. */
export function releaseBy(job: Job): number {
  return job.runBy - job.terms.run + Math.floor(job.terms.run / 4)
}

/** The last second in which a result may be challenged. */
export function windowEnd(job: Job): number {
  return job.submittedAt + job.terms.window
}

/** Whether anything can happen to the job yet. */
export function isLive({ stage }: Job): boolean {
  return ['Open', 'AwaitingKey', 'Claimed', 'Seated', 'Submitted'].includes(stage)
}

/** The steps that a metered job pays the whole price for. */
export function stepBudget({ tasks, stepLimit }: Terms): bigint {
  return BigInt(tasks) * stepLimit
}
