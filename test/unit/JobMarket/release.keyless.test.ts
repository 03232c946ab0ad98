import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_PRICE } from '../../helpers/defaults.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { awaitingKey, claimedSigned, type Job, KEY, keyBy } from '../../helpers/jobs.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

describe('JobMarket.release of a claim without a key', () => {
  let world: World
  let job: Job
  let bond: bigint

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    job = await awaitingKey(world)
    bond = (await world.market.getJob(job.jobId)).bond
  })

  const releaseAt = (time: bigint, who: keyof World['actors'] = 'keeper') =>
    at(time, () => world.market.connect(world.actors[who]).release(job.jobId))

  for (const who of ['keeper', 'provider', 'requester', 'eve'] as const) {
    // JM-34
    it(`gives everything back when ${who} calls after keyBy`, async () => {
      await expectMoney(
        world,
        { requester: { balance: DEFAULT_PRICE }, provider: { locked: -bond, active: -1n } },
        () => releaseAt(keyBy(world, job) + 1n, who),
      )
    })
  }

  // JM-34
  it('emits JobReleased without a penalty, and counts no fault', async () => {
    await expect(releaseAt(keyBy(world, job) + 1n))
      .to.emit(world.market, 'JobReleased')
      .withArgs(job.jobId, job.provider.address, 0n)
    expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Released'))
    expect((await world.market.providerOf(job.provider)).faults).to.equal(0n)
  })

  for (const early of [1n, 0n]) {
    for (const who of ['provider', 'keeper'] as const) {
      it(`refuses it to ${who} ${early} s before keyBy has passed`, async () => {
        const time = keyBy(world, job) - early
        const values = [job.jobId, keyBy(world, job) + 1n, time]
        await expectRevert(world, releaseAt(time, who), 'JobMarketTooEarly', values)
      })
    }
  }

  it('is refused to anyone but the provider once the key came', async () => {
    await world.market.connect(job.requester).deliverKey(job.jobId, KEY)
    const values = [job.jobId, world.actors.keeper.address, job.provider.address]
    await expectRevert(world, releaseAt(keyBy(world, job) + 1n), 'JobMarketNotProvider', values)
  })

  it('works once', async () => {
    await releaseAt(keyBy(world, job) + 1n)
    const values = [job.jobId, statusNumber('Released'), statusNumber('Claimed')]
    await expectRevert(world, world.market.release(job.jobId), 'JobMarketWrongStatus', values)
  })

  it('gives the whole price of a signed job back', async () => {
    job = await claimedSigned(world, { terms: { isPrivate: 1n } })
    bond = (await world.market.getJob(job.jobId)).bond
    await expectMoney(
      world,
      { requester: { balance: 7_000_003n }, provider: { locked: -bond, active: -1n } },
      () => releaseAt(keyBy(world, job) + 1n),
    )
  })
})
