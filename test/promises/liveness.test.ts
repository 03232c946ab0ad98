import { expect } from 'chai'
import { expectSolvent } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { ATTESTED, busyMarket, type World } from '../helpers/fixtures.ts'
import { RESULT_ROOT, submitted, windowEnd } from '../helpers/jobs.ts'
import { escrowOf } from '../helpers/money.ts'
import { type JobPerStatus, jobPerStatus, STATUSES, type Status, statusNumber } from '../helpers/statuses.ts'
import { now, travelTo } from '../helpers/time.ts'

const FINAL: Status[] = ['Settled', 'Released', 'Failed', 'Rejected', 'Cancelled']
const YES = 1

/** What time and anyone's calls bring each status to. */
const OUTCOME: Partial<Record<Status, Status>> = {
  Open: 'Cancelled',
  Expired: 'Cancelled',
  Claimed: 'Failed',
  Overdue: 'Failed',
  Submitted: 'Settled',
  Settleable: 'Settled',
}

/** Eve, who has no right at all, waits for the next deadline or calls what anyone may call. Bounded. */
async function drive(world: World, jobId: string): Promise<Status> {
  const market = world.market.connect(world.actors.eve)
  const until = async (deadline: bigint) => travelTo(deadline + 1n)
  for (let step = 0; step < 4; step++) {
    const job = await market.getJob(jobId)
    const status = STATUSES[Number(job.status)] as Status
    if (status === 'Open') await until(job.claimBy)
    else if (status === 'Claimed') await until(job.runBy)
    else if (status === 'Submitted') await until(job.submittedAt + job.window)
    else if (status === 'Expired') await market.cancel(jobId)
    else if (status === 'Overdue') await market.fail(jobId)
    else if (status === 'Settleable') await market.settle(jobId)
    else return status
  }
  return STATUSES[Number(await market.statusOf(jobId))] as Status
}

/** Nobody governs, nobody may post, and no party of the job does anything. */
async function abandon(world: World): Promise<void> {
  const owner = world.market.connect(world.actors.owner)
  await owner.pausePosting()
  await owner.renounceOwnership()
}

describe('Promise 2: from every state, time and anyone bring a job to a paid-out end', () => {
  let world: JobPerStatus

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(jobPerStatus)
    await abandon(world)
  })

  for (const [from, to] of Object.entries(OUTCOME) as [Status, Status][]) {
    it(`brings a job that is ${from} to ${to}, with nothing left in escrow`, async () => {
      const { jobId } = world.jobs[from]
      expect(await drive(world, jobId)).to.equal(to)
      expect(await escrowOf(world, jobId)).to.equal(0n)
      await expectSolvent(world)
    })
  }

  for (const status of FINAL) {
    it(`leaves a job that is ${status} as it is, for good`, async () => {
      const { jobId } = world.jobs[status]
      await travelTo((await now()) + 100n * 86_400n)
      expect(await drive(world, jobId)).to.equal(status)
    })
  }

  it('lets everybody take all out once every job has come to its end', async () => {
    const { market, actors } = world
    const { provider, requester, hook } = actors
    await market.connect(hook).challengeClosed(world.jobs.Disputed.jobId)
    for (const status of STATUSES.slice(1)) await drive(world, world.jobs[status].jobId)
    const { stake, locked, active } = await market.accountOf(provider)
    expect([locked, active]).to.deep.equal([0n, 0n])
    await market.connect(provider).unstake(stake)
    for (const who of [provider, requester]) {
      const { balance } = await market.accountOf(who)
      await market.connect(who).withdraw(who.address, balance)
    }
    await expectSolvent(world)
  })

  /** Who may move a job in each status without being a party of it. */
  const OPEN_TO_ALL: Partial<Record<Status, string[]>> = {
    Expired: ['cancel'],
    Overdue: ['fail'],
    Settleable: ['settle'],
  }
  for (const status of STATUSES) {
    const allowed = OPEN_TO_ALL[status] ?? []
    it(`lets an outsider move a job that is ${status} by ${allowed.join() || 'nothing'} alone`, async () => {
      const { jobId } = world.jobs[status]
      const eve = world.market.connect(world.actors.eve)
      const calls = {
        cancel: () => eve.cancel(jobId),
        claim: () => eve.claim(jobId),
        release: () => eve.release(jobId),
        submit: () => eve.submit(jobId, RESULT_ROOT, 1n),
        accept: () => eve.accept(jobId),
        settle: () => eve.settle(jobId),
        fail: () => eve.fail(jobId),
        challengeOpened: () => eve.challengeOpened(jobId),
        challengeClosed: () => eve.challengeClosed(jobId),
        reject: () => eve.reject(jobId, 0n),
      }
      const moved: string[] = []
      for (const [name, call] of Object.entries(calls)) {
        const before = await networkHelpers.takeSnapshot()
        try {
          await call()
          moved.push(name)
        } catch {
          // refused, as it should be
        }
        await before.restore()
      }
      expect(moved).to.deep.equal(allowed)
    })
  }
})

describe('Promise 2, for a disputed job whose hook promises that every turn ends', () => {
  it('is settled by anyone after the turn of an absent challenger and the window', async () => {
    const world = await networkHelpers.loadFixture(busyMarket)
    const { assurance, market, actors } = world
    const job = await submitted(world, { terms: { level: ATTESTED } })
    await assurance.challenge(market, job.jobId)
    await abandon(world)
    await assurance.setAnswer(YES)
    await travelTo(windowEnd(job) + 1n)
    expect(await market.statusOf(job.jobId)).to.equal(statusNumber('Disputed'))
    await assurance.connect(actors.eve).timeOut(market, job.jobId)
    expect(await drive(world, job.jobId)).to.equal('Settled')
    await expectSolvent(world)
  })
})
