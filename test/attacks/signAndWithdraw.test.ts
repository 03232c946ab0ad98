import { expect } from 'chai'
import { expectRevert } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { FUNDS } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { agreed, type Job } from '../helpers/jobs.ts'
import { signOffer, signRequest } from '../helpers/signing.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

/** A signature promises money that is not locked: what it is worth shows when the job begins, and not later. */
describe('Signing and leaving with the money', () => {
  let world: World
  let job: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    job = await agreed(world)
  })

  it('as a requester: there is no job, and nobody has worked', async () => {
    const { market, actors } = world
    const { requester, provider } = actors
    const signature = await signRequest(world, requester, job.terms)
    const take = () => market.connect(provider).claimSigned(requester.address, true, job.terms, signature)
    const before = await market.accountOf(provider)
    const profit = await profitOf(world, addressesOf(world, 'requester'), async () => {
      await market.connect(requester).withdraw(requester.address, FUNDS.requester)
      await expectRevert(world, take(), 'AccountInsufficientBalance', [0n, job.fields.maxPrice])
    })
    expect(profit).to.equal(0n)
    expect(await market.accountOf(provider)).to.deep.equal(before)
    expect(await market.statusOf(job.jobId)).to.equal(statusNumber('None'))
    // nothing was spent: it holds once the money is back
    await world.token.connect(requester).approve(world.address, FUNDS.requester)
    await market.connect(requester).deposit(FUNDS.requester)
    await take()
  })

  it('as a requester, with all but a unit of the price: a job is paid wholly or not at all', async () => {
    const { market, actors } = world
    const { requester, provider } = actors
    const { maxPrice } = job.fields
    const signature = await signRequest(world, requester, job.terms)
    await market.connect(requester).withdraw(requester.address, FUNDS.requester - maxPrice + 1n)
    const sending = market.connect(provider).claimSigned(requester.address, true, job.terms, signature)
    await expectRevert(world, sending, 'AccountInsufficientBalance', [maxPrice - 1n, maxPrice])
  })

  it('as a requester of many: what it has pays for the first that come, each wholly', async () => {
    const { market, actors } = world
    const { requester, provider } = actors
    const jobs = await Promise.all([0, 1, 2].map(() => agreed(world)))
    const signed = await Promise.all(jobs.map(({ terms }) => signRequest(world, requester, terms)))
    const two = 2n * job.fields.maxPrice
    await market.connect(requester).withdraw(requester.address, FUNDS.requester - two)
    const profit = await profitOf(world, addressesOf(world, 'requester'), async () => {
      for (const [i, { terms }] of jobs.entries()) {
        const sending = market.connect(provider).claimSigned(requester, true, terms, signed[i] as string)
        if (i < 2) await sending
        else await expectRevert(world, sending, 'AccountInsufficientBalance', [0n, job.fields.maxPrice])
      }
    })
    expect(profit).to.equal(-two)
  })

  it('as a requester, once there is a job: its price is out of reach', async () => {
    const { market, actors } = world
    const { requester, provider } = actors
    const signature = await signRequest(world, requester, job.terms)
    await market.connect(provider).claimSigned(requester.address, true, job.terms, signature)
    const { maxPrice } = job.fields
    const left = FUNDS.requester - maxPrice
    const sending = market.connect(requester).withdraw(requester.address, FUNDS.requester)
    await expectRevert(world, sending, 'AccountInsufficientBalance', [left, FUNDS.requester])
    const profit = await profitOf(world, addressesOf(world, 'requester'), async () => {
      await market.connect(requester).withdraw(requester.address, left)
      await market.connect(requester).cancelNonces(job.fields.nonce >> 8n, 2n ** 256n - 1n)
    })
    expect(profit).to.equal(0n)
    await market.connect(provider).submit(job.jobId, job.terms.programId, 1n)
    await networkHelpers.time.increase(job.fields.window + 1n)
    await market.settle(job.jobId)
    expect(await market.statusOf(job.jobId)).to.equal(statusNumber('Settled'))
  })

  it('as a provider: the requester keeps its money', async () => {
    const { market, actors } = world
    const { requester, provider } = actors
    const signature = await signOffer(world, provider, job.terms)
    const before = await market.accountOf(requester)
    const profit = await profitOf(world, addressesOf(world, 'provider'), async () => {
      await market.connect(provider).unstake(FUNDS.stake)
      await market.connect(provider).withdraw(provider.address, FUNDS.stake + FUNDS.balance)
      const sending = market.connect(requester).acceptOffer(provider, true, job.terms, signature)
      await expect(sending).to.be.revertedWithCustomError(market, 'AccountInsufficientStake')
    })
    expect(profit).to.equal(0n)
    expect(await market.accountOf(requester)).to.deep.equal(before)
  })

  it('as a provider that is late to leave: its bond stays', async () => {
    const { market, actors } = world
    const { requester, provider } = actors
    const signature = await signOffer(world, provider, job.terms)
    await market.connect(requester).acceptOffer(provider, true, job.terms, signature)
    const { bond } = await market.getJob(job.jobId)
    const all = market.connect(provider).unstake(FUNDS.stake)
    await expectRevert(world, all, 'AccountInsufficientStake', [FUNDS.stake - bond, FUNDS.stake])
  })
})
