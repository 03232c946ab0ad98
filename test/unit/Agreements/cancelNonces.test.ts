import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { agreed } from '../../helpers/jobs.ts'
import { signOffer, signRequest } from '../../helpers/signing.ts'

const ALL = 2n ** 256n - 1n

describe('Agreements.cancelNonces', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const cancelAs = (who: keyof World['actors'], index: bigint, nonces: bigint) =>
    world.market.connect(world.actors[who]).cancelNonces(index, nonces)
  const spentOf = (who: keyof World['actors'], index: bigint) =>
    world.market.spentNonces(world.actors[who], index)

  it('marks exactly the nonces that it names and emits NoncesCancelled', async () => {
    const nonces = (1n << 255n) | (1n << 7n) | 1n
    await expect(cancelAs('requester', 3n, nonces))
      .to.emit(world.market, 'NoncesCancelled')
      .withArgs(world.actors.requester.address, 3n, nonces)
    expect([await spentOf('requester', 2n), await spentOf('requester', 3n)]).to.deep.equal([0n, nonces])
  })

  it('adds to what was cancelled before', async () => {
    await cancelAs('requester', 0n, 5n)
    await cancelAs('requester', 0n, 6n)
    expect(await spentOf('requester', 0n)).to.equal(7n)
  })

  it('frees nothing that was cancelled', async () => {
    await cancelAs('requester', 0n, 5n)
    await cancelAs('requester', 0n, 0n)
    expect(await spentOf('requester', 0n)).to.equal(5n)
  })

  for (const [what, index] of [
    ['last index that a nonce has', 2n ** 56n - 1n],
    ['highest index', ALL],
  ] as const) {
    it(`takes the ${what}, and all of its bits`, async () => {
      await cancelAs('eve', index, ALL)
      expect(await spentOf('eve', index)).to.equal(ALL)
    })
  }

  it('concerns the caller alone, and no money', async () => {
    await expectMoney(world, {}, () => cancelAs('requester', 0n, ALL))
    expect(await spentOf('provider', 0n)).to.equal(0n)
  })

  // JM-28
  describe('given a request that was signed', () => {
    for (const nonce of [0n, 255n, 256n, 2n ** 64n - 1n]) {
      it(`makes one with the nonce ${nonce} worthless, and leaves its neighbours`, async () => {
        const job = await agreed(world, { terms: { nonce } })
        const { requester, provider, terms } = job
        const signature = await signRequest(world, requester, terms, provider.address)
        const claim = () => world.market.connect(provider).claimSigned(requester, false, terms, signature)
        const bit = 1n << (nonce & 255n)
        await cancelAs('requester', nonce >> 8n, ALL ^ bit)
        const snapshot = await networkHelpers.takeSnapshot()
        await claim()
        await snapshot.restore()
        await cancelAs('requester', nonce >> 8n, bit)
        await expectRevert(world, claim(), 'AgreementNonceSpent', [requester.address, nonce])
      })
    }
  })

  describe('given an offer that was signed', () => {
    it('is cancelled by its provider, not by the requester', async () => {
      const { requester, provider, terms, fields } = await agreed(world)
      const signature = await signOffer(world, provider, terms, requester.address)
      const accept = () => world.market.connect(requester).acceptOffer(provider, false, terms, signature)
      const { nonce } = fields
      const snapshot = await networkHelpers.takeSnapshot()
      await cancelAs('requester', nonce >> 8n, ALL)
      await accept()
      await snapshot.restore()
      await cancelAs('provider', nonce >> 8n, 1n << (nonce & 255n))
      await expectRevert(world, accept(), 'AgreementNonceSpent', [provider.address, nonce])
    })
  })

  it('does not keep the nonce from a job that is posted', async () => {
    await cancelAs('requester', 0n, ALL)
    const { terms, requester } = await agreed(world, { terms: { nonce: 9n } })
    await world.market.connect(requester).post(terms)
  })
})
