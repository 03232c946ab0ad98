/** Random terms, rules and declarations: mostly usable ones, with the bounds and what lies beyond them mixed in. */
import { numberToHex, zeroAddress, zeroHash } from 'viem'
import { min } from './formulas.ts'
import type { Market } from './market.ts'
import type { Random } from './random.ts'
import type { Address, Resources, Terms } from './terms.ts'
import type { RuleSet } from './types.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const MONTH = 30 * DAY

/** Terms that a requester with this much to spend may post now, in most cases. */
export function drawTerms(random: Random, market: Market, budget: bigint): Terms {
  const set = market.sets.at(-1)!
  const offered = set.hooks.flatMap((hook, level) => (hook === zeroAddress ? [] : [level]))
  const price = random.weighted({ dust: 5, usual: 75, large: 18, huge: 2 })
  const ceiling = { dust: 20n, usual: 10n ** 8n, large: 10n ** 13n, huge: 2n ** 66n }[price]
  const terms: Terms = {
    programId: numberToHex(random.bits(256), { size: 32 }),
    inputsRoot: numberToHex(random.bits(256), { size: 32 }),
    sharedInput: random.chance(0.5) ? zeroHash : numberToHex(random.bits(256), { size: 32 }),
    maxPrice: min(random.amount(price === 'dust' ? 1n : 1_000n, ceiling), budget > 0n ? budget : 1n),
    minBps: random.chance(0.3) ? 10_000 : random.int(0, 9_999),
    ramp: random.chance(0.2) ? 0 : duration(random),
    run: set.minRun + duration(random),
    window: set.minWindow + duration(random),
    minReputation: 0n,
    floor: { cores: 0, memory: 0, disk: 0 },
    level: random.chance(0.5) || offered.length === 0 ? 0 : random.pick(offered),
    upperBits: 0,
    tasks: Number(random.amount(1n, 2n ** 32n - 1n)),
    claimBy: market.now + MINUTE + duration(random),
    stepLimit: random.amount(1n, 2n ** 44n),
    maxOutput: random.amount(0n, 2n ** 30n),
    maxPages: random.int(1, 16_384),
    nonce: random.bits(64),
    dataUri: random.pick([
      '',
      'https://store.example.org:4400',
      `https://${'long.'.repeat(20)}example.org/data`,
    ]),
  }
  const person = random.pick([...market.providers.keys()])
  if (random.chance(0.15)) terms.minReputation = floatDown(market.reputationOf(person))
  if (random.chance(0.25)) terms.floor = nearResources(random, market.provider(person).resources)
  if (random.chance(0.12)) Object.assign(terms, random.pick(extremes(market)))
  return terms
}

/** Fields at their bounds, and beyond them. */
function extremes(market: Market): Partial<Terms>[] {
  const { minRun, minWindow, hooks } = market.sets.at(-1)!
  return [
    ...[0n, 1n, 2n ** 80n - 1n].map((maxPrice) => ({ maxPrice })),
    ...[0, 10_000, 10_001].map((minBps) => ({ minBps })),
    ...[MONTH, MONTH + 1].map((ramp) => ({ ramp })),
    ...[minRun - 1, minRun, MONTH, MONTH + 1].map((run) => ({ run })),
    ...[minWindow - 1, minWindow, MONTH, MONTH + 1].map((window) => ({ window })),
    ...[-1, 0, MONTH, MONTH + 1].map((later) => ({ claimBy: market.now + later })),
    ...[0, 1, 2 ** 32 - 1].map((tasks) => ({ tasks })),
    ...[0n, 1n, 2n ** 44n, 2n ** 44n + 1n].map((stepLimit) => ({ stepLimit })),
    ...[0n, 2n ** 30n, 2n ** 30n + 1n].map((maxOutput) => ({ maxOutput })),
    ...[0, 1, 16_384, 16_385].map((maxPages) => ({ maxPages })),
    ...[1, 2 ** 12, 2 ** 27].map((upperBits) => ({ upperBits })),
    ...[hooks.length, 255].map((level) => ({ level })),
    ...['x'.repeat(2_048), 'x'.repeat(2_049), `${'x'.repeat(32)}\x7f`, `${'x'.repeat(32)}\x80`].map(
      (dataUri) => ({ dataUri }),
    ),
    { minReputation: 8_191n << 127n },
  ]
}

/** Rules within their bounds, in most cases. */
export function drawRules(random: Random, hooks: readonly Address[], people: readonly Address[]): RuleSet {
  const set = drawUsableRules(random, hooks, people)
  return random.chance(0.3) ? { ...set, ...random.pick(extremeRules(set)) } : set
}

/** Rules within their bounds. */
export function drawUsableRules(
  random: Random,
  hooks: readonly Address[],
  people: readonly Address[],
): RuleSet {
  const anyHook = () => random.pick([...hooks, random.pick(people)])
  const minBond = random.amount(0n, 10n ** 6n)
  const gas = random.amount(0n, minBond)
  return {
    feeBps: random.chance(0.15) ? 0 : random.int(1, 1_000),
    bondBps: random.int(2_000, 50_000),
    surchargeBps: random.chance(0.2) ? 0 : random.int(0, 30_000),
    latenessBps: random.int(0, 2_000),
    minBond,
    baseExposure: random.chance(0.03)
      ? 0n
      : random.chance(0.3)
        ? random.amount(10n ** 6n, 10n ** 10n)
        : 2n ** 72n,
    minRun: random.int(1, MINUTE),
    minWindow: random.int(1, MINUTE),
    lateRequesterGas: gas / 2n,
    lateKeeperGas: gas - gas / 2n,
    hooks: [
      random.chance(0.1) ? zeroAddress : anyHook(),
      random.chance(0.1) ? zeroAddress : random.pick(hooks),
      ...(random.chance(0.3) ? [random.pick(hooks)] : []),
    ],
  }
}

function extremeRules({ minBond, hooks }: RuleSet): Partial<RuleSet>[] {
  return [
    ...[1_000, 1_001].map((feeBps) => ({ feeBps })),
    ...[1_999, 2_000, 50_000, 50_001].map((bondBps) => ({ bondBps })),
    ...[30_000, 30_001].map((surchargeBps) => ({ surchargeBps })),
    ...[2_000, 2_001].map((latenessBps) => ({ latenessBps })),
    ...[0, 1, 7 * DAY + 1].flatMap((time) => [{ minRun: time }, { minWindow: time }]),
    ...[minBond, minBond + 1n].map((gas) => ({ lateRequesterGas: gas, lateKeeperGas: 0n })),
    ...[minBond, minBond + 1n].map((gas) => ({ lateRequesterGas: 0n, lateKeeperGas: gas })),
    { hooks: [...hooks, ...Array<Address>(257 - hooks.length).fill(zeroAddress)] },
    { hooks: [] },
  ]
}

export function drawResources(random: Random): Resources {
  return { cores: random.int(1, 255), memory: random.int(1, 4_095), disk: random.int(1, 4_095) }
}

/** At or below, in one field perhaps above. */
function nearResources(random: Random, resources: Resources): Resources {
  const near = (value: number, most: number) =>
    Math.max(0, Math.min(most, value - random.pick([0, 0, 0, 1, -1])))
  return {
    cores: near(resources.cores, 255),
    memory: near(resources.memory, 4_095),
    disk: near(resources.disk, 4_095),
  }
}

/** Seconds, minutes or hours, rarely days. */
function duration(random: Random): number {
  const most = { seconds: 30, minutes: 20 * MINUTE, hours: 6 * HOUR, days: 3 * DAY }
  return random.int(0, most[random.weighted({ seconds: 12, minutes: 38, hours: 40, days: 10 })])
}

/** The largest amount up to `value` with 13 significant bits. */
export function floatDown(value: bigint): bigint {
  const exponent = BigInt(Math.max(0, value.toString(2).length - 13))
  return (value >> exponent) << exponent
}
