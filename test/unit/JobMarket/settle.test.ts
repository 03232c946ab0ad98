import { expect } from 'chai'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY, MAX_UNITS } from '../../helpers/defaults.ts'
import { busyMarket, enlist, fund, MOCKED, openMarket, type World } from '../../helpers/fixtures.ts'
import { disputed, type Job, settled, submitted, windowEnd } from '../../helpers/jobs.ts'
import { exactDecay } from '../../helpers/reference.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { profileSlot, readWord, withField, writeWord } from '../../helpers/storage.ts'
import { at, DAY, now } from '../../helpers/time.ts'

const YES = 1

describe('JobMarket.settle', () => {
  let world: World
  let job: Job
  let bond: bigint

  const settleAt = (time: bigint, who: Role = 'keeper') =>
    at(time, () => world.market.connect(world.actors[who]).settle(job.jobId))
  const given = async (load: () => Promise<Job>) => {
    world = await networkHelpers.loadFixture(busyMarket)
    job = await load()
    bond = (await world.market.getJob(job.jobId)).bond
  }
  const paid = () => ({
    provider: { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE },
  })

  // JM-36
  describe('given a submitted job', () => {
    beforeEach(() => given(() => submitted(world)))

    for (const early of [1n, 0n]) {
      it(`reverts with JobMarketTooEarly ${early} s before the window has passed`, async () => {
        const time = windowEnd(job) - early
        const values = [job.jobId, windowEnd(job) + 1n, time]
        await expectRevert(world, settleAt(time), 'JobMarketTooEarly', values)
      })
    }

    it('pays one second after the window, to the unit', async () => {
      await expectMoney(world, paid(), () => settleAt(windowEnd(job) + 1n))
    })

    for (const who of ['requester', 'provider', 'eve'] as const) {
      it(`gives ${who} the same when it calls: nothing for the call`, async () => {
        await expectMoney(world, paid(), () => settleAt(windowEnd(job) + 1n, who))
      })
    }

    it('emits JobSettled', async () => {
      await expect(settleAt(windowEnd(job) + 1n))
        .to.emit(world.market, 'JobSettled')
        .withArgs(job.jobId, world.actors.provider.address, DEFAULT_PAY, DEFAULT_FEE)
    })

    it('ends the job as Settled; a second call reverts', async () => {
      await settleAt(windowEnd(job) + 1n)
      const values = [job.jobId, statusNumber('Settled'), statusNumber('Submitted')]
      await expectRevert(world, settleAt(windowEnd(job) + 2n), 'JobMarketWrongStatus', values)
    })
  })

  describe('given a disputed job after its window', () => {
    beforeEach(() => given(() => disputed(world)))

    it('reverts with JobMarketChallengeOpen', async () => {
      await expectRevert(world, settleAt(windowEnd(job) + 1n), 'JobMarketChallengeOpen', [job.jobId, 1n])
    })

    it('pays as soon as the last challenge is lost, without a second window', async () => {
      const { market, actors } = world
      await at(windowEnd(job) + 100n, () => market.connect(actors.hook).challengeClosed(job.jobId))
      await expectMoney(world, paid(), () => settleAt(windowEnd(job) + 101n))
    })

    it('still waits for the window when the challenge is lost inside it', async () => {
      const { market, actors } = world
      await market.connect(actors.hook).challengeClosed(job.jobId)
      const values = [job.jobId, windowEnd(job) + 1n, windowEnd(job)]
      await expectRevert(world, settleAt(windowEnd(job)), 'JobMarketTooEarly', values)
    })
  })

  describe('given a job of a level with a hook', () => {
    beforeEach(() => given(() => submitted(world, { terms: { level: MOCKED } })))

    it('reverts with JobMarketNotFinal until the hook calls it final, then pays', async () => {
      const end = windowEnd(job)
      const values = [job.jobId, await world.assurance.getAddress()]
      await expectRevert(world, settleAt(end + 1n), 'JobMarketNotFinal', values)
      await world.assurance.setAnswer(YES)
      await expectMoney(world, paid(), () => settleAt(end + 3n))
    })

    it('reverts with JobMarketTooEarly while the hook waits for the window, too', async () => {
      await world.assurance.setAnswer(YES)
      const values = [job.jobId, windowEnd(job) + 1n, windowEnd(job)]
      await expectRevert(world, settleAt(windowEnd(job)), 'JobMarketTooEarly', values)
    })
  })

  describe('given fees', () => {
    for (const [price, feeBps, fee] of [
      [99n, 100n, 0n],
      [100n, 100n, 1n],
      [199n, 100n, 1n],
      [10_001n, 1_000n, 1_000n],
      [7_000_003n, 0n, 0n],
      [7_000_003n, 1n, 700n],
    ] as const) {
      // JM-39
      it(`takes ${fee} of ${price} units at ${feeBps} basis points, rounded down`, async () => {
        world = await openMarket({ parameters: { feeBps } })
        job = await submitted(world, { terms: { maxPrice: price, ramp: 0n } })
        bond = (await world.market.getJob(job.jobId)).bond
        const provider = { balance: price - fee, locked: -bond, active: -1n, feeOwed: fee }
        await expectMoney(world, { provider }, () => settleAt(windowEnd(job) + 1n))
      })
    }
  })

  describe('given reputation earned before', () => {
    it('adds the fee to what is left of it', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      await settled(world, { terms: { maxPrice: 200_000_000n, ramp: 0n } })
      const { provider } = world.actors
      expect((await world.market.providerOf(provider)).reputation).to.equal(2_000_000n)
      job = await submitted(world, { terms: { ramp: 0n, window: 30n * DAY } })
      // the days between the two are counted by midnights
      const earnedOn = (await now()) / DAY
      await settleAt(windowEnd(job) + 1n)
      const days = (await now()) / DAY - earnedOn
      expect([30n, 31n]).to.include(days)
      const { reputation } = await world.market.providerOf(provider)
      const left = reputation - 70_000n
      expect(left <= exactDecay(2_000_000n, days) && left >= exactDecay(2_000_000n, days) - 2n).to.equal(true)
    })

    it('stops at the most that 80 bits hold', async () => {
      world = await openMarket({ parameters: { feeBps: 1_000n, baseExposure: MAX_UNITS, surchargeBps: 0n } })
      const { provider, requester } = world.actors
      // no market can pay that much in fees: the word is written directly
      const slot = profileSlot(provider.address)
      const word = withField('Profile.reputation', await readWord(world, slot), MAX_UNITS - 1n)
      await writeWord(world, slot, withField('Profile.reputationAt', word, await now()))
      await fund(world, requester, 10_000n)
      job = await submitted(world, { terms: { maxPrice: 10_000n, ramp: 0n, window: 2n } })
      await settleAt(windowEnd(job) + 1n)
      expect((await world.market.providerOf(provider)).reputation).to.equal(MAX_UNITS)
    })
  })

  describe('given one account that is requester and provider', () => {
    it('pays it from its own escrow, less the fee', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { eve } = world.actors
      await fund(world, eve, 500_000_000n)
      await enlist(world, eve)
      job = await submitted(world, { requester: eve, provider: eve })
      bond = (await world.market.getJob(job.jobId)).bond
      const change = { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE }
      await expectMoney(world, { eve: change }, () => settleAt(windowEnd(job) + 1n, 'eve'))
    })
  })

  describe('given jobs in every status', () => {
    it('settles the settleable one', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      await all.market.connect(all.actors.eve).settle(all.jobs.Settleable.jobId)
      expect(await all.market.statusOf(all.jobs.Settleable.jobId)).to.equal(statusNumber('Settled'))
    })
  })

  itRefusesEveryStatusBut(['Submitted', 'Disputed', 'Settleable'], 'Submitted', ({ market, actors }, job) =>
    market.connect(actors.keeper).settle(job.jobId),
  )
})
