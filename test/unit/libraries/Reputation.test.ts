import { expect } from 'chai'
import fc from 'fast-check'
import { decayedReputation as audited } from '../../../sdk/src/audit/rules.ts'
import type { MoneyHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { forAll, units } from '../../helpers/property.ts'
import { decayFactor, exactDecay } from '../../helpers/reference.ts'
import { decayed as replayed } from '../../helpers/replay.ts'
import { DAY } from '../../helpers/time.ts'
import { decayed as modelled } from '../../model/formulas.ts'

const times = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n })
const spans = fc.bigInt({ min: 0n, max: 400n * DAY })

/** What the factor of some days, multiplied up to eight times and rounded down in 64 binary digits, may take off. */
const mostLost = (value: bigint) => 1n + (value >> 60n)

const expectNoGrowth = (left: readonly bigint[]) => {
  const day = left.findIndex((value, index) => value > (left[index - 1] ?? value))
  expect(day, `${left[day - 1]} on day ${day - 1}, then ${left[day]}`).to.equal(-1)
}

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
      [MAX_UNITS, 0n, 80n * 30n * DAY - 1n, 1n],
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

    it('is the exact decay, rounded down once, but for the last bits of its factor', async () => {
      await forAll([units, times, spans], async (value, from, span) => {
        const left = await harness.decayed(value, from, from + span)
        const days = (from + span) / DAY - from / DAY
        const exact = exactDecay(value, days)
        expect(left <= exact && left + mostLost(value) >= exact, `${left} for ${exact}`).to.equal(true)
      })
    })

    it('never grows from one day to the next: any value below 500, over two half-lives', async () => {
      for (let value = 0n; value < 500n; value++) {
        const left = await harness.decayedDaily(value, 0n, 62n)
        expect(left[0]).to.equal(value)
        expectNoGrowth(left)
      }
    })

    it('never grows from one day to the next: any value below 1,000, until nothing is left', () => {
      for (let value = 0n; value < 1_000n; value++) {
        const left = Array.from({ length: 302 }, (_, day) => audited(value, 0n, BigInt(day) * DAY))
        expect(left[301]).to.equal(0n)
        expectNoGrowth(left)
      }
    })

    // JM-50
    it('never grows from one day to the next: values of any size and age', async () => {
      await forAll([units, fc.bigInt({ min: 0n, max: 81n * 30n })], async (value, first) => {
        expectNoGrowth(await harness.decayedDaily(value, first, 32n))
      })
    })

    it('keeps the order of values', async () => {
      await forAll([units, units, times, spans], async (a, b, from, span) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        const left = await harness.decayed(high, from, from + span)
        expect((await harness.decayed(low, from, from + span)) <= left).to.equal(true)
      })
    })

    it('does not depend on how often it was brought up to date, except by rounding down', async () => {
      const steps = fc.array(spans, { minLength: 1, maxLength: 8 })
      await forAll([units, times, steps], async (value, start, spans) => {
        let [at, inSteps] = [start, value]
        for (const span of spans) {
          inSteps = await harness.decayed(inSteps, at, at + span)
          at += span
        }
        const atOnce = await harness.decayed(value, start, at)
        const said = `${atOnce} at once, ${inSteps} in ${spans.length} steps`
        expect(inSteps <= atOnce + mostLost(value), said).to.equal(true)
        expect(inSteps + BigInt(spans.length) * mostLost(value) >= atOnce, said).to.equal(true)
      })
    })

    it('is that of the model, of the auditor and of the replay', async () => {
      await forAll([units, times, spans], async (value, from, span) => {
        const to = from + span
        const left = await harness.decayed(value, from, to)
        const others = [
          modelled(value, Number(from), Number(to)),
          audited(value, from, to),
          replayed(value, from, to),
        ]
        expect(others).to.deep.equal([left, left, left])
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

  // JM-50
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
