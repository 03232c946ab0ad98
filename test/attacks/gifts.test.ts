import { expect } from 'chai'
import { expectMoney, expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY, FUNDS, MAX_UNITS } from '../helpers/defaults.ts'
import { busyMarket, market18, type World } from '../helpers/fixtures.ts'
import { submitted, windowEnd } from '../helpers/jobs.ts'
import { heldOf } from '../helpers/money.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

/** Tokens sent to the market for nothing: they count against what may be deposited, and belong to nobody. */
for (const [title, load] of [
  ['6 decimals', busyMarket],
  ['18 decimals', market18],
] as const) {
  describe(`A gift to a market of ${title}`, () => {
    let world: World

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(load)
    })

    const room = async () => MAX_UNITS - (await world.token.balanceOf(world.address)) / world.unit
    const give = async (units: bigint, dust = 0n) => {
      const { token, actors, address, unit } = world
      await token.connect(actors.owner).transfer(address, units * unit + dust)
    }
    const deposit = async (units: bigint) => {
      const { token, actors, address, market, unit } = world
      await token.connect(actors.owner).transfer(actors.eve, units * unit)
      await token.connect(actors.eve).approve(address, units * unit)
      return market.connect(actors.eve).deposit(units)
    }

    it('that fills it keeps others from depositing, for as many units as it cost', async () => {
      const all = await room()
      const profit = await profitOf(world, addressesOf(world, 'owner'), () => give(all))
      expect(profit).to.equal(-all)
      await expectRevert(world, deposit(1n), 'LedgerCapacityExceeded', [MAX_UNITS, 1n, MAX_UNITS])
      await expectSolvent(world)
    })

    it('that overfills it does no more', async () => {
      const all = await room()
      await give(all + 5n)
      await expectRevert(world, deposit(1n), 'LedgerCapacityExceeded', [MAX_UNITS + 5n, 1n, MAX_UNITS])
      await expectSolvent(world)
    })

    it('that fills it stops no job, no pay and no withdrawal', async () => {
      const job = await submitted(world)
      const { market, actors, unit } = world
      const { bond } = await market.getJob(job.jobId)
      await give(await room())
      const paid = { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE }
      await expectMoney(world, { provider: paid }, () =>
        at(windowEnd(job) + 1n, () => market.settle(job.jobId)),
      )
      const balance = FUNDS.balance
      await expectMoney(
        world,
        { keeper: { balance: -balance }, held: -balance, wallets: { keeper: balance * unit } },
        () => market.connect(actors.keeper).withdraw(actors.keeper, balance),
      )
      // what was withdrawn may be deposited again
      await deposit(balance)
    })

    it('leaves exactly the room that it did not take', async () => {
      await give((await room()) - 7n)
      await expectRevert(world, deposit(8n), 'LedgerCapacityExceeded', [MAX_UNITS - 7n, 8n, MAX_UNITS])
      await deposit(7n)
      await expectSolvent(world)
    })

    it('below a unit takes no room, and rounds nothing up', async () => {
      const before = await heldOf(world)
      const all = await room()
      if (world.unit > 1n) {
        await give(0n, world.unit - 1n)
        expect(await room()).to.equal(all)
        await give(0n, 1n)
      } else {
        await give(1n)
      }
      expect(await room()).to.equal(all - 1n)
      expect(await heldOf(world)).to.equal(before)
    })

    it('is credited to nobody, whatever its giver calls', async () => {
      const { market, actors } = world
      const gift = 1_000_003n
      const profit = await profitOf(world, addressesOf(world, 'owner', 'eve', 'treasury'), async () => {
        await give(gift)
        const owner = market.connect(actors.owner)
        await owner.withdraw(actors.owner, 1n).catch(() => {})
        await owner.stake(1n).catch(() => {})
        await owner.collectFees([actors.owner.address]).catch(() => {})
      })
      expect(profit).to.equal(-gift)
    })
  })
}
