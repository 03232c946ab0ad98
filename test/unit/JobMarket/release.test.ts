import { expect } from 'chai'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_PRICE } from '../../helpers/defaults.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { claimed, type Job, keyBy, runBy } from '../../helpers/jobs.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

describe('JobMarket.release', () => {
  let world: World
  let job: Job
  let bond: bigint

  const releaseAt = (time: bigint, who: Role = 'provider') =>
    at(time, () => world.market.connect(world.actors[who]).release(job.jobId))
  const given = async (terms = {}) => {
    world = await networkHelpers.loadFixture(busyMarket)
    job = await claimed(world, { terms })
    bond = (await world.market.getJob(job.jobId)).bond
  }

  describe('given a claimed job', () => {
    const penalty = 105_000n // floor(2 % of 5,250,002)

    beforeEach(() => given())

    // JM-24
    it('refunds the price in full and puts 2 % of it from the stake into the reserve', async () => {
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE },
          provider: { stake: -penalty, locked: -bond, active: -1n },
          reserve: penalty,
        },
        () => releaseAt(job.claimedAt + 1n),
      )
    })

    it('emits JobReleased', async () => {
      await expect(releaseAt(job.claimedAt + 1n))
        .to.emit(world.market, 'JobReleased')
        .withArgs(job.jobId, world.actors.provider.address, penalty)
    })

    it('ends the job as Released and counts no fault', async () => {
      await releaseAt(job.claimedAt + 1n)
      const stored = await world.market.getJob(job.jobId)
      expect([stored.status, stored.runBy]).to.deep.equal([statusNumber('Released'), 0n])
      expect((await world.market.providerOf(world.actors.provider)).faults).to.equal(0n)
    })

    for (const who of ['requester', 'rival', 'hook', 'eve'] as const) {
      it(`reverts with JobMarketNotProvider for ${who}`, async () => {
        const values = [job.jobId, world.actors[who].address, world.actors.provider.address]
        await expectRevert(world, releaseAt(job.claimedAt + 1n, who), 'JobMarketNotProvider', values)
      })
    }
  })

  // the quarter is rounded down: 3,601 s give 900
  for (const [run, quarter] of [
    [3_601n, 900n],
    [3_600n, 900n],
    [7n, 1n],
    [4n, 1n],
  ] as const) {
    // JM-24
    describe(`given a run of ${run} s`, () => {
      beforeEach(() => given({ run }))

      for (const early of quarter === 1n ? [0n] : [1n, 0n]) {
        it(`releases ${early} s before the first quarter has passed`, async () => {
          await releaseAt(job.claimedAt + quarter - early)
          expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Released'))
        })
      }

      it('reverts with JobMarketDeadlinePassed one second after it', async () => {
        const until = job.claimedAt + quarter
        const values = [job.jobId, until, until + 1n]
        await expectRevert(world, releaseAt(until + 1n), 'JobMarketDeadlinePassed', values)
      })
    })
  }

  describe('given a price below fifty units', () => {
    it('costs nothing, 2 % being rounded down', async () => {
      await given({ maxPrice: 49n, ramp: 0n })
      await expectMoney(
        world,
        { requester: { balance: 49n }, provider: { locked: -bond, active: -1n } },
        () => releaseAt(job.claimedAt + 1n),
      )
    })
  })

  describe('given an overdue job', () => {
    it('reverts with JobMarketDeadlinePassed', async () => {
      await given()
      const until = job.claimedAt + 900n
      const time = runBy(job) + 1n
      await expectRevert(world, releaseAt(time), 'JobMarketDeadlinePassed', [job.jobId, until, time])
    })
  })

  describe('given jobs in every status', () => {
    it('releases the claimed one', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      await all.market.connect(all.actors.provider).release(all.jobs.Claimed.jobId)
    })

    it('releases the one without a key', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      const { jobId } = all.jobs.Keyless
      await all.market.connect(all.actors.eve).release(jobId)
      expect(await all.market.statusOf(jobId)).to.equal(statusNumber('Released'))
    })

    it('reverts with JobMarketTooEarly for the one that still waits for its key', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      const job = all.jobs.AwaitingKey
      const end = keyBy(all, job)
      const sending = at(end, () => all.market.connect(all.actors.provider).release(job.jobId))
      await expectRevert(all, sending, 'JobMarketTooEarly', [job.jobId, end + 1n, end])
    })
  })

  itRefusesEveryStatusBut(
    ['Claimed', 'Overdue', 'AwaitingKey', 'Keyless'],
    'Claimed',
    ({ market, actors }, { jobId }) => market.connect(actors.provider).release(jobId),
  )
})
