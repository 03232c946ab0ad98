import { expect } from 'chai'
import { expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { defaultParameters } from '../../helpers/defaults.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'

describe('Ledger.setFeeRecipient', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  it('names the recipient and emits FeeRecipientChanged', async () => {
    const { market, actors } = world
    const { eve, owner } = actors
    await expect(market.connect(owner).setFeeRecipient(eve.address))
      .to.emit(market, 'FeeRecipientChanged')
      .withArgs(eve.address)
    expect(await market.feeRecipient()).to.equal(eve.address)
  })

  for (const who of ['treasury', 'requester', 'provider', 'eve'] as const) {
    it(`reverts with OwnableUnauthorizedAccount for ${who}`, async () => {
      const caller = world.actors[who]
      const sending = world.market.connect(caller).setFeeRecipient(caller.address)
      await expectRevert(world, sending, 'OwnableUnauthorizedAccount', [caller.address])
    })
  }

  it('reverts with LedgerInvalidRecipient for the zero address', async () => {
    const sending = world.market.connect(world.actors.owner).setFeeRecipient(ethers.ZeroAddress)
    await expectRevert(world, sending, 'LedgerInvalidRecipient', [ethers.ZeroAddress])
  })

  it('reverts with LedgerInvalidRecipient for the market, whose account nobody can withdraw', async () => {
    const sending = world.market.connect(world.actors.owner).setFeeRecipient(world.address)
    await expectRevert(world, sending, 'LedgerInvalidRecipient', [world.address])
  })
})

describe('Ledger, its constructor and its ownership', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const deploy = async (owner: string, recipient: string, token = world.token.getAddress()) =>
    ethers.deployContract('JobMarket', [await token, owner, recipient, defaultParameters, []])

  it('keeps token, unit, owner and fee recipient', async () => {
    const { market, token, actors } = world
    expect(await market.token()).to.equal(await token.getAddress())
    expect(await market.unit()).to.equal(1n)
    expect(await market.owner()).to.equal(actors.owner.address)
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
      const market = await deploy(owner.address, owner.address, token.getAddress())
      expect(await market.unit()).to.equal(unit)
    })
  }

  it('refuses the zero address as owner', async () => {
    const sending = deploy(ethers.ZeroAddress, world.actors.eve.address)
    await expectRevert(world, sending, 'OwnableInvalidOwner', [ethers.ZeroAddress])
  })

  it('refuses the zero address as fee recipient', async () => {
    const sending = deploy(world.actors.eve.address, ethers.ZeroAddress)
    await expectRevert(world, sending, 'LedgerInvalidRecipient', [ethers.ZeroAddress])
  })

  it('hands the ownership over in two steps', async () => {
    const { market, actors } = world
    const { owner, eve } = actors
    await expect(market.connect(owner).transferOwnership(eve.address))
      .to.emit(market, 'OwnershipTransferStarted')
      .withArgs(owner.address, eve.address)
    expect(await market.pendingOwner()).to.equal(eve.address)
    expect(await market.owner()).to.equal(owner.address)
    await expect(market.connect(eve).acceptOwnership())
      .to.emit(market, 'OwnershipTransferred')
      .withArgs(owner.address, eve.address)
    expect(await market.owner()).to.equal(eve.address)
  })

  it('lets nobody else accept it, nor give it away', async () => {
    const { market, actors } = world
    const { owner, keeper, eve } = actors
    await market.connect(owner).transferOwnership(keeper.address)
    const calls = [
      () => market.connect(eve).acceptOwnership(),
      () => market.connect(eve).transferOwnership(eve.address),
      () => market.connect(eve).renounceOwnership(),
    ]
    for (const call of calls) await expectRevert(world, call(), 'OwnableUnauthorizedAccount', [eve.address])
  })

  it('keeps what is held while an ownership is pending: they share a word', async () => {
    const { market, actors } = world
    const held = await market.held()
    await market.connect(actors.owner).transferOwnership(actors.eve.address)
    expect(await market.held()).to.equal(held)
    await market.connect(actors.keeper).withdraw(actors.keeper.address, 5n)
    expect([await market.held(), await market.pendingOwner()]).to.deep.equal([held - 5n, actors.eve.address])
  })
})
