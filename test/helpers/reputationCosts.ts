/**
 * What reputation costs and buys, what a bond deters and what a metered job pays: the arithmetic of
 * `docs/design/reputation.md`. Amounts in units, shares as fractions of one where they are numbers.
 */
import type { Parameters } from './defaults.ts'
import { bondFor, decayFactor, exactDecay, exposureLimit, feeOf, min, splitFraud } from './reference.ts'

const BPS = 10_000n

/** What is left of one after a day, 2^(−1/30). */
export const DAILY = Number(decayFactor(1n) >> 132n) / 2 ** 60

/** The highest price of a single claim that the exposure limit lets a provider lock a bond for, nothing else locked. */
export function largestPrice(p: Parameters, reputation: bigint): bigint {
  const limit = exposureLimit(p, reputation)
  let [fits, exceeds] = [0n, limit + 1n]
  while (exceeds - fits > 1n) {
    const middle = (fits + exceeds) / 2n
    if (bondFor(p, middle, reputation) <= limit) fits = middle
    else exceeds = middle
  }
  return fits
}

/** Jobs that an identity buys from itself, one after another and each as large as it may be, until it has `target`. */
export function jobsToFarm(p: Parameters, target: bigint): number {
  let [reputation, jobs] = [0n, 0]
  for (; reputation < target; jobs++) {
    const missing = ((target - reputation) * BPS + p.feeBps - 1n) / p.feeBps
    reputation += feeOf(min(largestPrice(p, reputation), missing), p.feeBps)
  }
  return jobs
}

/** Fees that keep a reputation where it is: what each midnight takes, `days` times. */
export function feesToKeep(reputation: bigint, days: bigint): bigint {
  return days * (reputation - exactDecay(reputation, 1n))
}

/** Days of its fees that a provider of steady turnover has as reputation, right after midnight. */
export const daysOfFees = DAILY / (1 - DAILY)

/**
 * The yearly interest on stake above which it pays to farm `reputation` for the surcharge that it saves, compared with
 * the same prices at the whole surcharge: fees of a year over the stake that is not locked.
 */
export function interestToFarm(p: Parameters, reputation: bigint): number {
  const price = largestPrice(p, reputation)
  const saved = bondFor(p, price, 0n) - bondFor(p, price, reputation)
  return Number(feesToKeep(reputation, 365n)) / Number(saved)
}

/** The price of a job, less the fee. */
export function payOf(p: Parameters, price: bigint): bigint {
  return price - feeOf(price, p.feeBps)
}

/** What whoever colludes loses at least of a bond when a fraud is proven. */
export function leastLoss(bond: bigint, price: bigint): bigint {
  return splitFraud(bond, price, 0n).toReserve
}

/** The share of frauds that must be found for fraud not to pay: where `(1 − q) × pay = q × lost`. */
export function breakEven(pay: bigint, lost: bigint): number {
  return Number(pay) / Number(pay + lost)
}

/** The share that must be found so that half of the bond, as often as it is lost, is twice the price; above one: never. */
export function withMargin(bond: bigint, price: bigint): number {
  return Number(2n * price) / (Number(bond) / 2)
}

export interface Metered {
  price: bigint
  meteredBps: bigint
  tasks: bigint
  stepLimit: bigint
}

/** What a metered job pays, before the fee, for the steps that were submitted. */
export function meteredPay({ price, meteredBps, tasks, stepLimit }: Metered, totalSteps: bigint): bigint {
  const budget = tasks * stepLimit
  const steps = min(totalSteps, budget)
  return (price * ((BPS - meteredBps) * budget + meteredBps * steps)) / (BPS * budget)
}

/** What a metered job pays for `steps` of its budget, on top of its base. */
export function rateFor({ price, meteredBps, tasks, stepLimit }: Metered, steps: bigint): bigint {
  return (price * meteredBps * steps) / (BPS * tasks * stepLimit)
}
