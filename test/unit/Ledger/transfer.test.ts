import { expect } from 'chai'
import type { ReceiverMock } from '../../../types/ethers-contracts/index.ts'
import type { Role } from '../../helpers/actors.ts'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { FUNDS } from '../../helpers/defaults.ts'
import { busyMarket, market18, type World } from '../../helpers/fixtures.ts'
import { claimed, post } from '../../helpers/jobs.ts'
import { purseOf } from '../../helpers/money.ts'

const DATA = '0xc0ffee'

describe('Ledger.transfer', () => {
  let world: World

  const transfer = (units: bigint, to: string, data = '0x', who: Role = 'eve') =>
    world.market.connect(world.actors[who]).transfer(to, units, data)

  for (const [title, load] of [
    ['of 6 decimals', busyMarket],
    ['of 18 decimals', market18],
  ] as const) {
    // JM-57
    describe(`given a balance of a token ${title}`, () => {
      beforeEach(async () => {
        world = await networkHelpers.loadFixture(load)
      })

      it('moves units from balance to balance, and no tokens', async () => {
        const changes = { eve: { balance: -7n }, keeper: { balance: 7n } }
        await expectMoney(world, changes, () => transfer(7n, world.actors.keeper.address))
      })

      it('moves all of them, to an account that had nothing', async () => {
        const all = FUNDS.balance
        const changes = { eve: { balance: -all }, owner: { balance: all } }
        await expectMoney(world, changes, () => transfer(all, world.actors.owner.address))
      })

      it('moves them besides stake and locked bond of both accounts', async () => {
        await claimed(world)
        await claimed(world, { provider: world.actors.rival })
        const changes = { provider: { balance: -7n }, rival: { balance: 7n } }
        await expectMoney(world, changes, () => transfer(7n, world.actors.rival.address, '0x', 'provider'))
      })

      it('changes nothing where both are the same account', async () => {
        await expectMoney(world, {}, () => transfer(FUNDS.balance, world.actors.eve.address))
      })

      it('adds them to the reserve where the market itself is named', async () => {
        await expectMoney(world, { eve: { balance: -7n }, reserve: 7n }, () => transfer(7n, world.address))
        expect((await purseOf(world, world.address)).balance).to.equal(0n)
      })

      it('emits Transferred', async () => {
        const { eve, keeper } = world.actors
        await expect(transfer(7n, keeper.address))
          .to.emit(world.market, 'Transferred')
          .withArgs(eve.address, keeper.address, 7n)
        await expect(transfer(7n, world.address))
          .to.emit(world.market, 'Transferred')
          .withArgs(eve.address, world.address, 7n)
      })
    })
  }

  describe('given a wrong amount or recipient', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    it('reverts with LedgerZeroAmount for nothing', async () => {
      await expectRevert(world, transfer(0n, world.actors.keeper.address), 'LedgerZeroAmount')
      await expectRevert(world, transfer(0n, world.address), 'LedgerZeroAmount')
    })

    for (const to of ['another account', 'itself', 'the reserve'] as const) {
      for (const amount of [FUNDS.balance + 1n, 2n ** 80n, 2n ** 256n - 1n]) {
        it(`reverts with AccountInsufficientBalance for ${amount} units of ${FUNDS.balance} to ${to}`, async () => {
          const { keeper, eve } = world.actors
          const recipients = { 'another account': keeper.address, itself: eve.address }
          const sending = transfer(amount, to === 'the reserve' ? world.address : recipients[to])
          await expectRevert(world, sending, 'AccountInsufficientBalance', [FUNDS.balance, amount])
        })
      }
    }

    it('does not reach stake', async () => {
      const sending = transfer(FUNDS.balance + 1n, world.actors.eve.address, '0x', 'provider')
      const values = [FUNDS.balance, FUNDS.balance + 1n]
      await expectRevert(world, sending, 'AccountInsufficientBalance', values)
    })

    it('does not reach the escrow of a job', async () => {
      await post(world)
      const left = FUNDS.requester - 7_000_003n
      const sending = transfer(left + 1n, world.actors.eve.address, '0x', 'requester')
      await expectRevert(world, sending, 'AccountInsufficientBalance', [left, left + 1n])
    })

    it('reverts with LedgerInvalidRecipient for the zero address', async () => {
      const values = [ethers.ZeroAddress]
      await expectRevert(world, transfer(1n, ethers.ZeroAddress), 'LedgerInvalidRecipient', values)
      await expectRevert(world, transfer(1n, ethers.ZeroAddress, DATA), 'LedgerInvalidRecipient', values)
    })
  })

  // JM-58
  describe('given data for a contract', () => {
    let receiver: ReceiverMock
    let to: string

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      receiver = await ethers.deployContract('ReceiverMock')
      to = await receiver.getAddress()
      await transfer(5n, to)
    })

    const setManner = async (name: string) => {
      const manners = ['Taking', 'Silent', 'Short', 'Wrong', 'Blurred', 'Long']
      await receiver.setManner(
        [...manners, 'Reverting', 'RevertingSilently', 'RevertingTaken', 'Burning'].indexOf(name),
      )
    }

    for (const data of [DATA, '0x00', `0x${'ab'.repeat(1_000)}`]) {
      it(`tells it who sent what, and of ${ethers.dataLength(data)} bytes each, when it has the units`, async () => {
        const { eve } = world.actors
        await expect(transfer(7n, to, data))
          .to.emit(receiver, 'Told')
          .withArgs(world.address, eve.address, 7n, data, 12n)
        expect((await purseOf(world, to)).balance).to.equal(12n)
        expect((await purseOf(world, eve.address)).balance).to.equal(FUNDS.balance - 12n)
      })
    }

    it('tells it nothing without data, nor asks it', async () => {
      await setManner('Reverting')
      await expect(transfer(7n, to)).to.not.emit(receiver, 'Told')
      expect((await purseOf(world, to)).balance).to.equal(12n)
    })

    it('takes an answer that is more than its word', async () => {
      await setManner('Long')
      await transfer(7n, to, DATA)
      expect((await purseOf(world, to)).balance).to.equal(12n)
    })

    for (const manner of ['Silent', 'Short', 'Wrong', 'Blurred', 'RevertingSilently', 'Burning']) {
      it(`reverts with LedgerTransferRefused, and moves nothing, where its answer is ${manner}`, async () => {
        await setManner(manner)
        await expectRevert(world, transfer(7n, to, DATA), 'LedgerTransferRefused', [to])
        expect((await purseOf(world, to)).balance).to.equal(5n)
        expect((await purseOf(world, world.actors.eve.address)).balance).to.equal(FUNDS.balance - 5n)
      })
    }

    it('reverts with LedgerTransferRefused where what is missing of the word would be found in its address', async () => {
      const round = ethers.toBeHex(0x1000, 20)
      await networkHelpers.setCode(round, await ethers.provider.getCode(to))
      const short = receiver.attach(round) as ReceiverMock
      await short.setManner(2)
      await expectRevert(world, transfer(7n, round, DATA), 'LedgerTransferRefused', [round])
    })

    it('reverts with its reason, and moves nothing, where it has one', async () => {
      await setManner('Reverting')
      await expect(transfer(7n, to, DATA))
        .to.be.revertedWithCustomError(receiver, 'ReceiverMockRefuses')
        .withArgs(world.actors.eve.address, 7n, DATA)
      expect((await purseOf(world, to)).balance).to.equal(5n)
    })

    it('takes no revert for a yes, whatever its reason', async () => {
      await setManner('RevertingTaken')
      await expect(transfer(7n, to, DATA)).to.revert(ethers)
      expect((await purseOf(world, to)).balance).to.equal(5n)
    })

    it('reverts with LedgerTransferRefused for an account without code, and for the reserve', async () => {
      for (const address of [world.actors.keeper.address, world.address]) {
        await expectRevert(world, transfer(7n, address, DATA), 'LedgerTransferRefused', [address])
      }
    })
  })

  // JM-19
  it('works while posting is paused', async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    await world.market.pausePosting()
    const changes = { eve: { balance: -7n }, keeper: { balance: 7n } }
    await expectMoney(world, changes, () => transfer(7n, world.actors.keeper.address))
  })
})
