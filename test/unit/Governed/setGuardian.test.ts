import { expect } from 'chai'
import { expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { post } from '../../helpers/jobs.ts'
import { readWord, slotOf, withField } from '../../helpers/storage.ts'

describe('Governed.setGuardian', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

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
    await expect(set(ethers.ZeroAddress)).to.emit(market, 'GuardianChanged').withArgs(ethers.ZeroAddress)
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
