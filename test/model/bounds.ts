/** What may be asked for: the bounds of terms, of rules and of what providers declare. All are included. */
import { type Hex, size, zeroAddress } from 'viem'
import { snapshotOf, type Terms } from './terms.ts'
import { need, type RuleSet } from './types.ts'

/** No sum of units needs more than 80 bits. */
export const CAPACITY = 2n ** 80n - 1n

const DAY = 86_400
const MONTH = 30 * DAY

/** The assurance level that is always offered: a challenge window, and a dispute if there is a challenge. */
export const OPTIMISTIC = 0

/** Refuses terms that cannot be posted under these rules, the set of number `setId`, at `now`. */
export function checkTerms(terms: Terms, set: RuleSet, setId: number, now: number): void {
  const snapshot = snapshotOf(setId, set.feeBps)
  if (terms.snapshot !== 0) within(terms.snapshot, snapshot, snapshot)
  within(terms.meteredBit, 0, 0)
  within(terms.maxPrice, 1, CAPACITY)
  within(terms.minBps, 0, 10_000)
  within(terms.ramp, 0, MONTH)
  within(terms.run, set.minRun, MONTH)
  within(terms.window, set.minWindow, MONTH)
  within(terms.claimBy, now, now + MONTH)
  within(terms.tasks, 1, 2 ** 32 - 1)
  within(terms.stepLimit, 1, 2 ** 44)
  within(terms.maxOutput, 0, 2 ** 30)
  within(terms.maxPages, 1, 16_384)
  within(terms.meteredBps, 0, 10_000)
  within(byteLength(terms.dataUri), 0, 2_048)
  needAscii(terms.dataUri)
  if (terms.level === OPTIMISTIC) {
    within(BigInt(terms.assurance), 0, 0)
    return
  }
  const level = set.levels[terms.level]
  need(level !== undefined && level.hook !== zeroAddress, 'JobMarketLevelNotOffered')
  if (level.isMediated) within(terms.meteredBps + Number(terms.isPrivate), 0, 0)
}

/** What a job agreed by signature has besides: one price, and a hook that does not decide who may claim. */
export function checkAgreement(terms: Terms, set: RuleSet): void {
  within(terms.minBps, 10_000, 10_000)
  need(!set.levels[terms.level]?.isMediated, 'ValueOutOfRange')
}

/** Refuses rules that nobody may make, whoever governs. */
export function checkRules(set: RuleSet): void {
  within(set.feeBps, 0, 1_000)
  within(set.bondBps, 2_000, 50_000)
  within(set.surchargeBps, 0, 30_000)
  within(set.latenessBps, 0, 2_000)
  within(set.minRun, 1, 7 * DAY)
  within(set.minWindow, 1, 7 * DAY)
  within(set.lateRequesterGas + set.lateKeeperGas, 0, set.minBond)
  within(set.keyTime, 1, DAY)
  within(set.levels.length, 0, 16)
}

/** Refuses a key that cannot be delivered. */
export function checkKey(key: Hex): void {
  within(size(key), 1, 512)
}

/** Refuses an endpoint that cannot be declared. */
export function checkEndpoint(endpoint: string): void {
  need(byteLength(endpoint) <= 256, 'ProvidersEndpointTooLong')
  needAscii(endpoint)
}

/** Every reader finds the same text then, whatever it does with bytes that it cannot decode. */
function needAscii(text: string): void {
  within(Math.max(0, ...new TextEncoder().encode(text)), 0, 0x7f)
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

function within(value: bigint | number, low: number, high: bigint | number): void {
  need(value >= low && value <= high, 'ValueOutOfRange')
}
