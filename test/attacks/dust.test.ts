import { expect } from 'chai'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { FUNDS, TOKEN } from '../helpers/defaults.ts'
import { busyMarket, enlist, fund, market18, openMarket, type World } from '../helpers/fixtures.ts'
import { claimed, disputed, post, runBy, settled, submitted } from '../helpers/jobs.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, expectNoProfit, profitOf } from '../helpers/wealth.ts'

/** Amounts so small that their shares round to nothing. */
describe('Dust', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])
  const both = () => addressesOf(world, 'requester', 'provider')

  describe('in a stake', () => {
    it('claims nothing: a bond is never below the least one, however small the job', async () => {
      const { eve } = world.actors
      await enlist(world, eve, 1n)
      const job = await post(world, { terms: { maxPrice: 1n, ramp: 0n } })
      const { bond } = await world.market.quoteClaim(job.jobId, world.actors.rival)
      expect(bond >= world.parameters.minBond).to.equal(true)
      await expectNoProfit(world, addressesOf(world, 'eve'), async () => {
        await expectRevert(world, as('eve').claim(job.jobId), 'AccountInsufficientStake', [1n, bond])
        await as('eve').stake(bond - 2n)
        await expectRevert(world, as('eve').claim(job.jobId), 'AccountInsufficientStake', [bond - 1n, bond])
      })
    })

    it('saves no bond: with nothing but the bond left, a slash takes all of it', async () => {
      const { market, actors } = world
      const job = await disputed(world)
      const { bond } = await market.getJob(job.jobId)
      await as('provider').unstake(FUNDS.stake - bond)
      const lost = await expectNoProfit(world, addressesOf(world, 'provider'), () =>
        market.connect(actors.hook).reject(job.jobId, 0n),
      )
      expect(lost).to.equal(-bond)
    })

    it('that a late job left over claims no second one', async () => {
      const { market } = world
      const job = await claimed(world)
      const { bond } = await market.getJob(job.jobId)
      await as('provider').unstake(FUNDS.stake - bond)
      const next = await post(world, { terms: { claimBy: runBy(job) + 1_000n } })
      await expectNoProfit(world, addressesOf(world, 'provider'), async () => {
        await at(runBy(job) + 1n, () => as('keeper').fail(job.jobId))
        const again = as('provider').claim(next.jobId)
        await expect(again).to.be.revertedWithCustomError(market, 'AccountInsufficientStake')
      })
    })
  })

  describe('in a job', () => {
    it('moves through a whole life without a rounding that makes or loses a unit', async () => {
      const job = await submitted(world, { terms: { maxPrice: 1n, ramp: 0n } })
      const profit = await profitOf(world, both(), () => as('requester').accept(job.jobId))
      expect(profit, 'its price, and nothing more').to.equal(1n)
      await expectSolvent(world)
    })

    it('buys no reputation: a hundred jobs for 9 units each pay no fee at 10 %', async () => {
      world = await openMarket({ parameters: { feeBps: 1_000n } })
      const profit = await expectNoProfit(world, both(), async () => {
        for (let i = 0; i < 100; i++)
          await settled(world, { claimAfter: 1n, terms: { maxPrice: 9n, ramp: 0n } })
      })
      expect(profit).to.equal(0n)
      expect((await world.market.providerOf(world.actors.provider)).reputation).to.equal(0n)
      await expectSolvent(world)
    })

    it('evades a fee of less than a unit for each job, and no more', async () => {
      const jobs = 10n
      const whole = await profitOf(world, both(), () =>
        settled(world, { terms: { maxPrice: jobs * 99n, ramp: 0n } }),
      )
      const parts = await expectNoProfit(world, both(), async () => {
        for (let i = 0n; i < jobs; i++)
          await settled(world, { claimAfter: 1n, terms: { maxPrice: 99n, ramp: 0n } })
      })
      expect([whole, parts]).to.deep.equal([-9n, 0n])
      expect(parts - whole < jobs).to.equal(true)
    })

    it('costs a provider that is late a share of the least bond, not of the price', async () => {
      const job = await claimed(world, { claimAfter: 1n, terms: { maxPrice: 1n, ramp: 0n } })
      const lost = await expectNoProfit(world, addressesOf(world, 'provider'), () =>
        at(runBy(job) + 1n, () => as('keeper').fail(job.jobId)),
      )
      expect(-lost >= world.parameters.minBond / 5n).to.equal(true)
    })
  })

  it('in deposits and withdrawals: a unit at a time brings what it cost, in any number of decimals', async () => {
    for (const load of [busyMarket, market18]) {
      world = await networkHelpers.loadFixture(load)
      const { eve } = world.actors
      await fund(world, eve, TOKEN)
      const profit = await expectNoProfit(world, addressesOf(world, 'eve'), async () => {
        for (let i = 0; i < 5; i++) await as('eve').withdraw(eve.address, 1n)
        await world.token.connect(eve).approve(world.address, 5n * world.unit)
        for (let i = 0; i < 5; i++) await as('eve').deposit(1n)
      })
      expect(profit).to.equal(0n)
      await expectSolvent(world)
    }
  })
})
