import { expect } from 'chai'
import type { OddTokenMock } from '../../types/ethers-contracts/index.ts'
import { expectMoney, expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { DEFAULT_PAY, DEFAULT_PRICE, FUNDS, MAX_UNITS } from '../helpers/defaults.ts'
import { createMarket, openMarket, type World } from '../helpers/fixtures.ts'
import { settled } from '../helpers/jobs.ts'
import { heldOf } from '../helpers/money.ts'

const Manner = { Honest: 0, TakesFee: 1, AddsBonus: 2, TakesFromRecipient: 3, AnswersFalse: 4 }

async function oddMarket(): Promise<World> {
  return openMarket({ token: (holder) => ethers.deployContract('OddTokenMock', [6, holder, 10n ** 24n]) })
}

async function noReturnMarket(): Promise<World> {
  return openMarket({ token: (holder) => ethers.deployContract('NoReturnTokenMock', [holder, 10n ** 24n]) })
}

describe('A token that misbehaves', () => {
  let world: World

  // JM-3
  describe('given one that is honest at first', () => {
    let token: OddTokenMock

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(oddMarket)
      token = world.token as unknown as OddTokenMock
      const { owner, eve } = world.actors
      await token.connect(owner).transfer(eve.address, 1_000n)
      await token.connect(eve).approve(world.address, 1_000n)
    })

    const deposit = (units: bigint) => world.market.connect(world.actors.eve).deposit(units)
    const withdraw = (units: bigint) =>
      world.market.connect(world.actors.eve).withdraw(world.actors.eve.address, units)

    it('reverts with LedgerReceivedWrongAmount when a fee is taken from a deposit', async () => {
      await token.setManner(Manner.TakesFee)
      await expectRevert(world, deposit(100n), 'LedgerReceivedWrongAmount', [99n, 100n])
    })

    it('reverts with LedgerReceivedWrongAmount when more arrives than was asked for', async () => {
      await token.setManner(Manner.AddsBonus)
      await expectRevert(world, deposit(100n), 'LedgerReceivedWrongAmount', [101n, 100n])
    })

    it('reverts with LedgerReceivedWrongAmount when the market pays for a deposit', async () => {
      await token.setManner(Manner.TakesFromRecipient)
      await expectRevert(world, deposit(100n), 'LedgerReceivedWrongAmount', [0n, 100n])
    })

    it('reverts with SafeERC20FailedOperation when it answers false', async () => {
      await token.setManner(Manner.AnswersFalse)
      const values = [await token.getAddress()]
      await expectRevert(world, deposit(100n), 'SafeERC20FailedOperation', values)
      await expectRevert(world, withdraw(100n), 'SafeERC20FailedOperation', values)
      await expectSolvent(world)
    })

    for (const manner of ['TakesFee', 'AddsBonus', 'TakesFromRecipient', 'AnswersFalse'] as const) {
      it(`brings whoever holds it nothing inside the market, while it ${manner}`, async () => {
        const { market, actors } = world
        const inside = async () => {
          const { balance, stake } = await market.accountOf(actors.eve)
          return balance + stake
        }
        const [before, tokens] = [await inside(), await token.balanceOf(world.address)]
        await token.setManner(Manner[manner])
        for (const units of [1n, 100n]) {
          await deposit(units).catch(() => {})
          await market
            .connect(actors.eve)
            .depositWithPermit(units, 0n, 27, ethers.ZeroHash, ethers.ZeroHash)
            .catch(() => {})
        }
        expect((await inside()) - before, 'profit').to.equal(0n)
        expect((await token.balanceOf(world.address)) - tokens).to.equal(0n)
        await expectSolvent(world)
      })
    }

    it('loses no balance to a withdrawal that failed', async () => {
      await token.setManner(Manner.AnswersFalse)
      await expectRevert(world, withdraw(100n), 'SafeERC20FailedOperation', [await token.getAddress()])
      await token.setManner(Manner.Honest)
      await expectMoney(world, { eve: { balance: -100n }, held: -100n, wallets: { eve: 100n } }, () =>
        withdraw(100n),
      )
    })
  })

  describe('given one that returns nothing', () => {
    it('can be deposited, worked for and withdrawn like any other', async () => {
      world = await networkHelpers.loadFixture(noReturnMarket)
      await settled(world)
      await expectSolvent(world)
      const { market, actors } = world
      const { provider, requester } = actors
      const earned = FUNDS.balance + DEFAULT_PAY
      await expectMoney(
        world,
        { provider: { balance: -earned }, held: -earned, wallets: { provider: earned } },
        () => market.connect(provider).withdraw(provider.address, earned),
      )
      const left = FUNDS.requester - DEFAULT_PRICE
      await expectMoney(
        world,
        { requester: { balance: -left }, held: -left, wallets: { requester: left } },
        () => market.connect(requester).withdraw(requester.address, left),
      )
    })
  })

  describe('given the address of no token', () => {
    it('cannot be deployed', async () => {
      world = await networkHelpers.loadFixture(oddMarket)
      const { eve } = world.actors
      const timelock = await world.timelock.getAddress()
      const deploy = (token: string) =>
        createMarket([token, timelock, eve.address, eve.address, world.parameters, []])
      await deploy(await world.token.getAddress())
      await expect(deploy(eve.address)).to.be.revert(ethers)
    })
  })

  describe('given a token that is worth more than 2^80 units in one wallet', () => {
    it('is held up to the capacity, and not a unit more', async () => {
      world = await networkHelpers.loadFixture(oddMarket)
      expect((await heldOf(world)) < MAX_UNITS).to.equal(true)
      const values = [await heldOf(world), MAX_UNITS, MAX_UNITS]
      const sending = world.market.connect(world.actors.owner).deposit(MAX_UNITS)
      await expectRevert(world, sending, 'LedgerCapacityExceeded', values)
    })
  })
})
