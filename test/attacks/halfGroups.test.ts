import { expect } from 'chai'
import { networkHelpers } from '../helpers/chain.ts'
import type { World } from '../helpers/fixtures.ts'
import { commitTo, draftGroup, postGroup, reveal, seatedGroup, seatsOf } from '../helpers/groups.ts'
import type { Job } from '../helpers/jobs.ts'
import { replicationMarket } from '../helpers/replication.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { packTerms } from '../helpers/terms.ts'
import { travelTo } from '../helpers/time.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

/** Groups of which a part is missing: jobs that were not posted, or seats that nobody took. */
describe('A group of which a part is missing', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
  })

  for (const taken of [1, 2]) {
    // RP-10
    it(`pays no base fee to ${taken} of its three seats that vote for anything, be it the whole price`, async () => {
      const { replication, actors } = world
      const workers = seatsOf(world).slice(0, taken)
      const { jobs, groupId, commitBy } = await seatedGroup(world, workers, { baseBps: 10_000n })
      const seats = jobs.slice(0, taken)
      const profit = await profitOf(world, addressesOf(world, 'provider', 'rival'), async () => {
        for (const seat of seats) await commitTo(world, seat)
        await travelTo(commitBy + 1n)
        for (const seat of seats) {
          const late = reveal(world, seat)
          await expect(late).to.be.revertedWithCustomError(replication, 'ReplicationNotFilled')
        }
        await replication.connect(actors.provider).resolve(groupId)
      })
      expect(profit).to.equal(0n)
    })
  }

  // RP-14
  it('is not taken from under its seats: a requester that sees the commitments has to wait like everybody', async () => {
    const { replication, market, actors } = world
    const { jobs, groupId } = await seatedGroup(world, seatsOf(world))
    const requester = replication.connect(actors.requester)
    const profit = await profitOf(world, addressesOf(world, 'requester'), async () => {
      for (const job of jobs) {
        await commitTo(world, job)
        const taking = requester.cancelGroup(groupId)
        await expect(taking).to.be.revertedWithCustomError(replication, 'ReplicationPosted')
        const cancelling = market.connect(actors.requester).cancel(job.jobId)
        await expect(cancelling).to.be.revertedWithCustomError(market, 'JobMarketWrongStatus')
      }
    })
    expect(profit).to.equal(0n)
  })

  // RP-14
  it('is taken back by nobody else, which would stop a group that is being posted', async () => {
    const { replication, market, actors } = world
    const { drafts } = await draftGroup()
    const [first, ...rest] = drafts.map(packTerms)
    await market.connect(actors.requester).post(first as never)
    const jobId = await market.jobIdOf(actors.requester, first as never)
    const { groupId } = await replication.seatOf(market, jobId)
    for (const who of ['provider', 'rival', 'hook', 'owner', 'treasury', 'eve'] as const) {
      const taking = replication.connect(actors[who]).cancelGroup(groupId)
      await expect(taking).to.be.revertedWithCustomError(replication, 'ReplicationNotRequester')
    }
    await market.connect(actors.requester).postMany(rest)
    await market.connect(actors.provider).claim(jobId)
    expect(await market.statusOf(jobId)).to.equal(statusNumber('Seated'))
  })

  it('is worth nothing to who posts, waits for claims and takes it back: there are none', async () => {
    const { replication, market, actors } = world
    const { drafts } = await draftGroup()
    const requester = market.connect(actors.requester)
    const profit = await profitOf(world, addressesOf(world, 'requester', 'provider'), async () => {
      const terms = drafts.slice(0, 2).map(packTerms)
      await requester.postMany(terms)
      const jobId = await market.jobIdOf(actors.requester, terms[0] as never)
      const claiming = market.connect(actors.provider).claim(jobId)
      await expect(claiming).to.be.revertedWithCustomError(replication, 'ReplicationNotPosted')
      const { groupId } = await replication.seatOf(market, jobId)
      await replication.connect(actors.requester).cancelGroup(groupId)
    })
    expect(profit).to.equal(0n)
  })

  it('cannot be completed after it was taken back, with siblings that nobody can end', async () => {
    const { replication, market, actors } = world
    const { drafts } = await draftGroup()
    const [first, second, third] = drafts.map(packTerms)
    const requester = market.connect(actors.requester)
    await requester.postMany([first, second] as never)
    const { groupId } = await replication.seatOf(
      market,
      await market.jobIdOf(actors.requester, first as never),
    )
    await replication.connect(actors.requester).cancelGroup(groupId)
    const late = requester.post(third as never)
    await expect(late).to.be.revertedWithCustomError(replication, 'ReplicationWrongPhase')
    const again = requester.post(first as never)
    await expect(again).to.be.revertedWithCustomError(market, 'JobMarketJobExists')
    const other = await postGroup(world)
    await market.connect(actors.provider).claim((other.jobs[0] as Job).jobId)
  })
})
