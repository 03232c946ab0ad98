import { type Address, type Hex, zeroAddress } from 'viem'
import { type StoredStatus, statusOf } from './layout.ts'
import * as rules from './rules.ts'
import { accountOf, type JobState, type Level, profileOf } from './state.ts'
import type { Replay } from './transition.ts'

/** Price and bond of a claimed job, in units. */
export function amountsOf(job: Pick<JobState, 'rules' | 'claim'>): { price: bigint; bond: bigint } {
  return {
    price: rules.priceOf(job.rules.maxPrice, job.claim.share),
    bond: rules.decodeFloat(job.claim.bond),
  }
}

/** The job, if it is known and has one of the statuses; a finding if not. */
export function jobIn(
  { state, checks, place }: Replay,
  jobId: Hex,
  ...expected: readonly [StoredStatus, ...StoredStatus[]]
): JobState | undefined {
  const job = state.jobs.get(jobId)
  const actual = job === undefined ? undefined : statusOf(job.claim)
  const isPossible = actual !== undefined && expected.includes(actual)
  checks.that('rules', isPossible, () => ({
    subject: `${place}: status of job ${jobId} before it`,
    expected: expected.join(' or '),
    actual: job === undefined ? 'none' : (actual ?? 'unknown'),
  }))
  return isPossible ? job : undefined
}

/** The job, if it is known, has one of the statuses and that provider; a finding if not. */
export function claimedIn(
  replay: Replay,
  jobId: Hex,
  provider: Address,
  ...expected: readonly [StoredStatus, ...StoredStatus[]]
): JobState | undefined {
  const job = jobIn(replay, jobId, ...expected)
  if (job === undefined) return undefined
  const { checks, place } = replay
  return checks.equal('rules', `${place}: provider of job ${jobId}`, job.provider ?? 'none', provider)
    ? job
    : undefined
}

/** Ends a claim: its bond is free again but for `slash`. */
export function endClaim({ state }: Replay, provider: Address, bond: bigint, slash: bigint): void {
  const account = accountOf(state, provider)
  account.locked -= bond
  account.active -= 1n
  account.stake -= slash
}

/** Counts a fault and what it leaves of the reputation. */
export function fault(
  { state, time }: Replay,
  provider: Address,
  after: (reputation: bigint) => bigint,
): void {
  const profile = profileOf(state, provider)
  profile.reputation = after(rules.decayedReputation(profile.reputation, profile.reputationAt, time))
  profile.reputationAt = time
  if (profile.faults < 65_535n) profile.faults += 1n
}

/** Pays a provider and lets the fee count as reputation. */
export function reward({ state, time }: Replay, provider: Address, pay: bigint, fee: bigint): void {
  accountOf(state, provider).balance += pay
  const profile = profileOf(state, provider)
  const reputation = rules.decayedReputation(profile.reputation, profile.reputationAt, time)
  profile.reputation = rules.increasedReputation(reputation, fee)
  profile.reputationAt = time
  profile.feeOwed += fee
}

/** Who decides jobs of that level under that set; undefined where it is not offered. */
export function levelOf({ state }: Replay, parametersId: bigint, level: bigint): Level | undefined {
  const found = state.sets[Number(parametersId)]?.levels[Number(level)]
  return found === undefined || found.hook === zeroAddress ? undefined : found
}
