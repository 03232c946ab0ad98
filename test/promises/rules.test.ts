import { expect } from 'chai'
import { expectMoney, expectRevert } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { defaultParameters, MAX_UNITS, type Parameters } from '../helpers/defaults.ts'
import type { World } from '../helpers/fixtures.ts'
import { RESULT_ROOT, runBy, TOTAL_STEPS, windowEnd } from '../helpers/jobs.ts'
import { plain } from '../helpers/plain.ts'
import { feeOf, releasePenalty, splitFraud, splitLateness } from '../helpers/reference.ts'
import { type JobPerStatus, jobPerStatus, STATUSES } from '../helpers/statuses.ts'
import { at, now } from '../helpers/time.ts'

/** Everything at another bound. */
const HOSTILE: Parameters = {
  feeBps: 1_000n,
  bondBps: 50_000n,
  surchargeBps: 30_000n,
  latenessBps: 0n,
  minBond: MAX_UNITS,
  baseExposure: 0n,
  minRun: 604_800n,
  minWindow: 604_800n,
  lateRequesterGas: MAX_UNITS,
  lateKeeperGas: 0n,
}

/** All that who governs can do. */
async function govern({ market, actors }: World): Promise<void> {
  const owner = market.connect(actors.owner)
  await owner.addParameters(HOSTILE, [actors.eve.address, actors.eve.address])
  await owner.setFeeRecipient(actors.eve.address)
  await owner.pausePosting()
  await owner.transferOwnership(actors.eve.address)
  await market.connect(actors.eve).acceptOwnership()
}

describe('Promise 6: rules are fixed when a job is posted', () => {
  let world: JobPerStatus

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(jobPerStatus)
  })

  for (const status of STATUSES.slice(1)) {
    it(`changes nothing of a job that is ${status}, whatever governance does`, async () => {
      const { jobId } = world.jobs[status]
      const before = plain(await world.market.getJob(jobId))
      await govern(world)
      expect(plain(await world.market.getJob(jobId))).to.deep.equal(before)
    })
  }

  describe('given governance did all it can', () => {
    const price = (jobId: string) => world.market.getJob(jobId).then((job) => job.price)
    const bond = (jobId: string) => world.market.getJob(jobId).then((job) => job.bond)

    it('claims at the quote of before', async () => {
      const { jobId, fields, postedAt } = world.jobs.Open
      const { rival } = world.actors
      const time = postedAt + fields.ramp + 10n
      const snapshot = await networkHelpers.takeSnapshot()
      await networkHelpers.time.increaseTo(time)
      const quote = await world.market.quoteClaim(jobId, rival)
      await snapshot.restore()
      await govern(world)
      await expectMoney(world, { rival: { locked: quote.bond, active: 1n } }, () =>
        at(time, () => world.market.connect(rival).claim(jobId)),
      )
      expect(await price(jobId)).to.equal(quote.price)
    })

    it('submits and settles at the fee of before', async () => {
      await govern(world)
      const { jobId, fields } = world.jobs.Claimed
      const { market, actors } = world
      const [paid, locked] = [await price(jobId), await bond(jobId)]
      await market.connect(actors.provider).submit(jobId, RESULT_ROOT, TOTAL_STEPS)
      const fee = feeOf(paid, defaultParameters.feeBps)
      const change = { balance: paid - fee, locked: -locked, active: -1n, feeOwed: fee }
      const end = (await now()) + fields.window
      await expectMoney(world, { provider: change }, () => at(end + 1n, () => market.settle(jobId)))
    })

    it('fails with the lateness schedule of before', async () => {
      await govern(world)
      const { jobId } = world.jobs.Claimed
      const [paid, locked] = [await price(jobId), await bond(jobId)]
      const split = splitLateness(defaultParameters, locked)
      await expectMoney(
        world,
        {
          requester: { balance: paid + split.toRequester },
          keeper: { balance: split.toKeeper },
          provider: { stake: -split.total, locked: -locked, active: -1n },
          reserve: split.toReserve,
        },
        () => at(runBy(world.jobs.Claimed) + 1n, () => world.market.connect(world.actors.keeper).fail(jobId)),
      )
    })

    it('asks the hook of before, and no other', async () => {
      await govern(world)
      const { market, actors } = world
      const { jobId } = world.jobs.Disputed
      const values = [jobId, actors.eve.address, actors.hook.address]
      await expectRevert(world, market.connect(actors.eve).reject(jobId, 0n), 'JobMarketNotHook', values)
      const [paid, locked] = [await price(jobId), await bond(jobId)]
      const split = splitFraud(locked, paid, 0n)
      await expectMoney(
        world,
        {
          requester: { balance: paid + split.toRequester },
          hook: { balance: split.toHook },
          provider: { stake: -locked, locked: -locked, active: -1n },
          reserve: split.toReserve,
        },
        () => market.connect(actors.hook).reject(jobId, 0n),
      )
    })

    it('releases, cancels, accepts, unstakes and withdraws as before', async () => {
      const { market, actors } = world
      const { requester, provider } = actors
      const { Claimed, Open, Submitted } = world.jobs
      const penalty = releasePenalty(await price(Claimed.jobId), await bond(Claimed.jobId))
      await govern(world)
      const reserve = await market.reserve()
      await market.connect(provider).release(Claimed.jobId)
      expect((await market.reserve()) - reserve).to.equal(penalty)
      await market.connect(requester).cancel(Open.jobId)
      await market.connect(requester).accept(Submitted.jobId)
      const { stake, locked, balance } = await market.accountOf(provider)
      await market.connect(provider).unstake(stake - locked)
      await market.connect(provider).withdraw(provider.address, balance + stake - locked)
    })

    it('keeps the windows of before: a challenge is in time until the same second', async () => {
      await govern(world)
      const { market, actors } = world
      const end = windowEnd(world.jobs.Submitted)
      await at(end, () => market.connect(actors.hook).challengeOpened(world.jobs.Submitted.jobId))
    })
  })

  describe('given the pause', () => {
    it('stops post and postMany alone', async () => {
      await world.market.connect(world.actors.owner).pausePosting()
      const { market, actors } = world
      const { jobs } = world
      const requester = market.connect(actors.requester)
      await expectRevert(world, requester.post(jobs.Open.terms), 'JobMarketPostingPaused')
      await expectRevert(world, requester.postMany([jobs.Open.terms]), 'JobMarketPostingPaused')
      const provider = market.connect(actors.provider)
      await market.connect(actors.rival).claim(jobs.Open.jobId)
      await provider.submit(jobs.Claimed.jobId, RESULT_ROOT, TOTAL_STEPS)
      await requester.accept(jobs.Claimed.jobId)
      await market.settle(jobs.Settleable.jobId)
      await market.fail(jobs.Overdue.jobId)
      await market.cancel(jobs.Expired.jobId)
      await market.connect(actors.hook).challengeClosed(jobs.Disputed.jobId)
      await provider.updateProvider(1n, 1n, '', ethers.ZeroHash)
      await market.collectFees([actors.provider.address])
      await market.connect(actors.eve).stake(5n)
      await market.connect(actors.eve).withdraw(actors.eve.address, 5n)
    })
  })
})
