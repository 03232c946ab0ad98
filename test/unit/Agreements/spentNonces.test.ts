import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { acceptedOffer, claimedSigned, post } from '../../helpers/jobs.ts'

describe('Agreements.spentNonces', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const bitsOf = (who: keyof World['actors'], index: bigint) =>
    world.market.spentNonces(world.actors[who], index)

  it('is zero for whoever signed nothing', async () => {
    expect(await world.market.spentNonces(ethers.ZeroAddress, 0n)).to.equal(0n)
    expect(await bitsOf('requester', 2n ** 256n - 1n)).to.equal(0n)
  })

  for (const nonce of [0n, 1n, 255n, 256n, 2n ** 64n - 1n]) {
    it(`has one bit for the nonce ${nonce} of a request, in the word of its 256`, async () => {
      await claimedSigned(world, { terms: { nonce } })
      expect(await bitsOf('requester', nonce >> 8n)).to.equal(1n << (nonce & 255n))
      expect(await bitsOf('provider', nonce >> 8n)).to.equal(0n)
    })

    it(`has one bit for the nonce ${nonce} of an offer`, async () => {
      await acceptedOffer(world, { terms: { nonce } })
      expect(await bitsOf('provider', nonce >> 8n)).to.equal(1n << (nonce & 255n))
      expect(await bitsOf('requester', nonce >> 8n)).to.equal(0n)
    })
  }

  it('collects the bits of many', async () => {
    for (const nonce of [4n, 2n, 7n]) await claimedSigned(world, { terms: { nonce } })
    expect(await bitsOf('requester', 0n)).to.equal(0b1001_0100n)
  })

  it('keeps two signers with the same nonce apart', async () => {
    await claimedSigned(world, { terms: { nonce: 4n } })
    await claimedSigned(world, { terms: { nonce: 4n }, requester: world.actors.eve })
    expect([await bitsOf('requester', 0n), await bitsOf('eve', 0n)]).to.deep.equal([16n, 16n])
  })

  it('spends one nonce for both sides of one signer', async () => {
    const { provider, rival } = world.actors
    await acceptedOffer(world, { terms: { nonce: 9n } })
    await expect(claimedSigned(world, { terms: { nonce: 9n }, requester: provider, provider: rival }))
      .to.be.revertedWithCustomError(world.market, 'AgreementNonceSpent')
      .withArgs(provider.address, 9n)
  })

  it('does not know the nonces of jobs that were posted', async () => {
    await post(world, { terms: { nonce: 3n } })
    expect(await bitsOf('requester', 0n)).to.equal(0n)
  })
})
