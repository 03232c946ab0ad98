import { expect } from 'chai'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { claimed, type Job, RESULT_ROOT, runBy, submit, TOTAL_STEPS } from '../../helpers/jobs.ts'
import { plain } from '../../helpers/plain.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { commitmentOf } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('JobMarket.submit', () => {
  let world: World
  let job: Job

  const submitAt = (time: bigint, who: Role = 'provider') =>
    at(time, () => world.market.connect(world.actors[who]).submit(job.jobId, RESULT_ROOT, TOTAL_STEPS))

  // JM-35
  describe('given a claimed job', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await claimed(world)
    })

    it('moves no money', async () => {
      await expectMoney(world, {}, () => submitAt(job.claimedAt + 10n))
    })

    it('emits ResultSubmitted', async () => {
      await expect(submitAt(job.claimedAt + 10n))
        .to.emit(world.market, 'ResultSubmitted')
        .withArgs(job.jobId, world.actors.provider.address, RESULT_ROOT, TOTAL_STEPS)
    })

    it('stores the commitment and the time, and keeps provider, price and bond', async () => {
      const before = await world.market.getJob(job.jobId)
      const time = job.claimedAt + 10n
      await submitAt(time)
      const stored = await world.market.getJob(job.jobId)
      expect(plain(stored)).to.deep.equal({
        ...plain(before),
        status: statusNumber('Submitted'),
        runBy: 0n,
        submittedAt: time,
        resultCommitment: commitmentOf(RESULT_ROOT, TOTAL_STEPS),
      })
    })

    for (const [root, steps] of [
      [ethers.ZeroHash, 0n],
      [ethers.MaxUint256, 2n ** 128n - 1n],
    ] as const) {
      it(`commits to the root ${ethers.toBeHex(root).slice(0, 6)}… with ${steps} steps`, async () => {
        const bytes = ethers.toBeHex(root, 32)
        await submit(world, job, bytes, steps)
        const { resultCommitment } = await world.market.getJob(job.jobId)
        expect(resultCommitment).to.equal(commitmentOf(bytes, steps))
      })
    }

    for (const who of ['requester', 'rival', 'hook', 'eve'] as const) {
      it(`reverts with JobMarketNotProvider for ${who}`, async () => {
        const values = [job.jobId, world.actors[who].address, world.actors.provider.address]
        await expectRevert(world, submitAt(job.claimedAt + 10n, who), 'JobMarketNotProvider', values)
      })
    }

    for (const early of [1n, 0n]) {
      it(`is in time ${early} s before runBy has passed`, async () => {
        await submitAt(runBy(job) - early)
        expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Submitted'))
      })
    }

    it('reverts with JobMarketDeadlinePassed one second after runBy', async () => {
      const values = [job.jobId, runBy(job), runBy(job) + 1n]
      await expectRevert(world, submitAt(runBy(job) + 1n), 'JobMarketDeadlinePassed', values)
    })

    it('is final: the same provider cannot submit again', async () => {
      await submitAt(job.claimedAt + 10n)
      const values = [job.jobId, statusNumber('Submitted'), statusNumber('Claimed')]
      await expectRevert(world, submitAt(job.claimedAt + 11n), 'JobMarketWrongStatus', values)
    })
  })

  describe('given an overdue job among jobs in every status', () => {
    it('reverts with JobMarketDeadlinePassed, though nobody failed it yet', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      const { jobId, claimedAt } = all.jobs.Overdue
      const time = claimedAt + 10_000n
      const sending = at(time, () =>
        all.market.connect(all.actors.provider).submit(jobId, RESULT_ROOT, TOTAL_STEPS),
      )
      await expectRevert(all, sending, 'JobMarketDeadlinePassed', [jobId, claimedAt + 2n, time])
    })
  })

  itRefusesEveryStatusBut(['Claimed', 'Overdue'], 'Claimed', ({ market, actors }, { jobId }) =>
    market.connect(actors.provider).submit(jobId, RESULT_ROOT, TOTAL_STEPS),
  )
})
