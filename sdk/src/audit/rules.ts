// The market's arithmetic, written a second time: amounts in units, shares in basis points, times in seconds.

const bps = 10_000n
const fullShare = (1n << 24n) - 1n
const maxAmount = (1n << 80n) - 1n
const day = 86_400n
const halfLifeDays = 30n
/** floor(2^64 · 2^(−1/30)) */
const dailyFactor = 18_025_419_856_780_639_094n

export type BondParameters = {
  bondBps: bigint
  surchargeBps: bigint
  minBond: bigint
  baseExposure: bigint
}

/** Share of the maximum price that the auction reached `elapsed` seconds after posting. */
export function shareAt({ ramp, minBps }: { ramp: bigint; minBps: bigint }, elapsed: bigint): bigint {
  if (ramp === 0n || elapsed >= ramp) return fullShare
  const share = ((minBps * ramp + (bps - minBps) * elapsed) << 24n) / (bps * ramp)
  return share === 0n ? 0n : share - 1n
}

/** `maxPrice · (share + 1) / 2^24`, rounded down. */
export function priceOf(maxPrice: bigint, share: bigint): bigint {
  return (maxPrice * (share + 1n)) >> 24n
}

/** The amount that 20 bits stand for: 13 of mantissa (low), 7 of exponent. */
export function decodeFloat(float: bigint): bigint {
  return (float & 0x1fffn) << (float >> 13n)
}

/** The smallest such 20 bits whose amount is at least `value`. */
function encodeFloatUp(value: bigint): bigint {
  let exponent = 0n
  while (ceilDiv(value, 1n << exponent) > 0x1fffn) exponent++
  // an exponent above zero means that the mantissa uses its highest bit, so the form is unique
  return (exponent << 13n) | ceilDiv(value, 1n << exponent)
}

/** Protocol fee of a price. */
export function feeOf(price: bigint, feeBps: bigint): bigint {
  return (price * feeBps) / bps
}

/** What a metered job pays of its price: `1 − meteredBps` of it, and the rest by the steps of the budget that were used. */
export function meteredPay(
  price: bigint,
  { stepBudget, steps, meteredBps }: { stepBudget: bigint; steps: bigint; meteredBps: bigint },
): bigint {
  return (price * ((bps - meteredBps) * stepBudget + meteredBps * steps)) / (bps * stepBudget)
}

/** Whether an amount is some whole number of basis points of a price, rounded down. */
export function isShareOf(price: bigint, amount: bigint): boolean {
  if (amount > price) return false
  const share = price === 0n ? 0n : ceilDiv(amount * bps, price)
  return (price * share) / bps === amount
}

/** What a seat without the majority's result loses. */
export function seatSlash(price: bigint, bond: bigint): bigint {
  return min(price, bond)
}

/** What stays locked of a seat's bond once it is frozen, as the 20 bits that are stored. */
export function frozenBond(bond: bigint): bigint {
  return encodeFloatUp(bond / 10n)
}

/** The most a provider may have locked. */
export function exposureLimit(parameters: BondParameters, reputation: bigint): bigint {
  return parameters.baseExposure + 10n * reputation
}

/** The bond for a claim, as the 20 bits that are stored. */
export function bondFor(parameters: BondParameters, price: bigint, reputation: bigint): bigint {
  const { bondBps, surchargeBps, minBond, baseExposure } = parameters
  const base = max(ceilDiv(price * bondBps, bps), minBond)
  const limit = exposureLimit(parameters, reputation)
  const surcharge = limit === 0n ? surchargeBps : (surchargeBps * baseExposure) / limit
  return encodeFloatUp(base + ceilDiv(base * surcharge, bps))
}

/** What giving a claim back costs. */
export function releasePenalty(price: bigint, bond: bigint): bigint {
  return min((price * 2n) / 100n, bond)
}

/** Who gets what of the bond of a provider that was late. */
export function splitLateness(
  parameters: { latenessBps: bigint; lateRequesterGas: bigint; lateKeeperGas: bigint },
  bond: bigint,
): { total: bigint; toRequester: bigint; toKeeper: bigint; toReserve: bigint } {
  const total = (bond * parameters.latenessBps) / bps
  const toRequester = min(parameters.lateRequesterGas, total)
  const toKeeper = min(parameters.lateKeeperGas, total - toRequester)
  return { total, toRequester, toKeeper, toReserve: total - toRequester - toKeeper }
}

/**
 * Who gets what of the bond of a provider whose result was wrong. What the deciding moves cost is known to the
 * hook alone, so the requester's part is an upper and the hook's part a lower bound; their sum is exact.
 */
export function splitFraud(
  bond: bigint,
  price: bigint,
): { mostToRequester: bigint; leastToHook: bigint; toReserve: bigint } {
  const mostToRequester = min(price, (bond * 3n) / 10n)
  const leastToHook = bond / 5n
  return { mostToRequester, leastToHook, toReserve: bond - mostToRequester - leastToHook }
}

/** A reputation of time `from` as it stands at `to`: halved every 30 days, in whole days since the epoch. */
export function decayedReputation(value: bigint, from: bigint, to: bigint): bigint {
  if (value === 0n || to <= from) return value
  const elapsed = to / day - from / day
  // square and multiply in 64 binary digits; the value is rounded down once, at the end
  let decay = 1n << 64n
  for (let rest = elapsed % halfLifeDays, factor = dailyFactor; rest !== 0n; rest >>= 1n) {
    if (rest & 1n) decay = (decay * factor) >> 64n
    factor = (factor * factor) >> 64n
  }
  return (value * decay) >> (64n + elapsed / halfLifeDays)
}

/** A reputation with the fee of a settled job. */
export function increasedReputation(value: bigint, fee: bigint): bigint {
  return min(value + fee, maxAmount)
}

/** What lateness leaves of a reputation. */
export function afterLateness(value: bigint): bigint {
  return (value * 3n) / 4n
}

/** What a proven fraud leaves of a reputation. */
export function afterFraud(value: bigint): bigint {
  return value / 4n
}

/** Whether resources cover a floor in each of cores 8, memory 12 and disk 12 bits. */
export function coversFloor(offered: bigint, floor: bigint): boolean {
  const parts = [
    [0n, 0xffn],
    [8n, 0xfffn],
    [20n, 0xfffn],
  ] as const
  return parts.every(([shift, mask]) => ((offered >> shift) & mask) >= ((floor >> shift) & mask))
}

function ceilDiv(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function max(a: bigint, b: bigint): bigint {
  return a < b ? b : a
}
