import { expect } from 'chai'
import fc from 'fast-check'
import type { Role } from '../helpers/actors.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { callEverything } from '../helpers/everything.ts'
import { busyMarket, openMarket, type World } from '../helpers/fixtures.ts'
import {
  commitTo,
  crew,
  escalatedGroup,
  reveal,
  SPLIT,
  seatedGroup,
  seatsOf,
  spareVotes,
} from '../helpers/groups.ts'
import {
  awaitingKey,
  claimed,
  disputed,
  type Job,
  keyBy,
  RESULT_ROOT,
  runBy,
  settled,
  submit,
} from '../helpers/jobs.ts'
import { forAll } from '../helpers/property.ts'
import { exactDecay, min } from '../helpers/reference.ts'
import { at, travelTo } from '../helpers/time.ts'
import { addressesOf, wealthOf } from '../helpers/wealth.ts'

const wealth = (world: World, ...roles: Role[]) => wealthOf(world, ...addressesOf(world, ...roles))

/** What a group gains by `act`, beside the refund of the escrow, which it had paid. */
async function gainOf(world: World, group: Role[], job: Job, act: () => Promise<unknown>): Promise<bigint> {
  const { price } = await world.market.getJob(job.jobId)
  const refund = group.includes('requester') ? price : 0n
  const before = await wealth(world, ...group)
  await act()
  return (await wealth(world, ...group)) - before - refund
}

const MOST_BOND = 400_000_000n
const prices = fc.bigInt({ min: 1n, max: 30_000_000n })

/** Sets within the bounds whose bonds the default stake can cover. */
const parameters = fc.record({
  bondBps: fc.bigInt({ min: 2_000n, max: 50_000n }),
  surchargeBps: fc.bigInt({ min: 0n, max: 10_000n }),
  latenessBps: fc.bigInt({ min: 0n, max: 2_000n }),
  minBond: fc.bigInt({ min: 30_000n, max: MOST_BOND / 4n }),
  lateRequesterGas: fc.bigInt({ min: 0n, max: 20_000n }),
  lateKeeperGas: fc.bigInt({ min: 0n, max: 10_000n }),
})

/** Each case deploys a market of its own: few of them, `FUZZ_RUNS` for more. */
const RUNS = 12

describe('Promise 4: a bond is debited only by the table of debits, and no coalition gains', () => {
  const groups: Role[][] = [
    ['requester'],
    ['keeper'],
    ['hook'],
    ['provider'],
    ['requester', 'keeper'],
    ['provider', 'keeper'],
    ['requester', 'provider'],
    ['provider', 'hook'],
    ['requester', 'provider', 'keeper'],
    ['requester', 'provider', 'hook'],
    ['requester', 'provider', 'keeper', 'hook'],
    ['owner', 'treasury'],
    ['rival', 'eve'],
  ]

  /** The gains of every group by the same act, each tried from the same state. */
  const gains = async (world: World, job: Job, act: () => Promise<unknown>) => {
    const { bond, price } = await world.market.getJob(job.jobId)
    const reserve = await world.market.reserve()
    const of = new Map<string, bigint>()
    let toReserve = 0n
    for (const group of groups) {
      const snapshot = await networkHelpers.takeSnapshot()
      of.set(group.join('+'), await gainOf(world, group, job, act))
      toReserve = (await world.market.reserve()) - reserve
      await snapshot.restore()
    }
    const get = (name: string): bigint => of.get(name) as bigint
    // whatever the act, these have no part in it
    expect([get('owner+treasury'), get('rival+eve')]).to.deep.equal([0n, 0n])
    // and nothing is lost or made
    expect(get('requester+provider+keeper+hook') + toReserve).to.equal(0n)
    return { bond, price, toReserve, get }
  }

  // JM-45, JM-49
  it('fraud: costs the whole bond, of which whoever colludes loses at least half', async () => {
    await forAll(
      [parameters, prices, fc.bigInt({ min: 0n, max: 2n * MOST_BOND })],
      async (rules, maxPrice, moves) => {
        const world = await openMarket({ parameters: rules })
        const job = await disputed(world, { claimAfter: 1n, terms: { maxPrice, ramp: 0n } })
        const { bond, price, toReserve, get } = await gains(world, job, () =>
          world.market.connect(world.actors.hook).reject(job.jobId, moves),
        )
        expect(get('provider')).to.equal(-bond)
        expect(get('requester') <= min(price, (bond * 3n) / 10n)).to.equal(true)
        expect(get('hook') === bond / 5n || get('hook') <= moves).to.equal(true)
        expect(get('keeper')).to.equal(0n)
        expect(2n * toReserve >= bond).to.equal(true)
        for (const group of ['requester+provider', 'provider+hook', 'requester+provider+hook']) {
          expect(get(group) <= -toReserve, group).to.equal(true)
        }
      },
      RUNS,
    )
  })

  // JM-41, JM-49
  it('lateness: costs at most a fifth; the requester and a keeper get a fixed schedule, whatever the price', async () => {
    await forAll(
      [parameters, prices],
      async (rules, maxPrice) => {
        const world = await openMarket({ parameters: rules })
        const job = await claimed(world, { claimAfter: 1n, terms: { maxPrice, ramp: 0n, run: 10n } })
        const { bond, toReserve, get } = await gains(world, job, () =>
          at(runBy(job) + 100n, () => world.market.connect(world.actors.keeper).fail(job.jobId)),
        )
        const total = (bond * rules.latenessBps) / 10_000n
        expect(get('provider')).to.equal(-total)
        expect(5n * total <= bond).to.equal(true)
        expect(get('requester')).to.equal(min(rules.lateRequesterGas, total))
        expect(get('keeper')).to.equal(min(rules.lateKeeperGas, total - get('requester')))
        // making a provider late pays no more than the gas of doing so
        expect(get('requester+keeper') <= rules.lateRequesterGas + rules.lateKeeperGas).to.equal(true)
        expect(get('requester+keeper') <= total).to.equal(true)
        expect(get('requester+provider+keeper')).to.equal(-toReserve)
        for (const group of ['provider+keeper', 'requester+provider']) {
          expect(get(group) <= 0n, group).to.equal(true)
        }
        expect(get('hook')).to.equal(0n)
      },
      RUNS,
    )
  })

  it('lateness without a gas schedule: a requester and a keeper who bring it about gain nothing', async () => {
    const world = await openMarket({ parameters: { lateRequesterGas: 0n, lateKeeperGas: 0n } })
    const job = await claimed(world)
    const { get } = await gains(world, job, () =>
      at(runBy(job) + 1n, () => world.market.connect(world.actors.keeper).fail(job.jobId)),
    )
    expect(get('requester+keeper')).to.equal(0n)
  })

  // JM-24, JM-49
  it('release: costs 2 % of the price, all of it to the reserve', async () => {
    await forAll(
      [parameters, prices],
      async (rules, maxPrice) => {
        const world = await openMarket({ parameters: rules })
        const job = await claimed(world, { claimAfter: 1n, terms: { maxPrice, ramp: 0n } })
        const { price, toReserve, get } = await gains(world, job, () =>
          world.market.connect(world.actors.provider).release(job.jobId),
        )
        expect(toReserve).to.equal((price * 2n) / 100n)
        expect([get('requester'), get('keeper'), get('hook')]).to.deep.equal([0n, 0n, 0n])
        expect(get('provider')).to.equal(-toReserve)
      },
      RUNS,
    )
  })

  // JM-34
  it('release without a key: costs nobody anything, whoever calls it', async () => {
    await forAll(
      [parameters, prices],
      async (rules, maxPrice) => {
        const world = await openMarket({ parameters: rules })
        const job = await awaitingKey(world, { claimAfter: 1n, terms: { maxPrice, ramp: 0n } })
        const { toReserve, get } = await gains(world, job, () =>
          at(keyBy(world, job) + 1n, () => world.market.connect(world.actors.keeper).release(job.jobId)),
        )
        expect(toReserve).to.equal(0n)
        for (const group of ['provider', 'requester', 'keeper', 'hook']) {
          expect(get(group), group).to.equal(0n)
        }
      },
      RUNS,
    )
  })

  it('a metered job, late or wrong: costs as much as one of a fixed price, whatever was used', async () => {
    const terms = { maxPrice: 9_999_999n, ramp: 0n, meteredBps: 10_000n, stepLimit: 40_000n }
    const world = await networkHelpers.loadFixture(busyMarket)
    const late = await claimed(world, { claimAfter: 1n, terms })
    const lateness = await gains(world, late, () =>
      at(runBy(late) + 1n, () => world.market.connect(world.actors.keeper).fail(late.jobId)),
    )
    expect(lateness.get('provider')).to.equal(-lateness.bond / 5n)
    const wrong = await submit(world, await claimed(world, { claimAfter: 1n, terms }), RESULT_ROOT, 1n)
    await world.market.connect(world.actors.hook).challengeOpened(wrong.jobId)
    const fraud = await gains(world, wrong, () =>
      world.market.connect(world.actors.hook).reject(wrong.jobId, 0n),
    )
    expect(fraud.get('provider')).to.equal(-fraud.bond)
    expect(fraud.get('requester')).to.equal(min(fraud.price, (fraud.bond * 3n) / 10n))
  })

  describe('a seat', () => {
    const MOST = 30_000_000n

    /** A seat that reveals nothing beside two that disagree; what it loses, and where that goes. */
    const silentSeat = async (world: World, maxPrice: bigint, escalates: boolean) => {
      const { market, replication, actors } = world
      const shape = { spares: escalates ? 3n : 0n, baseBps: 0n }
      const options = { terms: { maxPrice, ramp: 0n } }
      await crew(world)
      const { jobs, groupId, revealBy } = await seatedGroup(world, seatsOf(world), shape, options)
      const [silent, one, other] = jobs as [Job, Job, Job]
      const { price, bond } = await market.getJob(silent.jobId)
      await commitTo(world, silent)
      await commitTo(world, one)
      await commitTo(world, other, SPLIT[1])
      await reveal(world, one)
      await reveal(world, other, SPLIT[1])
      const reserve = await market.reserve()
      const before = await wealth(world, 'provider')
      const others = await wealth(world, 'rival', 'keeper', 'hook', 'owner', 'treasury', 'eve')
      const requester = await wealth(world, 'requester')
      await travelTo(revealBy + 1n)
      await replication.connect(actors.keeper).resolve(groupId)
      return {
        price,
        bond,
        lost: before - (await wealth(world, 'provider')),
        toReserve: (await market.reserve()) - reserve,
        toRequester: (await wealth(world, 'requester')) - requester,
        toOthers: (await wealth(world, 'rival', 'keeper', 'hook', 'owner', 'treasury', 'eve')) - others,
      }
    }

    for (const escalates of [false, true]) {
      // JM-49, RP-6
      it(`that ${escalates ? 'forces an escalation' : 'decides nothing'}: loses min(price, bond), all of it to the reserve`, async () => {
        await forAll(
          [parameters, fc.bigInt({ min: 1n, max: MOST })],
          async (rules, maxPrice) => {
            const world = await openMarket({ parameters: rules })
            const { price, bond, lost, ...to } = await silentSeat(world, maxPrice, escalates)
            expect([lost, to.toReserve]).to.deep.equal([min(price, bond), min(price, bond)])
            expect(to.toOthers).to.equal(0n)
            // its own prices come back, and not a unit of the bond
            expect(to.toRequester <= price * (escalates ? 1n : 3n)).to.equal(true)
          },
          RUNS,
        )
      })
    }

    it('in the minority of an escalation: loses a tenth of its bond at the most, which was frozen', async () => {
      const world = await networkHelpers.loadFixture(busyMarket)
      const { market, replication, actors } = world
      const group = await escalatedGroup(world)
      const [right, wrong] = group.jobs as [Job, Job]
      const { bond: frozen } = await market.getJob(wrong.jobId)
      await spareVotes(world, group)
      const reserve = await market.reserve()
      const { stake } = await market.accountOf(actors.rival)
      await replication.resolve(group.groupId)
      expect(stake - (await market.accountOf(actors.rival)).stake).to.equal(frozen)
      // two of three were in the minority
      expect((await market.reserve()) - reserve).to.equal(2n * frozen)
      expect((await market.accountOf(actors.provider)).stake).to.equal(stake)
      expect((await market.getJob(right.jobId)).bond).to.equal(frozen)
    })
  })

  // JM-49
  it('nothing else: no other function takes a unit of a stake or adds one to the reserve', async () => {
    const world = await networkHelpers.loadFixture(busyMarket)
    const { market, actors } = world
    const debiting = new Set(['JobReleased', 'JobFailed', 'JobRejected', 'SeatConcluded'])
    const moving = new Set(['Staked', 'Unstaked'])
    const stakes = async () => {
      const of = [actors.provider, actors.rival].map(async (who) => (await market.accountOf(who)).stake)
      return (await Promise.all(of)).join()
    }
    let before = await stakes()
    let reserve = await market.reserve()
    let from = await networkHelpers.time.latestBlock()
    await callEverything(world, async () => {
      const to = await networkHelpers.time.latestBlock()
      const events = (await market.queryFilter('*' as never, from + 1, to)).flatMap(
        (log) => market.interface.parseLog(log) ?? [],
      )
      const names = events.map(({ name }) => name)
      // a balance given to the market itself, by whoever has it
      const given = events
        .filter(({ name, args }) => name === 'Transferred' && args.to === world.address)
        .reduce((sum, { args }) => sum + (args.amount as bigint), 0n)
      from = to
      const [stake, kept] = [await stakes(), await market.reserve()]
      if (!names.some((name) => debiting.has(name))) {
        expect(kept).to.equal(reserve + given)
        if (!names.some((name) => moving.has(name))) expect(stake).to.equal(before)
      }
      before = stake
      reserve = kept
    })
    expect(reserve > 0n).to.equal(true)
  })

  describe('the price of reputation', () => {
    it('for a requester and a provider who are one: exactly the fee', async () => {
      const world = await networkHelpers.loadFixture(busyMarket)
      const before = await wealth(world, 'requester', 'provider')
      await settled(world, { terms: { maxPrice: 33_333_333n, ramp: 0n } })
      const { reputation } = await world.market.providerOf(world.actors.provider)
      expect(before - (await wealth(world, 'requester', 'provider'))).to.equal(reputation)
      expect(exactDecay(reputation, 30n)).to.equal(reputation / 2n)
    })
  })
})
