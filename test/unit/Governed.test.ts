import { expect } from 'chai'
import { expectRevert } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { defaultParameters } from '../helpers/defaults.ts'
import { busyMarket, createMarket, type World } from '../helpers/fixtures.ts'
import { govern, TIMELOCK_DELAY } from '../helpers/govern.ts'
import { chainId, post } from '../helpers/jobs.ts'
import { readWord, slotOf, withField } from '../helpers/storage.ts'
import { pass } from '../helpers/time.ts'

describe('Governed', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  describe('the constructor', () => {
    const deploy = async (timelock: string) =>
      createMarket([
        ...[await world.token.getAddress(), timelock, world.actors.keeper.address],
        ...[world.actors.treasury.address, defaultParameters, []],
      ])

    it('keeps the timelock and names the guardian, with an event', async () => {
      const { timelock, actors } = world
      const market = await deploy(await timelock.getAddress())
      expect(await market.timelock()).to.equal(await timelock.getAddress())
      expect(await market.guardian()).to.equal(actors.keeper.address)
      await expect(market.deploymentTransaction())
        .to.emit(market, 'GuardianChanged')
        .withArgs(actors.keeper.address)
    })

    it('says who it is to those who sign for it', async () => {
      const { market, address } = world
      const { name, version, chainId: id, verifyingContract } = await market.eip712Domain()
      expect([name, version, id, verifyingContract]).to.deep.equal(['Assay', '1', chainId, address])
    })

    it('refuses an account without code as timelock', async () => {
      await expect(deploy(world.actors.eve.address)).to.be.revert(ethers)
      await expect(deploy(ethers.ZeroAddress)).to.be.revert(ethers)
    })

    it('refuses another contract as timelock', async () => {
      await expect(deploy(await world.token.getAddress())).to.be.revert(ethers)
    })
  })

  describe('the timelock', () => {
    it('makes no change before its delay has passed', async () => {
      const { market, timelock, address, actors } = world
      const data = market.interface.encodeFunctionData('setGuardian', [actors.eve.address])
      const call = [address, 0n, data, ethers.ZeroHash, ethers.ZeroHash] as const
      await timelock.connect(actors.owner).schedule(...call, TIMELOCK_DELAY)
      await pass(TIMELOCK_DELAY - 10n)
      await expect(timelock.connect(actors.owner).execute(...call)).to.be.revertedWithCustomError(
        timelock,
        'TimelockUnexpectedOperationState',
      )
      await pass(10n)
      await timelock.connect(actors.owner).execute(...call)
      expect(await market.guardian()).to.equal(actors.eve.address)
    })
  })

  describe('setGuardian', () => {
    const set = (guardian: string) => govern(world, 'setGuardian', [guardian])

    it('names the guardian and emits GuardianChanged', async () => {
      const { market, actors } = world
      const { eve } = actors
      await expect(set(eve.address)).to.emit(market, 'GuardianChanged').withArgs(eve.address)
      expect(await market.guardian()).to.equal(eve.address)
    })

    // JM-53
    it('gives the pause to the new one and takes it from the old one', async () => {
      const { market, actors } = world
      const { owner, eve } = actors
      await set(eve.address)
      const values = [owner.address, eve.address]
      await expectRevert(world, market.connect(owner).pausePosting(), 'GovernedNotGuardian', values)
      await market.connect(eve).pausePosting()
      await expectRevert(world, market.connect(owner).resumePosting(), 'GovernedNotGuardian', values)
      await expectRevert(world, post(world), 'JobMarketPostingPaused')
    })

    it('leaves the pause to the timelock alone where it names nobody', async () => {
      const { market, actors } = world
      const { owner } = actors
      await set(ethers.ZeroAddress)
      const values = [owner.address, ethers.ZeroAddress]
      await expectRevert(world, market.connect(owner).pausePosting(), 'GovernedNotGuardian', values)
      await govern(world, 'pausePosting', [])
      expect((await market.currentParameters()).paused).to.equal(true)
    })

    it('changes the guardian alone of the word that posting reads', async () => {
      const { market, actors } = world
      await market.connect(actors.owner).pausePosting()
      const before = await readWord(world, slotOf('posting'))
      await set(actors.eve.address)
      const expected = withField('Posting.guardian', before, BigInt(actors.eve.address))
      expect(await readWord(world, slotOf('posting'))).to.equal(expected)
    })

    for (const who of ['owner', 'treasury', 'requester', 'provider', 'hook', 'eve'] as const) {
      // JM-53
      it(`reverts with GovernedNotTimelock for ${who}`, async () => {
        const caller = world.actors[who]
        const sending = world.market.connect(caller).setGuardian(caller.address)
        const values = [caller.address, await world.timelock.getAddress()]
        await expectRevert(world, sending, 'GovernedNotTimelock', values)
      })
    }
  })
})
