import { expect } from 'chai'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectOutOfRange, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { ATTESTED, delegate, MOCKED, NOT_OFFERED, REPLICATED, undelegate } from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { claim, claimed, type Job, post, submitted, windowEnd } from '../../helpers/jobs.ts'
import {
  asMediator,
  MEDIATED,
  MEDIATED_SET,
  type MediatedWorld,
  mediatedMarket,
} from '../../helpers/mediated.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('JobMarket, its assurance levels', () => {
  let world: MediatedWorld
  let job: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(mediatedMarket)
  })

  // JM-16
  describe('given a level that nobody decides', () => {
    for (const level of [NOT_OFFERED, 6n, 15n, 16n, 255n]) {
      it(`refuses a job of level ${level}`, async () => {
        const sending = post(world, { terms: { level } })
        await expectRevert(world, sending, 'JobMarketLevelNotOffered', [level, MEDIATED_SET])
      })
    }

    it('refuses a job of a level that the set before had', async () => {
      await govern(world, 'addParameters', [world.parameters, []])
      const sending = post(world, { terms: { level: ATTESTED } })
      await expectRevert(world, sending, 'JobMarketLevelNotOffered', [ATTESTED, 2n])
    })

    it('takes an Optimistic job all the same', async () => {
      await govern(world, 'addParameters', [world.parameters, []])
      job = await post(world)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Open'))
    })
  })

  describe('given sixteen levels', () => {
    it('offers the last of them, and no set has more', async () => {
      const level = { hook: world.actors.hook.address, isMediated: false }
      await govern(world, 'addParameters', [world.parameters, Array(16).fill(level)])
      job = await post(world, { terms: { level: 15n } })
      expect((await world.market.getJob(job.jobId)).level).to.equal(15n)
    })
  })

  describe('given an assurance', () => {
    it('must be zero for an Optimistic job', async () => {
      const assurance = ethers.toBeHex(1n, 32)
      const sending = post(world, { terms: { assurance } })
      await expectOutOfRange(world, sending, 'assurance', [1n, 0n, 0n])
    })

    for (const level of [ATTESTED, MOCKED, MEDIATED]) {
      it(`is what it is for level ${level}`, async () => {
        job = await post(world, { terms: { level, assurance: word('whatever') } })
        expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Open'))
      })
    }
  })

  describe('given a mediated level', () => {
    it('tells its hook of a posting, with requester and terms', async () => {
      const assurance = word('group')
      job = await post(world, { terms: { level: MEDIATED, assurance } })
      const filter = world.mediator.filters.Told()
      const [event] = await world.mediator.queryFilter(filter)
      expect([...(event?.args ?? [])]).to.deep.equal([job.jobId, job.requester.address, assurance])
    })

    it('tells its hook of a claim', async () => {
      job = await post(world, { terms: { level: MEDIATED } })
      await expect(world.market.connect(job.provider).claim(job.jobId))
        .to.emit(world.mediator, 'ToldOfClaim')
        .withArgs(job.jobId, job.provider.address)
    })

    it('lets its hook refuse a posting: no job, no money', async () => {
      await world.mediator.setManner(1n)
      await expect(post(world, { terms: { level: MEDIATED } })).to.be.revertedWithCustomError(
        world.mediator,
        'MediatorMockRefuses',
      )
    })

    it('lets its hook refuse a claim: the job stays open, no bond is locked', async () => {
      job = await post(world, { terms: { level: MEDIATED } })
      await world.mediator.setManner(1n)
      await expect(world.market.connect(job.provider).claim(job.jobId))
        .to.be.revertedWithCustomError(world.mediator, 'MediatorMockRefuses')
        .withArgs(job.jobId)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Open'))
      expect((await world.market.accountOf(job.provider)).locked).to.equal(0n)
    })

    it('keeps the hook that it was posted under', async () => {
      job = await post(world, {
        terms: { level: MEDIATED, claimBy: BigInt(await networkHelpers.time.latest()) + 200_000n },
      })
      await govern(world, 'addParameters', [world.parameters, []])
      await claim(world, job, 90_000n)
      await asMediator(world, 'conclude', [job.jobId, word('result'), 10_000n, false])
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Settled'))
    })

    it('refuses a metered job', async () => {
      const sending = post(world, { terms: { level: MEDIATED, meteredBps: 1n } })
      await expectOutOfRange(world, sending, 'meteredBps', [1n, 0n, 0n])
    })

    it('refuses a private job', async () => {
      const sending = post(world, { terms: { level: MEDIATED, isPrivate: 1n } })
      await expectOutOfRange(world, sending, 'isPrivate', [1n, 0n, 0n])
    })
  })

  describe('given a mediated job that nobody claimed', () => {
    beforeEach(async () => {
      job = await post(world, { terms: { level: MEDIATED } })
    })

    const cancelAt = (time: bigint, who: Role) =>
      at(time, () => world.market.connect(world.actors[who]).cancel(job.jobId))

    for (const who of ['requester', 'eve', 'hook'] as const) {
      it(`is not cancelled by ${who} until claimBy has passed`, async () => {
        const values = [job.jobId, world.actors[who].address, world.mediatorAddress]
        await expectRevert(world, cancelAt(job.fields.claimBy, who), 'JobMarketNotHook', values)
      })
    }

    it('is cancelled by its hook at any time', async () => {
      await expectMoney(world, { requester: { balance: job.fields.maxPrice } }, () =>
        asMediator(world, 'cancel', [job.jobId]),
      )
    })

    it('is cancelled by anyone a second after claimBy', async () => {
      await expectMoney(world, { requester: { balance: job.fields.maxPrice } }, () =>
        cancelAt(job.fields.claimBy + 1n, 'eve'),
      )
    })
  })

  describe('given a challenge', () => {
    for (const level of [0n, ATTESTED, MOCKED]) {
      it(`may come from the dispute game for level ${level}`, async () => {
        job = await submitted(world, { terms: { level } })
        await expect(world.market.connect(world.actors.hook).challengeOpened(job.jobId))
          .to.emit(world.market, 'ChallengeCountChanged')
          .withArgs(job.jobId, 1n)
      })
    }

    it('may come from the hook of the level and be lost in the dispute game', async () => {
      job = await submitted(world, { terms: { level: MOCKED } })
      await world.assurance.challenge(world.market, job.jobId)
      await world.market.connect(world.actors.hook).challengeClosed(job.jobId)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Submitted'))
    })

    it('may not come from the hook of another level', async () => {
      job = await submitted(world, { terms: { level: ATTESTED } })
      const hook = await world.attestation.getAddress()
      const values = [job.jobId, await world.assurance.getAddress(), hook]
      await expectRevert(
        world,
        world.assurance.challenge(world.market, job.jobId),
        'JobMarketNotHook',
        values,
      )
    })

    // JM-48
    it('may not come to a seat, from whomever', async () => {
      job = await claimed(world, { terms: { level: MEDIATED } })
      const values = [job.jobId, statusNumber('Seated'), statusNumber('Submitted')]
      const { hook } = world.actors
      await expectRevert(
        world,
        world.market.connect(hook).challengeOpened(job.jobId),
        'JobMarketWrongStatus',
        values,
      )
      const sending = asMediator(world, 'challengeOpened', [job.jobId])
      await expectRevert(world, sending, 'JobMarketWrongStatus', values)
    })

    it('may not come to a result of a seat, which is final', async () => {
      job = await claimed(world, { terms: { level: MEDIATED } })
      await asMediator(world, 'conclude', [job.jobId, word('result'), 10_000n, false])
      const values = [job.jobId, statusNumber('Settled'), statusNumber('Submitted')]
      const sending = asMediator(world, 'challengeOpened', [job.jobId])
      await expectRevert(world, sending, 'JobMarketWrongStatus', values)
    })
  })

  describe('given a level whose hook has no code any more', () => {
    it('is never final: settling says who did not answer', async () => {
      const { eve, hook } = world.actors
      const levels = [
        { hook: hook.address, isMediated: false },
        { hook: eve.address, isMediated: false },
      ]
      await delegate(eve.address)
      await govern(world, 'addParameters', [world.parameters, levels])
      await undelegate(eve.address)
      job = await submitted(world, { terms: { level: 1n } })
      const sending = at(windowEnd(job) + 1n, () => world.market.settle(job.jobId))
      await expectRevert(world, sending, 'JobMarketNotFinal', [job.jobId, eve.address])
    })
  })

  it('reads back who decides what', async () => {
    const { market, actors, attestation, replication } = world
    const levels = await Promise.all(
      [0n, ATTESTED, REPLICATED, NOT_OFFERED, MEDIATED].map((l) => market.levelOf(1n, l)),
    )
    expect(levels.map((level) => [...level])).to.deep.equal([
      [actors.hook.address, false],
      [await attestation.getAddress(), false],
      [await replication.getAddress(), true],
      [ethers.ZeroAddress, false],
      [world.mediatorAddress, true],
    ])
  })
})
