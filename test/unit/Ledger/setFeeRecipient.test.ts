import { expect } from 'chai'
import { expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { defaultParameters } from '../../helpers/defaults.ts'
import { busyMarket, createMarket, type World } from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { readWord, slotOf, withField } from '../../helpers/storage.ts'

describe('Ledger.setFeeRecipient', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const set = (recipient: string) => govern(world, 'setFeeRecipient', [recipient])

  // JM-54
  it('names the recipient and emits FeeRecipientChanged', async () => {
    const { market, actors } = world
    const { eve } = actors
    await expect(set(eve.address)).to.emit(market, 'FeeRecipientChanged').withArgs(eve.address)
    expect(await market.feeRecipient()).to.equal(eve.address)
  })

  it('keeps the reserve: they share a word', async () => {
    const { eve } = world.actors
    const slot = slotOf('reserve')
    expect(slot).to.equal(slotOf('feeRecipient'))
    await networkHelpers.setStorageAt(
      world.address,
      slot,
      withField('Reserve.reserve', await readWord(world, slot), 2n ** 80n - 2n),
    )
    await set(eve.address)
    expect(await world.market.reserve()).to.equal(2n ** 80n - 2n)
    expect(await world.market.feeRecipient()).to.equal(eve.address)
  })

  for (const who of ['owner', 'treasury', 'requester', 'provider', 'eve'] as const) {
    // JM-54
    it(`reverts with GovernedNotTimelock for ${who}`, async () => {
      const caller = world.actors[who]
      const sending = world.market.connect(caller).setFeeRecipient(caller.address)
      const values = [caller.address, await world.timelock.getAddress()]
      await expectRevert(world, sending, 'GovernedNotTimelock', values)
    })
  }

  it('reverts with LedgerInvalidRecipient for the zero address', async () => {
    await expectRevert(world, set(ethers.ZeroAddress), 'LedgerInvalidRecipient', [ethers.ZeroAddress])
  })

  it('reverts with LedgerInvalidRecipient for the market, whose account nobody can withdraw', async () => {
    await expectRevert(world, set(world.address), 'LedgerInvalidRecipient', [world.address])
  })
})

describe('Ledger, its constructor', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const deploy = async (recipient: string, token = world.token.getAddress()) =>
    createMarket([
      ...[await token, await world.timelock.getAddress(), world.actors.eve.address, recipient],
      ...[defaultParameters, []],
    ])

  it('keeps token, unit and fee recipient', async () => {
    const { market, token, actors } = world
    expect(await market.token()).to.equal(await token.getAddress())
    expect(await market.unit()).to.equal(1n)
    expect(await market.feeRecipient()).to.equal(actors.treasury.address)
  })

  for (const [decimals, unit] of [
    [0, 1n],
    [2, 1n],
    [6, 1n],
    [7, 10n],
    [8, 100n],
    [18, 10n ** 12n],
    [24, 10n ** 18n],
  ] as const) {
    it(`counts units of ${unit} base units with a token of ${decimals} decimals`, async () => {
      const { owner } = world.actors
      const token = await ethers.deployContract('OddTokenMock', [decimals, owner.address, 1n])
      const market = await deploy(owner.address, token.getAddress())
      expect(await market.unit()).to.equal(unit)
    })
  }

  it('refuses the zero address as fee recipient', async () => {
    await expectRevert(world, deploy(ethers.ZeroAddress), 'LedgerInvalidRecipient', [ethers.ZeroAddress])
  })
})
