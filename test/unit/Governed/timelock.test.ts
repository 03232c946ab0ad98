import { expect } from 'chai'
import { expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { defaultParameters } from '../../helpers/defaults.ts'
import { busyMarket, createMarket, type World } from '../../helpers/fixtures.ts'
import { govern, TIMELOCK_DELAY } from '../../helpers/govern.ts'

describe('Governed, its timelock', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const calls = {
    addParameters: () => [world.parameters, []],
    setFeeRecipient: () => [world.actors.eve.address],
    setGuardian: () => [world.actors.eve.address],
  } as const
  const send = (who: keyof World['actors'], name: keyof typeof calls) => {
    const data = world.market.interface.encodeFunctionData(name as never, calls[name]() as never)
    return world.actors[who].sendTransaction({ to: world.address, data })
  }

  it('is the one that was given at deployment', async () => {
    expect(await world.market.timelock()).to.equal(await world.timelock.getAddress())
  })

  for (const name of ['addParameters', 'setFeeRecipient', 'setGuardian'] as const) {
    describe(`given ${name}`, () => {
      // the owner proposes to the timelock and is the guardian: neither lets it call the market itself
      for (const who of ['owner', 'treasury', 'requester', 'eve'] as const) {
        it(`refuses it to ${who}`, async () => {
          const values = [world.actors[who].address, await world.timelock.getAddress()]
          await expectRevert(world, send(who, name), 'GovernedNotTimelock', values)
        })
      }

      it('takes it from the timelock', async () => {
        await govern(world, name, calls[name]())
      })
    })
  }

  describe('given a change that was proposed', () => {
    const { ZeroHash } = ethers
    const call = () => {
      const data = world.market.interface.encodeFunctionData('setGuardian', [world.actors.eve.address])
      return [world.address, 0n, data, ZeroHash, ZeroHash] as const
    }

    it('cannot be made before its delay is over', async () => {
      const { timelock, actors } = world
      await timelock.connect(actors.owner).schedule(...call(), TIMELOCK_DELAY)
      const start = BigInt(await networkHelpers.time.latest())
      await networkHelpers.time.setNextBlockTimestamp(start + TIMELOCK_DELAY - 1n)
      const early = timelock.connect(actors.owner).execute(...call())
      await expect(early).to.be.revertedWithCustomError(timelock, 'TimelockUnexpectedOperationState')
      await networkHelpers.time.setNextBlockTimestamp(start + TIMELOCK_DELAY)
      await timelock.connect(actors.owner).execute(...call())
      expect(await world.market.guardian()).to.equal(actors.eve.address)
    })

    it('cannot be announced with a shorter delay', async () => {
      const { timelock, actors } = world
      const sending = timelock.connect(actors.owner).schedule(...call(), TIMELOCK_DELAY - 1n)
      await expect(sending)
        .to.be.revertedWithCustomError(timelock, 'TimelockInsufficientDelay')
        .withArgs(TIMELOCK_DELAY - 1n, TIMELOCK_DELAY)
    })
  })

  describe('given a deployment', () => {
    const deploy = async (timelock: string) =>
      createMarket([
        await world.token.getAddress(),
        timelock,
        world.actors.owner.address,
        world.actors.treasury.address,
        defaultParameters,
        [],
      ])

    it('refuses an account that is no contract', async () => {
      await expect(deploy(world.actors.owner.address)).to.be.revert(ethers)
    })

    it('refuses a contract that is no timelock', async () => {
      await expect(deploy(await world.token.getAddress())).to.be.revert(ethers)
    })

    it('refuses the zero address', async () => {
      await expect(deploy(ethers.ZeroAddress)).to.be.revert(ethers)
    })
  })
})
