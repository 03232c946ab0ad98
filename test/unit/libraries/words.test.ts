import { expect } from 'chai'
import fc from 'fast-check'
import type { WordsHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { bits, forAll, units } from '../../helpers/property.ts'
import { meteredPay, min } from '../../helpers/reference.ts'
import { STATUSES } from '../../helpers/statuses.ts'
import { documentedFields, fieldOf, withField } from '../../helpers/storage.ts'

const anyWord = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
const anyStatus = fc.bigInt({ min: 0n, max: BigInt(STATUSES.length) - 1n })
const most = (n: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(n) - 1n })

/** Asserts that `after` is `before` with exactly these fields changed. */
function expectFields(type: string, before: bigint, after: bigint, changed: Record<string, bigint>) {
  const expected = Object.entries(changed).reduce(
    (word, [field, value]) => withField(`${type}.${field}`, word, value),
    before,
  )
  expect(ethers.toBeHex(after, 32)).to.equal(ethers.toBeHex(expected, 32))
}

/** An account as it can be: what is locked is a part of the stake. */
const anyAccount = fc
  .tuple(units, units, units, fc.bigInt({ min: 0n, max: 65_534n }))
  .map(([balance, a, b, active]) => {
    const [locked, stake] = a < b ? [a, b] : [b, a]
    return { balance, stake, locked, active }
  })
const packAccount = (a: { balance: bigint; stake: bigint; locked: bigint; active: bigint }) =>
  Object.entries(a).reduce((word, [field, value]) => withField(`Account.${field}`, word, value), 0n)

/** Every word that is packed. */
const WORDS = [
  ...['Account', 'Contact.2', 'Job.0', 'Job.1', 'Job.2', 'Job.3', 'Job.4', 'JobAgreement', 'Level'],
  ...['Parameters.0', 'Parameters.1', 'Posting', 'Profile', 'Reserve'],
]

/** Prices of at most 40 significant bits. */
const roundPrice = fc
  .tuple(bits(40), fc.bigInt({ min: 0n, max: 40n }))
  .map(([mantissa, exponent]) => (mantissa === 0n ? 1n : mantissa) << exponent)

describe('The packed words', () => {
  let harness: WordsHarness

  before(async () => {
    harness = await ethers.deployContract('WordsHarness')
  })

  const refuses = (sending: Promise<unknown>, error: string, values: bigint[]) =>
    expect(sending)
      .to.be.revertedWithCustomError(harness, error)
      .withArgs(...values)

  it('have fields that do not overlap and fit 256 bits', () => {
    const used = new Map<string, bigint>()
    for (const [name, { offset, bits }] of documentedFields) {
      const type = name.slice(0, name.lastIndexOf('.'))
      const mask = ((1n << bits) - 1n) << offset
      const before = used.get(type) ?? 0n
      expect(before & mask, name).to.equal(0n)
      expect(mask < 1n << 256n, name).to.equal(true)
      used.set(type, before | mask)
    }
    expect([...used.keys()].sort()).to.deep.equal(WORDS)
  })

  describe('Account', () => {
    it('credits and debits the balance alone', async () => {
      await forAll([anyAccount, units], async (account, amount) => {
        const word = packAccount(account)
        const sum = account.balance + amount
        if (sum > MAX_UNITS) await refuses(harness.credit(word, amount), 'AccountOverflow', [sum])
        else expectFields('Account', word, await harness.credit(word, amount), { balance: sum })
        const left = account.balance - amount
        if (left < 0n)
          await refuses(harness.debit(word, amount), 'AccountInsufficientBalance', [account.balance, amount])
        else expectFields('Account', word, await harness.debit(word, amount), { balance: left })
      })
    })

    it('adds to and removes from the stake alone, but not what is locked', async () => {
      await forAll([anyAccount, units], async (account, amount) => {
        const word = packAccount(account)
        const sum = account.stake + amount
        if (sum > MAX_UNITS) await refuses(harness.addStake(word, amount), 'AccountOverflow', [sum])
        else expectFields('Account', word, await harness.addStake(word, amount), { stake: sum })
        const free = account.stake - account.locked
        if (free < amount)
          await refuses(harness.removeStake(word, amount), 'AccountInsufficientStake', [free, amount])
        else
          expectFields('Account', word, await harness.removeStake(word, amount), {
            stake: account.stake - amount,
          })
      })
    })

    it('locks free stake for one more claim, and unlocks it with or without a slash', async () => {
      await forAll([anyAccount, units, units], async (account, bond, part) => {
        const word = packAccount(account)
        const free = account.stake - account.locked
        if (free < bond)
          return void (await refuses(harness.lock(word, bond), 'AccountInsufficientStake', [free, bond]))
        const locked = await harness.lock(word, bond)
        expectFields('Account', word, locked, { locked: account.locked + bond, active: account.active + 1n })
        const slash = min(part, bond)
        expectFields('Account', word, await harness.unlock(locked, bond, slash), {
          stake: account.stake - slash,
        })
      })
    })

    it('shrinks what is locked alone', async () => {
      await forAll([anyAccount, units], async (account, part) => {
        const word = packAccount(account)
        const rest = min(part, account.locked)
        expectFields('Account', word, await harness.shrink(word, account.locked, rest), { locked: rest })
      })
    })

    it('refuses the largest number wherever it takes one', async () => {
      const huge = 2n ** 256n - 1n
      await refuses(harness.debit(5n, huge), 'AccountInsufficientBalance', [5n, huge])
      await refuses(harness.removeStake(5n, huge), 'AccountInsufficientStake', [0n, huge])
      await refuses(harness.lock(5n, huge), 'AccountInsufficientStake', [0n, huge])
    })
  })

  describe('Profile', () => {
    it('replaces what is declared alone', async () => {
      await forAll([anyWord, most(32), most(16)], async (word, resources, concurrency) => {
        const after = await harness.withDeclared(word, resources, concurrency)
        expectFields('Profile', word, after, { resources, concurrency })
      })
    })

    it('replaces reputation and its time alone', async () => {
      await forAll([anyWord, most(80), most(32)], async (word, reputation, reputationAt) => {
        const after = await harness.withReputation(word, reputation, reputationAt)
        expectFields('Profile', word, after, { reputation, reputationAt })
      })
    })

    it('counts faults alone, up to their most', async () => {
      await forAll([anyWord], async (word) => {
        const faults = fieldOf('Profile.faults', word)
        const next = faults === 65_535n ? faults : faults + 1n
        expectFields('Profile', word, await harness.withFault(word), { faults: next })
      })
      const full = withField('Profile.faults', 0n, 65_535n)
      expect(await harness.withFault(full)).to.equal(full)
    })

    it('adds a fee alone, and takes all fees away', async () => {
      await forAll([anyWord, most(79)], async (random, fee) => {
        const word = withField('Profile.feeOwed', random, fieldOf('Profile.feeOwed', random) / 2n)
        const after = await harness.withFee(word, fee)
        expectFields('Profile', word, after, { feeOwed: fieldOf('Profile.feeOwed', word) + fee })
        expectFields('Profile', word, await harness.withoutFee(after), { feeOwed: 0n })
      })
    })
  })

  describe('JobClaim', () => {
    it('packs a claim', async () => {
      const anyClaim = fc.tuple(most(160), most(32), most(24), most(20), anyStatus)
      await forAll([anyClaim], async ([by, mark, share, bond, status]) => {
        const provider = ethers.getAddress(ethers.toBeHex(by, 20))
        const after = await harness.packClaim(provider, mark, share, status, bond)
        expectFields('Job.2', 0n, after, { provider: by, mark, share, status, bond })
      })
    })

    it('changes status, mark, bond, the number of challenges and the flags, each alone', async () => {
      await forAll([anyWord, most(32), most(20), anyStatus], async (random, mark, bond, status) => {
        const word = withField('Job.2.openChallenges', random, 7n)
        expectFields('Job.2', word, await harness.withStatus(word, status), { status })
        expectFields('Job.2', word, await harness.withMark(word, mark), { mark })
        expectFields('Job.2', word, await harness.withBond(word, bond), { bond })
        expectFields('Job.2', word, await harness.withMetered(word), { isMetered: 1n })
        expectFields('Job.2', word, await harness.withSigned(word), { isSigned: 1n })
        expectFields('Job.2', word, await harness.withOneMoreChallenge(word), { openChallenges: 8n })
        expectFields('Job.2', word, await harness.withOneLessChallenge(word), { openChallenges: 6n })
      })
    })
  })

  describe('JobMeter', () => {
    const budgets = bits(76).map((budget) => budget + 1n)
    const shares = fc.bigInt({ min: 1n, max: 10_000n })

    it('packs budget and share, and keeps the steps up to the budget', async () => {
      await forAll([budgets, shares, most(128)], async (stepBudget, meteredBps, total) => {
        const word = await harness.packMeter(stepBudget, meteredBps)
        expectFields('Job.4', 0n, word, { stepBudget, meteredBps })
        for (const steps of [total, total % (stepBudget + 1n)]) {
          const after = await harness.withSteps(word, steps)
          expectFields('Job.4', word, after, { steps: min(steps, stepBudget) })
        }
      })
    })

    it('pays the reference amount, between the fixed share and the whole price', async () => {
      await forAll([budgets, shares, most(128), units], async (stepBudget, meteredBps, total, price) => {
        const word = await harness.withSteps(await harness.packMeter(stepBudget, meteredBps), total)
        const pay = await harness.payOf(word, price)
        expect(pay).to.equal(meteredPay(price, meteredBps, stepBudget, total))
        expect(pay >= (price * (10_000n - meteredBps)) / 10_000n && pay <= price).to.equal(true)
        if (total >= stepBudget) expect(pay).to.equal(price)
      })
    })

    it('pays the largest price of the largest budget without an overflow', async () => {
      const budget = (2n ** 32n - 1n) * 2n ** 44n
      const word = await harness.packMeter(budget, 10_000n)
      expect(await harness.payOf(await harness.withSteps(word, budget), MAX_UNITS)).to.equal(MAX_UNITS)
      const half = await harness.withSteps(word, budget / 2n)
      expect(await harness.payOf(half, MAX_UNITS)).to.equal(MAX_UNITS / 2n)
    })
  })

  describe('JobAgreement', () => {
    const rulesOf = (fields: Record<string, bigint>, from = 0n) =>
      Object.entries(fields).reduce((word, [field, value]) => withField(`Job.1.${field}`, word, value), from)
    const address = (by: bigint) => ethers.getAddress(ethers.toBeHex(by, 20))

    it('keeps what still binds of rules and requester, whatever else they say', async () => {
      const kept = fc.tuple(roundPrice, most(24), most(4), most(12), most(10))
      await forAll([most(160), anyWord, kept, most(24)], async (requester, random, rest, run) => {
        const [maxPrice, window, level, parametersId, feeBps] = rest
        const binding = { maxPrice, window, level, parametersId, feeBps }
        const word = await harness.packAgreement(address(requester), rulesOf(binding, random))
        const exponent = fieldOf('JobAgreement.priceExponent', word)
        expect(fieldOf('JobAgreement.priceMantissa', word) << exponent).to.equal(maxPrice)
        const priceMantissa = maxPrice >> exponent
        const fields = {
          requester,
          priceMantissa,
          priceExponent: exponent,
          window,
          level,
          parametersId,
          feeBps,
        }
        expectFields('JobAgreement', 0n, word, fields)
        expectFields('Job.1', 0n, await harness.rulesWith(word, run), { ...binding, run })
      })
    })

    for (const [price, multiple] of [
      [2n ** 40n + 1n, 2n],
      [2n ** 41n + 2n, 4n],
      [2n ** 80n - 1n, 2n ** 40n],
      [2n ** 79n + 2n ** 38n, 2n ** 40n],
    ] as const) {
      it(`refuses a price of ${price}, which is no multiple of ${multiple}`, async () => {
        const sending = harness.packAgreement(address(5n), rulesOf({ maxPrice: price }))
        await refuses(sending, 'JobAgreementPriceTooFine', [price, multiple])
      })
    }

    for (const price of [1n, 2n ** 40n - 1n, 2n ** 40n, 2n ** 41n - 2n, 2n ** 80n - 2n ** 40n]) {
      it(`keeps a price of ${price} to the unit`, async () => {
        const word = await harness.packAgreement(address(5n), rulesOf({ maxPrice: price }))
        expectFields('Job.1', 0n, await harness.rulesWith(word, 7n), { maxPrice: price, run: 7n })
      })
    }
  })
})
