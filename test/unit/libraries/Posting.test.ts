import { expect } from 'chai'
import fc from 'fast-check'
import type { TermsHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { plain } from '../../helpers/plain.ts'
import { forAll } from '../../helpers/property.ts'
import { packWord } from '../../helpers/terms.ts'

interface Fields {
  id: bigint
  fee: bigint
  minRun: bigint
  minWindow: bigint
  paused: bigint
  guardian: bigint
}

const most = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })
const anyFields = fc
  .tuple(most(12), most(16), most(24), most(24), most(1), most(160))
  .map(([id, fee, minRun, minWindow, paused, guardian]) => ({ id, fee, minRun, minWindow, paused, guardian }))

const wordOf = (f: Fields) =>
  packWord([
    [f.id, 12],
    [f.fee, 16],
    [f.minRun, 24],
    [f.minWindow, 24],
    [f.paused, 1],
    [f.guardian, 160],
  ])
const addressOf = (value: bigint) => ethers.getAddress(ethers.toBeHex(value, 20))

describe('Posting', () => {
  let harness: TermsHarness

  before(async () => {
    harness = await ethers.deployContract('TermsHarness')
  })

  it('reads each field from its place', async () => {
    await forAll([anyFields], async (f) => {
      expect(plain(await harness.readPosting(wordOf(f)))).to.deep.equal({
        parametersId: f.id,
        snapshot: f.id | (f.fee << 12n),
        minRun: f.minRun,
        minWindow: f.minWindow,
        isPaused: f.paused === 1n,
        guardian: addressOf(f.guardian),
      })
    })
  })

  it('takes a set, and keeps the guardian and the pause', async () => {
    await forAll([anyFields, anyFields], async (before, { id, fee, minRun, minWindow }) => {
      const after = { ...before, id, fee, minRun, minWindow }
      expect(await harness.withSet(wordOf(before), id, fee, minRun, minWindow)).to.equal(wordOf(after))
    })
  })

  it('takes the pause, and keeps everything else', async () => {
    await forAll([anyFields], async (before) => {
      for (const paused of [0n, 1n]) {
        const after = wordOf({ ...before, paused })
        expect(await harness.withPaused(wordOf(before), paused === 1n)).to.equal(after)
      }
    })
  })

  it('takes a guardian, and keeps everything else', async () => {
    await forAll([anyFields, most(160)], async (before, guardian) => {
      const after = wordOf({ ...before, guardian })
      expect(await harness.withGuardian(wordOf(before), addressOf(guardian))).to.equal(after)
    })
  })
})
