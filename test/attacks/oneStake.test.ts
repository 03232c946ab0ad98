import { expect } from 'chai'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { ENDPOINT, FUNDS, OFFERED, TOKEN } from '../helpers/defaults.ts'
import { busyMarket, openMarket, type World } from '../helpers/fixtures.ts'
import { claimed, type Job, post, RESULT_ROOT } from '../helpers/jobs.ts'
import { bondFor } from '../helpers/reference.ts'
import { word } from '../helpers/terms.ts'
import { addressesOf, expectNoProfit } from '../helpers/wealth.ts'

const PRICE = 50n * TOKEN

/** A stake that is to stand behind more claims than it covers, or a provider that holds more than it can do. */
describe('One stake behind many claims', () => {
  let world: World
  const terms = { maxPrice: PRICE, ramp: 0n }

  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])
  const claimAll = async () => {
    const jobs: Job[] = []
    for (;;) {
      const job = await post(world, { terms })
      const done = await as('provider')
        .claim(job.jobId)
        .then(
          () => true,
          () => false,
        )
      if (!done) return { jobs, refused: job }
      jobs.push(job)
    }
  }

  it('covers as many as it has bonds for: the next is refused', async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    const bond = bondFor(world.parameters, PRICE, 0n)
    await expectNoProfit(world, addressesOf(world, 'provider'), async () => {
      const { jobs, refused } = await claimAll()
      expect(BigInt(jobs.length)).to.equal(FUNDS.stake / bond)
      const free = FUNDS.stake - BigInt(jobs.length) * bond
      await expectRevert(world, as('provider').claim(refused.jobId), 'AccountInsufficientStake', [free, bond])
      await expectRevert(world, as('provider').unstake(free + 1n), 'AccountInsufficientStake', [
        free,
        free + 1n,
      ])
    })
  })

  it('cheated with in a burst loses every bond, not one of them', async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    const { jobs } = await claimAll()
    const bond = bondFor(world.parameters, PRICE, 0n)
    const coalition = addressesOf(world, 'provider', 'hook')
    const profit = await expectNoProfit(world, coalition, async () => {
      for (const { jobId } of jobs) await as('provider').submit(jobId, RESULT_ROOT, 1n)
      for (const { jobId } of jobs) {
        await as('hook').challengeOpened(jobId)
        await as('hook').reject(jobId, bond)
      }
    })
    expect(2n * -profit >= BigInt(jobs.length) * bond).to.equal(true)
    await expectSolvent(world)
  })

  it('grows with no reputation beyond the exposure that it opens', async () => {
    world = await openMarket({ parameters: { baseExposure: 120n * TOKEN } })
    await expectNoProfit(world, addressesOf(world, 'provider'), async () => {
      const { jobs, refused } = await claimAll()
      expect(jobs.length).to.equal(1)
      const refusal = as('provider').claim(refused.jobId)
      await expect(refusal).to.be.revertedWithCustomError(world.market, 'ProvidersExposureExceeded')
    })
  })

  it('holds no more jobs than its provider declared to do at once', async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    await as('provider').updateProvider(OFFERED, 2n, ENDPOINT, word('key'))
    await expectNoProfit(world, addressesOf(world, 'provider'), async () => {
      const { jobs, refused } = await claimAll()
      expect(jobs.length).to.equal(2)
      const refusal = as('provider').claim(refused.jobId)
      await expectRevert(world, refusal, 'ProvidersConcurrencyReached', [
        world.actors.provider.address,
        2n,
        2n,
      ])
    })
  })

  it('is not counted twice by moving it while a claim stands', async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    await expectNoProfit(world, addressesOf(world, 'provider', 'rival'), async () => {
      const job = await claimed(world, { terms })
      const { bond } = await world.market.getJob(job.jobId)
      await as('provider').unstake(FUNDS.stake - bond)
      await as('provider').withdraw(world.actors.rival.address, FUNDS.stake - bond)
      await expectRevert(world, as('provider').unstake(1n), 'AccountInsufficientStake', [0n, 1n])
    })
  })
})
