import { expect } from 'chai'
import type { MoneyHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { bits, forAll } from '../../helpers/property.ts'
import { roundUpToFloat } from '../../helpers/reference.ts'

const float = (mantissa: bigint, exponent: bigint) => (exponent << 13n) | mantissa

describe('UFloat20', () => {
  let harness: MoneyHarness

  before(async () => {
    harness = await ethers.deployContract('MoneyHarness')
  })

  describe('encodeUp', () => {
    for (const [value, mantissa, exponent] of [
      [0n, 0n, 0n],
      [1n, 1n, 0n],
      [8_191n, 8_191n, 0n],
      [8_192n, 4_096n, 1n],
      [8_193n, 4_097n, 1n],
      [16_381n, 8_191n, 1n],
      [16_382n, 8_191n, 1n],
      [16_383n, 4_096n, 2n],
      [16_384n, 4_096n, 2n],
      [2n ** 80n - 1n, 4_096n, 68n],
      [2n ** 80n, 4_096n, 68n],
      [2n ** 80n + 1n, 4_097n, 68n],
      [2n ** 127n - 1n, 4_096n, 115n],
    ] as const) {
      it(`of ${value} is ${mantissa} * 2^${exponent}`, async () => {
        expect(await harness.encodeUp(value)).to.equal(float(mantissa, exponent))
      })
    }

    it('is the smallest float that is at least the value, within a 4,096th of it', async () => {
      await forAll([bits(127)], async (value) => {
        const encoded = await harness.encodeUp(value)
        expect(encoded < 2n ** 20n).to.equal(true)
        const decoded = await harness.decode(encoded)
        expect(decoded).to.equal(roundUpToFloat(value))
        expect(decoded >= value && (decoded - value) * 4_096n <= value).to.equal(true)
      })
    })

    it('never falls as the value grows', async () => {
      await forAll([bits(126), bits(20)], async (value, step) => {
        const [low, high] = [await harness.encodeUp(value), await harness.encodeUp(value + step)]
        expect((await harness.decode(low)) <= (await harness.decode(high))).to.equal(true)
      })
    })

    it('keeps a value that a float can hold', async () => {
      await forAll([bits(13), bits(6)], async (mantissa, exponent) => {
        const value = mantissa << exponent
        expect(await harness.decode(await harness.encodeUp(value))).to.equal(value)
      })
    })
  })

  describe('decode', () => {
    for (const [bitsOf, value] of [
      [0n, 0n],
      [float(8_191n, 0n), 8_191n],
      [float(5n, 3n), 40n],
      [float(0n, 127n), 0n],
      [float(1n, 127n), 2n ** 127n],
      [2n ** 20n - 1n, 8_191n * 2n ** 127n],
    ] as const) {
      it(`of the bits ${bitsOf} is ${value}`, async () => {
        expect(await harness.decode(bitsOf)).to.equal(value)
      })
    }

    it('looks at the lowest 20 bits only', async () => {
      expect(await harness.decode((1n << 20n) | float(5n, 3n))).to.equal(40n)
      expect(await harness.decode(2n ** 256n - 1n)).to.equal(8_191n * 2n ** 127n)
    })
  })
})
