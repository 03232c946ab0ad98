import { expect } from 'chai'
import { expectMoney } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_PRICE, MAX_UNITS } from '../../helpers/defaults.ts'
import { busyMarket, deployMarket, enlist, fund, type World } from '../../helpers/fixtures.ts'
import { claimed, claimedSigned, type Job, post, runBy, submit, windowEnd } from '../../helpers/jobs.ts'
import { bondFor, feeOf, meteredPay, splitFraud, splitLateness } from '../../helpers/reference.ts'
import { fieldOf, jobSlot, readWord } from '../../helpers/storage.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

const ROOT = word('result root')
const BUDGET = 64n * 2n ** 36n
const MOST_STEPS = 2n ** 128n - 1n

describe('JobMarket, its metered jobs', () => {
  let world: World
  let job: Job
  let bond: bigint

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const take = async (meteredBps: bigint) => {
    job = await claimed(world, { terms: { meteredBps } })
    bond = (await world.market.getJob(job.jobId)).bond
  }
  const accept = () => world.market.connect(job.requester).accept(job.jobId)
  const settle = () => at(windowEnd(job) + 1n, () => world.market.settle(job.jobId))
  /** What a job of `price` that pays `due` moves at its end. */
  const ends = (due: bigint, price = DEFAULT_PRICE) => {
    const fee = feeOf(due, 100n)
    return {
      requester: { balance: price - due },
      provider: { balance: due - fee, locked: -bond, active: -1n, feeOwed: fee },
    }
  }

  describe('given a job that was posted', () => {
    it('keeps the share and the budget, tasks times the step limit', async () => {
      job = await post(world, { terms: { meteredBps: 2_500n } })
      const view = await world.market.getJob(job.jobId)
      expect([view.meteredBps, view.stepBudget, view.steps]).to.deep.equal([2_500n, BUDGET, 0n])
    })

    it('keeps a budget of (2^32 - 1) * 2^44 steps', async () => {
      job = await post(world, {
        terms: { meteredBps: 10_000n, tasks: 2n ** 32n - 1n, stepLimit: 2n ** 44n },
      })
      const view = await world.market.getJob(job.jobId)
      expect(view.stepBudget).to.equal((2n ** 32n - 1n) * 2n ** 44n)
    })

    it('leaves the fifth word empty where nothing is metered', async () => {
      job = await post(world)
      expect(await readWord(world, jobSlot(job.jobId, 4n))).to.equal(0n)
    })
  })

  const HALF = BUDGET / 2n
  // price 5,250,002: by hand for half and quarter, then by the formula
  const cases: [string, bigint, bigint, bigint][] = [
    ['no steps and all of it metered', 10_000n, 0n, 0n],
    ['no steps and half of it metered', 5_000n, 0n, 2_625_001n],
    ['half of the budget and all of it metered', 10_000n, HALF, 2_625_001n],
    ['half of the budget and half of it metered', 5_000n, HALF, 3_937_501n],
    ['one step and all of it metered', 10_000n, 1n, 0n],
    ['one step less than the budget', 10_000n, BUDGET - 1n, 5_250_001n],
    ['the whole budget', 10_000n, BUDGET, 5_250_002n],
    ['one step more than the budget', 10_000n, BUDGET + 1n, 5_250_002n],
    ['as many steps as can be said', 10_000n, MOST_STEPS, 5_250_002n],
    ['a hundredth of a percent metered and no steps', 1n, 0n, 5_249_476n],
  ]
  for (const [what, bps, steps, due] of cases) {
    // JM-38
    describe(`given ${what}`, () => {
      beforeEach(async () => {
        await take(bps)
        job = await submit(world, job, ROOT, steps)
      })

      it(`pays ${due} when it is accepted, and the rest back`, async () => {
        expect(meteredPay(DEFAULT_PRICE, bps, BUDGET, steps)).to.equal(due)
        await expectMoney(world, ends(due), accept)
      })

      it(`pays ${due} when it is settled`, async () => {
        await expectMoney(world, ends(due), settle)
      })
    })
  }

  describe('given steps above the budget', () => {
    beforeEach(async () => {
      await take(5_000n)
    })

    it('keeps the budget as the steps, and what was said in the event', async () => {
      const { market } = world
      await expect(market.connect(job.provider).submit(job.jobId, ROOT, MOST_STEPS))
        .to.emit(market, 'ResultSubmitted')
        .withArgs(job.jobId, job.provider.address, ROOT, MOST_STEPS)
      expect((await market.getJob(job.jobId)).steps).to.equal(BUDGET)
      const meter = await readWord(world, jobSlot(job.jobId, 4n))
      expect(fieldOf('Job.4.steps', meter)).to.equal(BUDGET)
    })
  })

  describe('given many at once', () => {
    it('pays each by its own steps', async () => {
      await take(10_000n)
      const first = await submit(world, job, ROOT, 0n)
      const firstBond = bond
      await take(5_000n)
      job = await submit(world, job, ROOT, HALF)
      const { provider, requester } = ends(3_937_501n)
      await expectMoney(
        world,
        {
          requester: { balance: requester.balance + DEFAULT_PRICE },
          provider: { ...provider, locked: -bond - firstBond, active: -2n },
        },
        () => at(windowEnd(job) + 1n, () => world.market.settleMany([first.jobId, job.jobId])),
      )
    })

    it('emits JobSettled with what was paid', async () => {
      await take(10_000n)
      job = await submit(world, job, ROOT, HALF)
      await expect(settle())
        .to.emit(world.market, 'JobSettled')
        .withArgs(job.jobId, job.provider.address, 2_598_751n, 26_250n)
    })
  })

  describe('given an end without pay', () => {
    beforeEach(async () => {
      await take(5_000n)
    })

    it('gives the whole price back when it was late, and counts the bond in full', async () => {
      const s = splitLateness(world.parameters, bond)
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE + s.toRequester },
          keeper: { balance: s.toKeeper },
          provider: { stake: -s.total, locked: -bond, active: -1n },
          reserve: s.toReserve,
        },
        () => at(runBy(job) + 1n, () => world.market.connect(world.actors.keeper).fail(job.jobId)),
      )
    })

    it('gives the whole price back when it is rejected', async () => {
      job = await submit(world, job, ROOT, 0n)
      const { market, actors } = world
      await market.connect(actors.hook).challengeOpened(job.jobId)
      const s = splitFraud(bond, DEFAULT_PRICE, 0n)
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE + s.toRequester },
          hook: { balance: s.toHook },
          provider: { stake: -bond, locked: -bond, active: -1n },
          reserve: s.toReserve,
        },
        () => market.connect(actors.hook).reject(job.jobId, 0n),
      )
    })

    it('takes 2 % of the whole price for a release', async () => {
      const penalty = DEFAULT_PRICE / 50n
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE },
          provider: { stake: -penalty, locked: -bond, active: -1n },
          reserve: penalty,
        },
        () => world.market.connect(job.provider).release(job.jobId),
      )
    })
  })

  describe('given a metered job that was agreed by signature', () => {
    it('pays by step as well', async () => {
      job = await claimedSigned(world, { terms: { meteredBps: 7_500n } })
      bond = (await world.market.getJob(job.jobId)).bond
      const price = 7_000_003n
      job = await submit(world, job, ROOT, HALF)
      const due = meteredPay(price, 7_500n, BUDGET, HALF)
      expect(due).to.equal(4_375_001n)
      await expectMoney(world, ends(due, price), settle)
    })
  })

  describe('given the extremes of every field', () => {
    const BIGGEST = (2n ** 32n - 1n) * 2n ** 44n
    const price = 2n ** 79n - 1n

    for (const steps of [BIGGEST - 1n, BIGGEST, MOST_STEPS]) {
      it(`pays a price of 79 bits for ${steps} steps to the unit`, async () => {
        const parameters = { baseExposure: MAX_UNITS, surchargeBps: 0n, bondBps: 2_000n }
        world = await deployMarket({ parameters })
        const { requester, provider } = world.actors
        await fund(world, requester, price)
        bond = bondFor(world.parameters, price, 0n)
        await fund(world, provider, bond)
        await enlist(world, provider, bond)
        const terms = { maxPrice: price, minBps: 10_000n, tasks: 2n ** 32n - 1n, stepLimit: 2n ** 44n }
        job = await claimed(world, { terms: { ...terms, meteredBps: 9_999n } })
        job = await submit(world, job, ROOT, steps)
        const due = meteredPay(price, 9_999n, BIGGEST, steps)
        await expectMoney(world, ends(due, price), settle)
      })
    }
  })
})
