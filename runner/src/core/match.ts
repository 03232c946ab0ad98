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
  /** Whether private jobs are served: their claims wait for a key that may not come. */
  servesPrivate: boolean
  /** Units that a whole coin of the chain is worth; zero leaves gas out of the prices. */
  coinPrice: bigint
}

/** What the provider has at this moment. */
export type Capacity = {
  resources: Resources
  reputation: bigint
  /** Jobs it may still hold. */
  freeSlots: number
  /** Wei. */
  gasPrice: bigint
  /** Wei of the account beyond what the jobs at work may need. */
  coin: bigint
}

export type Verdict =
  | { claim: true }
  /** Not now, but at `at` (unix seconds) if nothing changes. */
  | { claim: false; at: number; reason: string }
  /** Never, as far as the job and the policy go. */
  | { claim: false; at: null; reason: string }
  /** Not now, because of what the provider has; ask again when that changes. */
  | { claim: false; at: 'capacity'; reason: string }

const BPS = 10_000n
/** Gas for the transactions of one job, of one seat: claim, result and its end. */
const GAS_PER_JOB = 300_000n
const GAS_PER_SEAT = 600_000n
const WEI_PER_COIN = 10n ** 18n

/** Gas that a provider may need for a job of this level. */
export function gasFor(level: Job['level']): bigint {
  return level === 'replicated' ? GAS_PER_SEAT : GAS_PER_JOB
}

/** What the policy wants to be sure of for the job, in units: its own least prices, and what its gas costs. */
export function askFor(job: Pick<Job, 'tasks' | 'level'>, policy: Policy, gasPrice: bigint): bigint {
  const gas = divideUp(gasFor(job.level) * gasPrice * policy.coinPrice, WEI_PER_COIN)
  const byTasks = policy.minPricePerTask * BigInt(job.tasks)
  return [policy.minPrice, byTasks, gas].reduce((most, each) => (each > most ? each : most))
}

/**
 * The least price whose part that is paid whatever the steps are reaches `ask`; null where no price has such a part.
 *
 * @param meteredBps the share that is paid by step, in basis points
 */
export function priceFor(ask: bigint, meteredBps: number): bigint | null {
  const baseBps = BPS - BigInt(meteredBps)
  if (baseBps === 0n) return ask === 0n ? 0n : null
  return divideUp(ask * BPS, baseBps)
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor
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
  job: Priced &
    Pick<Job, 'tasks' | 'claimBy' | 'run' | 'floor' | 'minReputation' | 'level' | 'isPrivate' | 'meteredBps'>,
  capacity: Capacity,
  policy: Policy,
  time: number,
): Verdict {
  const never = (reason: string): Verdict => ({ claim: false, at: null, reason })
  const { floor } = job
  const { resources } = capacity
  if (typeof job.level === 'number') return never(`assurance level ${job.level} is not served`)
  if (job.isPrivate && !policy.servesPrivate) return never('its inputs are private')
  if (time > job.claimBy) return never('its claim deadline has passed')
  if (!coversResources(resources, floor))
    return never(`needs ${formatResources(floor)}, offered ${formatResources(resources)}`)
  if (job.tasks > policy.maxTasks)
    return never(`${job.tasks} tasks, the policy takes up to ${policy.maxTasks}`)
  if (job.run < policy.minRun) return never(`${job.run} s to run, the policy needs ${policy.minRun} s`)
  const ask = askFor(job, policy, capacity.gasPrice)
  const asks = `the policy asks ${formatAmount(ask)}`
  const price = priceFor(ask, job.meteredBps)
  const at = price === null ? null : timeOfPrice(job, price)
  const metered = job.meteredBps === 0 ? '' : `, ${job.meteredBps / 100} % of it by step`
  if (at === null || at > job.claimBy)
    return never(`pays up to ${formatAmount(job.maxPrice)}${metered}, ${asks}`)
  const capped = (reason: string): Verdict => ({ claim: false, at: 'capacity', reason })
  if (job.minReputation > capacity.reputation)
    return capped(`needs a reputation of ${formatAmount(job.minReputation)}`)
  // A seat that cannot reveal, a result that cannot be submitted: both cost a part of the bond.
  if (capacity.coin < gasFor(job.level) * capacity.gasPrice) return capped('no money for the gas it may need')
  if (capacity.freeSlots < 1) return capped('all job slots are taken')
  if (at > time)
    return {
      claim: false,
      at,
      reason: `the auction offers ${formatAmount(priceAt(job, time))}${metered}, ${asks}`,
    }
  return { claim: true }
}
