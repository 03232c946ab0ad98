import { expect } from 'chai'
import { expectMoney } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY } from '../../helpers/defaults.ts'
import { busyMarket, MOCKED, type World } from '../../helpers/fixtures.ts'
import { disputed, type Job, submitted, windowEnd } from '../../helpers/jobs.ts'
import { jobPerStatus, STATUSES, statusNumber } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

const YES = 1

describe('JobMarket.settleMany', () => {
  let world: World

  const settle = (jobs: Job[]) =>
    world.market.connect(world.actors.keeper).settleMany(jobs.map(({ jobId }) => jobId))
  const bondOf = async ({ jobId }: Job) => (await world.market.getJob(jobId)).bond

  describe('given jobs of two providers', () => {
    let jobs: Job[]
    let end: bigint

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { rival } = world.actors
      jobs = [await submitted(world), await submitted(world, { provider: rival }), await submitted(world)]
      end = windowEnd(jobs[2] as Job)
    })

    it('pays each when all windows have passed', async () => {
      const bonds = await Promise.all(jobs.map(bondOf))
      const [first = 0n, second = 0n, third = 0n] = bonds
      await expectMoney(
        world,
        {
          provider: {
            balance: 2n * DEFAULT_PAY,
            locked: -first - third,
            active: -2n,
            feeOwed: 2n * DEFAULT_FEE,
          },
          rival: { balance: DEFAULT_PAY, locked: -second, active: -1n, feeOwed: DEFAULT_FEE },
        },
        () => at(end + 1n, () => settle(jobs)),
      )
    })

    it('emits JobSettled for each', async () => {
      const transaction = await at(end + 1n, () => settle(jobs))
      const logs = (await transaction.wait())?.logs ?? []
      const settledIds = logs.map((log) => world.market.interface.parseLog(log)?.args.jobId)
      expect(settledIds).to.deep.equal(jobs.map(({ jobId }) => jobId))
    })

    it('skips the one whose window ends with this second', async () => {
      const { market, actors } = world
      const skipped = jobs[2] as Job
      const sending = at(end, () => settle(jobs))
      await expect(sending)
        .to.emit(market, 'SettleSkipped')
        .withArgs(skipped.jobId, statusNumber('Submitted'))
      expect((await market.accountOf(actors.provider)).active).to.equal(1n)
      expect((await market.accountOf(actors.rival)).active).to.equal(0n)
    })

    it('pays a job named twice once', async () => {
      const [first] = jobs as [Job]
      const locked = -(await bondOf(first))
      const provider = { balance: DEFAULT_PAY, locked, active: -1n, feeOwed: DEFAULT_FEE }
      const transaction = await expectMoney(world, { provider }, () =>
        at(end + 1n, () => settle([first, first])),
      )
      await expect(transaction)
        .to.emit(world.market, 'SettleSkipped')
        .withArgs(first.jobId, statusNumber('Settled'))
    })

    it('does nothing for an empty list', async () => {
      await expectMoney(world, {}, () => at(end + 1n, () => settle([])))
    })
  })

  describe('given a job with an open challenge', () => {
    it('skips it though its window has passed', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const job = await disputed(world)
      const sending = at(windowEnd(job) + 1n, () => settle([job]))
      await expect(sending)
        .to.emit(world.market, 'SettleSkipped')
        .withArgs(job.jobId, statusNumber('Disputed'))
    })
  })

  describe('given a job of a level with a hook', () => {
    let job: Job

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await submitted(world, { terms: { level: MOCKED } })
    })

    it('skips it until the hook calls it final', async () => {
      await expect(at(windowEnd(job) + 1n, () => settle([job])))
        .to.emit(world.market, 'SettleSkipped')
        .withArgs(job.jobId, statusNumber('Submitted'))
      await world.assurance.setAnswer(YES)
      await expect(settle([job])).to.emit(world.market, 'JobSettled')
    })
  })

  describe('given jobs in every status', () => {
    for (const status of STATUSES.filter((each) => each !== 'Settleable')) {
      // JM-40
      it(`skips one that is ${status}, naming it, and settles the others`, async () => {
        const all = await networkHelpers.loadFixture(jobPerStatus)
        world = all
        const { Settleable } = all.jobs
        const job = all.jobs[status]
        const bond = await bondOf(Settleable)
        const fee = (await all.market.getJob(Settleable.jobId)).price / 100n
        const pay = (await all.market.getJob(Settleable.jobId)).price - fee
        const provider = { balance: pay, locked: -bond, active: -1n, feeOwed: fee }
        const transaction = await expectMoney(all, { provider }, () => settle([job, Settleable]))
        await expect(transaction)
          .to.emit(all.market, 'SettleSkipped')
          .withArgs(job.jobId, statusNumber(status))
        await expect(transaction).to.emit(all.market, 'JobSettled')
      })
    }

    it('settles the settleable one of all sixteen', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      world = all
      const transaction = await settle(Object.values(all.jobs))
      const logs = (await transaction.wait())?.logs ?? []
      const names = logs.map((log) => all.market.interface.parseLog(log)?.name)
      expect(names.filter((name) => name === 'JobSettled')).to.have.length(1)
      expect(names.filter((name) => name === 'SettleSkipped')).to.have.length(15)
      expect(await all.market.statusOf(ethers.ZeroHash)).to.equal(statusNumber('None'))
    })
  })
})
