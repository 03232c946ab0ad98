import { expect } from 'chai'
import { expectMoney, expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY, FUNDS } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { claimed, disputed, type Job, post, RESULT_ROOT, runBy, submit, submitted } from '../helpers/jobs.ts'
import { escrowOf } from '../helpers/money.ts'
import { splitFraud } from '../helpers/reference.ts'
import { at } from '../helpers/time.ts'

/** What went wrong in other markets of this kind, each as a test of this one. */
describe('Defects that other markets had', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const bondOf = async ({ jobId }: Job) => (await world.market.getJob(jobId)).bond

  it('tx.origin as the caller: a contract that a requester or provider calls does not act for them', async () => {
    const { market, actors, address } = world
    const phisher = await ethers.deployContract('CallbackAccountMock')
    const contract = await phisher.getAddress()
    const open = await post(world)
    const job = await claimed(world)

    const cancel = phisher
      .connect(actors.requester)
      .execute(address, market.interface.encodeFunctionData('cancel', [open.jobId]))
    const notRequester = [open.jobId, contract, actors.requester.address]
    await expectRevert(world, cancel, 'JobMarketNotRequester', notRequester)

    const data = market.interface.encodeFunctionData('submit', [job.jobId, RESULT_ROOT, 1n])
    const notProvider = [job.jobId, contract, actors.provider.address]
    const sending = phisher.connect(actors.provider).execute(address, data)
    await expectRevert(world, sending, 'JobMarketNotProvider', notProvider)

    const withdraw = market.interface.encodeFunctionData('withdraw', [actors.eve.address, 1n])
    const stealing = phisher.connect(actors.provider).execute(address, withdraw)
    await expectRevert(world, stealing, 'AccountInsufficientBalance', [0n, 1n])
  })

  it('a price that the provider reports: the steps it claims change nothing of its pay', async () => {
    for (const steps of [0n, 1n, 2n ** 128n - 1n]) {
      const job = await submit(world, await claimed(world), RESULT_ROOT, steps)
      const paid = { balance: DEFAULT_PAY, locked: -(await bondOf(job)), active: -1n, feeOwed: DEFAULT_FEE }
      await expectMoney(world, { provider: paid }, () =>
        world.market.connect(world.actors.requester).accept(job.jobId),
      )
    }
  })

  it('a slash evaded by resigning: a provider that has left with all else loses the whole bond', async () => {
    const { market, actors } = world
    const { provider, hook } = actors
    const job = await disputed(world)
    const bond = await bondOf(job)
    await market.connect(provider).updateProvider(0n, 0n, '', ethers.ZeroHash)
    await market.connect(provider).unstake(FUNDS.stake - bond)
    const { balance } = await market.accountOf(provider)
    await market.connect(provider).withdraw(provider.address, balance)
    const { price } = await market.getJob(job.jobId)
    const { toRequester, toHook, toReserve } = splitFraud(bond, price, 0n)
    await expectMoney(
      world,
      {
        requester: { balance: price + toRequester },
        hook: { balance: toHook },
        provider: { stake: -bond, locked: -bond, active: -1n },
        reserve: toReserve,
      },
      () => market.connect(hook).reject(job.jobId, 0n),
    )
  })

  it('a late call that silently voids the pay: a late submission reverts, and its deadline was readable', async () => {
    const job = await claimed(world)
    const { runBy: deadline } = await world.market.getJob(job.jobId)
    expect(deadline).to.equal(runBy(job))
    const sending = at(deadline + 1n, () =>
      world.market.connect(world.actors.provider).submit(job.jobId, RESULT_ROOT, 1n),
    )
    await expectRevert(world, sending, 'JobMarketDeadlinePassed', [job.jobId, deadline, deadline + 1n])
  })

  it('a bounty that only the loser pays for: whoever fails a job is paid from the late bond, not by the victim', async () => {
    const { market, actors } = world
    const job = await claimed(world)
    const { price } = await market.getJob(job.jobId)
    const before = (await market.accountOf(actors.requester)).balance
    await at(runBy(job) + 1n, () => market.connect(actors.keeper).fail(job.jobId))
    const refund = (await market.accountOf(actors.requester)).balance - before
    expect(refund).to.equal(price + world.parameters.lateRequesterGas)
  })

  it('a refund that leaves a part behind: every end empties the escrow of the job', async () => {
    const { market, actors } = world
    const ends: (() => Promise<Job>)[] = [
      async () => {
        const job = await post(world)
        await market.connect(actors.requester).cancel(job.jobId)
        return job
      },
      async () => {
        const job = await claimed(world)
        await market.connect(actors.provider).release(job.jobId)
        return job
      },
      async () => {
        const job = await submitted(world)
        await market.connect(actors.requester).accept(job.jobId)
        return job
      },
      async () => {
        const job = await disputed(world)
        await market.connect(actors.hook).reject(job.jobId, 1n)
        return job
      },
      async () => {
        const job = await claimed(world)
        await at(runBy(job) + 1n, () => market.fail(job.jobId))
        return job
      },
    ]
    for (const end of ends) {
      const { jobId } = await end()
      expect(await escrowOf(world, jobId)).to.equal(0n)
      await expectSolvent(world)
    }
  })

  it('an eviction by a rival identity: neither a claim nor a bond of one provider limits another', async () => {
    const { actors } = world
    const first = await claimed(world)
    const second = await claimed(world, { provider: actors.rival })
    expect(await bondOf(second)).to.equal(await bondOf(first))
  })
})
