import { meteredPay } from '../audit/rules.ts'
import type { Job, JobStatus } from '../types/job.ts'
import type { RunJob } from './types.ts'

/** Statuses in which the requester was refunded. */
const refunded: ReadonlySet<JobStatus> = new Set(['cancelled', 'released', 'failed', 'rejected'])

/** Whether the requester got its money back, so that the part may be posted again. */
export function isRefunded(status: JobStatus): boolean {
  return refunded.has(status)
}

type Priced = Pick<Job, 'status' | 'price' | 'meteredBps' | 'stepBudget' | 'steps'>

/** What its requester pays for a job by what the chain says so far. */
export function costOf({ status, price, meteredBps, stepBudget, steps }: Priced): bigint {
  if (price === null || isRefunded(status)) return 0n
  if (stepBudget === null || steps === null) return price
  return meteredPay(price, { stepBudget, steps, meteredBps: BigInt(meteredBps) })
}

/** What its requester pays for a seat: one that revealed and was let go gets the base fee. */
export function seatCostOf(
  job: Priced,
  { hasRevealed, baseBps }: { hasRevealed: boolean; baseBps: number },
): bigint {
  if (job.status === 'released' && hasRevealed) return ((job.price ?? 0n) * BigInt(baseBps)) / 10_000n
  return costOf(job)
}

/** What jobs cost together. */
export function totalCost(jobs: readonly RunJob[]): bigint {
  return jobs.reduce((sum, { cost }) => sum + cost, 0n)
}
