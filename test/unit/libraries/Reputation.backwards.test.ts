import { expect } from 'chai'
import type { MoneyHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { DAY } from '../../helpers/time.ts'

describe('Reputation, given a time before the one it stands for', () => {
  let harness: MoneyHarness

  before(async () => {
    harness = await ethers.deployContract('MoneyHarness')
  })

  for (const back of [1n, DAY, 30n * DAY, 2_400n * DAY, 2n ** 32n - 1n]) {
    it(`does not decay ${back} s backwards`, async () => {
      const from = 2n ** 32n - 1n
      expect(await harness.decayed(1_000n, from, from - back)).to.equal(1_000n)
      expect(await harness.decayed(MAX_UNITS, from, from - back)).to.equal(MAX_UNITS)
    })
  }
})
