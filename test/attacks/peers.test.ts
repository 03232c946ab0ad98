import { expect } from 'chai'
import { expectMoney, expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY, FUNDS } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { commitTo, crew, escalatedGroup, postGroup, seatedGroup, seatsOf } from '../helpers/groups.ts'
import {
  agreed,
  claimed,
  disputed,
  type Job,
  post,
  RESULT_ROOT,
  runBy,
  submit,
  submitted,
  windowEnd,
} from '../helpers/jobs.ts'
import { escrowOf } from '../helpers/money.ts'
import { min, splitFraud } from '../helpers/reference.ts'
import { signRequest } from '../helpers/signing.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { at, DAY, now, travelTo } from '../helpers/time.ts'
import { addressesOf, profitOf, wealthOf } from '../helpers/wealth.ts'

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
    const thieves = [contract, actors.eve.address]
    const before = await wealthOf(world, ...thieves)

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
    expect((await wealthOf(world, ...thieves)) - before).to.equal(0n)
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

  it('a refund for a result that was delivered: no timeout gives a requester its money back after a submission', async () => {
    const { market, actors } = world
    for (const begin of [submitted, disputed]) {
      const { jobId } = await begin(world)
      const profit = await profitOf(world, addressesOf(world, 'requester'), async () => {
        // as late as one likes: what times out for others must not time out for it
        await travelTo((await now()) + 400n * DAY)
        const requester = market.connect(actors.requester)
        for (const attempt of [
          () => requester.cancel(jobId),
          () => requester.fail(jobId),
          () => requester.release(jobId),
          () => requester.challengeOpened(jobId),
          () => requester.challengeClosed(jobId),
          () => requester.reject(jobId, 0n),
          () => requester.conclude(jobId, ethers.ZeroHash, 0n, false),
        ]) {
          await attempt().catch(() => {})
        }
      })
      expect(profit <= 0n).to.equal(true)
    }
  })

  it('an unpaid provider of a silent requester: it is paid and gets its bond back, by its own call', async () => {
    const { market, actors } = world
    const job = await submitted(world)
    const paid = { balance: DEFAULT_PAY, locked: -(await bondOf(job)), active: -1n, feeOwed: DEFAULT_FEE }
    await expectMoney(world, { provider: paid }, () =>
      at(windowEnd(job) + 1n, () => market.connect(actors.provider).settle(job.jobId)),
    )
  })

  it('a refund of what somebody else deposited: every end frees exactly the bond that its claim locked', async () => {
    const { market, actors } = world
    const before = await market.accountOf(actors.provider)
    const small = await submitted(world, { terms: { maxPrice: 1_000_001n, ramp: 0n } })
    const large = await submitted(world, { terms: { maxPrice: 90_000_001n, ramp: 0n } })
    const [first, second] = [await bondOf(small), await bondOf(large)]
    expect(first).not.to.equal(second)
    await market.connect(actors.requester).accept(small.jobId)
    expect((await market.accountOf(actors.provider)).locked).to.equal(second)
    await market.connect(actors.requester).accept(large.jobId)
    const after = await market.accountOf(actors.provider)
    expect([after.locked, after.stake]).to.deep.equal([0n, before.stake])
  })

  it('slashed money for who governs: of no slash does the owner, the fee recipient or the timelock get a unit', async () => {
    const { market, actors, timelock } = world
    const governing = [...addressesOf(world, 'owner', 'treasury'), await timelock.getAddress()]
    const reserve = await market.reserve()
    const profit = await profitOf(world, governing, async () => {
      await market.connect(actors.hook).reject((await disputed(world)).jobId, 0n)
      const late = await claimed(world)
      await at(runBy(late) + 1n, () => market.connect(actors.keeper).fail(late.jobId))
      await market.connect(actors.provider).release((await claimed(world)).jobId)
    })
    expect(profit).to.equal(0n)
    expect((await market.reserve()) > reserve).to.equal(true)
  })

  it('reputation before the work, or for nothing: it rises when a job is paid, by the fee', async () => {
    const { market, actors } = world
    const reputation = async () => (await market.providerOf(actors.provider)).reputation
    const job = await claimed(world)
    expect(await reputation()).to.equal(0n)
    await submit(world, job)
    expect(await reputation()).to.equal(0n)
    await market.connect(actors.requester).accept(job.jobId)
    expect(await reputation()).to.equal(DEFAULT_FEE)
    const dust = await submitted(world, { terms: { maxPrice: 99n, ramp: 0n } })
    await market.connect(actors.requester).accept(dust.jobId)
    expect(await reputation()).to.equal(DEFAULT_FEE)
  })

  it('a ticket that is used up by less than its value: a signed job is paid wholly, or not begun and not spent', async () => {
    const { market, actors } = world
    const { requester, provider } = actors
    const { terms, fields, jobId } = await agreed(world)
    const signature = await signRequest(world, requester, terms)
    const take = () => market.connect(provider).claimSigned(requester, true, terms, signature)
    await market.connect(requester).withdraw(requester, FUNDS.requester - fields.maxPrice + 1n)
    await expectRevert(world, take(), 'AccountInsufficientBalance', [fields.maxPrice - 1n, fields.maxPrice])
    expect(await market.spentNonces(requester, fields.nonce >> 8n)).to.equal(0n)
    await world.token.connect(requester).approve(world.address, 1n)
    await market.connect(requester).deposit(1n)
    await take()
    expect((await market.getJob(jobId)).price).to.equal(fields.maxPrice)
  })

  it('a draw of nothing: its seed is the hash of a block after the commits, and never zero', async () => {
    const { replication } = world
    const { groupId } = await escalatedGroup(world)
    const { seed, targetBlock } = await replication.groupOf(groupId)
    expect(BigInt(seed) !== 0n).to.equal(true)
    expect((await ethers.provider.getBlock(Number(targetBlock)))?.hash).to.equal(seed)
    expect(targetBlock < BigInt(await ethers.provider.getBlockNumber())).to.equal(true)
  })

  it('a draw before its block: no seed is taken from a hash that does not exist yet', async () => {
    const { replication } = world
    await crew(world)
    const { jobs, groupId } = await seatedGroup(world, seatsOf(world), { spares: 3n })
    for (const job of jobs.slice(0, 3)) await commitTo(world, job)
    await replication.captureSeed(groupId)
    expect(BigInt((await replication.groupOf(groupId)).seed)).to.equal(0n)
  })

  it('bad seats that are unlocked where nothing was decided: one that reveals nothing is slashed there too', async () => {
    const { market, replication } = world
    await crew(world)
    const { jobs, groupId, revealBy } = await seatedGroup(world, seatsOf(world))
    const [silent, other] = jobs as [Job, Job]
    const bond = await bondOf(silent)
    const { price } = await market.getJob(silent.jobId)
    await commitTo(world, other)
    const profit = await profitOf(world, addressesOf(world, 'provider'), async () => {
      await travelTo(revealBy + 1n)
      await replication.resolve(groupId)
    })
    expect(profit).to.equal(-min(price, bond))
  })

  it('a group that its provider fills alone: one address has one seat', async () => {
    const { market, replication, actors } = world
    const { jobs } = await postGroup(world)
    await market.connect(actors.provider).claim((jobs[0] as Job).jobId)
    const second = market.connect(actors.provider).claim((jobs[1] as Job).jobId)
    await expect(second).to.be.revertedWithCustomError(replication, 'ReplicationAlreadySeated')
  })

  it('a dispute that the accused opens first: one that is lost closes no other', async () => {
    const { market, actors } = world
    const job = await disputed(world)
    const hook = market.connect(actors.hook)
    await hook.challengeOpened(job.jobId)
    await hook.challengeClosed(job.jobId)
    expect(await market.statusOf(job.jobId)).to.equal(statusNumber('Disputed'))
    await hook.reject(job.jobId, 0n)
    expect(await market.statusOf(job.jobId)).to.equal(statusNumber('Rejected'))
  })

  it('a dispute that is opened after its deadline: a second after the window is too late', async () => {
    const job = await submitted(world)
    const end = windowEnd(job)
    const sending = at(end + 1n, () => world.market.connect(world.actors.hook).challengeOpened(job.jobId))
    await expectRevert(world, sending, 'JobMarketDeadlinePassed', [job.jobId, end, end + 1n])
  })

  it('a claim that is abandoned and locks the escrow for ever: anyone ends it, whoever holds it', async () => {
    const { market, actors } = world
    const held = [await claimed(world), await claimed(world, { provider: actors.rival })]
    held.push(await claimed(world, { terms: { isPrivate: 1n } }))
    await travelTo((await now()) + DAY)
    const eve = market.connect(actors.eve)
    await eve.failMany(held.map(({ jobId }) => jobId))
    await eve.release((held[2] as Job).jobId)
    for (const { jobId } of held) expect(await escrowOf(world, jobId)).to.equal(0n)
    await expectSolvent(world)
  })

  it('a delivery that is paid twice because its first confirmation was lost: the second call says it was done', async () => {
    const { market, actors } = world
    const job = await submitted(world)
    const again = market.connect(actors.provider).submit(job.jobId, RESULT_ROOT, 1n)
    const values = [job.jobId, statusNumber('Submitted'), statusNumber('Claimed')]
    await expectRevert(world, again, 'JobMarketWrongStatus', values)
    await market.connect(actors.requester).accept(job.jobId)
    const twice = market.connect(actors.requester).accept(job.jobId)
    const settled = [job.jobId, statusNumber('Settled'), statusNumber('Submitted')]
    await expectRevert(world, twice, 'JobMarketWrongStatus', settled)
  })

  it('a batch that is refused whole because of one: the others are posted, settled and failed', async () => {
    const { market, actors } = world
    const unknown = ethers.ZeroHash
    const done = await submitted(world)
    const late = await claimed(world, { provider: actors.rival })
    await travelTo(windowEnd(done) + 1n)
    await market.settleMany([unknown, late.jobId, done.jobId])
    await market.failMany([unknown, done.jobId, late.jobId])
    expect(await market.statusOf(done.jobId)).to.equal(statusNumber('Settled'))
    expect(await market.statusOf(late.jobId)).to.equal(statusNumber('Failed'))
  })

  it('an edit that wipes a record: declaring anew keeps faults, reputation and the day of the first time', async () => {
    const { market, actors } = world
    const late = await claimed(world)
    await at(runBy(late) + 1n, () => market.fail(late.jobId))
    await settledOnce()
    const before = await market.providerOf(actors.provider)
    const since = await market.registeredAt(actors.provider)
    await market.connect(actors.provider).updateProvider(1n, 1n, '', ethers.ZeroHash)
    const after = await market.providerOf(actors.provider)
    expect([after.faults, after.reputation]).to.deep.equal([before.faults, before.reputation])
    expect(before.faults).to.equal(1n)
    expect(await market.registeredAt(actors.provider)).to.equal(since)
  })

  const settledOnce = async () => {
    const job = await submitted(world)
    await world.market.connect(world.actors.requester).accept(job.jobId)
  }
})
