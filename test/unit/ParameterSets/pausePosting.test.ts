import { expect } from 'chai'
import { expectRevert } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { readWord, slotOf, withField } from '../../helpers/storage.ts'

describe('ParameterSets.pausePosting and resumePosting', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  it('say who paused and who resumed', async () => {
    const { market, actors } = world
    const guardian = actors.owner
    await expect(market.connect(guardian).pausePosting())
      .to.emit(market, 'PostingPaused')
      .withArgs(guardian.address)
    expect(await market.currentParameters()).to.deep.equal([0n, true])
    await expect(market.connect(guardian).resumePosting())
      .to.emit(market, 'PostingResumed')
      .withArgs(guardian.address)
    expect(await market.currentParameters()).to.deep.equal([0n, false])
  })

  it('may be said again, and change nothing then', async () => {
    const guardian = world.market.connect(world.actors.owner)
    for (const paused of [true, true, false, false]) {
      await (paused ? guardian.pausePosting() : guardian.resumePosting())
      expect((await world.market.currentParameters()).paused).to.equal(paused)
    }
  })

  it("are the timelock's, too", async () => {
    const { market, timelock } = world
    const by = await timelock.getAddress()
    await expect(govern(world, 'pausePosting', []))
      .to.emit(market, 'PostingPaused')
      .withArgs(by)
    await expect(govern(world, 'resumePosting', []))
      .to.emit(market, 'PostingResumed')
      .withArgs(by)
  })

  it('change the flag alone of the word that posting reads', async () => {
    const { market, actors } = world
    const before = await readWord(world, slotOf('posting'))
    await market.connect(actors.owner).pausePosting()
    expect(await readWord(world, slotOf('posting'))).to.equal(withField('Posting.isPaused', before, 1n))
    await market.connect(actors.owner).pausePosting()
    await market.connect(actors.owner).resumePosting()
    expect(await readWord(world, slotOf('posting'))).to.equal(before)
  })

  for (const who of ['treasury', 'requester', 'provider', 'hook', 'eve'] as const) {
    // JM-53
    it(`revert with GovernedNotGuardian for ${who}`, async () => {
      const market = world.market.connect(world.actors[who])
      const values = [world.actors[who].address, world.actors.owner.address]
      await expectRevert(world, market.pausePosting(), 'GovernedNotGuardian', values)
      await expectRevert(world, market.resumePosting(), 'GovernedNotGuardian', values)
    })
  }
})
