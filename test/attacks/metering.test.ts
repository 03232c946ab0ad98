import { expect } from 'chai'
import { networkHelpers } from '../helpers/chain.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { claimed, claimedSigned, type Job, RESULT_ROOT, submit, windowEnd } from '../helpers/jobs.ts'
import { feeOf, meteredPay } from '../helpers/reference.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

const MOST = 2n ** 128n - 1n

/** A provider that reports other steps than it took, of a job that pays by the step. */
describe('Wrong steps of a metered job', () => {
  let world: World

  const METERED = { meteredBps: 9_000n, tasks: 64n, stepLimit: 40_000n }
  const BUDGET = METERED.tasks * METERED.stepLimit
  const TAKEN = BUDGET / 3n

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])
  const kinds: Record<string, () => Promise<Job>> = {
    posted: () => claimed(world, { claimAfter: 1n, terms: { ...METERED, ramp: 0n } }),
    signed: () => claimedSigned(world, { terms: METERED }),
  }

  for (const [kind, begin] of Object.entries(kinds)) {
    /** What the coalition has more at the end than before the result was submitted. */
    const profit = async (steps: bigint, challenged: boolean, ...coalition: (keyof World['actors'])[]) => {
      const snapshot = await networkHelpers.takeSnapshot()
      const job = await begin()
      const gained = await profitOf(world, addressesOf(world, ...coalition), async () => {
        const done = await submit(world, job, RESULT_ROOT, steps)
        if (challenged) {
          await as('hook').challengeOpened(job.jobId)
          await as('hook').reject(job.jobId, 0n)
        } else {
          await at(windowEnd(done) + 1n, () => as('provider').settle(job.jobId))
        }
      })
      const { price, bond } = await world.market.getJob(job.jobId)
      await snapshot.restore()
      return { gained, price, bond }
    }
    const due = (price: bigint, steps: bigint) => {
      const pay = meteredPay(price, METERED.meteredBps, BUDGET, steps)
      return pay - feeOf(pay, world.parameters.feeBps)
    }

    describe(`of a ${kind} job`, () => {
      it('overstated and challenged: cost more than all that they could have brought', async () => {
        for (const steps of [TAKEN + 1n, BUDGET, MOST]) {
          const { gained, price, bond } = await profit(steps, true, 'provider')
          expect(gained).to.equal(-bond)
          const hoped = due(price, steps) - due(price, TAKEN)
          expect(gained + hoped <= 0n).to.equal(true)
        }
      })

      it('overstated without limit: are paid no more than the price', async () => {
        const most = await profit(BUDGET, false, 'provider')
        expect(most.gained).to.equal(due(most.price, BUDGET))
        for (const steps of [BUDGET + 1n, 2n ** 96n, 2n ** 96n + 1n, MOST]) {
          expect((await profit(steps, false, 'provider')).gained).to.equal(most.gained)
        }
      })

      it('understated: are the loss of the provider alone', async () => {
        const honest = await profit(TAKEN, false, 'provider')
        for (const steps of [0n, 1n, TAKEN - 1n]) {
          const { gained, price } = await profit(steps, false, 'provider')
          expect(gained <= honest.gained).to.equal(true)
          expect(gained >= due(price, 0n)).to.equal(true)
        }
      })

      it('overstated by a provider and a requester who are one: cost them the fee of more', async () => {
        const small = await profit(1n, false, 'provider', 'requester')
        const large = await profit(BUDGET, false, 'provider', 'requester')
        expect(large.gained < small.gained).to.equal(true)
        expect(large.gained - large.price).to.equal(-feeOf(large.price, world.parameters.feeBps))
      })

      it('understated by both: pay no fee on what was not paid, and buy no reputation with it', async () => {
        const job = await begin()
        const done = await submit(world, job, RESULT_ROOT, 0n)
        await at(windowEnd(done) + 1n, () => as('provider').settle(job.jobId))
        const { price } = await world.market.getJob(job.jobId)
        const { reputation, feeOwed } = await world.market.providerOf(world.actors.provider)
        const fee = feeOf(meteredPay(price, METERED.meteredBps, BUDGET, 0n), world.parameters.feeBps)
        expect([reputation, feeOwed]).to.deep.equal([fee, fee])
      })

      it('stay as they were submitted: nobody changes them after', async () => {
        const job = await begin()
        await submit(world, job, RESULT_ROOT, TAKEN)
        for (const who of ['provider', 'requester', 'hook', 'eve'] as const) {
          const again = as(who).submit(job.jobId, RESULT_ROOT, 0n)
          await expect(again).to.be.revertedWithCustomError(world.market, 'JobMarketWrongStatus')
        }
        const { steps, stepBudget } = await world.market.getJob(job.jobId)
        expect([steps, stepBudget]).to.deep.equal([TAKEN, BUDGET])
      })
    })
  }
})
