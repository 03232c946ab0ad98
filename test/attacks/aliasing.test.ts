import { expect } from 'chai'
import type { Signer } from '../helpers/actors.ts'
import { expectMoney } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { CLAIM_AFTER, DEFAULT_FEE, DEFAULT_PAY, DEFAULT_PRICE, FUNDS } from '../helpers/defaults.ts'
import { busyMarket, enlist, fund, type World } from '../helpers/fixtures.ts'
import { govern } from '../helpers/govern.ts'
import { claimed, disputed, draft, type Job, post, runBy, submitted, windowEnd } from '../helpers/jobs.ts'
import { releasePenalty, splitFraud, splitLateness } from '../helpers/reference.ts'
import { packTerms } from '../helpers/terms.ts'
import { at } from '../helpers/time.ts'

/**
 * One address in every part: requester, provider, keeper, hook and fee recipient share one storage word, so an account
 * read before another part wrote it would lose money or make some.
 */
describe('One account that plays every part', () => {
  let world: World
  let all: Signer
  let job: Job
  let bond: bigint

  const only = async (stage: (world: World, options: object) => Promise<Job>) => {
    job = await stage(world, { requester: all, provider: all })
    bond = (await world.market.getJob(job.jobId)).bond
  }
  const asAll = () => world.market.connect(all)

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    all = world.actors.hook
    await fund(world, all, FUNDS.stake)
    await enlist(world, all)
    await govern(world, 'setFeeRecipient', [all.address])
  })

  it('posts and cancels', async () => {
    const fields = await draft()
    await expectMoney(world, { hook: { balance: -fields.maxPrice } }, () => asAll().post(packTerms(fields)))
    await only(post)
    await expectMoney(world, { hook: { balance: job.fields.maxPrice } }, () => asAll().cancel(job.jobId))
  })

  it('claims: locks the bond and gets the rest of the escrow in one word', async () => {
    await only(post)
    const change = { balance: job.fields.maxPrice - DEFAULT_PRICE, locked: 10_500_096n, active: 1n }
    await expectMoney(world, { hook: change }, () =>
      at(job.postedAt + CLAIM_AFTER, () => asAll().claim(job.jobId)),
    )
  })

  it('releases', async () => {
    await only(claimed)
    const penalty = releasePenalty(DEFAULT_PRICE, bond)
    const change = { balance: DEFAULT_PRICE, stake: -penalty, locked: -bond, active: -1n }
    await expectMoney(world, { hook: change, reserve: penalty }, () => asAll().release(job.jobId))
  })

  it('fails itself', async () => {
    await only(claimed)
    const { total, toRequester, toKeeper, toReserve } = splitLateness(world.parameters, bond)
    const change = {
      balance: DEFAULT_PRICE + toRequester + toKeeper,
      stake: -total,
      locked: -bond,
      active: -1n,
    }
    await expectMoney(world, { hook: change, reserve: toReserve }, () =>
      at(runBy(job) + 1n, () => asAll().fail(job.jobId)),
    )
  })

  it('accepts, and then collects its own fee', async () => {
    await only(submitted)
    const change = { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE }
    await expectMoney(world, { hook: change }, () => asAll().accept(job.jobId))
    await expectMoney(world, { hook: { balance: DEFAULT_FEE, feeOwed: -DEFAULT_FEE } }, () =>
      asAll().collectFees([all.address]),
    )
  })

  for (const settleIn of ['settle', 'settleMany'] as const) {
    it(`is paid by ${settleIn}`, async () => {
      await only(submitted)
      const change = { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE }
      await expectMoney(world, { hook: change }, () =>
        at(windowEnd(job) + 1n, () =>
          settleIn === 'settle' ? asAll().settle(job.jobId) : asAll().settleMany([job.jobId]),
        ),
      )
    })
  }

  it('rejects itself, and loses the half that goes to the reserve', async () => {
    await only(disputed)
    const { toRequester, toHook, toReserve } = splitFraud(bond, DEFAULT_PRICE, 0n)
    const change = {
      balance: DEFAULT_PRICE + toRequester + toHook,
      stake: -bond,
      locked: -bond,
      active: -1n,
    }
    await expectMoney(world, { hook: change, reserve: toReserve }, () => asAll().reject(job.jobId, 0n))
    expect(2n * toReserve >= bond).to.equal(true)
  })
})
