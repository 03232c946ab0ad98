import { expect } from 'chai'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_PRICE, FUNDS, MAX_UNITS, OFFERED } from '../../helpers/defaults.ts'
import {
  busyMarket,
  enlist,
  fund,
  openMarket,
  type World,
  type WorldOptions,
} from '../../helpers/fixtures.ts'
import { claimed, type Job, runBy, settled } from '../../helpers/jobs.ts'
import { splitLateness } from '../../helpers/reference.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { profileSlot, readWord, withField, writeWord } from '../../helpers/storage.ts'
import { at } from '../../helpers/time.ts'

describe('JobMarket.fail', () => {
  let world: World
  let job: Job
  let bond: bigint

  const failAt = (time: bigint, who: Role = 'keeper') =>
    at(time, () => world.market.connect(world.actors[who]).fail(job.jobId))
  const late = () => runBy(job) + 1n
  const take = async (terms = {}) => {
    job = await claimed(world, { terms })
    bond = (await world.market.getJob(job.jobId)).bond
  }

  // JM-41
  describe('given an overdue job', () => {
    // 20 % of the bond of 10,500,096, rounded down
    const slash = 2_100_019n
    const split = { toRequester: 20_000n, toKeeper: 10_000n, toReserve: 2_070_019n }

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      await take()
    })

    it('refunds the price and divides the slash between requester, keeper and reserve', async () => {
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE + split.toRequester },
          keeper: { balance: split.toKeeper },
          provider: { stake: -slash, locked: -bond, active: -1n },
          reserve: split.toReserve,
        },
        () => failAt(late()),
      )
    })

    it('emits JobFailed with the parts', async () => {
      const { market, actors } = world
      const { toRequester, toKeeper, toReserve } = split
      await expect(failAt(late()))
        .to.emit(market, 'JobFailed')
        .withArgs(job.jobId, actors.provider.address, actors.keeper.address, toRequester, toKeeper, toReserve)
    })

    it('ends the job as Failed and counts a fault', async () => {
      await failAt(late())
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Failed'))
      expect((await world.market.providerOf(world.actors.provider)).faults).to.equal(1n)
    })

    it('gives the requester both parts when it is the keeper', async () => {
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE + split.toRequester + split.toKeeper },
          provider: { stake: -slash, locked: -bond, active: -1n },
          reserve: split.toReserve,
        },
        () => failAt(late(), 'requester'),
      )
    })

    it('gives the late provider no more than the part of the keeper when it calls itself', async () => {
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE + split.toRequester },
          provider: { balance: split.toKeeper, stake: -slash, locked: -bond, active: -1n },
          reserve: split.toReserve,
        },
        () => failAt(late(), 'provider'),
      )
    })

    for (const early of [1n, 0n]) {
      it(`reverts with JobMarketTooEarly ${early} s before runBy has passed`, async () => {
        const time = runBy(job) - early
        const values = [job.jobId, runBy(job) + 1n, time]
        await expectRevert(world, failAt(time), 'JobMarketTooEarly', values)
      })
    }
  })

  describe('given one account that is requester, provider and keeper', () => {
    it('loses exactly the part of the reserve', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { eve } = world.actors
      await fund(world, eve, FUNDS.stake)
      await enlist(world, eve)
      job = await claimed(world, { requester: eve, provider: eve })
      bond = (await world.market.getJob(job.jobId)).bond
      const { total, toRequester, toKeeper, toReserve } = splitLateness(world.parameters, bond)
      const change = {
        balance: DEFAULT_PRICE + toRequester + toKeeper,
        stake: -total,
        locked: -bond,
        active: -1n,
      }
      await expectMoney(world, { eve: change, reserve: toReserve }, () => failAt(late(), 'eve'))
    })
  })

  describe('given reputation', () => {
    it('leaves three quarters of it, rounded down', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      await settled(world, { terms: { maxPrice: 700n, ramp: 0n } })
      await take({ run: 10n })
      await failAt(late())
      const { reputation, faults } = await world.market.providerOf(world.actors.provider)
      expect([reputation, faults]).to.deep.equal([5n, 1n])
    })

    it('keeps what the provider declared and owes', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      await settled(world)
      const before = await world.market.providerOf(world.actors.provider)
      await take({ run: 10n })
      await failAt(late())
      const after = await world.market.providerOf(world.actors.provider)
      expect([after.resources, after.concurrency, after.feeOwed]).to.deep.equal([
        OFFERED,
        before.concurrency,
        before.feeOwed,
      ])
    })
  })

  describe('given a provider with the most faults that are counted', () => {
    it('stays there', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { provider } = world.actors
      const slot = profileSlot(provider.address)
      await writeWord(world, slot, withField('Profile.faults', await readWord(world, slot), 65_535n))
      await take()
      await failAt(late())
      const { faults, reputation, concurrency } = await world.market.providerOf(provider)
      expect([faults, reputation, concurrency]).to.deep.equal([65_535n, 0n, 100n])
    })
  })

  describe('given a slash that the gas schedule exhausts', () => {
    const cases: [string, WorldOptions['parameters'], [bigint, bigint, bigint]][] = [
      ['the requester first', { latenessBps: 1n, minBond: 40_000n }, [8n, 0n, 0n]],
      [
        'then the keeper',
        { latenessBps: 2_000n, minBond: 100_000n, lateRequesterGas: 39_995n },
        [39_995n, 5n, 0n],
      ],
      ['nobody where lateness is free', { latenessBps: 0n }, [0n, 0n, 0n]],
      [
        'the reserve the whole where both are zero',
        { lateRequesterGas: 0n, lateKeeperGas: 0n },
        [0n, 0n, 400_025n],
      ],
    ]
    for (const [who, parameters, [toRequester, toKeeper, toReserve]] of cases) {
      it(`pays ${who}`, async () => {
        world = await openMarket({ parameters: { ...parameters } })
        await take({ maxPrice: 1n, ramp: 0n })
        const stake = -toRequester - toKeeper - toReserve
        await expectMoney(
          world,
          {
            requester: { balance: 1n + toRequester },
            keeper: { balance: toKeeper },
            provider: { stake, locked: -bond, active: -1n },
            reserve: toReserve,
          },
          () => failAt(late()),
        )
      })
    }
  })

  describe('given the largest bond', () => {
    it('divides it exactly', async () => {
      const parameters = { minBond: 2n ** 76n, surchargeBps: 0n, baseExposure: MAX_UNITS }
      world = await openMarket({ parameters })
      await fund(world, world.actors.provider, 2n ** 76n)
      await world.market.connect(world.actors.provider).stake(2n ** 76n)
      await take()
      const { total, toRequester, toKeeper, toReserve } = splitLateness(world.parameters, 2n ** 76n)
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE + toRequester },
          keeper: { balance: toKeeper },
          provider: { stake: -total, locked: -(2n ** 76n), active: -1n },
          reserve: toReserve,
        },
        () => failAt(late()),
      )
    })
  })

  describe('given a claimed job among jobs in every status', () => {
    it('reverts with JobMarketTooEarly', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      job = all.jobs.Claimed
      const time = runBy(job) - 100n
      const sending = at(time, () => all.market.connect(all.actors.keeper).fail(job.jobId))
      await expectRevert(all, sending, 'JobMarketTooEarly', [job.jobId, runBy(job) + 1n, time])
    })
  })

  itRefusesEveryStatusBut(['Claimed', 'Overdue'], 'Claimed', ({ market, actors }, { jobId }) =>
    market.connect(actors.keeper).fail(jobId),
  )
})
