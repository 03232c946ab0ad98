import { expect } from 'chai'
import fc from 'fast-check'
import type { Role } from '../helpers/actors.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { callEverything } from '../helpers/everything.ts'
import { busyMarket, openMarket, type World } from '../helpers/fixtures.ts'
import { claimed, disputed, type Job, runBy, settled } from '../helpers/jobs.ts'
import { forAll } from '../helpers/property.ts'
import { exactDecay, min } from '../helpers/reference.ts'
import { at } from '../helpers/time.ts'

/** All that an actor has in the market; what a job's escrow holds is nobody's. */
async function wealthOf(world: World, ...roles: Role[]): Promise<bigint> {
  let sum = 0n
  for (const role of roles) {
    const { balance, stake } = await world.market.accountOf(world.actors[role])
    sum += balance + stake
  }
  return sum
}

/** What a group gains by `act`, beside the refund of the escrow, which it had paid. */
async function gainOf(world: World, group: Role[], job: Job, act: () => Promise<unknown>): Promise<bigint> {
  const { price } = await world.market.getJob(job.jobId)
  const refund = group.includes('requester') ? price : 0n
  const before = await wealthOf(world, ...group)
  await act()
  return (await wealthOf(world, ...group)) - before - refund
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

  it('nothing else: no other function takes a unit of a stake or adds one to the reserve', async () => {
    const world = await networkHelpers.loadFixture(busyMarket)
    const { market, actors } = world
    const debiting = new Set(['JobReleased', 'JobFailed', 'JobRejected'])
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
      const names = (await market.queryFilter('*' as never, from + 1, to)).map(
        (log) => market.interface.parseLog(log)?.name ?? '',
      )
      from = to
      const [stake, kept] = [await stakes(), await market.reserve()]
      if (!names.some((name) => debiting.has(name))) {
        expect(kept).to.equal(reserve)
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
      const before = await wealthOf(world, 'requester', 'provider')
      await settled(world, { terms: { maxPrice: 33_333_333n, ramp: 0n } })
      const { reputation } = await world.market.providerOf(world.actors.provider)
      expect(before - (await wealthOf(world, 'requester', 'provider'))).to.equal(reputation)
      expect(exactDecay(reputation, 30n)).to.equal(reputation / 2n)
    })
  })
})
