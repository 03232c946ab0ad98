import { expect } from 'chai'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { FUNDS } from '../../helpers/defaults.ts'
import { busyMarket, market18, type World } from '../../helpers/fixtures.ts'
import { claimed, post } from '../../helpers/jobs.ts'

describe('Ledger.withdraw', () => {
  let world: World

  const withdraw = (units: bigint, to?: string, who: Role = 'eve') =>
    world.market.connect(world.actors[who]).withdraw(to ?? world.actors[who].address, units)

  for (const [title, load] of [
    ['of 6 decimals', busyMarket],
    ['of 18 decimals', market18],
  ] as const) {
    // JM-6
    describe(`given a balance of a token ${title}`, () => {
      beforeEach(async () => {
        world = await networkHelpers.loadFixture(load)
      })

      it('sends the tokens', async () => {
        const changes = { eve: { balance: -7n }, held: -7n, wallets: { eve: 7n * world.unit } }
        await expectMoney(world, changes, () => withdraw(7n))
      })

      it('sends them to somebody else', async () => {
        const { keeper } = world.actors
        const changes = { eve: { balance: -7n }, held: -7n, wallets: { keeper: 7n * world.unit } }
        await expectMoney(world, changes, () => withdraw(7n, keeper.address))
      })

      it('sends all of it', async () => {
        const all = FUNDS.balance
        const changes = { eve: { balance: -all }, held: -all, wallets: { eve: all * world.unit } }
        await expectMoney(world, changes, () => withdraw(all))
      })

      it('emits Withdrawn', async () => {
        const { eve, keeper } = world.actors
        await expect(withdraw(7n, keeper.address))
          .to.emit(world.market, 'Withdrawn')
          .withArgs(eve.address, keeper.address, 7n)
      })
    })
  }

  // JM-2
  describe('given a wrong amount', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    it('reverts with LedgerZeroAmount for nothing', async () => {
      await expectRevert(world, withdraw(0n), 'LedgerZeroAmount')
    })

    for (const amount of [FUNDS.balance + 1n, 2n ** 80n, 2n ** 256n - 1n]) {
      it(`reverts with AccountInsufficientBalance for ${amount} units of ${FUNDS.balance}`, async () => {
        const values = [FUNDS.balance, amount]
        await expectRevert(world, withdraw(amount), 'AccountInsufficientBalance', values)
      })
    }

    it('does not reach stake', async () => {
      const values = [FUNDS.balance, FUNDS.balance + 1n]
      const sending = withdraw(FUNDS.balance + 1n, undefined, 'provider')
      await expectRevert(world, sending, 'AccountInsufficientBalance', values)
    })

    it('does not reach the escrow of a job', async () => {
      await post(world)
      const left = FUNDS.requester - 7_000_003n
      const sending = withdraw(left + 1n, undefined, 'requester')
      await expectRevert(world, sending, 'AccountInsufficientBalance', [left, left + 1n])
    })

    it('gives the owner nothing', async () => {
      await claimed(world)
      await expectRevert(world, withdraw(1n, undefined, 'owner'), 'AccountInsufficientBalance', [0n, 1n])
    })
  })

  describe('given a recipient that could not use the tokens', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    it('reverts with LedgerInvalidRecipient for the zero address', async () => {
      await expectRevert(world, withdraw(1n, ethers.ZeroAddress), 'LedgerInvalidRecipient', [
        ethers.ZeroAddress,
      ])
    })

    it('reverts with LedgerInvalidRecipient for the market itself', async () => {
      await expectRevert(world, withdraw(1n, world.address), 'LedgerInvalidRecipient', [world.address])
    })
  })
})
