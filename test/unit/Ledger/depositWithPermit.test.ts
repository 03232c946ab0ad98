import { expect } from 'chai'
import type { Signature } from 'ethers'
import type { Signer } from '../../helpers/actors.ts'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { emptyMarket, market18, openMarket, type World } from '../../helpers/fixtures.ts'
import { heldOf } from '../../helpers/money.ts'
import { signPermit } from '../../helpers/permit.ts'
import { at, now } from '../../helpers/time.ts'

const FOREVER = ethers.MaxUint256

describe('Ledger.depositWithPermit', () => {
  let world: World
  let eve: Signer

  const deposit = (units: bigint, { v, r, s }: Signature, deadline = FOREVER, who = eve) =>
    world.market.connect(who).depositWithPermit(units, deadline, v, r, s)
  const refused = (sending: Promise<unknown>, needed: bigint, allowance = 0n) =>
    expect(sending)
      .to.be.revertedWithCustomError(world.token, 'ERC20InsufficientAllowance')
      .withArgs(world.address, allowance, needed)

  for (const [title, load] of [
    ['of 6 decimals', emptyMarket],
    ['of 18 decimals', market18],
  ] as const) {
    describe(`given a token ${title}`, () => {
      beforeEach(async () => {
        world = await networkHelpers.loadFixture(load)
        eve = world.actors.eve
        await world.token.connect(world.actors.owner).transfer(eve.address, 100n * world.unit)
      })

      it('deposits with the permit alone', async () => {
        const permit = await signPermit(world, eve, 7n * world.unit, FOREVER)
        const changes = { eve: { balance: 7n }, held: 7n, wallets: { eve: -7n * world.unit } }
        await expectMoney(world, changes, () => deposit(7n, permit))
        expect(await world.token.allowance(eve.address, world.address)).to.equal(0n)
      })

      it('emits Deposited', async () => {
        const permit = await signPermit(world, eve, 7n * world.unit, FOREVER)
        await expect(deposit(7n, permit)).to.emit(world.market, 'Deposited').withArgs(eve.address, 7n)
      })

      it('reverts for another amount than the signed one', async () => {
        const permit = await signPermit(world, eve, 7n * world.unit, FOREVER)
        await refused(deposit(8n, permit), 8n * world.unit)
      })

      it('reverts with LedgerCapacityExceeded for the largest number there is', async () => {
        const permit = await signPermit(world, eve, 7n * world.unit, FOREVER)
        const values = [await heldOf(world), FOREVER, MAX_UNITS]
        await expectRevert(world, deposit(FOREVER, permit), 'LedgerCapacityExceeded', values)
      })
    })
  }

  describe('given a permit', () => {
    let permit: Signature

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(emptyMarket)
      eve = world.actors.eve
      await world.token.connect(world.actors.owner).transfer(eve.address, 100n)
      permit = await signPermit(world, eve, 7n, FOREVER)
    })

    const sendPermitFirst = () =>
      world.token
        .connect(world.actors.keeper)
        .permit(eve.address, world.address, 7n, FOREVER, permit.v, permit.r, permit.s)

    // JM-5
    it('still deposits when somebody else sent it first', async () => {
      await sendPermitFirst()
      const changes = { eve: { balance: 7n }, held: 7n, wallets: { eve: -7n } }
      await expectMoney(world, changes, () => deposit(7n, permit))
    })

    it('cannot be spent by somebody else', async () => {
      const { keeper } = world.actors
      await refused(deposit(7n, permit, FOREVER, keeper), 7n)
      await sendPermitFirst()
      await refused(deposit(7n, permit, FOREVER, keeper), 7n)
    })

    it('cannot be used twice', async () => {
      await deposit(7n, permit)
      await refused(deposit(7n, permit), 7n)
    })

    // JM-5
    it('is not needed where an allowance stands', async () => {
      await world.token.connect(eve).approve(world.address, 9n)
      const broken = await signPermit(world, world.actors.keeper, 9n, FOREVER)
      const changes = { eve: { balance: 9n }, held: 9n, wallets: { eve: -9n } }
      await expectMoney(world, changes, () => deposit(9n, broken))
    })

    it('counts until its deadline, and not one second longer', async () => {
      const deadline = (await now()) + 100n
      permit = await signPermit(world, eve, 7n, deadline)
      await refused(
        at(deadline + 1n, () => deposit(7n, permit, deadline)),
        7n,
      )
      const later = deadline + 100n
      permit = await signPermit(world, eve, 7n, later)
      await at(later, () => deposit(7n, permit, later))
    })

    it('reverts with LedgerZeroAmount for nothing', async () => {
      const nothing = await signPermit(world, eve, 0n, FOREVER)
      await expectRevert(world, deposit(0n, nothing), 'LedgerZeroAmount')
    })
  })

  describe('given a token without permit', () => {
    it('deposits from the allowance', async () => {
      world = await openMarket({
        token: (holder) => ethers.deployContract('CallbackTokenMock', [holder, 10n ** 24n]),
      })
      eve = world.actors.eve
      await world.token.connect(world.actors.owner).transfer(eve.address, 7n)
      await world.token.connect(eve).approve(world.address, 7n)
      const anything = { v: 27, r: ethers.ZeroHash, s: ethers.ZeroHash } as Signature
      const changes = { eve: { balance: 7n }, held: 7n, wallets: { eve: -7n } }
      await expectMoney(world, changes, () => deposit(7n, anything))
    })
  })
})
