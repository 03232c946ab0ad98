import { expect } from 'chai'
import fc from 'fast-check'
import type { MoneyHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { bits, forAll, units } from '../../helpers/property.ts'
import { priceAt } from '../../helpers/reference.ts'
import { packWord } from '../../helpers/terms.ts'

const FULL = 2n ** 24n - 1n
const MONTH = 2_592_000n

const rulesOf = (maxPrice: bigint, minBps: bigint, ramp: bigint, [flags, rest] = [0n, 0n]) =>
  packWord([
    [maxPrice, 80],
    [minBps, 14],
    [flags, 2],
    [ramp, 24],
    [rest, 136],
  ])

const minBps = fc.bigInt({ min: 0n, max: 10_000n })
const ramps = fc.bigInt({ min: 0n, max: MONTH })

describe('Auction', () => {
  let harness: MoneyHarness

  before(async () => {
    harness = await ethers.deployContract('MoneyHarness')
  })

  describe('shareAt', () => {
    for (const [lowest, ramp, elapsed, share] of [
      [0n, 0n, 0n, FULL],
      [0n, 1n, 0n, 0n],
      [0n, 1n, 1n, FULL],
      [0n, 600n, 300n, 2n ** 23n - 1n],
      [5_000n, 600n, 0n, 2n ** 23n - 1n],
      [5_000n, 600n, 300n, 3n * 2n ** 22n - 1n],
      [5_000n, 600n, 599n, 16_763_233n],
      [5_000n, 600n, 600n, FULL],
      [5_000n, 600n, 601n, FULL],
      [5_000n, 600n, 2n ** 256n - 1n, FULL],
      [10_000n, 600n, 0n, FULL],
      [10_000n, MONTH, MONTH - 1n, FULL],
      [1n, 2n, 0n, 1_676n],
    ] as const) {
      it(`is ${share} from ${lowest} bps, ${elapsed} s into a ramp of ${ramp} s`, async () => {
        expect(await harness.shareAt(rulesOf(7n, lowest, ramp), elapsed)).to.equal(share)
      })
    }

    it('looks at nothing but minBps and ramp, not at the flags between them', async () => {
      const others = fc.tuple(units, bits(2), bits(136))
      await forAll([minBps, ramps, ramps, others], async (lowest, ramp, elapsed, [price, flags, rest]) => {
        const share = await harness.shareAt(rulesOf(price, lowest, ramp, [flags, rest]), elapsed)
        expect(share).to.equal(await harness.shareAt(rulesOf(1n, lowest, ramp), elapsed))
      })
    })

    it('never falls as time passes, and stays in its 24 bits', async () => {
      await forAll([minBps, ramps, ramps, ramps], async (lowest, ramp, a, b) => {
        const rules = rulesOf(1n, lowest, ramp)
        const [early, late] = a < b ? [a, b] : [b, a]
        const [first, second] = [await harness.shareAt(rules, early), await harness.shareAt(rules, late)]
        expect(first <= second && second <= FULL).to.equal(true)
      })
    })
  })

  describe('priceOf', () => {
    for (const [maxPrice, share, price] of [
      [1n, FULL, 1n],
      [1n, FULL - 1n, 0n],
      [MAX_UNITS, FULL, MAX_UNITS],
      [MAX_UNITS, 0n, 2n ** 56n - 1n],
      [2n ** 24n, 0n, 1n],
      [2n ** 24n - 1n, 0n, 0n],
      [7_000_003n, 3n * 2n ** 22n - 1n, 5_250_002n],
    ] as const) {
      it(`is ${price} for share ${share} of ${maxPrice}`, async () => {
        expect(await harness.priceOf(rulesOf(maxPrice, 0n, 0n), share)).to.equal(price)
      })
    }
  })

  // JM-20
  it('gives the price of the reference, never above the exact line nor above the maximum', async () => {
    await forAll([units, minBps, ramps, ramps], async (maxPrice, lowest, ramp, elapsed) => {
      const price = await harness.priceAt(rulesOf(maxPrice, lowest, ramp), elapsed)
      expect(price).to.equal(priceAt({ maxPrice, minBps: lowest, ramp }, elapsed))
      expect(price <= maxPrice).to.equal(true)
      if (elapsed >= ramp || lowest === 0n) return
      const line = maxPrice * (lowest * ramp + (10_000n - lowest) * elapsed)
      expect(price * 10_000n * ramp <= line).to.equal(true)
      // at most one step of the share and one unit below it
      const below = line - price * 10_000n * ramp
      expect(below <= ((maxPrice >> 24n) + 2n) * 10_000n * ramp).to.equal(true)
    })
  })
})
