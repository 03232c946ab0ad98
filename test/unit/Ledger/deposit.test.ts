import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { emptyMarket, market18, type World } from '../../helpers/fixtures.ts'
import { heldOf } from '../../helpers/money.ts'

describe('Ledger.deposit', () => {
  let world: World

  const allow = async (baseUnits: bigint) => {
    const { token, actors, address } = world
    await token.connect(actors.owner).transfer(actors.eve.address, baseUnits)
    await token.connect(actors.eve).approve(address, baseUnits)
  }
  const deposit = (units: bigint) => world.market.connect(world.actors.eve).deposit(units)

  describe('given a token of 6 decimals', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(emptyMarket)
    })

    // JM-3
    it('moves exactly the amount of tokens into the balance', async () => {
      await allow(1_000n)
      const changes = { eve: { balance: 7n }, held: 7n, wallets: { eve: -7n } }
      await expectMoney(world, changes, () => deposit(7n))
    })

    it('emits Deposited', async () => {
      await allow(1_000n)
      await expect(deposit(7n)).to.emit(world.market, 'Deposited').withArgs(world.actors.eve.address, 7n)
    })

    it('adds to what is there', async () => {
      await allow(1_000n)
      await deposit(7n)
      await expectMoney(world, { eve: { balance: 1n }, held: 1n, wallets: { eve: -1n } }, () => deposit(1n))
    })

    it('reverts with LedgerZeroAmount for nothing', async () => {
      await expectRevert(world, deposit(0n), 'LedgerZeroAmount')
    })

    it('reverts with the error of the token without an allowance', async () => {
      const { token, actors, address } = world
      await token.connect(actors.owner).transfer(actors.eve.address, 5n)
      await expect(deposit(5n))
        .to.be.revertedWithCustomError(token, 'ERC20InsufficientAllowance')
        .withArgs(address, 0n, 5n)
    })

    it('reverts with the error of the token without the tokens', async () => {
      await world.token.connect(world.actors.eve).approve(world.address, 5n)
      await expect(deposit(5n))
        .to.be.revertedWithCustomError(world.token, 'ERC20InsufficientBalance')
        .withArgs(world.actors.eve.address, 0n, 5n)
    })

    // JM-4
    describe('when it fills the capacity of 2^80 - 1 units', () => {
      beforeEach(() => allow(MAX_UNITS + 10n))

      it('takes all of it at once', async () => {
        await expectMoney(
          world,
          { eve: { balance: MAX_UNITS }, held: MAX_UNITS, wallets: { eve: -MAX_UNITS } },
          () => deposit(MAX_UNITS),
        )
      })

      it('reverts with LedgerCapacityExceeded one unit above', async () => {
        const values = [0n, MAX_UNITS + 1n, MAX_UNITS]
        await expectRevert(world, deposit(MAX_UNITS + 1n), 'LedgerCapacityExceeded', values)
      })

      it('counts what everybody holds', async () => {
        const { token, market, actors, address } = world
        await token.connect(actors.owner).approve(address, 3n)
        await market.connect(actors.owner).deposit(3n)
        const rest = MAX_UNITS - 3n
        await expectRevert(world, deposit(rest + 1n), 'LedgerCapacityExceeded', [3n, rest + 1n, MAX_UNITS])
        await deposit(rest)
        await expectRevert(world, deposit(1n), 'LedgerCapacityExceeded', [MAX_UNITS, 1n, MAX_UNITS])
      })

      it('counts tokens that nobody deposited, rounded down to units', async () => {
        const { token, actors, address } = world
        await token.connect(actors.owner).transfer(address, 3n)
        const values = [3n, MAX_UNITS - 2n, MAX_UNITS]
        await expectRevert(world, deposit(MAX_UNITS - 2n), 'LedgerCapacityExceeded', values)
        await deposit(MAX_UNITS - 3n)
      })

      it('takes nothing where a gift alone is above it', async () => {
        const { token, actors, address } = world
        await token.connect(actors.owner).transfer(address, MAX_UNITS + 1n)
        await expectRevert(world, deposit(1n), 'LedgerCapacityExceeded', [MAX_UNITS + 1n, 1n, MAX_UNITS])
      })

      it('has room again after a withdrawal', async () => {
        const { market, actors } = world
        await deposit(MAX_UNITS)
        await market.connect(actors.eve).withdraw(actors.eve.address, 2n)
        await deposit(2n)
      })

      it('reverts with LedgerCapacityExceeded for the largest number there is', async () => {
        const amount = 2n ** 256n - 1n
        await expectRevert(world, deposit(amount), 'LedgerCapacityExceeded', [0n, amount, MAX_UNITS])
      })
    })
  })

  describe('given a token of 18 decimals', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(market18)
    })

    it('counts units of 10^12 base units', async () => {
      expect(await world.market.unit()).to.equal(10n ** 12n)
      await allow(5n * 10n ** 12n)
      const changes = { eve: { balance: 5n }, held: 5n, wallets: { eve: -5n * 10n ** 12n } }
      await expectMoney(world, changes, () => deposit(5n))
    })

    it('holds the same number of units at the most', async () => {
      const held = await heldOf(world)
      const rest = MAX_UNITS - held
      await allow((rest + 1n) * world.unit)
      await expectRevert(world, deposit(rest + 1n), 'LedgerCapacityExceeded', [held, rest + 1n, MAX_UNITS])
      await deposit(rest)
    })

    it('counts a gift that is less than a unit as nothing', async () => {
      const { token, actors, address, unit } = world
      await token.connect(actors.owner).transfer(address, unit - 1n)
      const rest = MAX_UNITS - (await heldOf(world))
      await allow(rest * unit)
      await deposit(rest)
    })

    it('reverts with LedgerCapacityExceeded for the largest number there is', async () => {
      const held = await heldOf(world)
      const amount = 2n ** 256n - 1n
      await expectRevert(world, deposit(amount), 'LedgerCapacityExceeded', [held, amount, MAX_UNITS])
    })
  })
})
