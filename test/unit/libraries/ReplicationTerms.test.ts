import { expect } from 'chai'
import fc from 'fast-check'
import type { TermsHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { packSeat, type SeatFields } from '../../helpers/groups.ts'
import { plain } from '../../helpers/plain.ts'
import { forAll } from '../../helpers/property.ts'

const most = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })
const anyTerms: fc.Arbitrary<SeatFields> = fc.record({
  index: most(8),
  seats: most(8),
  spares: most(8),
  drawBits: most(8),
  baseBps: most(16),
  commitTime: most(24),
  revealTime: most(24),
  drawTime: most(24),
  salt: most(136),
})

describe('ReplicationTerms', () => {
  let harness: TermsHarness

  before(async () => {
    harness = await ethers.deployContract('TermsHarness')
  })

  it('reads each field from its place', async () => {
    await forAll([anyTerms], async (terms) => {
      const { salt: _, ...fields } = terms
      const { shared, ...read } = plain(await harness.readReplication(packSeat(terms)))
      expect(read).to.deep.equal(fields)
      expect(shared).to.equal(packSeat({ ...terms, index: 0n }))
    })
  })

  it('shares everything but the index between siblings', async () => {
    await forAll([anyTerms, most(8)], async (terms, index) => {
      const { shared: one } = await harness.readReplication(packSeat(terms))
      const { shared: two } = await harness.readReplication(packSeat({ ...terms, index }))
      expect(one).to.equal(two)
    })
  })

  for (const field of ['index', 'seats', 'spares', 'drawBits', 'baseBps', 'drawTime'] as const) {
    it(`keeps ${field} out of its neighbours at its highest value`, async () => {
      const zero = { index: 0n, seats: 0n, spares: 0n, drawBits: 0n, baseBps: 0n }
      const terms = { ...zero, commitTime: 0n, revealTime: 0n, drawTime: 0n, salt: 0n }
      const highest = {
        index: 255n,
        seats: 255n,
        spares: 255n,
        drawBits: 255n,
        baseBps: 65_535n,
        drawTime: 2n ** 24n - 1n,
      }
      const { salt: _, ...expected } = { ...terms, [field]: highest[field] }
      const { shared: __, ...read } = plain(
        await harness.readReplication(packSeat({ ...terms, [field]: highest[field] })),
      )
      expect(read).to.deep.equal(expected)
    })
  }
})
