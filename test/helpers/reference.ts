/**
 * Every formula of the contracts a second time, from their description, with unbounded integers and no regard for gas.
 * Amounts in units, shares in basis points, times in seconds.
 */
import type { Parameters } from './defaults.ts'

const BPS = 10_000n
const SHARES = 2n ** 24n

export const min = (a: bigint, b: bigint) => (a < b ? a : b)
export const max = (a: bigint, b: bigint) => (a > b ? a : b)
const ceilDiv = (a: bigint, b: bigint) => (a + b - 1n) / b

export interface AuctionTerms {
  maxPrice: bigint
  minBps: bigint
  ramp: bigint
}

/** The price `elapsed` seconds after posting: a line from `minBps` to 100 %, in steps of 2^-24 and at least one. */
export function priceAt({ maxPrice, minBps, ramp }: AuctionTerms, elapsed: bigint): bigint {
  if (elapsed >= ramp) return maxPrice
  const numerator = minBps * ramp + (BPS - minBps) * elapsed
  const shares = max((numerator * SHARES) / (BPS * ramp), 1n)
  return (maxPrice * shares) / SHARES
}

export function feeOf(price: bigint, feeBps: bigint): bigint {
  return (price * feeBps) / BPS
}

/** What a metered job pays: of its price, `meteredBps` by the step, up to the budget of all steps it may take. */
export function meteredPay(
  price: bigint,
  meteredBps: bigint,
  stepBudget: bigint,
  totalSteps: bigint,
): bigint {
  const steps = min(totalSteps, stepBudget)
  return (price * ((BPS - meteredBps) * stepBudget + meteredBps * steps)) / (BPS * stepBudget)
}

/** The smallest `m * 2^e` with `m` of 13 bits that is at least `value`, by trying exponents from zero. */
export function roundUpToFloat(value: bigint): bigint {
  for (let exponent = 0n; ; exponent++) {
    const mantissa = ceilDiv(value, 2n ** exponent)
    if (mantissa < 2n ** 13n) return mantissa * 2n ** exponent
  }
}

export function exposureLimit(p: Parameters, reputation: bigint): bigint {
  return p.baseExposure + 10n * reputation
}

export function bondFor(p: Parameters, price: bigint, reputation: bigint): bigint {
  const base = max(ceilDiv(price * p.bondBps, BPS), p.minBond)
  const limit = exposureLimit(p, reputation)
  const surchargeBps = limit === 0n ? p.surchargeBps : (p.surchargeBps * p.baseExposure) / limit
  return roundUpToFloat(base + ceilDiv(base * surchargeBps, BPS))
}

/** A lost dispute takes the whole bond. */
export function splitFraud(bond: bigint, price: bigint, moves: bigint) {
  const requesterMost = min(price, (bond * 30n) / 100n)
  const hookLeast = bond / 5n
  const toHook = min(max(moves, hookLeast), hookLeast + requesterMost)
  const toRequester = requesterMost - (toHook - hookLeast)
  return { toRequester, toHook, toReserve: bond - toRequester - toHook }
}

export function splitLateness(p: Parameters, bond: bigint) {
  const total = (bond * p.latenessBps) / BPS
  const toRequester = min(p.lateRequesterGas, total)
  const toKeeper = min(p.lateKeeperGas, total - toRequester)
  return { total, toRequester, toKeeper, toReserve: total - toRequester - toKeeper }
}

export function releasePenalty(price: bigint, bond: bigint): bigint {
  return min(price / 50n, bond)
}

/** The largest integer whose 30th power is at most `value`. */
function root30(value: bigint): bigint {
  let x = 1n << BigInt(Math.ceil(value.toString(2).length / 30))
  for (;;) {
    const next = (29n * x + value / x ** 29n) / 30n
    if (next >= x) return x
    x = next
  }
}

const PRECISION = 192n

/** `2^(-days/30)` as a fraction of 2^192, rounded down. */
export function decayFactor(days: bigint): bigint {
  return root30(2n ** (30n * PRECISION - days))
}

/** `value` after whole days of a half-life of 30, rounded down once; the contract may lose a little more on the way. */
export function exactDecay(value: bigint, days: bigint): bigint {
  return (value * decayFactor(days % 30n)) >> (PRECISION + days / 30n)
}
