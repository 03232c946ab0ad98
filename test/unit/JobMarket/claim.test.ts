import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { CLAIM_AFTER, DEFAULT_PRICE, FUNDS, OFFERED } from '../../helpers/defaults.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { type Job, post } from '../../helpers/jobs.ts'
import { bondFor, priceAt } from '../../helpers/reference.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

/** `10,500,004` is twice the price; a bond keeps 13 bits, so it is rounded up to a multiple of 2^11. */
const DEFAULT_BOND = 10_500_096n

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

    // JM-20, JM-23
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

    // JM-22
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

    // JM-22
    describe('when a rival claimed it', () => {
      it('reverts with JobMarketWrongStatus', async () => {
        await claimNow(world.actors.rival)
        const values = [job.jobId, statusNumber('Claimed'), statusNumber('Open')]
        await expectRevert(world, claimNow(), 'JobMarketWrongStatus', values)
      })
    })
  })

  // JM-20
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
