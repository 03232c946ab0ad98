import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { CLAIM_AFTER, DEFAULT_PRICE, FUNDS, OFFERED, resources, TOKEN } from '../../helpers/defaults.ts'
import { busyMarket, fund, openMarket, type World } from '../../helpers/fixtures.ts'
import { claim, claimed, type Job, post, settled } from '../../helpers/jobs.ts'
import { bondFor, feeOf, priceAt } from '../../helpers/reference.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

/** `10,500,004` is twice the price; a bond keeps 13 bits, so it is rounded up to a multiple of 2^11. */
const DEFAULT_BOND = 10_500_096n

async function cheapBonds(): Promise<World> {
  return openMarket({ parameters: { surchargeBps: 0n, minBond: 30_000n, bondBps: 10_000n } })
}

async function littleExposure(): Promise<World> {
  return openMarket({ parameters: { baseExposure: 2n * DEFAULT_BOND } })
}

describe('JobMarket.claim', () => {
  let world: World
  let job: Job

  const claimAt = (time: bigint, who: Signer = world.actors.provider) =>
    at(time, () => world.market.connect(who).claim(job.jobId))
  const claimNow = (who: Signer = world.actors.provider) => world.market.connect(who).claim(job.jobId)

  describe('given an open job', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await post(world)
    })

    it('locks the bond and returns what was escrowed above the price', async () => {
      await expectMoney(
        world,
        {
          requester: { balance: job.fields.maxPrice - DEFAULT_PRICE },
          provider: { locked: DEFAULT_BOND, active: 1n },
        },
        () => claimAt(job.postedAt + CLAIM_AFTER),
      )
    })

    it('emits JobClaimed with price and bond', async () => {
      await expect(claimAt(job.postedAt + CLAIM_AFTER))
        .to.emit(world.market, 'JobClaimed')
        .withArgs(job.jobId, world.actors.provider.address, DEFAULT_PRICE, DEFAULT_BOND)
    })

    it('stores the provider, the price, the bond and the deadline of the run', async () => {
      const time = job.postedAt + CLAIM_AFTER
      await claimAt(time)
      const stored = await world.market.getJob(job.jobId)
      expect(stored.status).to.equal(statusNumber('Claimed'))
      expect(stored.provider).to.equal(world.actors.provider.address)
      expect([stored.price, stored.bond]).to.deep.equal([DEFAULT_PRICE, DEFAULT_BOND])
      expect([stored.runBy, stored.submittedAt]).to.deep.equal([time + job.fields.run, 0n])
    })

    it('lets a registered requester claim its own job', async () => {
      const { requester } = world.actors
      const { market } = world
      await market.connect(requester).updateProvider(OFFERED, 1, '', word('key'))
      await market.connect(requester).stake(FUNDS.stake)
      const change = {
        balance: job.fields.maxPrice - DEFAULT_PRICE,
        locked: DEFAULT_BOND,
        active: 1n,
      }
      await expectMoney(world, { requester: change }, () => claimAt(job.postedAt + CLAIM_AFTER, requester))
    })

    for (const who of ['requester', 'eve', 'hook'] as const) {
      it(`reverts with ProvidersConcurrencyReached for ${who}, who never registered`, async () => {
        const caller = world.actors[who]
        const values = [caller.address, 0n, 0n]
        await expectRevert(world, claimNow(caller), 'ProvidersConcurrencyReached', values)
      })
    }

    describe('when claimBy is near', () => {
      for (const early of [1n, 0n]) {
        it(`claims ${early} s before it has passed`, async () => {
          await claimAt(job.fields.claimBy - early)
          expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Claimed'))
        })
      }

      it('reverts with JobMarketDeadlinePassed one second after it', async () => {
        const { claimBy } = job.fields
        const values = [job.jobId, claimBy, claimBy + 1n]
        await expectRevert(world, claimAt(claimBy + 1n), 'JobMarketDeadlinePassed', values)
      })
    })

    describe('when a rival claimed it', () => {
      it('reverts with JobMarketWrongStatus', async () => {
        await claimNow(world.actors.rival)
        const values = [job.jobId, statusNumber('Claimed'), statusNumber('Open')]
        await expectRevert(world, claimNow(), 'JobMarketWrongStatus', values)
      })
    })
  })

  describe('given the auction', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    for (const elapsed of [1n, 2n, 299n, 300n, 301n, 598n, 599n, 600n, 601n, 10_000n]) {
      it(`fixes the price of the line ${elapsed} s after posting`, async () => {
        job = await post(world)
        const price = priceAt(job.fields, elapsed)
        const bond = bondFor(world.parameters, price, 0n)
        const requester = { balance: job.fields.maxPrice - price }
        await expectMoney(world, { requester, provider: { locked: bond, active: 1n } }, () =>
          claimAt(job.postedAt + elapsed),
        )
        expect((await world.market.getJob(job.jobId)).price).to.equal(price)
      })
    }

    it('starts at the lowest price, for a claim in the block of the posting', async () => {
      job = await post(world)
      expect((await world.market.quoteClaim(job.jobId, world.actors.provider)).price).to.equal(3_500_001n)
    })

    it('has one price where the lowest is all of the highest', async () => {
      job = await post(world, { terms: { minBps: 10_000n } })
      expect((await world.market.quoteClaim(job.jobId, world.actors.provider)).price).to.equal(7_000_003n)
    })

    it('has one price where the ramp is zero', async () => {
      job = await post(world, { terms: { ramp: 0n } })
      await claimAt(job.postedAt + 1n)
      expect((await world.market.getJob(job.jobId)).price).to.equal(job.fields.maxPrice)
    })

    it('returns nothing at the highest price', async () => {
      job = await post(world)
      const bond = bondFor(world.parameters, job.fields.maxPrice, 0n)
      await expectMoney(world, { provider: { locked: bond, active: 1n } }, () => claimAt(job.postedAt + 600n))
    })

    it('can reach zero with a price of one unit, whose whole escrow then returns', async () => {
      job = await post(world, { terms: { maxPrice: 1n, minBps: 0n } })
      const bond = bondFor(world.parameters, 0n, 0n)
      await expectMoney(world, { requester: { balance: 1n }, provider: { locked: bond, active: 1n } }, () =>
        claimAt(job.postedAt + 1n),
      )
    })
  })

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

    it('asks for the least bond where the price is low', async () => {
      job = await post(world, { terms: { maxPrice: 1n, ramp: 0n } })
      await expectMoney(world, { provider: { locked: 30_000n, active: 1n } }, () => claimNow())
    })
  })

  describe('given reputation', () => {
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

  describe('given an expired job among jobs in every status', () => {
    it('reverts with JobMarketDeadlinePassed', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      const { jobId, fields, postedAt } = all.jobs.Expired
      const time = postedAt + 10_000n
      const sending = at(time, () => all.market.connect(all.actors.rival).claim(jobId))
      await expectRevert(all, sending, 'JobMarketDeadlinePassed', [jobId, fields.claimBy, time])
    })
  })

  itRefusesEveryStatusBut(['Open', 'Expired'], 'Open', ({ market, actors }, { jobId }) =>
    market.connect(actors.rival).claim(jobId),
  )
})
