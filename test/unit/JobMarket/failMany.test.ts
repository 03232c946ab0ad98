import { expect } from 'chai'
import { expectMoney } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_PRICE } from '../../helpers/defaults.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { claimed, claimedSigned, type Job, runBy } from '../../helpers/jobs.ts'
import { splitLateness } from '../../helpers/reference.ts'
import { jobPerStatus, STATUSES, statusNumber } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

describe('JobMarket.failMany', () => {
  let world: World

  const fail = (jobs: readonly Pick<Job, 'jobId'>[]) =>
    world.market.connect(world.actors.keeper).failMany(jobs.map(({ jobId }) => jobId))
  const bondOf = async ({ jobId }: Job) => (await world.market.getJob(jobId)).bond

  describe('given overdue jobs of two providers', () => {
    let jobs: Job[]
    let end: bigint

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      jobs = [await claimed(world), await claimed(world, { provider: world.actors.rival })]
      end = runBy(jobs[1] as Job)
    })

    // JM-40
    it('ends each as fail would', async () => {
      const [one, two] = jobs as [Job, Job]
      const [a, b] = [await bondOf(one), await bondOf(two)]
      const [s, t] = [splitLateness(world.parameters, a), splitLateness(world.parameters, b)]
      await expectMoney(
        world,
        {
          requester: { balance: 2n * DEFAULT_PRICE + s.toRequester + t.toRequester },
          keeper: { balance: s.toKeeper + t.toKeeper },
          provider: { stake: -s.total, locked: -a, active: -1n },
          rival: { stake: -t.total, locked: -b, active: -1n },
          reserve: s.toReserve + t.toReserve,
        },
        () => at(end + 1n, () => fail(jobs)),
      )
    })

    it('emits JobFailed for each and counts a fault each', async () => {
      const { market, actors } = world
      const sending = await at(end + 1n, () => fail(jobs))
      for (const { jobId, provider } of jobs) {
        await expect(sending)
          .to.emit(market, 'JobFailed')
          .withArgs(jobId, provider.address, actors.keeper.address, 20_000n, 10_000n, 2_070_019n)
        expect((await market.providerOf(provider)).faults).to.equal(1n)
        expect(await market.statusOf(jobId)).to.equal(statusNumber('Failed'))
      }
    })

    it('skips the one that ends with this second', async () => {
      const [one, two] = jobs as [Job, Job]
      const sending = await at(end, () => fail(jobs))
      await expect(sending).to.emit(world.market, 'JobFailed')
      await expect(sending).to.emit(world.market, 'FailSkipped').withArgs(two.jobId, statusNumber('Claimed'))
      expect(await world.market.statusOf(one.jobId)).to.equal(statusNumber('Failed'))
    })

    it('fails a job that is named twice once', async () => {
      const [one] = jobs as [Job]
      const sending = await at(end + 1n, () => fail([one, one]))
      await expect(sending).to.emit(world.market, 'FailSkipped').withArgs(one.jobId, statusNumber('Failed'))
      expect((await world.market.providerOf(one.provider)).faults).to.equal(1n)
    })

    it('fails a signed job among the others', async () => {
      const job = await claimedSigned(world)
      const sending = await at(runBy(job) + 1n, () => fail([...jobs, job]))
      await expect(sending).not.to.emit(world.market, 'FailSkipped')
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Failed'))
    })
  })

  describe('given no jobs', () => {
    it('does nothing', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      await expectMoney(world, {}, () => fail([]))
    })
  })

  for (const status of STATUSES.filter((each) => each !== 'Overdue')) {
    describe(`given a job that is ${status}`, () => {
      // JM-40
      it('is skipped with its status, and moves nothing', async () => {
        const all = await networkHelpers.loadFixture(jobPerStatus)
        world = all
        const job = all.jobs[status]
        const sending = await expectMoney(world, {}, () => fail([job]))
        await expect(sending).to.emit(world.market, 'FailSkipped').withArgs(job.jobId, statusNumber(status))
      })
    })
  }

  it('skips what is no job at all', async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    await expect(fail([{ jobId: ethers.ZeroHash }]))
      .to.emit(world.market, 'FailSkipped')
      .withArgs(ethers.ZeroHash, statusNumber('None'))
  })
})
