import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY, defaultParameters } from '../../helpers/defaults.ts'
import { busyMarket, createMarket, type World } from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { claim, post, submit, windowEnd } from '../../helpers/jobs.ts'
import { at } from '../../helpers/time.ts'

describe('Governed, its guardian', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])
  const isPaused = async () => (await world.market.currentParameters()).paused

  it('is named at deployment with GuardianChanged', async () => {
    const { owner, eve, treasury } = world.actors
    const market = await createMarket([
      await world.token.getAddress(),
      await world.timelock.getAddress(),
      eve.address,
      treasury.address,
      defaultParameters,
      [],
    ])
    expect(await market.guardian()).to.equal(eve.address)
    expect(await world.market.guardian()).to.equal(owner.address)
    const [event] = await market.queryFilter(market.filters.GuardianChanged())
    expect([...(event?.args ?? [])]).to.deep.equal([eve.address])
  })

  describe('given the timelock', () => {
    it('names another and emits GuardianChanged', async () => {
      const { eve, owner } = world.actors
      await expect(govern(world, 'setGuardian', [eve.address]))
        .to.emit(world.market, 'GuardianChanged')
        .withArgs(eve.address)
      expect(await world.market.guardian()).to.equal(eve.address)
      await as('eve').pausePosting()
      await expectRevert(world, as('owner').resumePosting(), 'GovernedNotGuardian', [
        owner.address,
        eve.address,
      ])
    })

    it('leaves the set, its times and the pause as they were', async () => {
      await as('owner').pausePosting()
      const before = [...(await world.market.currentParameters())]
      await govern(world, 'setGuardian', [ethers.getAddress(`0x${'f'.repeat(40)}`)])
      expect([...(await world.market.currentParameters())]).to.deep.equal(before)
    })

    it('may name nobody; then it alone may pause', async () => {
      const { owner } = world.actors
      await govern(world, 'setGuardian', [ethers.ZeroAddress])
      const values = [owner.address, ethers.ZeroAddress]
      await expectRevert(world, as('owner').pausePosting(), 'GovernedNotGuardian', values)
      const timelock = await world.timelock.getAddress()
      await networkHelpers.impersonateAccount(timelock)
      await networkHelpers.setBalance(timelock, 10n ** 18n)
      const signer = await ethers.getSigner(timelock)
      await expect(world.market.connect(signer).pausePosting())
        .to.emit(world.market, 'PostingPaused')
        .withArgs(timelock)
      await expect(world.market.connect(signer).resumePosting())
        .to.emit(world.market, 'PostingResumed')
        .withArgs(timelock)
    })
  })

  for (const name of ['pausePosting', 'resumePosting'] as const) {
    for (const who of ['treasury', 'requester', 'eve'] as const) {
      it(`lets ${who} call no ${name}`, async () => {
        const { owner } = world.actors
        const values = [world.actors[who].address, owner.address]
        await expectRevert(world, as(who)[name](), 'GovernedNotGuardian', values)
      })
    }
  }

  it('pauses and resumes, with an event each, as often as it likes', async () => {
    const { owner } = world.actors
    for (const _ of [1, 2]) {
      await expect(as('owner').pausePosting()).to.emit(world.market, 'PostingPaused').withArgs(owner.address)
      expect(await isPaused()).to.equal(true)
    }
    for (const _ of [1, 2]) {
      await expect(as('owner').resumePosting())
        .to.emit(world.market, 'PostingResumed')
        .withArgs(owner.address)
      expect(await isPaused()).to.equal(false)
    }
  })

  it('stops new jobs and nothing else: a posted job is claimed, submitted, settled and withdrawn', async () => {
    const posted = await post(world)
    await as('owner').pausePosting()
    await expectRevert(world, post(world), 'JobMarketPostingPaused')
    const job = await submit(world, await claim(world, posted))
    const { bond } = await world.market.getJob(job.jobId)
    await expectMoney(
      world,
      { provider: { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE } },
      () => at(windowEnd(job) + 1n, () => world.market.settle(job.jobId)),
    )
    await as('provider').withdraw(world.actors.provider, DEFAULT_PAY)
  })

  it('stays paused when a new set comes', async () => {
    await as('owner').pausePosting()
    await govern(world, 'addParameters', [world.parameters, []])
    expect([...(await world.market.currentParameters())]).to.deep.equal([1n, true])
  })
})
