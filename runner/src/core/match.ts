import { coversResources, formatAmount, formatResources, type Job, type Resources } from 'assay'

/** What the operator is willing to do; amounts in units. */
export type Policy = {
  /** Least price of a job. */
  minPrice: bigint
  /** Least price of each of its tasks. */
  minPricePerTask: bigint
  /** Most tasks in one job. */
  maxTasks: number
  /** Seconds that must be left to run a claimed job in. */
  minRun: number
}

/** What the provider has at this moment. */
export type Capacity = {
  resources: Resources
  reputation: bigint
  /** Jobs it may still hold. */
  freeSlots: number
}

export type Verdict =
  | { claim: true }
  /** Not now, but at `at` (unix seconds) if nothing changes. */
  | { claim: false; at: number; reason: string }
  /** Never, as far as the job and the policy go. */
  | { claim: false; at: null; reason: string }
  /** Not now, because of what the provider has; ask again when that changes. */
  | { claim: false; at: 'capacity'; reason: string }

/** The least price at which the policy takes the job, in units. */
export function askFor(job: Pick<Job, 'tasks'>, policy: Policy): bigint {
  const byTasks = policy.minPricePerTask * BigInt(job.tasks)
  return byTasks > policy.minPrice ? byTasks : policy.minPrice
}

type Priced = Pick<Job, 'postedAt' | 'ramp' | 'minPrice' | 'maxPrice'>

/** The auction's price at `time`, in units, up to the rounding of the contract. */
export function priceAt(job: Priced, time: number): bigint {
  const elapsed = BigInt(Math.max(0, time - job.postedAt))
  const ramp = BigInt(job.ramp)
  if (elapsed >= ramp) return job.maxPrice
  return job.minPrice + ((job.maxPrice - job.minPrice) * elapsed) / ramp
}

/** The first second at which the auction offers `ask`, or null if it never does. */
export function timeOfPrice(job: Priced, ask: bigint): number | null {
  if (ask > job.maxPrice) return null
  if (ask <= job.minPrice) return job.postedAt
  const span = job.maxPrice - job.minPrice
  const elapsed = ((ask - job.minPrice) * BigInt(job.ramp) + span - 1n) / span
  return job.postedAt + Number(elapsed)
}

/** Whether to claim `job` at `time`; pure, so that the reason can be shown to anybody. */
export function matchJob(
  job: Priced & Pick<Job, 'tasks' | 'claimBy' | 'run' | 'floor' | 'minReputation' | 'level'>,
  capacity: Capacity,
  policy: Policy,
  time: number,
): Verdict {
  const never = (reason: string): Verdict => ({ claim: false, at: null, reason })
  const { floor } = job
  const { resources } = capacity
  if (job.level !== 'optimistic') return never(`assurance level ${job.level} is not served`)
  if (time > job.claimBy) return never('its claim deadline has passed')
  if (!coversResources(resources, floor))
    return never(`needs ${formatResources(floor)}, offered ${formatResources(resources)}`)
  if (job.tasks > policy.maxTasks)
    return never(`${job.tasks} tasks, the policy takes up to ${policy.maxTasks}`)
  if (job.run < policy.minRun) return never(`${job.run} s to run, the policy needs ${policy.minRun} s`)
  const ask = askFor(job, policy)
  const asks = `the policy asks ${formatAmount(ask)}`
  const at = timeOfPrice(job, ask)
  if (at === null || at > job.claimBy) return never(`pays up to ${formatAmount(job.maxPrice)}, ${asks}`)
  const capped = (reason: string): Verdict => ({ claim: false, at: 'capacity', reason })
  if (job.minReputation > capacity.reputation)
    return capped(`needs a reputation of ${formatAmount(job.minReputation)}`)
  if (capacity.freeSlots < 1) return capped('all job slots are taken')
  if (at > time)
    return { claim: false, at, reason: `the auction offers ${formatAmount(priceAt(job, time))}, ${asks}` }
  return { claim: true }
}
