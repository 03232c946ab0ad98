import { expect } from 'chai'
import { networkHelpers } from '../helpers/chain.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { commitTo, type Group, reveal, seatedGroup } from '../helpers/groups.ts'
import { type Job, RESULT_ROOT } from '../helpers/jobs.ts'
import { min } from '../helpers/reference.ts'
import { word } from '../helpers/terms.ts'
import { travelTo } from '../helpers/time.ts'
import { profitOf, wealthOf } from '../helpers/wealth.ts'

const OTHER_ROOT = word('another result root')

/** A seat that commits, looks at what the others reveal, and then chooses whether to. */
describe('A seat that does not reveal', () => {
  let world: World
  let group: Group

  const seat = (index: number) => group.jobs[index] as Job
  const [HONEST, SILENT] = [0, 1]

  const given = async (shape: { spares?: bigint; baseBps?: bigint }) => {
    world = await networkHelpers.loadFixture(busyMarket)
    const { provider, rival } = world.actors
    group = await seatedGroup(world, [provider, rival], { seats: 2n, ...shape }, { terms: { ramp: 0n } })
  }
  const loss = async () => {
    const { price, bond } = await world.market.getJob(seat(SILENT).jobId)
    return min(price, bond)
  }

  /** What the seat gets if it reveals that root, or nothing. */
  const outcome = async (root: string | undefined) => {
    const snapshot = await networkHelpers.takeSnapshot()
    const profit = await profitOf(world, [world.actors.rival.address], async () => {
      await commitTo(world, seat(HONEST))
      await commitTo(world, seat(SILENT), root)
      await reveal(world, seat(HONEST))
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
    'with one': { spares: 1n },
    'where a round without a majority pays nothing': { baseBps: 0n },
    'where it pays the whole price': { baseBps: 10_000n },
  })) {
    // RP-6
    it(`loses min(price, bond) ${title}, and never does better than by revealing`, async () => {
      await given(shape)
      const silent = await outcome(undefined)
      expect(silent).to.equal(-(await loss()))
      expect(silent <= (await outcome(RESULT_ROOT))).to.equal(true)
      expect(silent <= (await outcome(OTHER_ROOT))).to.equal(true)
    })
  }

  it('nor commits loses the same, as soon as nobody may commit any more', async () => {
    await given({})
    const due = await loss()
    const profit = await profitOf(world, [world.actors.rival.address], async () => {
      await commitTo(world, seat(HONEST))
      await travelTo(group.commitBy + 1n)
      await reveal(world, seat(HONEST))
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
    await reveal(world, seat(HONEST))
    await travelTo(group.revealBy + 1n)
    await world.replication.resolve(group.groupId)
    const base = price / 10n
    expect((await wealthOf(world, provider.address)) - before).to.equal(base - base / 100n)
  })

  it('and its requester gain nothing by the silence of both of their seats', async () => {
    await given({ spares: 1n })
    const { requester, provider, rival } = world.actors
    const coalition = [requester, provider, rival].map(({ address }) => address)
    const { price } = await world.market.getJob(seat(HONEST).jobId)
    const due = await loss()
    const escrow = 2n * price + (await world.market.getJob(seat(2).jobId)).maxPrice
    const profit = await profitOf(world, coalition, async () => {
      await commitTo(world, seat(HONEST))
      await commitTo(world, seat(SILENT))
      await travelTo(group.revealBy + 1n)
      await world.replication.resolve(group.groupId)
      await travelTo(group.spareRevealBy + 1n)
      await world.replication.resolve(group.groupId).catch(() => {})
    })
    expect(profit - escrow).to.equal(-2n * due)
  })
})
