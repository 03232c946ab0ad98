import { expect } from 'chai'
import { expectMoney, expectOutOfRange, expectRevert } from '../helpers/assertions.ts'
import { asTimelock } from '../helpers/asTimelock.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { defaultParameters, MAX_UNITS, type Parameters } from '../helpers/defaults.ts'
import { delegate, type World } from '../helpers/fixtures.ts'
import {
  agreed,
  claimedSigned,
  KEY,
  post,
  RESULT_ROOT,
  runBy,
  TOTAL_STEPS,
  windowEnd,
} from '../helpers/jobs.ts'
import { plain } from '../helpers/plain.ts'
import { feeOf, releasePenalty, splitFraud, splitLateness } from '../helpers/reference.ts'
import { signOffer, signRequest } from '../helpers/signing.ts'
import { type JobPerStatus, jobPerStatus, STATUSES, statusNumber } from '../helpers/statuses.ts'
import { at, now, travelTo } from '../helpers/time.ts'

/** Everything at another bound. */
const HOSTILE: Parameters = {
  feeBps: 1_000n,
  bondBps: 50_000n,
  surchargeBps: 30_000n,
  latenessBps: 0n,
  minBond: MAX_UNITS,
  baseExposure: 0n,
  minRun: 604_800n,
  minWindow: 604_800n,
  lateRequesterGas: MAX_UNITS,
  lateKeeperGas: 0n,
  keyTime: 1n,
}

/** All that who governs can do; in the name of the timelock and at once, so that the deadlines of the jobs are still ahead. */
async function governAll(world: World): Promise<void> {
  const { market, actors } = world
  const eve = { hook: actors.eve.address, isMediated: false }
  const mediating = { ...eve, isMediated: true }
  const governor = await asTimelock(world)
  await delegate(actors.eve.address)
  await governor.addParameters(HOSTILE, [eve, mediating, eve, mediating])
  await governor.setFeeRecipient(actors.eve.address)
  await governor.setGuardian(actors.eve.address)
  await market.connect(actors.eve).pausePosting()
}

describe('Promise 6: rules are fixed when a job is posted', () => {
  let world: JobPerStatus

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(jobPerStatus)
  })

  for (const status of STATUSES.slice(1)) {
    // JM-14
    it(`changes nothing of a job that is ${status}, whatever governance does`, async () => {
      const { jobId } = world.jobs[status]
      const before = plain(await world.market.getJob(jobId))
      await governAll(world)
      expect(plain(await world.market.getJob(jobId))).to.deep.equal(before)
    })
  }

  // JM-14
  describe('given governance did all it can', () => {
    const price = (jobId: string) => world.market.getJob(jobId).then((job) => job.price)
    const bond = (jobId: string) => world.market.getJob(jobId).then((job) => job.bond)

    it('claims at the quote of before', async () => {
      const { jobId, fields, postedAt } = world.jobs.Open
      const { rival } = world.actors
      const time = postedAt + fields.ramp + 10n
      const snapshot = await networkHelpers.takeSnapshot()
      await networkHelpers.time.increaseTo(time)
      const quote = await world.market.quoteClaim(jobId, rival)
      await snapshot.restore()
      await governAll(world)
      await expectMoney(world, { rival: { locked: quote.bond, active: 1n } }, () =>
        at(time, () => world.market.connect(rival).claim(jobId)),
      )
      expect(await price(jobId)).to.equal(quote.price)
    })

    // JM-39
    it('submits and settles at the fee of before', async () => {
      await governAll(world)
      const { jobId, fields } = world.jobs.Claimed
      const { market, actors } = world
      const [paid, locked] = [await price(jobId), await bond(jobId)]
      await market.connect(actors.provider).submit(jobId, RESULT_ROOT, TOTAL_STEPS)
      const fee = feeOf(paid, defaultParameters.feeBps)
      const change = { balance: paid - fee, locked: -locked, active: -1n, feeOwed: fee }
      const end = (await now()) + fields.window
      await expectMoney(world, { provider: change }, () => at(end + 1n, () => market.settle(jobId)))
    })

    it('fails with the lateness schedule of before', async () => {
      await governAll(world)
      const { jobId } = world.jobs.Claimed
      const [paid, locked] = [await price(jobId), await bond(jobId)]
      const split = splitLateness(defaultParameters, locked)
      await expectMoney(
        world,
        {
          requester: { balance: paid + split.toRequester },
          keeper: { balance: split.toKeeper },
          provider: { stake: -split.total, locked: -locked, active: -1n },
          reserve: split.toReserve,
        },
        () => at(runBy(world.jobs.Claimed) + 1n, () => world.market.connect(world.actors.keeper).fail(jobId)),
      )
    })

    it('asks the hook of before, and no other', async () => {
      await governAll(world)
      const { market, actors } = world
      const { jobId } = world.jobs.Disputed
      const values = [jobId, actors.eve.address, actors.hook.address]
      await expectRevert(world, market.connect(actors.eve).reject(jobId, 0n), 'JobMarketNotHook', values)
      const [paid, locked] = [await price(jobId), await bond(jobId)]
      const split = splitFraud(locked, paid, 0n)
      await expectMoney(
        world,
        {
          requester: { balance: paid + split.toRequester },
          hook: { balance: split.toHook },
          provider: { stake: -locked, locked: -locked, active: -1n },
          reserve: split.toReserve,
        },
        () => market.connect(actors.hook).reject(jobId, 0n),
      )
    })

    it('releases, cancels, accepts, unstakes and withdraws as before', async () => {
      const { market, actors } = world
      const { requester, provider } = actors
      const { Claimed, Open, Submitted } = world.jobs
      const penalty = releasePenalty(await price(Claimed.jobId), await bond(Claimed.jobId))
      await governAll(world)
      const reserve = await market.reserve()
      await market.connect(provider).release(Claimed.jobId)
      expect((await market.reserve()) - reserve).to.equal(penalty)
      await market.connect(requester).cancel(Open.jobId)
      await market.connect(requester).accept(Submitted.jobId)
      const { stake, locked, balance } = await market.accountOf(provider)
      await market.connect(provider).unstake(stake - locked)
      await market.connect(provider).withdraw(provider.address, balance + stake - locked)
    })

    it('gives a claim without a key back at the deadline of before, for nothing', async () => {
      await governAll(world)
      const { market, actors } = world
      const { jobId } = world.jobs.AwaitingKey
      const { keyBy, price: paid, bond: locked } = await market.getJob(jobId)
      const change = { requester: { balance: paid }, provider: { locked: -locked, active: -1n } }
      await expectMoney(world, change, () =>
        at(keyBy + 1n, () => market.connect(actors.keeper).release(jobId)),
      )
    })

    it('lets the mediator of before conclude its seats, and no other', async () => {
      await governAll(world)
      const { market, actors, replication, address } = world
      const { jobId, fields } = world.jobs.Seated
      const values = [jobId, actors.eve.address, await replication.getAddress()]
      const usurped = market.connect(actors.eve).conclude(jobId, ethers.ZeroHash, 0n, true)
      await expectRevert(world, usurped, 'JobMarketNotHook', values)
      const { groupId } = await replication.seatOf(address, jobId)
      await travelTo(fields.claimBy + 1n)
      await replication.resolve(groupId)
      expect(await market.statusOf(jobId)).to.equal(statusNumber('Released'))
    })

    it('keeps the windows of before: a challenge is in time until the same second', async () => {
      await governAll(world)
      const { market, actors } = world
      const end = windowEnd(world.jobs.Submitted)
      await at(end, () => market.connect(actors.hook).challengeOpened(world.jobs.Submitted.jobId))
    })
  })

  describe('given a job that names the rules it expects', () => {
    const named = ({ feeBps }: Parameters, id: bigint) => id | (feeBps << 12n)
    const current = named(defaultParameters, 0n)

    it('is posted while they are current, with the id of what was signed', async () => {
      const job = await post(world, { terms: { snapshot: current } })
      const { parametersId, feeBps } = await world.market.getJob(job.jobId)
      expect([parametersId, feeBps]).to.deep.equal([0n, defaultParameters.feeBps])
      const signed = await claimedSigned(world, { terms: { snapshot: current } })
      expect((await world.market.getJob(signed.jobId)).feeBps).to.equal(defaultParameters.feeBps)
    })

    for (const [title, snapshot] of [
      ['the next set', named(defaultParameters, 1n)],
      ['another fee', named({ ...defaultParameters, feeBps: 99n }, 0n)],
    ] as const) {
      // JM-15
      it(`is refused where they are not: ${title}`, async () => {
        const values = [snapshot, current, current] as const
        await expectOutOfRange(world, post(world, { terms: { snapshot } }), 'snapshot', values)
      })
    }

    // JM-15
    it('is refused once they were replaced, in every way to begin a job', async () => {
      const { market, actors } = world
      const { requester, provider } = actors
      const { terms } = await agreed(world, { terms: { snapshot: current } })
      const request = await signRequest(world, requester, terms)
      const offer = await signOffer(world, provider, terms)
      const next = { ...defaultParameters, feeBps: 1_000n }
      await asTimelock(world).then((governor) => governor.addParameters(next, []))
      const values = [current, named(next, 1n), named(next, 1n)] as const
      for (const begin of [
        () => market.connect(requester).post(terms),
        () => market.connect(provider).claimSigned(requester.address, true, terms, request),
        () => market.connect(requester).acceptOffer(provider.address, true, terms, offer),
      ]) {
        await expectOutOfRange(world, begin(), 'snapshot', values)
      }
      await market.connect(requester).postMany([terms])
      expect(await market.statusOf(await market.jobIdOf(requester, terms))).to.equal(statusNumber('None'))
    })

    it('pays the highest fee there can be, a tenth, where it names none', async () => {
      const { market, actors } = world
      const { terms, jobId } = await agreed(world)
      const request = await signRequest(world, actors.requester, terms)
      const next = { ...defaultParameters, feeBps: 1_000n }
      const optimistic = { hook: actors.hook.address, isMediated: false }
      const governor = await asTimelock(world)
      await governor.addParameters(next, [optimistic])
      await market.connect(actors.provider).claimSigned(actors.requester, true, terms, request)
      expect((await market.getJob(jobId)).feeBps).to.equal(1_000n)
      await expectOutOfRange(
        world,
        governor.addParameters({ ...next, feeBps: 1_001n }, [optimistic]),
        'feeBps',
        [1_001n, 0n, 1_000n],
      )
    })
  })

  describe('given nobody but the timelock and the guardian', () => {
    const everyone = ['requester', 'provider', 'hook', 'treasury', 'eve'] as const

    // JM-52, JM-53, JM-54
    it('refuses every change of rules that did not wait, even by who proposes to the timelock', async () => {
      const { market, actors, timelock } = world
      for (const who of [...everyone, 'owner'] as const) {
        const { address } = actors[who]
        const by = market.connect(actors[who])
        for (const change of [
          () => by.addParameters(defaultParameters, []),
          () => by.setFeeRecipient(address),
          () => by.setGuardian(address),
        ]) {
          await expectRevert(world, change(), 'GovernedNotTimelock', [address, await timelock.getAddress()])
        }
      }
    })

    it('lets no one else pause, and no one else resume', async () => {
      const { market, actors } = world
      for (const who of everyone) {
        const { address } = actors[who]
        const values = [address, actors.owner.address]
        await expectRevert(world, market.connect(actors[who]).pausePosting(), 'GovernedNotGuardian', values)
        await expectRevert(world, market.connect(actors[who]).resumePosting(), 'GovernedNotGuardian', values)
      }
    })
  })

  describe('given the pause', () => {
    // JM-19
    it('stops the four ways to begin a job alone', async () => {
      const { market, actors, jobs } = world
      const requester = market.connect(actors.requester)
      const provider = market.connect(actors.provider)
      const { terms } = await agreed(world)
      const request = await signRequest(world, actors.requester, terms)
      const offer = await signOffer(world, actors.provider, terms)
      await market.connect(actors.owner).pausePosting()
      for (const begin of [
        () => requester.post(jobs.Open.terms),
        () => provider.claimSigned(actors.requester, true, terms, request),
        () => requester.acceptOffer(actors.provider, true, terms, offer),
      ]) {
        await expectRevert(world, begin(), 'JobMarketPostingPaused')
      }
      const reason = market.interface.encodeErrorResult('JobMarketPostingPaused', [])
      await expect(requester.postMany([terms]))
        .to.emit(market, 'PostRefused')
        .withArgs(actors.requester.address, 0n, reason)

      await market.connect(actors.rival).claim(jobs.Open.jobId)
      await requester.deliverKey(jobs.AwaitingKey.jobId, KEY)
      await provider.submit(jobs.Claimed.jobId, RESULT_ROOT, TOTAL_STEPS)
      await requester.accept(jobs.Claimed.jobId)
      await provider.release(jobs.AwaitingKey.jobId)
      await market.release(jobs.Keyless.jobId)
      await market.settleMany([jobs.Settleable.jobId])
      await market.failMany([jobs.Overdue.jobId])
      await market.cancel(jobs.Expired.jobId)
      await market.connect(actors.hook).challengeClosed(jobs.Disputed.jobId)
      await market.connect(actors.hook).challengeOpened(jobs.Disputed.jobId)
      await market.connect(actors.hook).reject(jobs.Disputed.jobId, 0n)
      await requester.cancelNonces(1n, 1n)
      await provider.updateProvider(1n, 1n, '', ethers.ZeroHash)
      await market.collectFees([actors.provider.address])
      const eve = market.connect(actors.eve)
      await world.token.connect(actors.owner).transfer(actors.eve, 5n)
      await world.token.connect(actors.eve).approve(world.address, 5n)
      await eve.deposit(5n)
      await eve.stake(5n)
      await eve.unstake(5n)
      await eve.withdraw(actors.eve.address, 5n)
      const { groupId } = await world.replication.seatOf(world.address, jobs.Seated.jobId)
      await travelTo(jobs.Seated.fields.claimBy + 1n)
      await world.replication.resolve(groupId)
      expect(await market.statusOf(jobs.Seated.jobId)).to.equal(statusNumber('Released'))
    })
  })
})
