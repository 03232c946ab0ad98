import { expect } from 'chai'
import fc from 'fast-check'
import type { ReadersHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { forAll } from '../../helpers/property.ts'
import { documentedFields, fieldOf, withField } from '../../helpers/storage.ts'
import { packWord } from '../../helpers/terms.ts'

const anyWord = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
const anyOf = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })

/** The fields of a word, from the lowest, as the storage map documents them. */
const fieldsIn = (type: string, word: bigint) =>
  [...documentedFields]
    .filter(([name]) => name.startsWith(`${type}.`) && name.lastIndexOf('.') === type.length)
    .toSorted(([, a], [, b]) => Number(a.offset - b.offset))
    .map(([name]) => fieldOf(name, word))

describe('The readers of the packed words', () => {
  let harness: ReadersHarness

  before(async () => {
    harness = await ethers.deployContract('ReadersHarness')
  })

  const reads = (type: string, read: (word: bigint) => Promise<bigint[]>) =>
    forAll([anyWord], async (word) => {
      expect([...(await read(word))]).to.deep.equal(fieldsIn(type, word))
    })

  it('take the fields of an account out of any word', () => reads('Account', (word) => harness.account(word)))

  it('take the fields of a profile out of any word', () => reads('Profile', (word) => harness.profile(word)))

  it("take the fields of a job's origin out of any word", () =>
    reads('Job.0', (word) => harness.origin(word)))

  it("take the fields of a job's rules out of any word", () => reads('Job.1', (word) => harness.rules(word)))

  it('take the fields of a claim out of any word with a status, the bond as the amount it stands for', () =>
    forAll([anyWord, fc.bigInt({ min: 0n, max: 15n })], async (bits, status) => {
      const word = withField('Job.2.status', bits, status)
      const [provider, mark, share, , float = 0n, open] = fieldsIn('Job.2', word)
      const bond = (float % 2n ** 13n) * 2n ** (float / 2n ** 13n)
      expect([...(await harness.claim(word))]).to.deep.equal([provider, mark, share, status, bond, open])
    }))

  it("take the fields of a job's limits out of any word, up to the nonce at its top", () =>
    forAll(
      [anyOf(32), anyOf(32), anyOf(64), anyOf(32), anyOf(16), anyOf(16), anyOf(64)],
      async (tasks, claimBy, stepLimit, maxOutput, maxPages, meteredBps, nonce) => {
        const word = packWord([
          [tasks, 32],
          [claimBy, 32],
          [stepLimit, 64],
          [maxOutput, 32],
          [maxPages, 16],
          [meteredBps, 16],
          [nonce, 64],
        ])
        const expected = [tasks, claimBy, stepLimit, maxOutput, maxPages, meteredBps, nonce]
        expect([...(await harness.limits(word))]).to.deep.equal(expected)
      },
    ))
})
