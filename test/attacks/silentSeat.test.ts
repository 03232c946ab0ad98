import { expect } from 'chai'
import { networkHelpers } from '../helpers/chain.ts'
import type { World } from '../helpers/fixtures.ts'
import { commitTo, type Group, reveal, seatedGroup, seatsOf } from '../helpers/groups.ts'
import { type Job, RESULT_ROOT } from '../helpers/jobs.ts'
import { min } from '../helpers/reference.ts'
import { replicationMarket } from '../helpers/replication.ts'
import { word } from '../helpers/terms.ts'
import { travelTo } from '../helpers/time.ts'
import { profitOf, wealthOf } from '../helpers/wealth.ts'

const OTHER_ROOT = word('another result root')
const THIRD_ROOT = word('a third result root')

/** A seat that commits, looks at what the others reveal, and then chooses whether to. */
describe('A seat that does not reveal', () => {
  let world: World
  let group: Group

  const seat = (index: number) => group.jobs[index] as Job
  const [HONEST, SILENT, THIRD] = [0, 1, 2]

  const given = async (shape: { spares?: bigint; baseBps?: bigint }) => {
    world = await networkHelpers.loadFixture(replicationMarket)
    group = await seatedGroup(world, seatsOf(world), shape, { terms: { ramp: 0n } })
  }
  const loss = async () => {
    const { price, bond } = await world.market.getJob(seat(SILENT).jobId)
    return min(price, bond)
  }

  /** What the seat gets if it reveals that root, or nothing, where the third says `third`. */
  const outcome = async (third: string, root: string | undefined) => {
    const snapshot = await networkHelpers.takeSnapshot()
    const profit = await profitOf(world, [world.actors.rival.address], async () => {
      await commitTo(world, seat(HONEST))
      await commitTo(world, seat(SILENT), root)
      await commitTo(world, seat(THIRD), third)
      await reveal(world, seat(HONEST))
      await reveal(world, seat(THIRD), third)
      if (root !== undefined) await reveal(world, seat(SILENT), root)
      await networkHelpers.mine(5)
      await travelTo(group.revealBy + 1n)
      await world.replication.resolve(group.groupId)
      // an escalation that nobody joins
      await travelTo(group.spareRevealBy + 1n)
      await world.replication.resolve(group.groupId).catch(() => {})
    })
    await snapshot.restore()
    return profit
  }

  for (const [title, shape] of Object.entries({
    'without an escalation': {},
    'with one': { spares: 3n },
    'where a round without a majority pays nothing': { baseBps: 0n },
    'where it pays the whole price': { baseBps: 10_000n },
  })) {
    // RP-6
    it(`loses min(price, bond) ${title}, and never does better than by revealing`, async () => {
      await given(shape)
      // it is decisive beside a third that differs, and changes nothing beside one that agrees
      for (const third of [THIRD_ROOT, RESULT_ROOT]) {
        const silent = await outcome(third, undefined)
        expect(silent).to.equal(-(await loss()))
        for (const root of [RESULT_ROOT, OTHER_ROOT, THIRD_ROOT]) {
          expect(silent <= (await outcome(third, root))).to.equal(true)
        }
      }
    })
  }

  it('nor commits loses the same, as soon as nobody may commit any more', async () => {
    await given({})
    const due = await loss()
    const profit = await profitOf(world, [world.actors.rival.address], async () => {
      await commitTo(world, seat(HONEST))
      await commitTo(world, seat(THIRD))
      await travelTo(group.commitBy + 1n)
      await reveal(world, seat(HONEST))
      await reveal(world, seat(THIRD))
      await world.replication.resolve(group.groupId)
    })
    expect(profit).to.equal(-due)
    expect((await world.market.providerOf(world.actors.rival)).faults).to.equal(1n)
  })

  it('takes nothing from the one that does: it keeps its bond and gets the base fee', async () => {
    await given({})
    const { provider } = world.actors
    const before = await wealthOf(world, provider.address)
    const { price } = await world.market.getJob(seat(HONEST).jobId)
    await commitTo(world, seat(HONEST))
    await commitTo(world, seat(SILENT))
    await commitTo(world, seat(THIRD), THIRD_ROOT)
    await reveal(world, seat(HONEST))
    await reveal(world, seat(THIRD), THIRD_ROOT)
    await travelTo(group.revealBy + 1n)
    await world.replication.resolve(group.groupId)
    const base = price / 10n
    expect((await wealthOf(world, provider.address)) - before).to.equal(base - base / 100n)
  })

  it('and its requester gain nothing by the silence of all of their seats', async () => {
    await given({ spares: 3n })
    const { requester, provider, rival, eve } = world.actors
    const coalition = [requester, provider, rival, eve].map(({ address }) => address)
    const { price } = await world.market.getJob(seat(HONEST).jobId)
    const due = await loss()
    const escrow = 3n * price + 3n * (await world.market.getJob(seat(3).jobId)).maxPrice
    const profit = await profitOf(world, coalition, async () => {
      await commitTo(world, seat(HONEST))
      await commitTo(world, seat(SILENT))
      await commitTo(world, seat(THIRD))
      await travelTo(group.revealBy + 1n)
      await world.replication.resolve(group.groupId)
      await travelTo(group.spareRevealBy + 1n)
      await world.replication.resolve(group.groupId).catch(() => {})
    })
    expect(profit - escrow).to.equal(-3n * due)
  })
})
