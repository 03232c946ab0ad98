import { expect } from 'chai'
import fc from 'fast-check'
import type { MoneyHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { resources } from '../../helpers/defaults.ts'
import { forAll } from '../../helpers/property.ts'

const word = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n })
const parts = (value: bigint) => [value % 256n, (value / 256n) % 4_096n, value / 2n ** 20n] as const

describe('Resources', () => {
  let harness: MoneyHarness

  before(async () => {
    harness = await ethers.deployContract('MoneyHarness')
  })

  it('holds cores, memory and disk, each up to its most', async () => {
    expect(await harness.resourceParts(resources(255n, 0n, 0n))).to.deep.equal([255n, 0n, 0n])
    expect(await harness.resourceParts(resources(0n, 4_095n, 0n))).to.deep.equal([0n, 4_095n, 0n])
    expect(await harness.resourceParts(resources(0n, 0n, 4_095n))).to.deep.equal([0n, 0n, 4_095n])
    expect(await harness.resourceParts(resources(1n, 2n, 3n))).to.deep.equal([1n, 2n, 3n])
  })

  it('covers itself and nothing', async () => {
    await forAll([word], async (offered) => {
      expect(await harness.covers(offered, offered)).to.equal(true)
      expect(await harness.covers(offered, 0n)).to.equal(true)
      expect(await harness.covers(0n, offered)).to.equal(offered === 0n)
    })
  })

  it('covers a floor when each of the three is at least the floor, however much there is of the others', async () => {
    expect(await harness.covers(resources(3n, 4_095n, 4_095n), resources(4n, 0n, 0n))).to.equal(false)
    expect(await harness.covers(resources(255n, 3n, 4_095n), resources(0n, 4n, 0n))).to.equal(false)
    expect(await harness.covers(resources(255n, 4_095n, 3n), resources(0n, 0n, 4n))).to.equal(false)
    await forAll([word, word], async (offered, floor) => {
      const [a, b] = [parts(offered), parts(floor)]
      const expected = a.every((value, i) => value >= (b[i] as bigint))
      expect(await harness.covers(offered, floor)).to.equal(expected)
    })
  })
})
