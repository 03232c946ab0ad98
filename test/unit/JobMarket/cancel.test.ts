import { expect } from 'chai'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { type Job, post } from '../../helpers/jobs.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

// JM-25
describe('JobMarket.cancel', () => {
  let world: World
  let job: Job

  const cancelAt = (time: bigint, who: 'requester' | 'eve' | 'provider') =>
    at(time, () => world.market.connect(world.actors[who]).cancel(job.jobId))

  describe('given an open job', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await post(world)
    })

    describe('when its requester calls', () => {
      it('returns the whole escrow to the balance', async () => {
        const { market, actors } = world
        await expectMoney(world, { requester: { balance: job.fields.maxPrice } }, () =>
          market.connect(actors.requester).cancel(job.jobId),
        )
      })

      it('ends the job as Cancelled, without a provider', async () => {
        const { market, actors } = world
        await market.connect(actors.requester).cancel(job.jobId)
        const { status, provider, price, bond } = await market.getJob(job.jobId)
        expect([status, BigInt(provider), price, bond]).to.deep.equal([statusNumber('Cancelled'), 0n, 0n, 0n])
      })

      it('emits JobCancelled', async () => {
        const { market, actors } = world
        await expect(market.connect(actors.requester).cancel(job.jobId))
          .to.emit(market, 'JobCancelled')
          .withArgs(job.jobId, actors.requester.address, job.fields.maxPrice)
      })
    })

    for (const who of ['provider', 'eve'] as const) {
      describe(`when ${who} calls`, () => {
        for (const early of [1n, 0n]) {
          it(`reverts with JobMarketNotRequester ${early} s before claimBy has passed`, async () => {
            const { actors } = world
            const values = [job.jobId, actors[who].address, actors.requester.address]
            await expectRevert(
              world,
              cancelAt(job.fields.claimBy - early, who),
              'JobMarketNotRequester',
              values,
            )
          })
        }

        it('returns the escrow to the requester one second after claimBy', async () => {
          const { claimBy, maxPrice } = job.fields
          await expectMoney(world, { requester: { balance: maxPrice } }, () => cancelAt(claimBy + 1n, who))
        })
      })
    }

    for (const offset of [-1n, 0n, 1n]) {
      describe(`when its requester calls at claimBy ${offset < 0n ? '-' : '+'} ${offset < 0n ? -offset : offset} s`, () => {
        it('returns the escrow', async () => {
          const { claimBy, maxPrice } = job.fields
          await expectMoney(world, { requester: { balance: maxPrice } }, () =>
            cancelAt(claimBy + offset, 'requester'),
          )
        })
      })
    }
  })

  describe('given an expired job among jobs in every status', () => {
    it('returns the escrow to the requester when anyone calls', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      const { jobId, fields } = all.jobs.Expired
      await expectMoney(all, { requester: { balance: fields.maxPrice } }, () =>
        all.market.connect(all.actors.eve).cancel(jobId),
      )
    })
  })

  itRefusesEveryStatusBut(['Open', 'Expired'], 'Open', ({ market, actors }, { jobId }) =>
    market.connect(actors.requester).cancel(jobId),
  )
})
