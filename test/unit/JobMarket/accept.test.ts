import { expect } from 'chai'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY } from '../../helpers/defaults.ts'
import { busyMarket, MOCKED, type World } from '../../helpers/fixtures.ts'
import { disputed, type Job, submitted, windowEnd } from '../../helpers/jobs.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

describe('JobMarket.accept', () => {
  let world: World
  let job: Job
  let bond: bigint

  const accept = (who: Role = 'requester') => world.market.connect(world.actors[who]).accept(job.jobId)
  const paid = () => ({
    provider: { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE },
  })

  // JM-37
  describe('given a submitted job', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await submitted(world)
      bond = (await world.market.getJob(job.jobId)).bond
    })

    it('pays the provider, unlocks the bond and keeps the fee', async () => {
      await expectMoney(world, paid(), () => accept())
    })

    it('emits JobSettled', async () => {
      await expect(accept())
        .to.emit(world.market, 'JobSettled')
        .withArgs(job.jobId, world.actors.provider.address, DEFAULT_PAY, DEFAULT_FEE)
    })

    it('ends the job as Settled and counts the fee as reputation', async () => {
      await accept()
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Settled'))
      const { reputation, faults } = await world.market.providerOf(world.actors.provider)
      expect([reputation, faults]).to.deep.equal([DEFAULT_FEE, 0n])
    })

    for (const who of ['provider', 'hook', 'keeper', 'eve'] as const) {
      it(`reverts with JobMarketNotRequester for ${who}`, async () => {
        const values = [job.jobId, world.actors[who].address, world.actors.requester.address]
        await expectRevert(world, accept(who), 'JobMarketNotRequester', values)
      })
    }

    for (const offset of [-1n, 0n, 1n, 1_000_000n]) {
      it(`is possible ${offset} s after the window's end`, async () => {
        await expectMoney(world, paid(), () => at(windowEnd(job) + offset, () => accept()))
      })
    }
  })

  describe('given a disputed job', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await disputed(world)
    })

    // JM-37
    it('reverts with JobMarketChallengeOpen while a challenge is open', async () => {
      const { market, actors } = world
      await expectRevert(world, accept(), 'JobMarketChallengeOpen', [job.jobId, 1n])
      await market.connect(actors.hook).challengeOpened(job.jobId)
      await expectRevert(world, accept(), 'JobMarketChallengeOpen', [job.jobId, 2n])
    })

    it('is possible once every challenge was lost', async () => {
      const { market, actors } = world
      await market.connect(actors.hook).challengeClosed(job.jobId)
      bond = (await market.getJob(job.jobId)).bond
      await expectMoney(world, paid(), () => accept())
    })
  })

  describe('given a job of a level whose hook does not call it final yet', () => {
    it('pays: the requester may be content before the hook is', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await submitted(world, { terms: { level: MOCKED } })
      bond = (await world.market.getJob(job.jobId)).bond
      await expectMoney(world, paid(), () => accept())
    })
  })

  describe('given a settleable job among jobs in every status', () => {
    it('pays', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      await all.market.connect(all.actors.requester).accept(all.jobs.Settleable.jobId)
      expect(await all.market.statusOf(all.jobs.Settleable.jobId)).to.equal(statusNumber('Settled'))
    })
  })

  itRefusesEveryStatusBut(
    ['Submitted', 'Disputed', 'Settleable'],
    'Submitted',
    ({ market, actors }, { jobId }) => market.connect(actors.requester).accept(jobId),
  )
})
