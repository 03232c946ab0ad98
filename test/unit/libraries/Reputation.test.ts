import { expect } from 'chai'
import fc from 'fast-check'
import type { MoneyHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { forAll, units } from '../../helpers/property.ts'
import { decayFactor, exactDecay } from '../../helpers/reference.ts'
import { DAY } from '../../helpers/time.ts'

const times = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n })
const spans = fc.bigInt({ min: 0n, max: 400n * DAY })

/** What eight multiplications, each rounded down in 64 bits, may lose. */
const mostLost = (value: bigint) => 8n + (value >> 60n)

describe('Reputation', () => {
  let harness: MoneyHarness

  before(async () => {
    harness = await ethers.deployContract('MoneyHarness')
  })

  describe('decayed', () => {
    for (const [value, from, to, left] of [
      [1_000n, 0n, 0n, 1_000n],
      [1_000n, 100n, 50n, 1_000n],
      [1_000n, 0n, DAY - 1n, 1_000n],
      [1_000n, DAY - 1n, DAY, 977n],
      [1_000n, 0n, DAY, 977n],
      [1_000n, 0n, 30n * DAY, 500n],
      [1_001n, 0n, 30n * DAY, 500n],
      [1_000n, 0n, 60n * DAY, 250n],
      [1n, 0n, DAY, 0n],
      [2n ** 79n, 0n, 79n * 30n * DAY, 1n],
      [MAX_UNITS, 0n, 80n * 30n * DAY - 1n, 0n],
      [MAX_UNITS, 0n, 80n * 30n * DAY, 0n],
      [MAX_UNITS, 0n, 2n ** 32n - 1n, 0n],
      [0n, 0n, 30n * DAY, 0n],
    ] as const) {
      it(`of ${value} from ${from} to ${to} is ${left}`, async () => {
        expect(await harness.decayed(value, from, to)).to.equal(left)
      })
    }

    it('has a factor of 64 bits for a day that is the exact one rounded down', async () => {
      // 2^64 at once would not fit: the high bits of a large value show the factor
      const oneDay = await harness.decayed(2n ** 79n, 0n, DAY)
      expect(oneDay >> 15n).to.equal(decayFactor(1n) >> 128n)
      expect(decayFactor(1n) >> 128n).to.equal(18_025_419_856_780_639_094n)
    })

    it('is the exact decay, rounded down by no more than its multiplications', async () => {
      await forAll([units, times, spans], async (value, from, span) => {
        const left = await harness.decayed(value, from, from + span)
        const days = (from + span) / DAY - from / DAY
        const exact = exactDecay(value, days)
        expect(left <= exact && left + mostLost(value) >= exact, `${left} for ${exact}`).to.equal(true)
      })
    })

    it('never grows with time, and keeps the order of values', async () => {
      await forAll([units, units, times, spans, spans], async (a, b, from, early, more) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        const left = await harness.decayed(high, from, from + early)
        expect((await harness.decayed(high, from, from + early + more)) <= left + mostLost(high)).to.equal(
          true,
        )
        expect((await harness.decayed(low, from, from + early)) <= left).to.equal(true)
        expect(left <= high).to.equal(true)
      })
    })

    it('does not depend on how often it was brought up to date, except by rounding down', async () => {
      await forAll([units, times, spans, spans], async (value, from, first, second) => {
        const atOnce = await harness.decayed(value, from, from + first + second)
        const between = await harness.decayed(value, from, from + first)
        const inSteps = await harness.decayed(between, from + first, from + first + second)
        const apart = atOnce > inSteps ? atOnce - inSteps : inSteps - atOnce
        expect(apart <= 2n * mostLost(value), `${atOnce} at once, ${inSteps} in steps`).to.equal(true)
      })
    })
  })

  describe('increased', () => {
    it('adds, up to the most that 80 bits hold', async () => {
      expect(await harness.increased(5n, 7n)).to.equal(12n)
      expect(await harness.increased(MAX_UNITS - 7n, 7n)).to.equal(MAX_UNITS)
      expect(await harness.increased(MAX_UNITS, 1n)).to.equal(MAX_UNITS)
      expect(await harness.increased(MAX_UNITS, MAX_UNITS)).to.equal(MAX_UNITS)
    })
  })

  describe('afterLateness and afterFraud', () => {
    for (const [value, late, fraud] of [
      [0n, 0n, 0n],
      [1n, 0n, 0n],
      [3n, 2n, 0n],
      [4n, 3n, 1n],
      [7n, 5n, 1n],
      [MAX_UNITS, (MAX_UNITS * 3n) / 4n, 2n ** 78n - 1n],
    ] as const) {
      it(`leave ${late} and ${fraud} of ${value}`, async () => {
        expect(await harness.afterLateness(value)).to.equal(late)
        expect(await harness.afterFraud(value)).to.equal(fraud)
      })
    }
  })
})
