/**
 * The market's arithmetic, formula by formula. Amounts are units (bigint), shares basis points, times seconds; a division
 * rounds down unless it says otherwise.
 */

/** One immutable set of rules; a job keeps the one that was current when it was posted. */
export interface Rules {
  /** Protocol fee, of the price paid. */
  feeBps: number
  /** Bond, of the price; never below `minBond`. */
  bondBps: number
  /** What a provider without reputation adds to its bond. */
  surchargeBps: number
  /** Most of a bond that lateness costs. */
  latenessBps: number
  minBond: bigint
  /** How much a provider without reputation may have locked at once. */
  baseExposure: bigint
  minRun: number
  minWindow: number
  /** What a late provider pays towards the requester's transactions, and towards the keeper's. */
  lateRequesterGas: bigint
  lateKeeperGas: bigint
  /** How long a requester may take to deliver the key of a private job. */
  keyTime: number
}

const BPS = 10_000n
const DAY = 86_400
const HALF_LIFE_DAYS = 30

/**
 * What a provider is paid when it claims `elapsed` seconds after posting: a share of `maxPrice` that climbs linearly from
 * `minBps` to the whole over `ramp` seconds. The share is a whole number of 2^24ths, at least one.
 */
export function auctionPrice(
  { maxPrice, minBps, ramp }: { maxPrice: bigint; minBps: number; ramp: number },
  elapsed: number,
): bigint {
  const whole = 2n ** 24n
  if (elapsed >= ramp) return maxPrice
  const climbed = BigInt(minBps) * BigInt(ramp) + (BPS - BigInt(minBps)) * BigInt(elapsed)
  const share = max((climbed * whole) / (BPS * BigInt(ramp)), 1n)
  return (maxPrice * share) / whole
}

/** The most a provider may have locked at once: the base, and ten times the fees its work has paid. */
export function exposureLimit(rules: Rules, reputation: bigint): bigint {
  return rules.baseExposure + 10n * reputation
}

/**
 * The bond for a claim: `bondBps` of the price or `minBond`, and a surcharge that falls from `surchargeBps` in the measure
 * in which reputation has raised the exposure limit over its base. Both products round up, and so does the result, to what
 * twenty bits can hold.
 */
export function bondFor(rules: Rules, price: bigint, reputation: bigint): bigint {
  const base = max(ceilDiv(price * BigInt(rules.bondBps), BPS), rules.minBond)
  const limit = exposureLimit(rules, reputation)
  const surchargeBps =
    limit === 0n ? BigInt(rules.surchargeBps) : (BigInt(rules.surchargeBps) * rules.baseExposure) / limit
  return floatUp(base + ceilDiv(base * surchargeBps, BPS))
}

/** The least amount, at least `value`, that has 13 significant bits. */
export function floatUp(value: bigint): bigint {
  const step = 2n ** BigInt(Math.max(0, value.toString(2).length - 13))
  return ceilDiv(value, step) * step
}

/** What a metered job pays: a base, and the rest of the price in the measure in which the budget of steps was used. */
export function meteredPay(price: bigint, meteredBps: number, steps: bigint, budget: bigint): bigint {
  const metered = BigInt(meteredBps)
  return (price * ((BPS - metered) * budget + metered * steps)) / (BPS * budget)
}

/** Whether a price fits where a signed job keeps it: 40 significant bits. */
export function isCoarse(price: bigint): boolean {
  return price % 2n ** BigInt(Math.max(0, price.toString(2).length - 40)) === 0n
}

/** What gives a claim back: 2 % of the price, never more than the bond. */
export function releasePenalty(price: bigint, bond: bigint): bigint {
  return min((price * 2n) / 100n, bond)
}

/** Lateness debits `latenessBps` of the bond: first the requester's gas, then the keeper's, the rest to the reserve. */
export function latenessSlash(rules: Rules, bond: bigint) {
  const total = (bond * BigInt(rules.latenessBps)) / BPS
  const toRequester = min(rules.lateRequesterGas, total)
  const toKeeper = min(rules.lateKeeperGas, total - toRequester)
  return { total, toRequester, toKeeper, toReserve: total - toRequester - toKeeper }
}

/**
 * Fraud debits the whole bond: a fifth to those who proved it, up to min(price, 30 %) to the requester, who pays what the
 * deciding `moves` cost beyond that fifth; the rest, half at least, to the reserve.
 */
export function fraudSlash(bond: bigint, price: bigint, moves: bigint) {
  const fifth = bond / 5n
  const refund = min(price, (bond * 3n) / 10n)
  const beyond = min(max(moves - fifth, 0n), refund)
  return { toRequester: refund - beyond, toHook: fifth + beyond, toReserve: bond - refund - fifth }
}

/**
 * A reputation of `value` at `from`, as it stands at `to`: halved every 30 days. Days are those of the calendar (UTC), so
 * it does not matter how often the value was brought up to date. What the days beyond whole half-lives leave is a power of a
 * day's factor in 64 binary digits, by squaring, each product rounded down; the value is multiplied by it and rounded once.
 */
export function decayed(value: bigint, from: number, to: number): bigint {
  const days = Math.max(0, Math.floor(to / DAY) - Math.floor(from / DAY))
  let share = 2n ** 64n
  let factor = 18_025_419_856_780_639_094n // floor(2^64 · 2^(−1/30))
  for (let rest = days % HALF_LIFE_DAYS; rest > 0; rest >>= 1) {
    if (rest % 2 === 1) share = (share * factor) >> 64n
    factor = (factor * factor) >> 64n
  }
  return (value * share) / 2n ** BigInt(64 + Math.floor(days / HALF_LIFE_DAYS))
}

/** What a fault leaves of a reputation: a quarter after fraud, three quarters after lateness. */
export function afterFault(reputation: bigint, fraud: boolean): bigint {
  return fraud ? reputation / 4n : (reputation * 3n) / 4n
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}
