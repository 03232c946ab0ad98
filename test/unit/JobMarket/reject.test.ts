import { expect } from 'chai'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_PRICE, FUNDS } from '../../helpers/defaults.ts'
import { busyMarket, enlist, fund, MOCKED, openMarket, type World } from '../../helpers/fixtures.ts'
import { disputed, type Job, settled, submitted, windowEnd } from '../../helpers/jobs.ts'
import { splitFraud } from '../../helpers/reference.ts'
import { jobPerStatus, statusNumber } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

describe('JobMarket.reject', () => {
  let world: World
  let job: Job
  let bond: bigint

  const reject = (moves = 0n, who: Role = 'hook') =>
    world.market.connect(world.actors[who]).reject(job.jobId, moves)
  const given = async (parameters = {}, terms = {}) => {
    world =
      Object.keys(parameters).length === 0
        ? await networkHelpers.loadFixture(busyMarket)
        : await openMarket({ parameters })
    job = await disputed(world, { terms })
    bond = (await world.market.getJob(job.jobId)).bond
  }
  const slashed = (toRequester: bigint, toHook: bigint, price = DEFAULT_PRICE) => ({
    requester: { balance: price + toRequester },
    hook: { balance: toHook },
    provider: { stake: -bond, locked: -bond, active: -1n },
    reserve: bond - toRequester - toHook,
  })

  describe('given a disputed job whose bond is 10,500,096 and whose price is above 30 % of it', () => {
    beforeEach(() => given())

    // [moves, to the requester, to the hook]: 30 % are 3,150,028, 20 % are 2,100,019, both rounded down
    for (const [moves, toRequester, toHook] of [
      [0n, 3_150_028n, 2_100_019n],
      [2_100_018n, 3_150_028n, 2_100_019n],
      [2_100_019n, 3_150_028n, 2_100_019n],
      [2_100_020n, 3_150_027n, 2_100_020n],
      [5_250_046n, 1n, 5_250_046n],
      [5_250_047n, 0n, 5_250_047n],
      [5_250_048n, 0n, 5_250_047n],
      [2n ** 256n - 1n, 0n, 5_250_047n],
    ] as const) {
      // JM-45
      it(`gives the requester ${toRequester} and the hook ${toHook} for moves of ${moves > 10n ** 9n ? 'any price' : moves}`, async () => {
        await expectMoney(world, slashed(toRequester, toHook), () => reject(moves))
        expect(bond - toRequester - toHook >= bond / 2n).to.equal(true)
      })
    }

    // JM-59
    it('tells what the hook was credited, and how many challenges were open', async () => {
      const hook = world.market.connect(world.actors.hook)
      for (const [more, moves, toHook] of [
        [0n, 0n, 2_100_019n],
        [2n, 5_250_048n, 5_250_047n],
      ] as const) {
        for (let i = 0n; i < more; i++) await hook.challengeOpened(job.jobId)
        const told = await hook.reject.staticCall(job.jobId, moves)
        expect([told.toHook, told.open]).to.deep.equal([toHook, 1n + more])
      }
    })

    it('emits JobRejected with the parts', async () => {
      const { market, actors } = world
      const [toRequester, toHook] = [3_150_028n, 2_100_019n]
      const toReserve = bond - toRequester - toHook
      await expect(reject())
        .to.emit(market, 'JobRejected')
        .withArgs(job.jobId, actors.provider.address, actors.hook.address, toRequester, toHook, toReserve)
    })

    it('ends the job as Rejected and counts a fault', async () => {
      await reject()
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Rejected'))
      expect((await world.market.providerOf(world.actors.provider)).faults).to.equal(1n)
    })

    for (const who of ['owner', 'requester', 'provider', 'keeper', 'eve'] as const) {
      // JM-44
      it(`reverts with JobMarketNotHook for ${who}`, async () => {
        const { actors } = world
        const values = [job.jobId, actors[who].address, actors.hook.address]
        await expectRevert(world, reject(0n, who), 'JobMarketNotHook', values)
      })
    }

    it('is possible after the window: a game may outlast it', async () => {
      await at(windowEnd(job) + 1_000n, () => reject())
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Rejected'))
    })

    it('rejects while other challenges are open; they end with the job', async () => {
      const { market, actors } = world
      const hook = market.connect(actors.hook)
      await hook.challengeOpened(job.jobId)
      await reject()
      const values = [job.jobId, statusNumber('Rejected'), statusNumber('Submitted')]
      await expectRevert(world, hook.challengeClosed(job.jobId), 'JobMarketWrongStatus', values)
    })
  })

  describe('given a price below 30 % of the bond', () => {
    it('gives the requester its price once more, and no more', async () => {
      await given({ bondBps: 50_000n, surchargeBps: 0n })
      const toRequester = DEFAULT_PRICE
      expect(bond * 3n > 10n * DEFAULT_PRICE).to.equal(true)
      await expectMoney(world, slashed(toRequester, bond / 5n), () => reject())
    })

    it('takes the moves beyond 20 % out of that', async () => {
      await given({}, { maxPrice: 10n, ramp: 0n })
      expect(bond).to.equal(2_000_128n)
      await expectMoney(world, slashed(3n, 400_032n, 10n), () => reject(400_032n))
    })
  })

  describe('given bonds of odd sizes', () => {
    for (const [minBond, maxPrice] of [
      [1n, 1n],
      [3n, 1n],
      [7n, 2n],
      [9n, 3n],
      [11n, 11n],
      [8_191n, 5n],
      [8_193n, 8_193n],
    ] as const) {
      it(`divides one of at least ${minBond} at a price of ${maxPrice} exactly`, async () => {
        const gas = { lateRequesterGas: 0n, lateKeeperGas: 0n }
        await given({ minBond, surchargeBps: 3_333n, ...gas }, { maxPrice, ramp: 0n })
        const { toRequester, toHook, toReserve } = splitFraud(bond, maxPrice, 1n)
        expect(2n * toReserve >= bond).to.equal(true)
        await expectMoney(world, slashed(toRequester, toHook, maxPrice), () => reject(1n))
      })
    }
  })

  describe('given reputation', () => {
    it('leaves a quarter of it, rounded down', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      await settled(world, { terms: { maxPrice: 700n, ramp: 0n } })
      job = await disputed(world)
      await reject()
      const { reputation, faults } = await world.market.providerOf(world.actors.provider)
      expect([reputation, faults]).to.deep.equal([1n, 1n])
    })
  })

  describe('given a level with a contract as its hook', () => {
    it("credits the contract's own account in the market", async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { market, assurance } = world
      job = await submitted(world, { terms: { level: MOCKED } })
      await assurance.challenge(market, job.jobId)
      await assurance.prove(market, job.jobId, 0n)
      expect((await market.accountOf(assurance)).balance).to.equal(2_100_019n)
    })
  })

  describe('given one account that is requester, provider and hook', () => {
    it('loses exactly the part of the reserve, at least half of the bond', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { hook } = world.actors
      await fund(world, hook, FUNDS.stake)
      await enlist(world, hook)
      job = await disputed(world, { requester: hook, provider: hook })
      bond = (await world.market.getJob(job.jobId)).bond
      const { toRequester, toHook, toReserve } = splitFraud(bond, DEFAULT_PRICE, 3_000_000n)
      const change = {
        balance: DEFAULT_PRICE + toRequester + toHook,
        stake: -bond,
        locked: -bond,
        active: -1n,
      }
      await expectMoney(world, { hook: change, reserve: toReserve }, () => reject(3_000_000n))
    })
  })

  for (const status of ['Submitted', 'Settleable'] as const) {
    describe(`given a ${status} job without a challenge`, () => {
      it('reverts with JobMarketWrongStatus(Submitted, Disputed)', async () => {
        const all = await networkHelpers.loadFixture(jobPerStatus)
        const { jobId } = all.jobs[status]
        const values = [jobId, statusNumber('Submitted'), statusNumber('Disputed')]
        const sending = all.market.connect(all.actors.hook).reject(jobId, 0n)
        await expectRevert(all, sending, 'JobMarketWrongStatus', values)
      })
    })
  }

  itRefusesEveryStatusBut(
    ['Submitted', 'Disputed', 'Settleable'],
    'Submitted',
    ({ market, actors }, { jobId }) => market.connect(actors.hook).reject(jobId, 0n),
  )
})
