import { expect } from 'chai'
import type { Signer } from '../helpers/actors.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { commitTo, crew, type Group, reveal, seatedGroup, vote } from '../helpers/groups.ts'
import { type Job, RESULT_ROOT } from '../helpers/jobs.ts'
import { feeOf, min } from '../helpers/reference.ts'
import { word } from '../helpers/terms.ts'
import { travelTo } from '../helpers/time.ts'
import { addressesOf, profitOf, recruit, wealthOf } from '../helpers/wealth.ts'

const WRONG_ROOT = word('a root that nobody computed')

/**
 * Seats that agree beforehand to be the majority. They decide what is paid for, which is what the level trusts a
 * majority with; what they cannot do is profit by the loss of the seat that worked.
 */
describe('Seats that frame the third', () => {
  let world: World
  let framers: Signer[]
  let group: Group
  let price: bigint
  let fee: bigint

  const seat = (index: number) => group.jobs[index] as Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    framers = await recruit(world, 2)
    group = await seatedGroup(
      world,
      [world.actors.provider, ...framers],
      { baseBps: 0n },
      { terms: { ramp: 0n } },
    )
    price = (await world.market.getJob(seat(0).jobId)).price
    fee = feeOf(price, world.parameters.feeBps)
  })

  const resolve = () => world.replication.resolve(group.groupId)
  const frame = async () => {
    await vote(world, group.jobs, [RESULT_ROOT, WRONG_ROOT, WRONG_ROOT])
    await resolve()
  }
  const beHonest = async () => {
    await vote(world, group.jobs, [RESULT_ROOT, RESULT_ROOT, RESULT_ROOT])
    await resolve()
  }
  const framing = () => framers.map(({ address }) => address)
  const tried = async (coalition: string[], act: () => Promise<unknown>) => {
    const snapshot = await networkHelpers.takeSnapshot()
    const profit = await profitOf(world, coalition, act)
    await snapshot.restore()
    return profit
  }

  it('are paid not a unit more than for agreeing with it', async () => {
    expect(await tried(framing(), frame)).to.equal(await tried(framing(), beHonest))
  })

  it('with their requester: pay the fees of both seats to themselves, and gain nothing', async () => {
    const coalition = [...framing(), ...addressesOf(world, 'requester', 'keeper', 'hook', 'eve')]
    // the three prices left the requester's balance when the group was posted
    expect((await tried(coalition, frame)) - 3n * price).to.equal(-2n * fee)
  })

  it('take from the third min(price, bond), all of it for the reserve, which nobody can spend', async () => {
    const { market, actors } = world
    const { bond } = await market.getJob(seat(0).jobId)
    const reserve = await market.reserve()
    const others = Object.values(actors).map(({ address }) => address)
    const victim = actors.provider.address
    const before = await wealthOf(world, victim)
    const rest = others.filter((address) => address !== victim && address !== actors.requester.address)
    const profit = await profitOf(world, rest, frame)
    expect(profit).to.equal(0n)
    expect(before - (await wealthOf(world, victim))).to.equal(min(price, bond))
    expect((await market.reserve()) - reserve).to.equal(min(price, bond))
  })

  it('with less than a half cannot: two of five take nothing from the three, and lose their own', async () => {
    const { provider, rival, eve } = world.actors
    await crew(world)
    const five = [provider, rival, eve, ...framers]
    const larger = await seatedGroup(world, five, { baseBps: 0n }, { terms: { ramp: 0n } })
    const before = await world.market.accountOf(world.actors.provider)
    const profit = await tried(framing(), async () => {
      await vote(world, larger.jobs, [RESULT_ROOT, RESULT_ROOT, RESULT_ROOT, WRONG_ROOT, WRONG_ROOT])
      await world.replication.resolve(larger.groupId)
      const after = await world.market.accountOf(world.actors.provider)
      expect(after.stake).to.equal(before.stake)
    })
    const { bond } = await world.market.getJob((larger.jobs[4] as Job).jobId)
    expect(profit).to.equal(-2n * min(price, bond))
  })

  it('by absence cannot: a majority is of all seats, not of those that reveal', async () => {
    const absent = async () => {
      await commitTo(world, seat(1), WRONG_ROOT)
      await travelTo(group.commitBy + 1n)
      await reveal(world, seat(1), WRONG_ROOT)
      await travelTo(group.revealBy + 1n)
      await resolve()
      const { resultCommitment } = await world.market.getJob(seat(1).jobId)
      expect(BigInt(resultCommitment)).to.equal(0n)
    }
    expect(await tried(framing(), absent)).to.equal(
      -min(price, (await world.market.getJob(seat(2).jobId)).bond),
    )
  })

  it('are rewarded with no reputation that they did not pay for', async () => {
    await frame()
    for (const framer of framers) {
      expect((await world.market.providerOf(framer)).reputation).to.equal(fee)
    }
    const { reputation, faults } = await world.market.providerOf(world.actors.provider)
    expect([reputation, faults]).to.deep.equal([0n, 1n])
  })
})
