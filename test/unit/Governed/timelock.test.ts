import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { TIMELOCK_DELAY } from '../../helpers/govern.ts'

describe('Governed: a change that was proposed to the timelock', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

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
