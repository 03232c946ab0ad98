import { expect } from 'chai'
import { expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { OFFERED } from '../../helpers/defaults.ts'
import { busyMarket, MOCKED, type World } from '../../helpers/fixtures.ts'
import { seatedGroup } from '../../helpers/groups.ts'
import {
  awaitingKey,
  claim,
  claimed,
  disputed,
  type Job,
  keyBy,
  keyed,
  post,
  runBy,
  submitted,
  windowEnd,
} from '../../helpers/jobs.ts'
import { plain } from '../../helpers/plain.ts'
import {
  type JobPerStatus,
  jobPerStatus,
  STATUSES,
  type Status,
  statusNumber,
} from '../../helpers/statuses.ts'
import { DAY, travelTo } from '../../helpers/time.ts'

const YES = 1

describe('JobMarket.statusOf', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const statusAt = async (jobId: string, time: bigint): Promise<Status | undefined> => {
    await travelTo(time)
    return STATUSES[Number(await world.market.statusOf(jobId))]
  }

  it('is None for an id that nobody posted', async () => {
    expect(await world.market.statusOf(ethers.ZeroHash)).to.equal(0n)
  })

  it('turns Open into Expired one second after claimBy', async () => {
    const { jobId, fields } = await post(world)
    expect(await statusAt(jobId, fields.claimBy - 1n)).to.equal('Open')
    expect(await statusAt(jobId, fields.claimBy)).to.equal('Open')
    expect(await statusAt(jobId, fields.claimBy + 1n)).to.equal('Expired')
  })

  it('turns Claimed into Overdue one second after runBy', async () => {
    const job = await claimed(world)
    expect(await statusAt(job.jobId, runBy(job) - 1n)).to.equal('Claimed')
    expect(await statusAt(job.jobId, runBy(job))).to.equal('Claimed')
    expect(await statusAt(job.jobId, runBy(job) + 1n)).to.equal('Overdue')
  })

  it('turns AwaitingKey into Keyless one second after keyBy', async () => {
    const job = await awaitingKey(world)
    expect(await statusAt(job.jobId, keyBy(world, job) - 1n)).to.equal('AwaitingKey')
    expect(await statusAt(job.jobId, keyBy(world, job))).to.equal('AwaitingKey')
    expect(await statusAt(job.jobId, keyBy(world, job) + 1n)).to.equal('Keyless')
  })

  it('counts the run time of a private job from its key', async () => {
    const job = await keyed(world)
    expect(job.keyedAt > job.claimedAt).to.equal(true)
    expect(await statusAt(job.jobId, runBy(job))).to.equal('Claimed')
    expect(await statusAt(job.jobId, runBy(job) + 1n)).to.equal('Overdue')
  })

  it('keeps a seat Seated, whatever the time', async () => {
    const { jobs } = await seatedGroup(world, [world.actors.provider])
    const job = jobs[0] as Job
    expect(await statusAt(job.jobId, runBy(job) + 1n)).to.equal('Seated')
    expect(await statusAt(job.jobId, job.fields.claimBy + 30n * DAY)).to.equal('Seated')
  })

  it('turns Submitted into Settleable one second after the window', async () => {
    const job = await submitted(world)
    expect(await statusAt(job.jobId, windowEnd(job) - 1n)).to.equal('Submitted')
    expect(await statusAt(job.jobId, windowEnd(job))).to.equal('Submitted')
    expect(await statusAt(job.jobId, windowEnd(job) + 1n)).to.equal('Settleable')
  })

  it('stays Disputed after the window', async () => {
    const job = await disputed(world)
    expect(await statusAt(job.jobId, windowEnd(job) + 1n)).to.equal('Disputed')
  })

  it('waits for the hook of other levels', async () => {
    const job = await submitted(world, { terms: { level: MOCKED } })
    expect(await statusAt(job.jobId, windowEnd(job) + 1n)).to.equal('Submitted')
    await world.assurance.setAnswer(YES)
    expect(await statusAt(job.jobId, windowEnd(job) + 5n)).to.equal('Settleable')
  })

  it('does not expire a job that was cancelled, nor time out one that was submitted', async () => {
    const cancelled = await post(world)
    await world.market.connect(world.actors.requester).cancel(cancelled.jobId)
    const job = await submitted(world, { terms: { run: 10n, window: 10_000_000n / 4n } })
    expect(await statusAt(job.jobId, runBy(job) + 100n)).to.equal('Submitted')
    expect(await statusAt(cancelled.jobId, cancelled.fields.claimBy + 1n)).to.equal('Cancelled')
  })
})

describe('JobMarket.getJob', () => {
  let all: JobPerStatus

  beforeEach(async () => {
    all = await networkHelpers.loadFixture(jobPerStatus)
  })

  it('is all zero for an id that nobody posted', async () => {
    const view = plain(await all.market.getJob(all.jobs.None.jobId))
    for (const [name, value] of Object.entries(view)) expect(BigInt(value), name).to.equal(0n)
  })

  for (const status of STATUSES.slice(1)) {
    it(`tells the terms of a job that is ${status}`, async () => {
      const { jobId, fields, postedAt, requester } = all.jobs[status]
      const view = await all.market.getJob(jobId)
      expect(view.status).to.equal(statusNumber(status))
      const { maxPrice, minBps, ramp, run, window, floor, claimBy, tasks, level, meteredBps } = fields
      const terms = { maxPrice, minBps, ramp, run, window, floor, claimBy, tasks, level, meteredBps }
      expect(plain(view)).to.include({ ...terms, isPrivate: fields.isPrivate === 1n, isSigned: false })
      expect([view.requester, view.postedAt]).to.deep.equal([requester.address, postedAt])
    })
  }

  const claimedOnce: Status[] = [
    'AwaitingKey',
    'Keyless',
    'Claimed',
    'Seated',
    'Overdue',
    'Submitted',
    'Disputed',
    'Settleable',
    'Settled',
    'Released',
    'Failed',
    'Rejected',
  ]
  const submittedOnce: Status[] = ['Submitted', 'Disputed', 'Settleable', 'Settled', 'Rejected']

  for (const status of STATUSES.slice(1)) {
    const expected = [
      claimedOnce.includes(status) ? 'provider, price, bond' : '',
      status === 'AwaitingKey' || status === 'Keyless' ? 'keyBy' : '',
      status === 'Claimed' || status === 'Overdue' ? 'runBy' : '',
      submittedOnce.includes(status) ? 'submittedAt, commitment' : '',
    ].filter((each) => each !== '')
    it(`tells ${expected.join(', ') || 'nothing of a claim'} of one that is ${status}`, async () => {
      const { jobId, provider, claimedAt, submittedAt, fields } = all.jobs[status]
      const view = await all.market.getJob(jobId)
      const wasClaimed = claimedOnce.includes(status)
      expect(view.provider).to.equal(wasClaimed ? provider.address : ethers.ZeroAddress)
      expect([view.price !== 0n, view.bond !== 0n]).to.deep.equal([wasClaimed, wasClaimed])
      const waits = status === 'AwaitingKey' || status === 'Keyless'
      expect([view.keyBy, view.isPrivate]).to.deep.equal([waits ? keyBy(all, all.jobs[status]) : 0n, waits])
      expect(view.runBy).to.equal(status === 'Claimed' || status === 'Overdue' ? claimedAt + fields.run : 0n)
      const wasSubmitted = submittedOnce.includes(status)
      expect(view.submittedAt).to.equal(wasSubmitted ? submittedAt : 0n)
      expect(view.resultCommitment !== ethers.ZeroHash).to.equal(wasSubmitted)
    })
  }
})

describe('JobMarket.quoteClaim', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  for (const elapsed of [1n, 123n, 599n, 600n, 5_000n]) {
    it(`says what a claim ${elapsed} s after posting gets and locks`, async () => {
      const job = await post(world)
      const snapshot = await networkHelpers.takeSnapshot()
      await travelTo(job.postedAt + elapsed)
      const quote = await world.market.quoteClaim(job.jobId, job.provider)
      await snapshot.restore()
      await claim(world, job, elapsed)
      const { price, bond } = await world.market.getJob(job.jobId)
      expect([quote.price, quote.bond]).to.deep.equal([price, bond])
    })
  }

  describe('when the claim would revert, it reverts with the same error', () => {
    it('for an unknown job', async () => {
      const values = [ethers.ZeroHash, statusNumber('None'), statusNumber('Open')]
      const reading = world.market.quoteClaim(ethers.ZeroHash, world.actors.provider)
      await expectRevert(world, reading, 'JobMarketWrongStatus', values)
    })

    it('for an expired job', async () => {
      const { jobId, fields } = await post(world)
      const time = fields.claimBy + 1n
      await travelTo(time)
      const reading = world.market.quoteClaim(jobId, world.actors.provider)
      await expectRevert(world, reading, 'JobMarketDeadlinePassed', [jobId, fields.claimBy, time])
    })

    it('for a provider that never registered', async () => {
      const { jobId } = await post(world)
      const { eve } = world.actors
      const reading = world.market.quoteClaim(jobId, eve)
      await expectRevert(world, reading, 'ProvidersConcurrencyReached', [eve.address, 0n, 0n])
    })

    it('for a provider without enough free stake', async () => {
      const { jobId } = await post(world, { terms: { ramp: 0n } })
      const { eve } = world.actors
      await world.market.connect(eve).updateProvider(OFFERED, 1, '', ethers.ZeroHash)
      const reading = world.market.quoteClaim(jobId, eve)
      await expectRevert(world, reading, 'AccountInsufficientStake', [0n, 14_000_128n])
    })
  })
})
