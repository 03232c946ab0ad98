import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { OFFERED, resources, TOKEN } from '../../helpers/defaults.ts'
import { busyMarket, fund, openMarket, type World } from '../../helpers/fixtures.ts'
import { claim, claimed, type Job, post, settled } from '../../helpers/jobs.ts'
import { bondFor, feeOf } from '../../helpers/reference.ts'
import { word } from '../../helpers/terms.ts'

/** `10,500,004` is twice the price; a bond keeps 13 bits, so it is rounded up to a multiple of 2^11. */
const DEFAULT_BOND = 10_500_096n

async function cheapBonds(): Promise<World> {
  return openMarket({ parameters: { surchargeBps: 0n, minBond: 30_000n, bondBps: 10_000n } })
}

async function littleExposure(): Promise<World> {
  return openMarket({ parameters: { baseExposure: 2n * DEFAULT_BOND } })
}

// JM-21
describe('JobMarket.claim: who is eligible, and for what bond', () => {
  let world: World
  let job: Job

  const claimNow = (who: Signer = world.actors.provider) => world.market.connect(who).claim(job.jobId)

  describe('given floors on resources', () => {
    const offered = { cores: 8n, memory: 32n, disk: 10n }
    const floorOf = (f: typeof offered) => resources(f.cores, f.memory, f.disk)

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    it('accepts a provider that offers exactly them', async () => {
      job = await post(world, { terms: { floor: OFFERED } })
      await claimNow()
    })

    for (const field of ['cores', 'memory', 'disk'] as const) {
      it(`reverts with ProvidersResourcesTooLow when ${field} is one short`, async () => {
        const floor = floorOf({ ...offered, [field]: offered[field] + 1n })
        job = await post(world, { terms: { floor } })
        const values = [world.actors.provider.address, OFFERED, floor]
        await expectRevert(world, claimNow(), 'ProvidersResourcesTooLow', values)
      })
    }
  })

  describe('given a floor on reputation', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    it('accepts a provider that has exactly it, and refuses one with a unit less', async () => {
      const earned = feeOf(7_000n, 100n)
      await settled(world, { terms: { maxPrice: 7_000n, ramp: 0n } })
      expect((await world.market.providerOf(world.actors.provider)).reputation).to.equal(earned)

      job = await post(world, { terms: { minReputation: earned + 1n } })
      const values = [world.actors.provider.address, earned, earned + 1n]
      await expectRevert(world, claimNow(), 'ProvidersReputationTooLow', values)

      job = await post(world, { terms: { minReputation: earned } })
      await claimNow()
    })

    it('reads it as a float of 13 bits and an exponent', async () => {
      job = await post(world, { terms: { minReputation: (3n << 13n) | 5n } })
      const values = [world.actors.provider.address, 0n, 40n]
      await expectRevert(world, claimNow(), 'ProvidersReputationTooLow', values)
    })
  })

  describe('given a declared concurrency', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      await world.market.connect(world.actors.provider).updateProvider(OFFERED, 2, '', word('key'))
    })

    it('claims up to it, refuses the next with ProvidersConcurrencyReached, and claims again after an end', async () => {
      const { provider } = world.actors
      const first = await claimed(world)
      await claimed(world)
      job = await post(world)
      await expectRevert(world, claimNow(), 'ProvidersConcurrencyReached', [provider.address, 2n, 2n])
      await world.market.connect(provider).release(first.jobId)
      await claimNow()
    })

    it('takes no job after it was set to zero', async () => {
      const { provider } = world.actors
      await world.market.connect(provider).updateProvider(OFFERED, 0, '', word('key'))
      job = await post(world)
      await expectRevert(world, claimNow(), 'ProvidersConcurrencyReached', [provider.address, 0n, 0n])
    })
  })

  describe('given an exposure limit of two bonds', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(littleExposure)
    })

    it('lets exactly the limit be locked and refuses a unit of price above', async () => {
      await claimed(world)
      const over = await post(world, { terms: { maxPrice: 5_251_073n, ramp: 0n } })
      const bond = bondFor(world.parameters, 5_251_073n, 0n)
      expect(bond > DEFAULT_BOND).to.equal(true)
      const values = [world.actors.provider.address, DEFAULT_BOND, bond, 2n * DEFAULT_BOND]
      job = over
      await expectRevert(world, claimNow(), 'ProvidersExposureExceeded', values)
      const last = await claimed(world)
      const { locked } = await world.market.accountOf(world.actors.provider)
      expect(locked).to.equal(2n * DEFAULT_BOND)
      expect((await world.market.getJob(last.jobId)).bond).to.equal(DEFAULT_BOND)
    })

    it('gives a rival a limit of its own', async () => {
      await claimed(world)
      await claimed(world)
      job = await claim(world, await post(world, { provider: world.actors.rival }))
      expect((await world.market.accountOf(world.actors.rival)).locked).to.equal(DEFAULT_BOND)
    })
  })

  describe('given stake', () => {
    const price = 30_000n

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(cheapBonds)
    })

    const stakeOf = async (who: Signer, stake: bigint) => {
      await fund(world, who, stake)
      await world.market.connect(who).updateProvider(OFFERED, 10, '', word('key'))
      await world.market.connect(who).stake(stake)
    }

    it('locks all of it when it is exactly the bond', async () => {
      const { eve } = world.actors
      await stakeOf(eve, price)
      job = await post(world, { terms: { maxPrice: price, ramp: 0n } })
      await expectMoney(world, { eve: { locked: price, active: 1n } }, () => claimNow(eve))
    })

    it('reverts with AccountInsufficientStake when it is one unit short', async () => {
      const { eve } = world.actors
      await stakeOf(eve, price - 1n)
      job = await post(world, { terms: { maxPrice: price, ramp: 0n } })
      await expectRevert(world, claimNow(eve), 'AccountInsufficientStake', [price - 1n, price])
    })

    it('does not count what another claim has locked', async () => {
      const { eve } = world.actors
      await stakeOf(eve, 2n * price - 1n)
      await claimed(world, { provider: eve, terms: { maxPrice: price, ramp: 0n } })
      job = await post(world, { terms: { maxPrice: price, ramp: 0n } })
      await expectRevert(world, claimNow(eve), 'AccountInsufficientStake', [price - 1n, price])
    })

    // JM-23
    it('asks for the least bond where the price is low', async () => {
      job = await post(world, { terms: { maxPrice: 1n, ramp: 0n } })
      await expectMoney(world, { provider: { locked: 30_000n, active: 1n } }, () => claimNow())
    })
  })

  describe('given reputation', () => {
    // JM-23
    it('asks for a lower bond, by the reference formula', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      await settled(world, { terms: { maxPrice: 200n * TOKEN, ramp: 0n } })
      const { reputation } = await world.market.providerOf(world.actors.provider)
      expect(reputation).to.equal(2n * TOKEN)
      job = await post(world, { terms: { ramp: 0n } })
      const bond = bondFor(world.parameters, job.fields.maxPrice, reputation)
      expect(bond < bondFor(world.parameters, job.fields.maxPrice, 0n)).to.equal(true)
      await expectMoney(world, { provider: { locked: bond, active: 1n } }, () => claimNow())
    })
  })
})
