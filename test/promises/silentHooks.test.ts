import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import { expectSolvent } from '../helpers/assertions.ts'
import { asTimelock } from '../helpers/asTimelock.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { MOCKED } from '../helpers/fixtures.ts'
import { claimed, disputed, type Job, KEY, RESULT_ROOT, submitted, windowEnd } from '../helpers/jobs.ts'
import { MEDIATED, type MediatedWorld, mediatedMarket } from '../helpers/mediated.ts'
import { heldOf } from '../helpers/money.ts'
import { plain } from '../helpers/plain.ts'
import { type Status, statusNumber } from '../helpers/statuses.ts'
import { at, DAY, now, travelTo } from '../helpers/time.ts'

describe('Promise 2, for a hook that never decides', () => {
  let world: MediatedWorld
  const LATER = 3_650n * DAY
  const waiting: Record<string, [Status, () => Promise<Job>]> = {
    'a challenge of the dispute game': ['Disputed', () => disputed(world)],
    'a challenge of its own': [
      'Disputed',
      async () => {
        const job = await submitted(world, { terms: { level: MOCKED } })
        await world.assurance.challenge(world.market, job.jobId)
        return job
      },
    ],
    'a result that it does not call final': [
      'Submitted',
      () => submitted(world, { terms: { level: MOCKED } }),
    ],
    'a seat': ['Seated', () => claimed(world, { terms: { level: MEDIATED } })],
  }

  /** Calls that everybody but a hook makes of a job, each tried from the same state; those that changed it. */
  const movedBy = async ({ jobId }: Job): Promise<string[]> => {
    const { market, actors } = world
    const moved: string[] = []
    const { requester, provider, keeper, owner, eve } = actors
    const people = [requester, provider, keeper, owner, eve].map((who) => market.connect(who))
    for (const by of [...people, await asTimelock(world)]) {
      const calls = {
        ...{ cancel: () => by.cancel(jobId), claim: () => by.claim(jobId), release: () => by.release(jobId) },
        ...{ deliverKey: () => by.deliverKey(jobId, KEY), submit: () => by.submit(jobId, RESULT_ROOT, 1n) },
        ...{ accept: () => by.accept(jobId), settle: () => by.settle(jobId), fail: () => by.fail(jobId) },
        ...{ settleMany: () => by.settleMany([jobId]), failMany: () => by.failMany([jobId]) },
        ...{ challengeOpened: () => by.challengeOpened(jobId), reject: () => by.reject(jobId, 0n) },
        ...{ challengeClosed: () => by.challengeClosed(jobId), freezeBond: () => by.freezeBond(jobId) },
        conclude: () => by.conclude(jobId, ethers.ZeroHash, 0n, true),
      }
      for (const [name, call] of Object.entries(calls)) {
        const before = await networkHelpers.takeSnapshot()
        const was = plain(await market.getJob(jobId))
        await call().catch(() => {})
        if (!isDeepStrictEqual(plain(await market.getJob(jobId)), was)) moved.push(name)
        await before.restore()
      }
    }
    return moved
  }

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(mediatedMarket)
  })

  for (const [title, [status, begin]] of Object.entries(waiting)) {
    describe(`given ${title}`, () => {
      let job: Job
      beforeEach(async () => {
        job = await begin()
        await travelTo((await now()) + LATER)
      })

      // JM-42
      it(`leaves the job ${status} for ever; nobody but ${status === 'Submitted' ? 'its requester' : 'a hook'} ends it`, async () => {
        expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber(status))
        expect(await movedBy(job)).to.deep.equal(status === 'Submitted' ? ['accept'] : [])
      })

      // JM-42
      it('holds up price and bond of the job, and not a unit more', async () => {
        const { market, actors } = world
        const { price, bond } = await market.getJob(job.jobId)
        const other = await submitted(world)
        await at(windowEnd(other) + 1n, () => market.connect(actors.eve).settle(other.jobId))
        for (const who of Object.values(actors)) {
          const { stake, locked } = await market.accountOf(who)
          if (stake > locked) await market.connect(who).unstake(stake - locked)
          const { balance } = await market.accountOf(who)
          if (balance > 0n) await market.connect(who).withdraw(who.address, balance)
        }
        const { feeOwed } = await market.providerOf(actors.provider)
        expect(await heldOf(world)).to.equal(price + bond + feeOwed)
        await expectSolvent(world)
      })
    })
  }
})
