import { expect } from 'chai'
import { expectRevert } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { claimedSigned, disputed, type Job, submit, submitted, windowEnd } from '../helpers/jobs.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

/** A requester that stands by its liar: whatever it does during a challenge, the two lose half of the bond. */
describe('Accepting during a challenge', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const kinds: Record<string, () => Promise<Job>> = {
    posted: () => disputed(world),
    signed: async () => {
      const job = await submit(world, await claimedSigned(world))
      await world.market.connect(world.actors.hook).challengeOpened(job.jobId)
      return job
    },
    metered: () => disputed(world, { terms: { meteredBps: 9_000n, stepLimit: 40_000n } }),
  }

  for (const [kind, begin] of Object.entries(kinds)) {
    it(`frees no bond of a ${kind} job: requester and provider lose half of it together`, async () => {
      const { market, actors } = world
      const { jobId } = await begin()
      const { price, bond } = await market.getJob(jobId)
      const both = addressesOf(world, 'requester', 'provider')
      const profit = await profitOf(world, both, async () => {
        const open = [jobId, 1n]
        const requester = market.connect(actors.requester)
        await expectRevert(world, requester.accept(jobId), 'JobMarketChallengeOpen', open)
        await expectRevert(world, requester.settle(jobId), 'JobMarketChallengeOpen', open)
        await requester.settleMany([jobId])
        for (const attempt of [
          () => requester.challengeClosed(jobId),
          () => requester.cancel(jobId),
          () => market.connect(actors.provider).release(jobId),
        ]) {
          await attempt().then(
            () => expect.fail('the challenge was avoided'),
            () => {},
          )
        }
        await market.connect(actors.hook).reject(jobId, 0n)
      })
      // the price was in escrow before
      expect(2n * (profit - price) <= -bond).to.equal(true)
    })
  }

  it('of which one of two is closed is as impossible', async () => {
    const { market, actors } = world
    const { jobId } = await disputed(world)
    const hook = market.connect(actors.hook)
    await hook.challengeOpened(jobId)
    await hook.challengeClosed(jobId)
    const accepting = market.connect(actors.requester).accept(jobId)
    await expectRevert(world, accepting, 'JobMarketChallengeOpen', [jobId, 1n])
  })

  it('in the last second of the window: who opens first decides, and a second later nobody opens', async () => {
    const { market, actors } = world
    const job = await submitted(world)
    const end = windowEnd(job)
    const snapshot = await networkHelpers.takeSnapshot()
    await at(end, () => market.connect(actors.hook).challengeOpened(job.jobId))
    await expectRevert(world, market.settle(job.jobId), 'JobMarketChallengeOpen', [job.jobId, 1n])
    await snapshot.restore()
    const late = at(end + 1n, () => market.connect(actors.hook).challengeOpened(job.jobId))
    await expectRevert(world, late, 'JobMarketDeadlinePassed', [job.jobId, end, end + 1n])
    await market.connect(actors.requester).accept(job.jobId)
  })
})
