import { expect } from 'chai'
import fc from 'fast-check'
import type { WordsHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { forAll } from '../../helpers/property.ts'
import { packWord } from '../../helpers/terms.ts'

const BY = '0xffffffffffffffffffffffffffffffffffffffff'
const DAYS_30 = 2_592_000n

interface Binding {
  price: bigint
  window: bigint
  level: bigint
  id: bigint
  fee: bigint
}

/** Rules whose other fields are all ones: nothing of them may get into the word. */
const rulesOf = ({ price, window, level, id, fee }: Binding, run = 2n ** 24n - 1n) =>
  packWord([
    [price, 80],
    [2n ** 16n - 1n, 16],
    [2n ** 24n - 1n, 24],
    [run, 24],
    [window, 24],
    [2n ** 52n - 1n, 52],
    [level, 8],
    [id, 12],
    [fee, 16],
  ])

/** Only what binds, the others zero. */
const bindingOf = ({ price, window, level, id, fee }: Binding, run: bigint) =>
  packWord([
    [price, 80],
    [0n, 40],
    [run, 24],
    [window, 24],
    [0n, 52],
    [level, 8],
    [id, 12],
    [fee, 16],
  ])

const wordOf = ({ price, window, level, id, fee }: Binding) => {
  const exponent = BigInt(Math.max(price.toString(2).length - 40, 0))
  return packWord([
    [BigInt(BY), 160],
    [price >> exponent, 40],
    [exponent, 6],
    [window, 24],
    [level, 4],
    [id, 12],
    [fee, 10],
  ])
}

describe('JobAgreement', () => {
  let harness: WordsHarness

  before(async () => {
    harness = await ethers.deployContract('WordsHarness')
  })

  const rest = { window: DAYS_30, level: 15n, id: 4_095n, fee: 1_000n }

  for (const price of [
    1n,
    2n ** 40n - 1n,
    2n ** 40n,
    2n ** 41n - 2n,
    2n ** 79n,
    (2n ** 40n - 1n) << 40n,
    (2n ** 39n + 1n) << 40n,
  ]) {
    describe(`given a price of ${price}`, () => {
      it('keeps it to the unit, with every other field at its highest', async () => {
        const binding = { price, ...rest }
        const word = await harness.packAgreement(BY, rulesOf(binding))
        expect(word).to.equal(wordOf(binding))
        expect(await harness.rulesWith(word, DAYS_30)).to.equal(bindingOf(binding, DAYS_30))
      })
    })
  }

  for (const [price, multiple] of [
    [2n ** 40n + 1n, 2n],
    [2n ** 41n - 1n, 2n],
    [2n ** 41n + 2n, 4n],
    [2n ** 79n + 1n, 2n ** 40n],
    [MAX_UNITS, 2n ** 40n],
    [MAX_UNITS - 2n ** 40n + 2n, 2n ** 40n],
  ] as const) {
    describe(`given a price of ${price}`, () => {
      it(`refuses it: it must be a multiple of ${multiple}`, async () => {
        await expect(harness.packAgreement(BY, rulesOf({ price, ...rest })))
          .to.be.revertedWithCustomError(harness, 'JobAgreementPriceTooFine')
          .withArgs(price, multiple)
      })
    })
  }

  it('comes back as it was packed, whatever binds', async () => {
    const most = (max: bigint) => fc.bigInt({ min: 0n, max })
    const prices = fc.tuple(fc.bigInt({ min: 1n, max: 2n ** 40n - 1n }), most(40n)).map(([m, e]) => m << e)
    const others = [most(DAYS_30), most(15n), most(4_095n), most(1_000n), most(DAYS_30)] as const
    await forAll([prices, ...others], async (price, window, level, id, fee, run) => {
      const binding = { price, window, level, id, fee }
      const word = await harness.packAgreement(BY, rulesOf(binding))
      expect(await harness.rulesWith(word, run)).to.equal(bindingOf(binding, run))
    })
  })
})
