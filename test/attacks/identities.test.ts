import { expect } from 'chai'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { FUNDS, TOKEN } from '../helpers/defaults.ts'
import { busyMarket, enlist, fund, type World } from '../helpers/fixtures.ts'
import { claimed, disputed, post, runBy, settled, submit } from '../helpers/jobs.ts'
import { feeOf } from '../helpers/reference.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, expectNoProfit, profitOf } from '../helpers/wealth.ts'

describe('Starting over under a new address', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    await fund(world, world.actors.eve, FUNDS.stake)
    await enlist(world, world.actors.eve)
  })

  const quote = async (who: 'provider' | 'eve') => {
    const { jobId } = await post(world, { terms: { ramp: 0n } })
    return (await world.market.quoteClaim(jobId, world.actors[who])).bond
  }
  const failOnce = async () => {
    const job = await claimed(world, { terms: { run: 10n } })
    await at(runBy(job) + 1n, () => world.market.connect(world.actors.keeper).fail(job.jobId))
  }

  it('never asks for a lower bond than after lateness without any reputation', async () => {
    await failOnce()
    expect((await quote('eve')) >= (await quote('provider'))).to.equal(true)
  })

  it('never asks for a lower bond than after fraud and with some reputation left', async () => {
    await settled(world, { terms: { maxPrice: 200n * TOKEN, ramp: 0n } })
    const job = await disputed(world)
    await world.market.connect(world.actors.hook).reject(job.jobId, 0n)
    const { faults, reputation } = await world.market.providerOf(world.actors.provider)
    expect([faults, reputation > 0n]).to.deep.equal([1n, true])
    expect((await quote('eve')) > (await quote('provider'))).to.equal(true)
  })

  it('loses what a fault left: the same work from the new address costs more stake and brings no more', async () => {
    await settled(world, { terms: { maxPrice: 200n * TOKEN, ramp: 0n } })
    await failOnce()
    const work = async (who: 'provider' | 'eve') => {
      const snapshot = await networkHelpers.takeSnapshot()
      const { market, actors } = world
      const job = await claimed(world, { provider: actors[who], terms: { maxPrice: 50n * TOKEN, ramp: 0n } })
      const { bond } = await market.getJob(job.jobId)
      const paid = await profitOf(world, addressesOf(world, 'provider', 'eve'), async () => {
        await submit(world, job)
        await market.connect(actors.requester).accept(job.jobId)
      })
      await snapshot.restore()
      return { bond, paid }
    }
    const [stays, leaves] = [await work('provider'), await work('eve')]
    expect(leaves.paid - stays.paid, 'the profit of starting over').to.equal(0n)
    expect(leaves.bond > stays.bond).to.equal(true)
  })

  it('leaves nothing behind: what is locked by the old address is lost or free as before', async () => {
    const { market, actors } = world
    const job = await disputed(world)
    const { bond } = await market.getJob(job.jobId)
    const profit = await expectNoProfit(world, addressesOf(world, 'provider', 'eve'), async () => {
      await market.connect(actors.provider).updateProvider(0n, 0n, '', ethers.ZeroHash)
      await market.connect(actors.provider).unstake(FUNDS.stake - bond)
      const { balance } = await market.accountOf(actors.provider)
      await market.connect(actors.provider).withdraw(actors.eve.address, balance)
      await market.connect(actors.hook).reject(job.jobId, 0n)
    })
    expect(profit).to.equal(-bond)
  })

  it('opens no more exposure: many identities together need the bond for each claim', async () => {
    const { market, actors } = world
    const one = await claimed(world, { terms: { ramp: 0n } })
    const two = await claimed(world, { provider: actors.eve, terms: { ramp: 0n } })
    const [first, second] = [await market.getJob(one.jobId), await market.getJob(two.jobId)]
    expect(second.bond >= first.bond).to.equal(true)
  })
})

describe('Farming reputation by working for oneself', () => {
  it('costs its fees exactly', async () => {
    const world = await networkHelpers.loadFixture(busyMarket)
    const { eve } = world.actors
    await fund(world, eve, FUNDS.stake)
    await enlist(world, eve)
    const wealth = async () => {
      const { balance, stake } = await world.market.accountOf(eve)
      return balance + stake
    }
    const before = await wealth()
    for (const maxPrice of [1_000_000n, 33_333n, 99n]) {
      await settled(world, { requester: eve, provider: eve, terms: { maxPrice, ramp: 0n } })
    }
    const paid = [1_000_000n, 33_333n, 99n].reduce((sum, price) => sum + feeOf(price, 100n), 0n)
    const { reputation, feeOwed } = await world.market.providerOf(eve)
    expect([before - (await wealth()), reputation, feeOwed]).to.deep.equal([paid, paid, paid])
  })
})
