import { expect } from 'chai'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import {
  ATTESTED,
  busyMarket,
  deployMarket,
  MOCKED,
  NOT_OFFERED,
  type World,
} from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { disputed, type Job, submitted, windowEnd } from '../../helpers/jobs.ts'
import { plain } from '../../helpers/plain.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { jobSlot, readWord, withField, writeWord } from '../../helpers/storage.ts'
import { at, now, travelTo } from '../../helpers/time.ts'

const OUTSIDERS: Role[] = ['owner', 'requester', 'provider', 'keeper', 'eve']
const MOST = 16_383n

describe('JobMarket.challengeOpened', () => {
  let world: World
  let job: Job

  const open = (who: Role = 'hook') => world.market.connect(world.actors[who]).challengeOpened(job.jobId)

  describe('given a submitted job', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await submitted(world)
    })

    it('moves no money', async () => {
      await expectMoney(world, {}, () => open())
    })

    it('makes the job Disputed and counts each challenge, with an event', async () => {
      const { market } = world
      await expect(open()).to.emit(market, 'ChallengeCountChanged').withArgs(job.jobId, 1n)
      await expect(open()).to.emit(market, 'ChallengeCountChanged').withArgs(job.jobId, 2n)
      const { status, openChallenges } = await market.getJob(job.jobId)
      expect([status, openChallenges]).to.deep.equal([statusNumber('Disputed'), 2n])
    })

    // JM-59
    it('tells whose result it is, which, and how many challenges were open before', async () => {
      const { resultCommitment } = await world.market.getJob(job.jobId)
      const ask = world.market.connect(world.actors.hook).challengeOpened
      for (const before of [0n, 1n, 2n]) {
        const { provider, resultCommitment: told, open: counted } = await ask.staticCall(job.jobId)
        const expected = [world.actors.provider.address, resultCommitment, before]
        expect([provider, told, counted]).to.deep.equal(expected)
        await open()
      }
    })

    it('changes nothing else of the job', async () => {
      const before = await world.market.getJob(job.jobId)
      await open()
      const after = await world.market.getJob(job.jobId)
      const expected = { ...plain(before), status: statusNumber('Disputed'), openChallenges: 1n }
      expect(plain(after)).to.deep.equal(expected)
    })

    for (const who of OUTSIDERS) {
      // JM-44
      it(`reverts with JobMarketNotHook for ${who}`, async () => {
        const { actors } = world
        const values = [job.jobId, actors[who].address, actors.hook.address]
        await expectRevert(world, open(who), 'JobMarketNotHook', values)
      })
    }

    for (const early of [1n, 0n]) {
      it(`is in time ${early} s before the window has passed`, async () => {
        await at(windowEnd(job) - early, () => open())
        expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Disputed'))
      })
    }

    // JM-44
    it('reverts with JobMarketDeadlinePassed one second after the window', async () => {
      const end = windowEnd(job)
      const sending = at(end + 1n, () => open())
      await expectRevert(world, sending, 'JobMarketDeadlinePassed', [job.jobId, end, end + 1n])
    })

    // JM-44
    it('is refused after the window even while another challenge is open', async () => {
      await open()
      const end = windowEnd(job)
      const sending = at(end + 1n, () => open())
      await expectRevert(world, sending, 'JobMarketDeadlinePassed', [job.jobId, end, end + 1n])
    })
  })

  describe('given the most challenges that are counted', () => {
    it('reverts with JobMarketTooManyChallenges instead of starting over', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await submitted(world)
      const slot = jobSlot(job.jobId, 2n)
      const word = await readWord(world, slot)
      await writeWord(world, slot, withField('Job.2.openChallenges', word, MOST - 1n))
      await open()
      await expectRevert(world, open(), 'JobMarketTooManyChallenges', [job.jobId, MOST])
    })
  })

  // JM-44
  describe('given jobs of different levels', () => {
    it('takes the hook of the level, and the dispute game of level 0 besides', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { market, assurance } = world
      job = await submitted(world, { terms: { level: MOCKED } })
      await assurance.challenge(market, job.jobId)
      await expect(open()).to.emit(market, 'ChallengeCountChanged').withArgs(job.jobId, 2n)
    })

    it('refuses the hook of another level, naming that of the job', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { market, actors, assurance, attestation } = world
      const mock = await assurance.getAddress()
      job = await submitted(world)
      const values = [job.jobId, mock, actors.hook.address]
      await expectRevert(world, assurance.challenge(market, job.jobId), 'JobMarketNotHook', values)
      const attested = await submitted(world, { terms: { level: ATTESTED } })
      const others = [attested.jobId, mock, await attestation.getAddress()]
      await expectRevert(world, assurance.challenge(market, attested.jobId), 'JobMarketNotHook', others)
    })

    it('lets nobody challenge where Optimistic has no hook', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { actors, parameters } = world
      await govern(world, 'addParameters', [parameters, []])
      job = await submitted(world)
      const values = [job.jobId, actors.hook.address, ethers.ZeroAddress]
      await expectRevert(world, open(), 'JobMarketNotHook', values)
    })
  })

  describe('given a settleable job among jobs in every status', () => {
    it('reverts with JobMarketDeadlinePassed', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      job = all.jobs.Settleable
      const time = (await now()) + 5n
      const sending = at(time, () => all.market.connect(all.actors.hook).challengeOpened(job.jobId))
      await expectRevert(all, sending, 'JobMarketDeadlinePassed', [job.jobId, windowEnd(job), time])
    })
  })

  itRefusesEveryStatusBut(
    ['Submitted', 'Disputed', 'Settleable'],
    'Submitted',
    ({ market, actors }, { jobId }) => market.connect(actors.hook).challengeOpened(jobId),
  )
})

describe('JobMarket.challengeClosed', () => {
  let world: World
  let job: Job

  const close = (who: Role = 'hook') => world.market.connect(world.actors[who]).challengeClosed(job.jobId)

  describe('given a disputed job', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await disputed(world)
    })

    it('moves no money', async () => {
      await expectMoney(world, {}, () => close())
    })

    it('emits ChallengeCountChanged and leaves the job Submitted inside the window', async () => {
      await expect(close()).to.emit(world.market, 'ChallengeCountChanged').withArgs(job.jobId, 0n)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Submitted'))
    })

    it('leaves it Disputed while another challenge is open', async () => {
      const { market, actors } = world
      await market.connect(actors.hook).challengeOpened(job.jobId)
      await expect(close()).to.emit(market, 'ChallengeCountChanged').withArgs(job.jobId, 1n)
      expect(await market.statusOf(job.jobId)).to.equal(statusNumber('Disputed'))
    })

    it('leaves it Settleable after the window', async () => {
      await travelTo(windowEnd(job) + 1n)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Disputed'))
      await close()
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Settleable'))
    })

    for (const who of OUTSIDERS) {
      // JM-44
      it(`reverts with JobMarketNotHook for ${who}`, async () => {
        const { actors } = world
        const values = [job.jobId, actors[who].address, actors.hook.address]
        await expectRevert(world, close(who), 'JobMarketNotHook', values)
      })
    }
  })

  for (const status of ['Submitted', 'Settleable'] as const) {
    describe(`given a ${status} job without a challenge`, () => {
      it('reverts with JobMarketWrongStatus(Submitted, Disputed)', async () => {
        const all = await networkHelpers.loadFixture(jobPerStatus)
        const { jobId } = all.jobs[status]
        const values = [jobId, statusNumber('Submitted'), statusNumber('Disputed')]
        const sending = all.market.connect(all.actors.hook).challengeClosed(jobId)
        await expectRevert(all, sending, 'JobMarketWrongStatus', values)
      })
    })
  }

  itRefusesEveryStatusBut(
    ['Submitted', 'Disputed', 'Settleable'],
    'Submitted',
    ({ market, actors }, { jobId }) => market.connect(actors.hook).challengeClosed(jobId),
  )
})

describe('The hook of a level', () => {
  it('is a zero address where there is none, which nobody can be', async () => {
    const { market } = await deployMarket()
    expect(await market.levelOf(0n, NOT_OFFERED)).to.deep.equal([ethers.ZeroAddress, false])
    expect(await market.levelOf(7n, 0n)).to.deep.equal([ethers.ZeroAddress, false])
  })
})
