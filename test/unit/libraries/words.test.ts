import { expect } from 'chai'
import fc from 'fast-check'
import type { WordsHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { forAll, units } from '../../helpers/property.ts'
import { min } from '../../helpers/reference.ts'
import { documentedFields, fieldOf, withField } from '../../helpers/storage.ts'

const anyWord = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
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
    expect(used.size).to.equal(11)
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
      await forAll([most(160), most(32), most(24), most(20)], async (by, mark, share, bond) => {
        const provider = ethers.getAddress(ethers.toBeHex(by, 20))
        const after = await harness.packClaim(provider, mark, share, bond)
        expectFields('Job.2', 0n, after, { provider: by, mark, share, status: 2n, bond })
      })
    })

    it('changes status, mark and the number of challenges, each alone', async () => {
      await forAll([anyWord, most(32), fc.bigInt({ min: 0n, max: 12n })], async (random, mark, status) => {
        const word = withField('Job.2.openChallenges', random, 7n)
        expectFields('Job.2', word, await harness.withStatus(word, status), { status })
        expectFields('Job.2', word, await harness.withMark(word, mark), { mark })
        expectFields('Job.2', word, await harness.withOneMoreChallenge(word), { openChallenges: 8n })
        expectFields('Job.2', word, await harness.withOneLessChallenge(word), { openChallenges: 6n })
      })
    })
  })
})
