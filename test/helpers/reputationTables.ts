/**
 * The tables of `docs/design/reputation.md`, cell by cell, from the default parameters: by heading, without their header
 * rows. A number that is written in prose is in {@link attackNumbers} or in {@link phrases}.
 */
import { defaultParameters as p, TOKEN } from './defaults.ts'
import { bondFor, exactDecay, exposureLimit, feeOf, releasePenalty, splitLateness } from './reference.ts'
import {
  breakEven,
  DAILY,
  daysOfFees,
  feesToKeep,
  jobsToFarm,
  largestPrice,
  leastLoss,
  type Metered,
  meteredPay,
  payOf,
  rateFor,
  withMargin,
} from './reputationCosts.ts'

/** The job that the examples are about. */
export const PRICE = 100n * TOKEN
export const METERED: Metered = { price: PRICE, meteredBps: 8_000n, tasks: 64n, stepLimit: 2n ** 36n }

export const reputations = [0n, 10n, 100n, 1_000n, 10_000n].map((amount) => amount * TOKEN)

const decimals = (value: number, digits: number) =>
  value.toLocaleString('en', { maximumFractionDigits: digits }).replace('-', '−')
/** An amount as the page writes it. */
export const tokens = (units: bigint, digits = 2) => decimals(Number(units) / Number(TOKEN), digits)
const percent = (share: number) => `${decimals(100 * share, 1)} %`

/** What `times` late jobs leave of a reputation. */
export const afterLate = (reputation: bigint, times: number): bigint =>
  times === 0 ? reputation : afterLate((reputation * 3n) / 4n, times - 1)

/** A provider with that reputation that claims as much as it may, at once. */
function lastDay(reputation: bigint) {
  const price = largestPrice(p, reputation)
  const bond = bondFor(p, price, reputation)
  return { price, bond, pay: payOf(p, price), lost: leastLoss(bond, price) }
}

function buys(reputation: bigint): string[] {
  return [
    tokens(reputation),
    tokens(exposureLimit(p, reputation)),
    percent(Number((p.surchargeBps * p.baseExposure) / exposureLimit(p, reputation)) / 10_000),
    tokens(bondFor(p, PRICE, reputation)),
    tokens(largestPrice(p, reputation)),
    tokens((reputation * 10_000n) / p.feeBps),
    `${jobsToFarm(p, reputation)}`,
    tokens(feesToKeep(reputation, 1n)),
    tokens(feesToKeep(reputation, 30n)),
  ]
}

function fault(what: string, reputation: bigint, debit: bigint): string[] {
  return [
    what,
    tokens(reputation),
    tokens(exposureLimit(p, reputation)),
    tokens(bondFor(p, PRICE, reputation)),
    debit === 0n ? '–' : tokens(debit),
  ]
}

function deters(bondBps: bigint): string[] {
  const bonds = [0n, 10n ** 9n * TOKEN].map((reputation) => bondFor({ ...p, bondBps }, PRICE, reputation))
  const margins = bonds.map((bond) => withMargin(bond, PRICE))
  return [
    percent(Number(bondBps) / 10_000),
    ...bonds.map((bond) => percent(breakEven(payOf(p, PRICE), leastLoss(bond, PRICE)))),
    ...margins.map((share) => (share > 1 ? 'never' : percent(share))),
  ]
}

function takes(reputation: bigint): string[] {
  const { bond, pay, lost } = lastDay(reputation)
  return [
    ...[reputation, bond, pay, (pay - lost) / 2n, -lost].map((amount) => tokens(amount)),
    percent(breakEven(pay, lost)),
  ]
}

function metered(what: string, steps: bigint): string[] {
  const paid = meteredPay(METERED, steps)
  const fee = feeOf(paid, p.feeBps)
  return [what, ...[paid, fee, paid - fee, PRICE - paid].map((amount) => tokens(amount))]
}

export const WORK = 2n ** 40n
export const withLimit = (bits: bigint): Metered => ({ ...METERED, stepLimit: 2n ** bits })
const budget = METERED.tasks * METERED.stepLimit
const bond = bondFor(p, PRICE, PRICE)
const lateness = splitLateness(p, bond).total

/** The steps that the example's provider submits, by how the page calls them. */
export const submissions: Record<string, bigint> = {
  '64, one for each task: all trapped at once': 64n,
  'a hundredth of the budget': budget / 100n,
  'half of the budget': budget / 2n,
  'the budget': budget,
  'twice the budget': 2n * budget,
}

/** Step limits, in bits. */
export const limits = [36n, 40n, 44n]

/** Rows by heading. */
export const tables: Record<string, string[][]> = {
  'What it buys, and what it costs': reputations.map(buys),
  'How it fades': [1n, 7n, 30n, 60n, 90n, 180n, 365n].map((days) => [
    `${days}`,
    tokens(exactDecay(PRICE, days)),
  ]),
  'Faults, and starting over': [
    fault('none', PRICE, 0n),
    fault('one late job', afterLate(PRICE, 1), lateness),
    fault('four late jobs at once', afterLate(PRICE, 4), 4n * lateness),
    fault('ten late jobs at once', afterLate(PRICE, 10), 10n * lateness),
    fault('one proven fraud', PRICE / 4n, bond),
    fault('a new identity instead', 0n, 0n),
  ],
  'What a bond deters': [2_000n, 10_000n, 20_000n, 40_000n, 50_000n].map(deters),
  'Leaving with the money': reputations.map(takes),
  'Metered jobs': Object.entries(submissions).map(([what, steps]) => metered(what, steps)),
  'A step limit that is too high': limits.map((bits) => [
    `2^${bits}`,
    tokens(rateFor(withLimit(bits), 2n ** 30n), 6),
    tokens(meteredPay(withLimit(bits), WORK)),
  ]),
}

const newcomer = lastDay(0n)
const seasoned = lastDay(PRICE)
const newBond = bondFor(p, PRICE, 0n)
const lateFee = p.lateRequesterGas + p.lateKeeperGas
const newLateness = splitLateness(p, newBond).total
const base = meteredPay(METERED, 0n)
const jobBond = tokens(newBond)
const price = tokens(PRICE)

/** Every number of the second and third column of the attacks, in order, by the beginning of the first. */
export const attackNumbers: Record<string, string[]> = {
  'farming: to be': [price, price, `${jobsToFarm(p, PRICE)}`],
  'keeping what': [tokens(feesToKeep(PRICE, 1n)), price, tokens(feesToKeep(PRICE, 30n)), '30'],
  'farming with dust': [tokens(10_000n / p.feeBps, 6)],
  'farming to save': [
    tokens(bondFor(p, seasoned.price, 0n) - seasoned.bond),
    tokens(seasoned.price),
    tokens(feesToKeep(PRICE, 365n)),
    price,
  ],
  'leaving as a newcomer': [tokens(newcomer.pay), tokens(newcomer.bond), tokens(newcomer.lost)],
  'leaving after building': [tokens(seasoned.pay), price, tokens(seasoned.bond), tokens(seasoned.lost)],
  'leaving as ten': [newcomer.pay, newcomer.bond, newcomer.lost].map((amount) => tokens(10n * amount)),
  'a new identity after a late job': [
    tokens(afterLate(PRICE, 1)),
    price,
    tokens(bondFor(p, PRICE, afterLate(PRICE, 1))),
    jobBond,
  ],
  'a new identity after a fraud': [tokens(PRICE / 4n), price, tokens(bondFor(p, PRICE, PRICE / 4n)), jobBond],
  'waiting out': ['30', tokens(exactDecay(afterLate(PRICE, 1), 30n)), tokens(exactDecay(PRICE, 30n))],
  'claiming before midnight': [decimals(100 * (1 - DAILY), 1)],
  'claiming to let': [tokens(newLateness), price],
  'claiming to give back': [tokens(releasePenalty(PRICE, newBond)), price],
  'making a rival late': [tokens(lateFee), tokens(newLateness), price],
  'making a rival late ten': [decimals(Number(afterLate(PRICE, 10) / 1_000n) / 1_000, 1)],
  'metered: overstating': [tokens(payOf(p, PRICE) - payOf(p, base)), price, tokens(PRICE - base), jobBond],
  'metered: understating': [tokens(p.feeBps * 10_000n), jobBond],
  'metered: a step limit': [
    tokens(meteredPay(withLimit(36n), WORK)),
    '2',
    '36',
    tokens(meteredPay(withLimit(44n), WORK)),
  ],
  'metered: instant traps': [jobBond, tokens(base), price],
  'metered: a high price': [jobBond, price],
}

/** Calculated words between the tables. */
export const phrases: string[] = [
  `a fee of ${percent(Number(p.feeBps) / 10_000)}`,
  `${tokens(p.baseExposure)} of base exposure`,
  `A price of ${price}, ${percent(Number(METERED.meteredBps) / 10_000)} of it metered, ${METERED.tasks} tasks with a step limit of 2^36`,
  `${tokens(10n * feeOf(PRICE, p.feeBps))} tokens of exposure for a turnover of ${price}`,
  `above ${Math.floor(3_650 * (1 - DAILY))} % a year`,
  `costs that much once, and ${decimals(100 * (1 - DAILY), 1)} % of it a day`,
  `the fees of about ${Math.round(daysOfFees)} days`,
  `the exposure of ${decimals((10 * daysOfFees * Number(p.feeBps)) / 10_000, 1)} days of turnover`,
  `at most ${Math.ceil(1 / (1 - DAILY))} units`,
  `as much as one with a reputation of ${tokens(asMuchAsTen())}, without any fees, for ${tokens(10n * newcomer.bond)} of stake instead of ${tokens(exposureLimit(p, asMuchAsTen()))}`,
]

/** The reputation, in steps of ten tokens, with which the largest price is that of ten newcomers. */
function asMuchAsTen(): bigint {
  let reputation = 0n
  while (largestPrice(p, reputation) < 10n * newcomer.price) reputation += 10n * TOKEN
  return reputation
}
