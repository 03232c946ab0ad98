import { expect } from 'chai'
import { expectRevert } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { DEFAULT_PRICE } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import {
  awaitingKey,
  claimed,
  disputed,
  KEY,
  keyBy,
  post,
  RESULT_ROOT,
  runBy,
  settled,
  submitted,
  windowEnd,
} from '../helpers/jobs.ts'
import { priceAt } from '../helpers/reference.ts'
import { at, DAY, now, travelTo } from '../helpers/time.ts'
import { addressesOf, expectNoProfit, profitOf } from '../helpers/wealth.ts'

/** The most seconds that whoever makes a block may date it ahead of everybody's clocks; a date never goes back. */
const SKEW = 15n

/** A party that makes the block in which its own call stands, and dates it as it likes. */
describe('Dating a block ahead', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])

  it('to claim at a higher price: brings what waiting would have brought, and never more than the maximum', async () => {
    const job = await post(world)
    const real = job.postedAt + 300n
    const priceOf = async (time: bigint) => {
      const snapshot = await networkHelpers.takeSnapshot()
      await at(time, () => as('provider').claim(job.jobId))
      const { price } = await world.market.getJob(job.jobId)
      await snapshot.restore()
      return price
    }
    const [waited, dated] = [await priceOf(real + SKEW), priceAt(job.fields, 300n + SKEW)]
    expect(dated - waited, 'what dating brings over waiting').to.equal(0n)
    // and all of it is the slope of an auction that the requester chose
    const slope = (job.fields.maxPrice * (10_000n - job.fields.minBps) * SKEW) / (10_000n * job.fields.ramp)
    expect((await priceOf(real)) + slope + 1n >= waited).to.equal(true)
    expect((await priceOf(job.postedAt + job.fields.ramp + SKEW)) <= job.fields.maxPrice).to.equal(true)
  })

  it('to make a provider late: one that submits so many seconds before the end is in time in any block', async () => {
    const job = await claimed(world)
    await expectNoProfit(world, addressesOf(world, 'requester', 'keeper'), async () => {
      const dated = at(runBy(job), () => as('keeper').fail(job.jobId))
      await expectRevert(world, dated, 'JobMarketTooEarly', [job.jobId, runBy(job) + 1n, runBy(job)])
    })
    const late = await claimed(world)
    const sent = runBy(late) - SKEW
    await at(sent + SKEW, () => as('provider').submit(late.jobId, RESULT_ROOT, 1n))
  })

  it('to miss a key: one that is sent so many seconds before `keyBy` comes in time in any block', async () => {
    const job = await awaitingKey(world)
    await expectNoProfit(world, addressesOf(world, 'provider'), async () => {
      const dated = at(keyBy(world, job) - 1n, () => as('provider').release(job.jobId))
      await expect(dated).to.be.revertedWithCustomError(world.market, 'JobMarketTooEarly')
    })
    await at(keyBy(world, job), () => as('requester').deliverKey(job.jobId, KEY))
  })

  it('to be paid before a challenge: one that was opened so many seconds before the end of the window stands', async () => {
    const job = await submitted(world)
    await at(windowEnd(job) - SKEW, () => as('hook').challengeOpened(job.jobId))
    const { bond } = await world.market.getJob(job.jobId)
    const gained = await profitOf(world, addressesOf(world, 'provider'), async () => {
      const dated = at(windowEnd(job) + 1n, () => as('provider').settle(job.jobId))
      await expectRevert(world, dated, 'JobMarketChallengeOpen', [job.jobId, 1n])
      await as('hook').reject(job.jobId, 0n)
    })
    expect(gained).to.equal(-bond)
  })

  it('to challenge too late: a window that is over by the date of a block is over', async () => {
    const job = await submitted(world)
    await expectNoProfit(world, addressesOf(world, 'requester', 'hook'), async () => {
      const dated = at(windowEnd(job) + 1n, () => as('hook').challengeOpened(job.jobId))
      await expect(dated).to.be.revertedWithCustomError(world.market, 'JobMarketDeadlinePassed')
    })
    await as('eve').settle(job.jobId)
  })

  it('to cancel what a provider is about to claim: the requester has its money back, and nothing else', async () => {
    const job = await post(world)
    const gained = await profitOf(world, addressesOf(world, 'requester', 'keeper'), () =>
      at(job.fields.claimBy + 1n, () => as('keeper').cancel(job.jobId)),
    )
    expect(gained - job.fields.maxPrice).to.equal(0n)
  })

  it('across midnight: it takes a day of a reputation from the one it dates, and adds none', async () => {
    await travelTo(((await now()) / DAY + 1n) * DAY + 1_000n)
    await settled(world, { terms: { maxPrice: 100_000_000n, ramp: 0n } })
    const midnight = ((await now()) / DAY + 1n) * DAY
    const reputation = async () => (await world.market.providerOf(world.actors.provider)).reputation
    const before = await reputation()
    await travelTo(midnight - 1n)
    expect(await reputation()).to.equal(before)
    await expectNoProfit(world, addressesOf(world, 'provider'), async () => {
      await at(midnight - 1n + SKEW, () => as('provider').stake(1n))
      expect((await reputation()) < before).to.equal(true)
    })
  })

  it('changes nothing of what a verdict or a release costs: neither depends on the time', async () => {
    for (const date of [1n, SKEW, 1_000n]) {
      const snapshot = await networkHelpers.takeSnapshot()
      const job = await disputed(world)
      const { bond } = await world.market.getJob(job.jobId)
      const time = (await now()) + date
      const lost = await profitOf(world, addressesOf(world, 'provider'), () =>
        at(time, () => as('hook').reject(job.jobId, 0n)),
      )
      expect(lost).to.equal(-bond)
      const other = await claimed(world)
      const released = await profitOf(world, addressesOf(world, 'provider'), () =>
        at(other.claimedAt + (date % 900n) + 1n, () => as('provider').release(other.jobId)),
      )
      expect(released).to.equal(-(DEFAULT_PRICE / 50n))
      await snapshot.restore()
    }
  })
})
