import { expect } from 'chai'
import { expectMoney, expectRevert } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import {
  claim,
  claimed,
  type Job,
  post,
  RESULT_ROOT,
  submit,
  submitted,
  TOTAL_STEPS,
} from '../helpers/jobs.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { commitmentOf } from '../helpers/terms.ts'

describe('Promise 5: no one is paid for copying', () => {
  let world: World
  let job: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const copyBy = (who: 'rival' | 'requester' | 'eve', { jobId }: Job) =>
    world.market.connect(world.actors[who]).submit(jobId, RESULT_ROOT, TOTAL_STEPS)

  for (const who of ['rival', 'requester', 'eve'] as const) {
    // JM-35
    it(`lets ${who} send a result it saw before it was mined to nobody's gain`, async () => {
      job = await claimed(world)
      const values = [job.jobId, world.actors[who].address, world.actors.provider.address]
      await expectRevert(world, copyBy(who, job), 'JobMarketNotProvider', values)
      await submit(world, job)
      expect((await world.market.getJob(job.jobId)).provider).to.equal(world.actors.provider.address)
    })

    it(`lets ${who} take nothing once the result is public`, async () => {
      job = await submitted(world)
      const wrong = [job.jobId, statusNumber('Submitted'), statusNumber('Claimed')]
      await expectRevert(world, copyBy(who, job), 'JobMarketWrongStatus', wrong)
    })
  }

  it('fixes the provider before a result exists, and nobody can take its place', async () => {
    const { market, actors } = world
    job = await claimed(world)
    const rival = market.connect(actors.rival)
    const wrong = [job.jobId, statusNumber('Claimed'), statusNumber('Open')]
    await expectRevert(world, rival.claim(job.jobId), 'JobMarketWrongStatus', wrong)
    await submit(world, job)
    const { bond } = await market.getJob(job.jobId)
    const paid = { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE }
    await expectMoney(world, { provider: paid }, () => market.connect(actors.requester).accept(job.jobId))
  })

  it('costs the loser of a race for a claim nothing', async () => {
    const { market, actors } = world
    job = await claim(world, await post(world, { provider: actors.rival }))
    const before = await market.accountOf(actors.provider)
    const wrong = [job.jobId, statusNumber('Claimed'), statusNumber('Open')]
    const late = market.connect(actors.provider).claim(job.jobId)
    await expectRevert(world, late, 'JobMarketWrongStatus', wrong)
    expect(await market.accountOf(actors.provider)).to.deep.equal(before)
  })

  // JM-35
  it('stores a commitment that cannot be exchanged for another', async () => {
    job = await claimed(world)
    await submit(world, job)
    const again = world.market.connect(world.actors.provider).submit(job.jobId, job.jobId, 1n)
    const wrong = [job.jobId, statusNumber('Submitted'), statusNumber('Claimed')]
    await expectRevert(world, again, 'JobMarketWrongStatus', wrong)
    const { resultCommitment } = await world.market.getJob(job.jobId)
    expect(resultCommitment).to.equal(commitmentOf(RESULT_ROOT, TOTAL_STEPS))
  })

  it('keeps the same result of two providers in two jobs apart', async () => {
    const { market, actors } = world
    const mine = await submitted(world)
    const theirs = await submitted(world, { provider: actors.rival })
    await market.connect(actors.requester).accept(mine.jobId)
    expect(await market.statusOf(theirs.jobId)).to.equal(statusNumber('Submitted'))
    const { bond } = await market.getJob(theirs.jobId)
    const paid = { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE }
    await expectMoney(world, { rival: paid }, () => market.connect(actors.requester).accept(theirs.jobId))
  })
})
