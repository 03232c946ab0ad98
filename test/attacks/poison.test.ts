import { expect } from 'chai'
import type { Signer } from '../helpers/actors.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { commitTo, type Group, seatedGroup, vote } from '../helpers/groups.ts'
import { claimed, type Job, RESULT_ROOT, runBy } from '../helpers/jobs.ts'
import { feeOf, releasePenalty } from '../helpers/reference.ts'
import { word } from '../helpers/terms.ts'
import { at, travelTo } from '../helpers/time.ts'
import { addressesOf, profitOf, recruit, wealthOf } from '../helpers/wealth.ts'

const BASE_BPS = 1_500n

/** A requester whose job makes honest providers disagree, or that none of them can do. */
describe('Poison jobs', () => {
  let world: World
  let honest: Signer[]
  let group: Group
  let price: bigint

  const addresses = () => honest.map(({ address }) => address)
  const base = () => (price * BASE_BPS) / 10_000n

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    honest = await recruit(world, 3)
    group = await seatedGroup(world, honest, { baseBps: BASE_BPS }, { terms: { ramp: 0n } })
    price = (await world.market.getJob((group.jobs[0] as Job).jobId)).price
  })

  it('that give every honest seat another result: no seat is slashed, each gets the base fee from the poisoner', async () => {
    const { market, replication, actors } = world
    const before = await wealthOf(world, ...addresses())
    const coalition = addressesOf(world, 'requester', 'keeper', 'eve')
    const gained = await profitOf(world, coalition, async () => {
      await vote(world, group.jobs, [word('one'), word('two'), word('three')])
      await replication.connect(actors.keeper).resolve(group.groupId)
    })
    // three prices had left the requester's balance when the group was posted
    expect(gained - 3n * price).to.equal(-3n * base())
    const fees = 3n * feeOf(base(), world.parameters.feeBps)
    expect((await wealthOf(world, ...addresses())) - before).to.equal(3n * base() - fees)
    for (const { address } of honest) {
      expect((await market.providerOf(address)).faults).to.equal(0n)
      expect((await market.accountOf(address)).locked).to.equal(0n)
    }
  })

  it('that keep the seats from finding any result in time: a seat that never committed pays, and nobody is paid by it', async () => {
    const { replication, actors, market } = world
    const reserve = await market.reserve()
    const gained = await profitOf(
      world,
      addressesOf(world, 'requester', 'keeper', 'eve', 'hook'),
      async () => {
        for (const job of group.jobs.slice(0, 2)) await commitTo(world, job, RESULT_ROOT)
        await travelTo(group.commitBy + 1n)
        for (const job of group.jobs.slice(0, 2)) {
          await replication
            .connect(job.provider)
            .reveal(world.address, job.jobId, RESULT_ROOT, 123_456_789n, word('salt'))
        }
        await travelTo(group.revealBy + 1n)
        await replication.connect(actors.keeper).resolve(group.groupId)
      },
    )
    // two seats agreed and are paid; the price of the third comes back, and what it lost is the reserve's
    expect(gained - 3n * price).to.equal(-2n * price)
    expect((await market.reserve()) - reserve).to.equal(price)
  })

  it('with data that nobody can use: a claim is given back for 2 %, which the poisoner does not get', async () => {
    const { market, actors } = world
    const job = await claimed(world, { claimAfter: 1n, terms: { ramp: 0n } })
    const { bond } = await market.getJob(job.jobId)
    const reserve = await market.reserve()
    const gained = await profitOf(world, addressesOf(world, 'requester', 'keeper'), () =>
      at(runBy(job) - job.fields.run + job.fields.run / 4n, () =>
        market.connect(actors.provider).release(job.jobId),
      ),
    )
    expect(gained - job.fields.maxPrice).to.equal(0n)
    expect((await market.reserve()) - reserve).to.equal(releasePenalty(job.fields.maxPrice, bond))
  })
})
