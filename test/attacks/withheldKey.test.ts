import { expect } from 'chai'
import { expectMoney, expectRevert } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { awaitingKey, claimedSigned, type Job, KEY, keyBy, RESULT_ROOT } from '../helpers/jobs.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { at, DAY, travelTo } from '../helpers/time.ts'
import { addressesOf, profitOf, wealthOf } from '../helpers/wealth.ts'

/** A requester of a private job that keeps its provider, and its bond, waiting for the key. */
describe('Withholding the key of a private job', () => {
  let world: World
  let job: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    job = await awaitingKey(world)
  })

  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])

  it('frees the whole bond for anyone’s call after `keyTime`, which is a day at the most', async () => {
    const { price, bond } = await world.market.getJob(job.jobId)
    expect(world.parameters.keyTime <= DAY).to.equal(true)
    const change = { requester: { balance: price }, provider: { locked: -bond, active: -1n } }
    await expectMoney(world, change, () => at(keyBy(world, job) + 1n, () => as('keeper').release(job.jobId)))
    const { faults, reputation } = await world.market.providerOf(world.actors.provider)
    expect([faults, reputation]).to.deep.equal([0n, 0n])
  })

  it('brings the requester nothing, alone or with a keeper', async () => {
    for (const group of [['requester'], ['requester', 'keeper'], ['requester', 'eve', 'hook']] as const) {
      const snapshot = await networkHelpers.takeSnapshot()
      const { price } = await world.market.getJob(job.jobId)
      const profit = await profitOf(world, addressesOf(world, ...group), () =>
        at(keyBy(world, job) + 1n, () => as('keeper').release(job.jobId)),
      )
      // the price had left its balance when the job was posted
      expect(profit - price).to.equal(0n)
      await snapshot.restore()
    }
  })

  it('cannot make the provider late: without a key there is no lateness', async () => {
    const { provider } = world.actors
    await travelTo(keyBy(world, job) + job.fields.run + job.fields.run)
    const values = [job.jobId, statusNumber('AwaitingKey'), statusNumber('Claimed')]
    const before = await wealthOf(world, provider.address)
    await expectRevert(world, as('requester').fail(job.jobId), 'JobMarketWrongStatus', values)
    await as('keeper').failMany([job.jobId])
    expect(await wealthOf(world, provider.address)).to.equal(before)
    expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Keyless'))
  })

  it('until the last second leaves the whole run time', async () => {
    const last = keyBy(world, job)
    await at(last, () => as('requester').deliverKey(job.jobId, KEY))
    const { runBy } = await world.market.getJob(job.jobId)
    expect(runBy).to.equal(last + job.fields.run)
    await at(runBy, () => as('provider').submit(job.jobId, RESULT_ROOT, 1n))
  })

  it('beyond it: a key that comes too late restarts no clock', async () => {
    const last = keyBy(world, job)
    const sending = at(last + 1n, () => as('requester').deliverKey(job.jobId, KEY))
    await expectRevert(world, sending, 'JobMarketDeadlinePassed', [job.jobId, last, last + 1n])
    await as('provider').release(job.jobId)
    const values = [job.jobId, statusNumber('Released'), statusNumber('AwaitingKey')]
    await expectRevert(world, as('requester').deliverKey(job.jobId, KEY), 'JobMarketWrongStatus', values)
  })

  // JM-33
  it('is not for others: nobody but the requester delivers a key, and only one', async () => {
    for (const who of ['provider', 'rival', 'hook', 'owner', 'eve'] as const) {
      const values = [job.jobId, world.actors[who].address, world.actors.requester.address]
      await expectRevert(world, as(who).deliverKey(job.jobId, KEY), 'JobMarketNotRequester', values)
    }
    await as('requester').deliverKey(job.jobId, KEY)
    const values = [job.jobId, statusNumber('Claimed'), statusNumber('AwaitingKey')]
    await expectRevert(world, as('requester').deliverKey(job.jobId, KEY), 'JobMarketWrongStatus', values)
  })

  it('ten times over holds bonds for one `keyTime`, and as much of its own money', async () => {
    const jobs: Job[] = []
    const before = await wealthOf(world, ...addressesOf(world, 'requester', 'provider'))
    for (let i = 0; i < 10; i++) jobs.push(await claimedSigned(world, { terms: { isPrivate: 1n } }))
    const { locked } = await world.market.accountOf(world.actors.provider)
    await travelTo(keyBy(world, jobs.at(-1) as Job) + 1n)
    for (const { jobId } of [job, ...jobs]) await as('provider').release(jobId)
    const after = await world.market.accountOf(world.actors.provider)
    expect([locked > 0n, after.locked, after.active]).to.deep.equal([true, 0n, 0n])
    const { maxPrice } = job.fields
    const price = (await world.market.getJob(job.jobId)).price
    expect(price <= maxPrice).to.equal(true)
    const now = await wealthOf(world, ...addressesOf(world, 'requester', 'provider'))
    expect(now - before).to.equal(price)
  })

  it('is no way out for the provider either: before the deadline it cannot give the claim back', async () => {
    const last = keyBy(world, job)
    const sending = at(last, () => as('provider').release(job.jobId))
    await expectRevert(world, sending, 'JobMarketTooEarly', [job.jobId, last + 1n, last])
  })
})
