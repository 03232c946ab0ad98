import { expect } from 'chai'
import fc from 'fast-check'
import type { WordsHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { forAll, units } from '../../helpers/property.ts'
import { meteredPay, min } from '../../helpers/reference.ts'
import { packWord } from '../../helpers/terms.ts'

const MOST_BUDGET = (2n ** 32n - 1n) * 2n ** 44n
const MOST_STEPS = 2n ** 128n - 1n

describe('JobMeter', () => {
  let harness: WordsHarness

  before(async () => {
    harness = await ethers.deployContract('WordsHarness')
  })

  const wordOf = (budget: bigint, steps: bigint, bps: bigint) =>
    packWord([
      [budget, 96],
      [steps, 96],
      [bps, 16],
    ])
  const payOf = (budget: bigint, steps: bigint, bps: bigint, price: bigint) =>
    harness.payOf(wordOf(budget, steps, bps), price)

  const budgets = fc.bigInt({ min: 1n, max: MOST_BUDGET })
  const shares = fc.bigInt({ min: 1n, max: 10_000n })

  describe('pack', () => {
    for (const [budget, bps] of [
      [1n, 1n],
      [MOST_BUDGET, 10_000n],
    ] as const) {
      it(`puts a budget of ${budget} and ${bps} basis points in their places`, async () => {
        expect(await harness.packMeter(budget, bps)).to.equal(wordOf(budget, 0n, bps))
      })
    }
  })

  describe('withSteps', () => {
    for (const steps of [0n, 1n, MOST_BUDGET - 1n, MOST_BUDGET, MOST_BUDGET + 1n, MOST_STEPS]) {
      it(`keeps ${steps}, at most the budget`, async () => {
        const before = wordOf(MOST_BUDGET, 0n, 10_000n)
        const after = wordOf(MOST_BUDGET, min(steps, MOST_BUDGET), 10_000n)
        expect(await harness.withSteps(before, steps)).to.equal(after)
      })
    }
  })

  describe('payOf', () => {
    it('is the price at the budget, whatever the share', async () => {
      await forAll([budgets, shares, units], async (budget, bps, price) => {
        expect(await payOf(budget, budget, bps, price)).to.equal(price)
      })
    })

    it('is the base without a step', async () => {
      await forAll([budgets, shares, units], async (budget, bps, price) => {
        expect(await payOf(budget, 0n, bps, price)).to.equal((price * (10_000n - bps)) / 10_000n)
      })
    })

    // JM-38
    it('is what its description says, rounded down once, for all that can be', async () => {
      const cases = [budgets, budgets, shares, units] as const
      await forAll([...cases], async (budget, b, bps, price) => {
        const steps = min(b, budget)
        expect(await payOf(budget, steps, bps, price)).to.equal(meteredPay(price, bps, budget, steps))
      })
    })

    it('never falls with one step more', async () => {
      await forAll([budgets, budgets, shares, units], async (budget, b, bps, price) => {
        const steps = b % budget
        const [one, more] = [
          await payOf(budget, steps, bps, price),
          await payOf(budget, steps + 1n, bps, price),
        ]
        expect(more >= one).to.equal(true)
      })
    })

    it('does not overflow at the extremes of every field', async () => {
      for (const steps of [0n, 1n, MOST_BUDGET - 1n, MOST_BUDGET]) {
        for (const bps of [1n, 9_999n, 10_000n]) {
          const expected = meteredPay(MAX_UNITS, bps, MOST_BUDGET, steps)
          expect(await payOf(MOST_BUDGET, steps, bps, MAX_UNITS)).to.equal(expected)
        }
      }
    })
  })
})
