/** Random terms, rules and declarations: mostly usable ones, with the bounds and what lies beyond them mixed in. */
import { type Hex, numberToHex, zeroAddress, zeroHash } from 'viem'
import { attestersHash } from './attestation.ts'
import type { Hooks } from './chain.ts'
import { min } from './formulas.ts'
import type { Market } from './market.ts'
import type { Random } from './random.ts'
import { packSeat, type SeatTerms } from './replication.ts'
import { type Address, type Resources, snapshotOf, type Terms } from './terms.ts'
import type { RuleSet } from './types.ts'

/** Of a job whose results have a whole tree: two postings deep. */
export const MOST_TASKS = 70

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const MONTH = 30 * DAY

/** Terms that a requester with this much to spend may post now, in most cases. */
export function drawTerms(random: Random, market: Market, budget: bigint): Terms {
  const set = market.sets.at(-1)!
  const offered = set.levels.flatMap(({ hook, isMediated }, level) => {
    const often = isMediated ? 0.1 : hook === zeroAddress ? 0 : hook === market.attestation ? 3 : 1
    return Array<number>(random.chance(often % 1) ? 1 : Math.floor(often)).fill(level)
  })
  const price = random.weighted({ dust: 5, usual: 75, large: 18, huge: 2 })
  const ceiling = { dust: 20n, usual: 10n ** 8n, large: 10n ** 13n, huge: 2n ** 66n }[price]
  const terms: Terms = {
    programId: numberToHex(random.bits(256), { size: 32 }),
    inputsRoot: numberToHex(random.bits(256), { size: 32 }),
    sharedInput: random.chance(0.5) ? zeroHash : numberToHex(random.bits(256), { size: 32 }),
    maxPrice: min(random.amount(price === 'dust' ? 1n : 1_000n, ceiling), budget > 0n ? budget : 1n),
    minBps: random.chance(0.3) ? 10_000 : random.int(0, 9_999),
    isPrivate: random.chance(0.25),
    meteredBit: 0,
    ramp: random.chance(0.2) ? 0 : duration(random),
    run: set.minRun + duration(random),
    window: set.minWindow + duration(random),
    minReputation: 0n,
    floor: { cores: 0, memory: 0, disk: 0 },
    level: random.chance(0.4) || offered.length === 0 ? 0 : random.pick(offered),
    snapshot: random.chance(0.5) ? 0 : snapshotOf(market.sets.length - 1, set.feeBps),
    // so few mostly that a whole tree of results can be made
    tasks: random.chance(0.6)
      ? random.int(1, random.pick([6, 30, MOST_TASKS]))
      : Number(random.amount(1n, 2n ** 32n - 1n)),
    claimBy: market.now + MINUTE + duration(random),
    stepLimit: random.amount(1n, 2n ** 44n),
    maxOutput: random.amount(0n, 2n ** 30n),
    maxPages: random.int(1, 16_384),
    meteredBps: random.chance(0.35) ? random.int(1, 10_000) : 0,
    nonce: random.bits(64),
    assurance: zeroHash,
    dataUri: random.pick([
      '',
      'https://store.example.org:4400',
      `https://${'long.'.repeat(20)}example.org/data`,
    ]),
  }
  const person = random.pick([...market.providers.keys()])
  if (random.chance(0.15)) terms.minReputation = floatDown(market.reputationOf(person))
  if (random.chance(0.25)) terms.floor = nearResources(random, market.provider(person).resources)
  Object.assign(terms, drawAssurance(random, market, terms))
  if (random.chance(0.12)) Object.assign(terms, random.pick(extremes(market)))
  return terms
}

/** What the level needs: nothing, attesters, or for a seat that has no group yet, its terms. */
function drawAssurance(random: Random, market: Market, { level }: Terms): Partial<Terms> {
  if (level === 0) return {}
  const { hook, isMediated } = market.sets.at(-1)!.levels[level]!
  if (isMediated) return { assurance: packSeat(drawSeat(random)), meteredBps: 0, isPrivate: false }
  if (hook !== market.attestation) return { assurance: random.chance(0.5) ? zeroHash : word(random) }
  return { assurance: attestersHash(attestersOf(market, random.int(0, 7))) }
}

/** One of eight lists of attesters, so that who sees its hash knows it. */
export function attestersOf(market: Market, list: number): Address[] {
  return [...market.wallets.keys()].slice(0, 8).filter((_, i) => ((list + 1) >> (i % 4)) & 1)
}

/** Terms of a group that a few people can fill. */
export function drawSeat(random: Random): SeatTerms {
  const time = () => (random.chance(0.2) ? random.int(1, 5 * MINUTE) : random.int(HOUR, DAY))
  return {
    index: 0,
    seats: random.pick([3, 3, 3, 3, 3, 5]),
    spares: random.pick([0, 3, 3, 3]),
    drawBits: random.pick([0, 0, 0, 0, 1]),
    baseBps: random.pick([0, 10_000, random.int(1, 9_999)]),
    ...{ commitTime: time(), revealTime: time(), drawTime: time() },
    salt: random.bits(136),
  }
}

/** Seats' terms at their bounds, and beyond them. */
export function extremeSeats(): Partial<SeatTerms>[] {
  const week = 7 * DAY
  return [
    ...[0, 1, 2, 4, 14, 15, 16].map((seats) => ({ seats })),
    ...[1, 2, 14, 15, 16].map((spares) => ({ spares })),
    ...[64, 65].map((drawBits) => ({ drawBits })),
    ...[10_000, 10_001].map((baseBps) => ({ baseBps })),
    ...[0, 1, week, week + 1].flatMap((time) => [
      ...[{ commitTime: time }, { revealTime: time }, { drawTime: time }],
    ]),
    ...[29, 30, 31, 255].map((index) => ({ index, seats: 15, spares: 15 })),
  ]
}

function word(random: Random): Hex {
  return numberToHex(random.bits(256), { size: 32 })
}

/** Fields at their bounds, and beyond them. */
function extremes(market: Market): Partial<Terms>[] {
  const { minRun, minWindow, levels, feeBps } = market.sets.at(-1)!
  const snapshot = snapshotOf(market.sets.length - 1, feeBps)
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
    ...[1, snapshot - 1, snapshot, snapshot + 1, 2 ** 27].map((wanted) => ({
      snapshot: Math.max(0, wanted),
    })),
    ...[1, 10_000, 10_001].map((meteredBps) => ({ meteredBps })),
    ...[{ meteredBit: 1 }, { isPrivate: true }, { assurance: numberToHex(1, { size: 32 }) }],
    ...[levels.length, 255].map((level) => ({ level })),
    ...['x'.repeat(2_048), 'x'.repeat(2_049), `${'x'.repeat(32)}\x7f`, `${'x'.repeat(32)}\x80`].map(
      (dataUri) => ({ dataUri }),
    ),
    { minReputation: 8_191n << 127n },
  ]
}

/** Rules within their bounds, in most cases. */
export function drawRules(random: Random, hooks: Hooks, people: readonly Address[]): RuleSet {
  const set = drawUsableRules(random, hooks)
  // Nobody keeps a governor from naming a hook that has code and does nothing; the jobs of its level would be stuck.
  const codeless = random.pick(people.filter((person) => !hooks.players.includes(person)))
  return random.chance(0.3) ? { ...set, ...random.pick(extremeRules(set, codeless)) } : set
}

/** Rules within their bounds. */
export function drawUsableRules(random: Random, hooks: Hooks): RuleSet {
  const plain = (hook: Address) => ({ hook: random.chance(0.05) ? zeroAddress : hook, isMediated: false })
  const anyScripted = () => plain(random.pick(hooks.scripted))
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
    keyTime: random.int(1, random.pick([HOUR, DAY])),
    levels: random.chance(0.3)
      ? // a hook of a level that rejects what is disputed in the game would leave its bonds there
        [plain(hooks.game), plain(hooks.attestation), { hook: hooks.replication, isMediated: true }]
      : [
          random.chance(0.5) ? anyScripted() : plain(random.pick(hooks.players)),
          random.chance(0.8) ? plain(hooks.attestation) : anyScripted(),
          random.chance(0.9) ? { hook: hooks.replication, isMediated: true } : anyScripted(),
          ...(random.chance(0.8) ? [anyScripted()] : []),
        ],
  }
}

function extremeRules({ minBond, levels }: RuleSet, codeless: Address): Partial<RuleSet>[] {
  return [
    ...[1_000, 1_001].map((feeBps) => ({ feeBps })),
    ...[1_999, 2_000, 50_000, 50_001].map((bondBps) => ({ bondBps })),
    ...[30_000, 30_001].map((surchargeBps) => ({ surchargeBps })),
    ...[2_000, 2_001].map((latenessBps) => ({ latenessBps })),
    ...[0, 1, 7 * DAY + 1].flatMap((time) => [{ minRun: time }, { minWindow: time }]),
    ...[minBond, minBond + 1n].map((gas) => ({ lateRequesterGas: gas, lateKeeperGas: 0n })),
    ...[minBond, minBond + 1n].map((gas) => ({ lateRequesterGas: 0n, lateKeeperGas: gas })),
    ...[0, 1, DAY, DAY + 1].map((keyTime) => ({ keyTime })),
    ...[16, 17].map((count) => ({
      levels: Array.from({ length: count }, (_, i) => levels[i] ?? levels.at(-1)!),
    })),
    ...[0, 1, 2].map((at) => ({
      levels: levels.map((level, i) => (i === at ? { ...level, hook: codeless } : level)),
    })),
    { levels: [] },
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
  const most = { seconds: 30, minutes: 20 * MINUTE, hours: 12 * HOUR, days: 6 * DAY }
  return random.int(0, most[random.weighted({ seconds: 10, minutes: 25, hours: 45, days: 20 })])
}

/** The largest amount up to `value` with 13 significant bits. */
export function floatDown(value: bigint): bigint {
  const exponent = BigInt(Math.max(0, value.toString(2).length - 13))
  return (value >> exponent) << exponent
}
