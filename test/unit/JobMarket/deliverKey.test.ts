import { expect } from 'chai'
import {
  expectMoney,
  expectOutOfRange,
  expectRevert,
  itRefusesEveryStatusBut,
} from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import {
  awaitingKey,
  claimed,
  claimedSigned,
  type Job,
  KEY,
  keyBy,
  keyed,
  RESULT_ROOT,
  runBy,
  TOTAL_STEPS,
} from '../../helpers/jobs.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { at, now } from '../../helpers/time.ts'

describe('JobMarket.deliverKey', () => {
  let world: World
  let job: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const deliverAs = (who: keyof World['actors'], key = KEY) =>
    world.market.connect(world.actors[who]).deliverKey(job.jobId, key)
  const deliver = (key = KEY) => deliverAs('requester', key)

  describe('given a private job that was claimed', () => {
    beforeEach(async () => {
      job = await awaitingKey(world)
    })

    it('waits for the key, not for the result', async () => {
      const view = await world.market.getJob(job.jobId)
      expect([view.status, view.keyBy, view.runBy, view.isPrivate]).to.deep.equal([
        statusNumber('AwaitingKey'),
        keyBy(world, job),
        0n,
        true,
      ])
    })

    it('moves no money', async () => {
      await expectMoney(world, {}, () => deliver())
    })

    it('emits KeyDelivered with the key', async () => {
      await expect(deliver())
        .to.emit(world.market, 'KeyDelivered')
        .withArgs(job.jobId, job.provider.address, KEY)
    })

    // JM-32
    it('starts the run time now', async () => {
      await deliver()
      const view = await world.market.getJob(job.jobId)
      expect([view.status, view.keyBy, view.runBy]).to.deep.equal([
        statusNumber('Claimed'),
        0n,
        (await now()) + job.fields.run,
      ])
    })

    for (const early of [1n, 0n]) {
      it(`takes it ${early} s before keyBy has passed`, async () => {
        await at(keyBy(world, job) - early, () => deliver())
        expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Claimed'))
      })
    }

    // JM-33
    it('refuses it a second after keyBy', async () => {
      const time = keyBy(world, job) + 1n
      const values = [job.jobId, keyBy(world, job), time]
      await expectRevert(
        world,
        at(time, () => deliver()),
        'JobMarketDeadlinePassed',
        values,
      )
    })

    for (const length of [1, 512]) {
      it(`takes a key of ${length} bytes`, async () => {
        await deliver(`0x${'ab'.repeat(length)}`)
      })
    }

    for (const length of [0, 513]) {
      it(`refuses a key of ${length} bytes`, async () => {
        const sending = deliver(`0x${'ab'.repeat(length)}`)
        await expectOutOfRange(world, sending, 'key length', [BigInt(length), 1n, 512n])
      })
    }

    for (const who of ['provider', 'eve', 'owner'] as const) {
      // JM-33
      it(`refuses it from ${who}`, async () => {
        const values = [job.jobId, world.actors[who].address, job.requester.address]
        await expectRevert(world, deliverAs(who), 'JobMarketNotRequester', values)
      })
    }

    // JM-33
    it('takes one key only', async () => {
      await deliver()
      const values = [job.jobId, statusNumber('Claimed'), statusNumber('AwaitingKey')]
      await expectRevert(world, deliver(), 'JobMarketWrongStatus', values)
    })

    it('keeps the provider from submitting before it', async () => {
      const sending = world.market.connect(job.provider).submit(job.jobId, RESULT_ROOT, TOTAL_STEPS)
      const values = [job.jobId, statusNumber('AwaitingKey'), statusNumber('Claimed')]
      await expectRevert(world, sending, 'JobMarketWrongStatus', values)
    })

    it('keeps everybody from failing it', async () => {
      const sending = at(job.claimedAt + job.fields.run + 1n, () => world.market.fail(job.jobId))
      const values = [job.jobId, statusNumber('AwaitingKey'), statusNumber('Claimed')]
      await expectRevert(world, sending, 'JobMarketWrongStatus', values)
    })
  })

  describe('given a key that came', () => {
    beforeEach(async () => {
      job = await keyed(world)
    })

    // JM-32
    it('takes the result until the run time counted from the key is over', async () => {
      await at(runBy(job), () =>
        world.market.connect(job.provider).submit(job.jobId, RESULT_ROOT, TOTAL_STEPS),
      )
    })

    it('lets anyone fail it a second later', async () => {
      await expectRevert(
        world,
        at(runBy(job), () => world.market.fail(job.jobId)),
        'JobMarketTooEarly',
        [job.jobId, runBy(job) + 1n, runBy(job)],
      )
      await at(runBy(job) + 1n, () => world.market.fail(job.jobId))
    })

    for (const [late, works] of [
      [0n, true],
      [1n, false],
    ] as const) {
      it(`${works ? 'takes' : 'refuses'} a release ${late} s after the first quarter counted from the key`, async () => {
        const until = job.keyedAt + job.fields.run / 4n
        const sending = at(until + late, () => world.market.connect(job.provider).release(job.jobId))
        if (works) await expect(sending).to.emit(world.market, 'JobReleased')
        else await expectRevert(world, sending, 'JobMarketDeadlinePassed', [job.jobId, until, until + late])
      })
    }
  })

  describe('given a private job that was agreed by signature', () => {
    it('waits for the key as well, and then runs', async () => {
      job = await claimedSigned(world, { terms: { isPrivate: 1n } })
      const before = await world.market.getJob(job.jobId)
      expect([before.status, before.keyBy]).to.deep.equal([statusNumber('AwaitingKey'), keyBy(world, job)])
      await at(keyBy(world, job), () => deliver())
      expect((await world.market.getJob(job.jobId)).runBy).to.equal((await now()) + job.fields.run)
    })
  })

  describe('given a job that is not private', () => {
    it('never waits for a key', async () => {
      job = await claimed(world)
      const values = [job.jobId, statusNumber('Claimed'), statusNumber('AwaitingKey')]
      await expectRevert(world, deliver(), 'JobMarketWrongStatus', values)
    })
  })

  itRefusesEveryStatusBut(['AwaitingKey', 'Keyless'], 'AwaitingKey', (w, { jobId, requester }) =>
    w.market.connect(requester).deliverKey(jobId, KEY),
  )
})
