import { expect } from 'chai'
import type { ContractTransactionResponse } from 'ethers'
import { expectRevert } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { TOKEN } from '../helpers/defaults.ts'
import { busyMarket, openMarket, type World } from '../helpers/fixtures.ts'
import { chainId, claimed, draft, type Job, RESULT_ROOT, runBy } from '../helpers/jobs.ts'
import { releasePenalty } from '../helpers/reference.ts'
import { jobIdOf, packTerms, type Terms } from '../helpers/terms.ts'
import { at, now } from '../helpers/time.ts'
import { addressesOf, expectNoProfit, profitOf } from '../helpers/wealth.ts'

/** Requesters who see to it that a provider is late: with a job that cannot be done, or by keeping it from the chain. */
describe('Making providers late on purpose', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])
  const gasOf = async (sending: Promise<ContractTransactionResponse>) =>
    (await (await sending).wait())?.gasUsed ?? 0n
  const schedule = () => world.parameters.lateRequesterGas + world.parameters.lateKeeperGas

  interface Way {
    jobs: number
    maxPrice: bigint
    isBatched: boolean
  }

  /** What requester and keeper have more after jobs that became late, and the gas that it took them. */
  const strike = async ({ jobs, maxPrice, isBatched }: Way) => {
    const { market, actors, address } = world
    const snapshot = await networkHelpers.takeSnapshot()
    const terms: Terms[] = []
    for (let i = 0; i < jobs; i++) terms.push(packTerms(await draft({ maxPrice, ramp: 0n, run: 1_000n })))
    const ids = terms.map((each) => jobIdOf(chainId, address, actors.requester.address, each))
    let gas = 0n
    const gained = await profitOf(world, addressesOf(world, 'requester', 'keeper'), async () => {
      if (isBatched) gas += await gasOf(as('requester').postMany(terms))
      else for (const each of terms) gas += await gasOf(as('requester').post(each))
      for (const id of ids) await market.connect(actors.provider).claim(id)
      await networkHelpers.time.increase(1_001n)
      if (isBatched) gas += await gasOf(as('keeper').failMany(ids))
      else for (const id of ids) gas += await gasOf(as('keeper').fail(id))
    })
    await snapshot.restore()
    return { gained, gas }
  }

  it('is paid by a fixed schedule, whatever the price and however large the bond', async () => {
    for (const maxPrice of [1n, TOKEN, 20n * TOKEN, 200n * TOKEN]) {
      const { gained } = await strike({ jobs: 1, maxPrice, isBatched: false })
      expect(gained).to.equal(schedule())
    }
  })

  it('brings nothing where the schedule is below the gas of a large batch: gas counted, in units', async () => {
    const ways: Way[] = [1, 3, 20].flatMap((jobs) =>
      [true, false].map((isBatched) => ({ jobs, maxPrice: TOKEN, isBatched })),
    )
    // what a job takes at the least, and a schedule of that much at the lowest price of gas, 10 gas for a unit
    const { gas } = await strike({ jobs: 20, maxPrice: TOKEN, isBatched: true })
    const least = gas / 20n / 10n
    const parameters = { lateRequesterGas: (least * 2n) / 3n, lateKeeperGas: least / 3n }
    world = await openMarket({ parameters })
    for (const way of ways) {
      const strikes = await strike(way)
      expect(strikes.gained).to.equal(BigInt(way.jobs) * schedule())
      expect(strikes.gained - strikes.gas / 10n <= 0n, `${way.jobs} ${way.isBatched}`).to.equal(true)
    }
  })

  it('by taking its time away is impossible: until runBy it may submit, and nobody fails it', async () => {
    const job = await claimed(world)
    await expectNoProfit(
      world,
      addressesOf(world, 'requester', 'keeper', 'hook', 'eve', 'owner'),
      async () => {
        const time = runBy(job)
        for (const who of ['requester', 'keeper'] as const) {
          const early = at((await now()) + 1n, () => as(who).fail(job.jobId))
          await expect(early).to.be.revertedWithCustomError(world.market, 'JobMarketTooEarly')
        }
        const notProvider = [job.jobId, world.actors.requester.address, world.actors.provider.address]
        const usurped = as('requester').submit(job.jobId, RESULT_ROOT, 1n)
        await expectRevert(world, usurped, 'JobMarketNotProvider', notProvider)
        await as('owner').pausePosting()
        await at(time, () => as('provider').submit(job.jobId, RESULT_ROOT, 1n))
      },
    )
  })

  it('with a job that cannot be done: it is given back in the first quarter, which brings the requester nothing', async () => {
    const job: Job = await claimed(world)
    const { price, bond } = await world.market.getJob(job.jobId)
    const coalition = addressesOf(world, 'requester', 'keeper')
    const penalty = releasePenalty(price, bond)
    const { stake } = await world.market.accountOf(world.actors.provider)
    const gained = await profitOf(world, coalition, () =>
      at(job.claimedAt + job.fields.run / 4n, () => as('provider').release(job.jobId)),
    )
    // the price had left the requester's balance when it was claimed
    expect(gained - price).to.equal(0n)
    expect(stake - (await world.market.accountOf(world.actors.provider)).stake).to.equal(penalty)
  })

  it('costs the provider a fifth of the bond at the most, of which the reserve has all but the schedule', async () => {
    const job = await claimed(world, { terms: { maxPrice: 100n * TOKEN, ramp: 0n } })
    const { bond } = await world.market.getJob(job.jobId)
    const reserve = await world.market.reserve()
    const lost = -(await profitOf(world, addressesOf(world, 'provider'), () =>
      at(runBy(job) + 1n, () => as('keeper').fail(job.jobId)),
    ))
    expect(lost).to.equal(bond / 5n)
    expect((await world.market.reserve()) - reserve).to.equal(lost - schedule())
  })
})
