import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import { expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { ATTESTED, busyMarket, MOCKED, type World } from '../helpers/fixtures.ts'
import {
  commitTo,
  draftGroup,
  escalatedGroup,
  type Group,
  postGroup,
  reveal,
  SPLIT,
  seatedGroup,
  seatsOf,
  sit,
  sparesOf,
  spareVotes,
  vote,
} from '../helpers/groups.ts'
import {
  acceptedOffer,
  awaitingKey,
  claimed,
  claimedSigned,
  disputed,
  type Job,
  KEY,
  keyed,
  RESULT_ROOT,
  submit,
  submitted,
  windowEnd,
} from '../helpers/jobs.ts'
import { escrowOf } from '../helpers/money.ts'
import { plain } from '../helpers/plain.ts'
import { replicationMarket } from '../helpers/replication.ts'
import { attestersHash } from '../helpers/signing.ts'
import { type JobPerStatus, jobPerStatus, STATUSES, type Status, statusNumber } from '../helpers/statuses.ts'
import { packTerms } from '../helpers/terms.ts'
import { now, pass, travelTo } from '../helpers/time.ts'

const FINAL: Status[] = ['Settled', 'Released', 'Failed', 'Rejected', 'Cancelled']
const YES = 1

/** `Phase.Escalated` of a group. */
const ESCALATED = 2n
const CLOSED = 3n

/** What time and anyone's calls bring each status to. */
const OUTCOME: Partial<Record<Status, Status>> = {
  Open: 'Cancelled',
  Expired: 'Cancelled',
  AwaitingKey: 'Released',
  Keyless: 'Released',
  Claimed: 'Failed',
  Overdue: 'Failed',
  Seated: 'Released',
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
    else if (status === 'AwaitingKey') await until(job.keyBy)
    else if (status === 'Keyless') await market.release(jobId)
    else if (status === 'Claimed') await until(job.runBy)
    else if (status === 'Seated') await driveGroup(world, jobId)
    else if (status === 'Submitted') await until(job.submittedAt + job.window)
    else if (status === 'Expired') await market.cancel(jobId)
    else if (status === 'Overdue') await market.fail(jobId)
    else if (status === 'Settleable') await market.settle(jobId)
    else return status
  }
  return STATUSES[Number(await market.statusOf(jobId))] as Status
}

/** Eve waits out what a group of the level Replicated waits for, and closes it. */
async function driveGroup({ replication, address, actors }: World, jobId: string): Promise<void> {
  const { groupId } = await replication.seatOf(address, jobId)
  const { phase, terms: packed, claimBy } = await replication.groupOf(groupId)
  const time = (shift: bigint) => (BigInt(packed) >> shift) & 0xff_ffffn
  const [commitTime, revealTime, drawTime] = [time(48n), time(72n), time(96n)]
  const round = commitTime + revealTime
  const revealBy = claimBy + round + (phase === ESCALATED ? round + drawTime : 0n)
  await travelTo(revealBy + 1n)
  await replication.connect(actors.eve).resolve(groupId)
}

/** Nobody may change anything any more, nobody may post, and no party of the job does anything. */
async function abandon({ market, timelock, actors }: World): Promise<void> {
  const { owner } = actors
  await market.connect(owner).pausePosting()
  for (const role of [await timelock.PROPOSER_ROLE(), await timelock.EXECUTOR_ROLE()]) {
    await timelock.connect(owner).renounceRole(role, owner)
  }
}

describe('Promise 2: from every state, time and anyone bring a job to a paid-out end', () => {
  let world: JobPerStatus

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(jobPerStatus)
    await abandon(world)
  })

  for (const [from, to] of Object.entries(OUTCOME) as [Status, Status][]) {
    // JM-42
    it(`brings a job that is ${from} to ${to}, with nothing left in escrow`, async () => {
      const { jobId } = world.jobs[from]
      expect(await drive(world, jobId)).to.equal(to)
      expect(await escrowOf(world, jobId)).to.equal(0n)
      await expectSolvent(world)
    })
  }

  for (const status of FINAL) {
    // JM-43
    it(`leaves a job that is ${status} as it is, for good`, async () => {
      const { jobId } = world.jobs[status]
      const before = plain(await world.market.getJob(jobId))
      await travelTo((await now()) + 100n * 86_400n)
      // each call that moves one job is tried by everybody in `callers.test.ts`; batches revert for nobody
      await world.market.settleMany([jobId, jobId])
      await world.market.failMany([jobId, jobId])
      expect(plain(await world.market.getJob(jobId))).to.deep.equal(before)
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
    Keyless: ['release'],
    Overdue: ['fail', 'failMany'],
    Settleable: ['settle', 'settleMany'],
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
        deliverKey: () => eve.deliverKey(jobId, KEY),
        conclude: () => eve.conclude(jobId, ethers.ZeroHash, 10_000n, false),
        freezeBond: () => eve.freezeBond(jobId),
        failMany: () => eve.failMany([jobId]),
        settleMany: () => eve.settleMany([jobId]),
      }
      const moved: string[] = []
      for (const [name, call] of Object.entries(calls)) {
        const before = await networkHelpers.takeSnapshot()
        const was = plain(await world.market.getJob(jobId))
        // batches pass over what they cannot move, everything else reverts
        await call().catch(() => {})
        const is = plain(await world.market.getJob(jobId))
        if (!isDeepStrictEqual(is, was)) moved.push(name)
        await before.restore()
      }
      expect(moved).to.deep.equal(allowed)
    })
  }
})

describe('Promise 2, for a disputed job whose hook promises that every turn ends', () => {
  // JM-42
  it('is settled by anyone after the turn of an absent challenger and the window', async () => {
    const world = await networkHelpers.loadFixture(busyMarket)
    const { assurance, market, actors } = world
    const job = await submitted(world, { terms: { level: MOCKED } })
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

describe('Promise 2, for every other way a job begins', () => {
  let world: World

  const METERED = { meteredBps: 6_000n, stepLimit: 40_000n }
  const attested = () => ({ level: ATTESTED, assurance: attestersHash([world.actors.eve.address]) })
  const ways: Record<string, [Status, () => Promise<Job>]> = {
    'signed by its requester': ['Failed', () => claimedSigned(world)],
    'signed by its provider': ['Failed', () => acceptedOffer(world)],
    'signed, and without a key': ['Released', () => claimedSigned(world, { terms: { isPrivate: 1n } })],
    'private, with its key': ['Failed', () => keyed(world)],
    'private, without': ['Released', () => awaitingKey(world)],
    'signed and submitted': ['Settled', async () => submit(world, await claimedSigned(world))],
    'metered and late': ['Failed', () => claimed(world, { terms: METERED })],
    'metered and submitted': ['Settled', () => submitted(world, { terms: METERED })],
    'attested by nobody': ['Settled', () => submitted(world, { terms: attested() })],
  }

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  for (const [title, [end, begin]] of Object.entries(ways)) {
    it(`brings a job that was ${title} to ${end}`, async () => {
      const { jobId } = await begin()
      await abandon(world)
      expect(await drive(world, jobId)).to.equal(end)
      expect(await escrowOf(world, jobId)).to.equal(0n)
      await expectSolvent(world)
    })
  }

  it('leaves a disputed job to its hook alone, which has promised that every challenge ends', async () => {
    const { jobId } = await disputed(world)
    await travelTo((await now()) + 100n * 86_400n)
    expect(await drive(world, jobId)).to.equal('Disputed')
    await world.market.connect(world.actors.hook).challengeClosed(jobId)
    expect(await drive(world, jobId)).to.equal('Settled')
  })
})

describe('Promise 2, for a group of the level Replicated, wherever its providers stop', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
  })

  const seats = () => seatsOf(world)
  const spares = { spares: 3n }
  const stops: Record<string, () => Promise<Group>> = {
    'none was claimed': () => postGroup(world, spares),
    'one of three was claimed': () => seatedGroup(world, seats().slice(0, 1), spares),
    'all were claimed': () => seatedGroup(world, seats(), spares),
    'one has committed': async () => {
      const group = await seatedGroup(world, seats(), spares)
      await commitTo(world, group.jobs[0] as Job)
      return group
    },
    'all have committed': async () => {
      const group = await seatedGroup(world, seats(), spares)
      for (const job of group.jobs.slice(0, 3)) await commitTo(world, job)
      return group
    },
    'one has revealed': async () => {
      const group = await seatedGroup(world, seats(), spares)
      for (const job of group.jobs.slice(0, 3)) await commitTo(world, job)
      await reveal(world, group.jobs[0] as Job)
      return group
    },
    'all agree': async () => {
      const group = await seatedGroup(world, seats(), spares)
      await vote(world, group.jobs.slice(0, 3), [RESULT_ROOT, RESULT_ROOT, RESULT_ROOT])
      return group
    },
    'they disagree, and nobody may be drawn': async () => {
      const group = await seatedGroup(world, seats())
      await vote(world, group.jobs, SPLIT)
      return group
    },
    'they disagree, and the draw was missed': async () => {
      const group = await seatedGroup(world, seats(), spares)
      await vote(world, group.jobs.slice(0, 3), SPLIT)
      await networkHelpers.mine(600)
      return group
    },
    'it escalated and no spare was claimed': () => escalatedGroup(world),
    'one spare was claimed': async () => {
      const group = await escalatedGroup(world)
      await sit(world, group.jobs[3] as Job, world.actors.keeper)
      return group
    },
    'the spares have decided': async () => {
      const group = await escalatedGroup(world)
      await spareVotes(world, group)
      return group
    },
  }

  for (const [title, stop] of Object.entries(stops)) {
    // RP-11
    it(`empties every escrow and frees every bond where ${title}`, async () => {
      const { market, replication } = world
      const { groupId, jobs } = await stop()
      await abandon(world)
      const first = (jobs[0] as Job).jobId
      // twice at the most: a round without a majority leads to the next
      for (let round = 0; round < 2; round++) {
        if ((await replication.groupOf(groupId)).phase !== CLOSED) await driveGroup(world, first)
      }
      expect((await replication.groupOf(groupId)).phase).to.equal(CLOSED)
      for (const { jobId } of jobs) {
        const status = await drive(world, jobId)
        expect(FINAL, status).to.include(status)
        expect(await escrowOf(world, jobId)).to.equal(0n)
      }
      for (const worker of [...seats(), ...sparesOf(world)]) {
        const { locked, active } = await market.accountOf(worker)
        expect([locked, active]).to.deep.equal([0n, 0n])
      }
      await expectSolvent(world)
    })
  }

  it('frees whoever was posted to but not wholly: anyone cancels each seat after its time', async () => {
    const { market, actors } = world
    const { drafts } = await draftGroup()
    const ids: string[] = []
    for (const fields of drafts.slice(0, 2)) {
      const terms = packTerms(fields)
      await market.connect(actors.requester).post(terms)
      ids.push(await market.jobIdOf(actors.requester, terms))
    }
    await pass(86_401n)
    for (const jobId of ids) expect(await drive(world, jobId)).to.equal('Cancelled')
    await expectSolvent(world)
  })
})
