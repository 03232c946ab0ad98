import { expect } from 'chai'
import { expectOutOfRange, expectRevert } from '../helpers/assertions.ts'
import { asTimelock } from '../helpers/asTimelock.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { defaultParameters, MAX_UNITS } from '../helpers/defaults.ts'
import { busyMarket, createMarket, delegate, type World } from '../helpers/fixtures.ts'
import { govern, TIMELOCK_DELAY } from '../helpers/govern.ts'
import { claimed, disputed, post, settled, submit, windowEnd } from '../helpers/jobs.ts'
import { feeOf } from '../helpers/reference.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

const { ZeroHash } = ethers
const GOVERNORS = ['owner', 'treasury', 'eve'] as const

/** Whoever governs, against those who are in the market: `owner` proposes, `eve` is its accomplice. */
describe('A timelock that abuses its power', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    await delegate(world.actors.eve.address)
  })

  const governors = () => addressesOf(world, ...GOVERNORS)
  const eveDecides = () => [{ hook: world.actors.eve.address, isMediated: false }]

  it('cannot hurry: nothing is executed before its delay, and everybody can read it meanwhile', async () => {
    const { market, timelock, actors, address } = world
    const { eve, owner } = actors
    const data = market.interface.encodeFunctionData('setFeeRecipient', [eve.address])
    const call = [address, 0n, data, ZeroHash, ZeroHash] as const
    const scheduling = await timelock.connect(owner).schedule(...call, TIMELOCK_DELAY)
    await expect(scheduling).to.emit(timelock, 'CallScheduled')
    const notReady = 'TimelockUnexpectedOperationState'
    const execute = () => timelock.connect(owner).execute(...call)
    await expect(execute()).to.be.revertedWithCustomError(timelock, notReady)
    await networkHelpers.time.increase(TIMELOCK_DELAY - 5n)
    await expect(execute()).to.be.revertedWithCustomError(timelock, notReady)
    const again = [address, 0n, data, ZeroHash, ethers.id('again')] as const
    const hasty = timelock.connect(owner).schedule(...again, 0n)
    await expect(hasty).to.be.revertedWithCustomError(timelock, 'TimelockInsufficientDelay')
    const foreign = timelock.connect(eve).schedule(...call, TIMELOCK_DELAY)
    await expect(foreign).to.be.revertedWithCustomError(timelock, 'AccessControlUnauthorizedAccount')
  })

  it('gets no more of a job that exists than the fee that it was posted with', async () => {
    const { market, actors } = world
    const job = await claimed(world, { claimAfter: 1n, terms: { run: 400_000n, ramp: 0n } })
    const { price } = await market.getJob(job.jobId)
    const profit = await profitOf(world, governors(), async () => {
      const greedy = { ...defaultParameters, feeBps: 1_000n }
      await govern(world, 'addParameters', [greedy, eveDecides()])
      await govern(world, 'setFeeRecipient', [actors.eve.address])
      const done = await submit(world, job)
      const usurped = market.connect(actors.eve).challengeOpened(job.jobId)
      await expectRevert(world, usurped, 'JobMarketNotHook', [
        job.jobId,
        actors.eve.address,
        actors.hook.address,
      ])
      await at(windowEnd(done) + 1n, () => market.settle(job.jobId))
      await market.collectFees([actors.provider.address])
    })
    expect(profit).to.equal(feeOf(price, defaultParameters.feeBps))
  })

  it('gets nothing of a slash: naming itself the hook of new jobs judges no old one', async () => {
    const { market, actors } = world
    const job = await disputed(world)
    const { bond } = await market.getJob(job.jobId)
    const profit = await profitOf(world, governors(), async () => {
      await govern(world, 'addParameters', [defaultParameters, eveDecides()])
      for (const call of ['challengeOpened', 'challengeClosed'] as const) {
        const usurped = market.connect(actors.eve)[call](job.jobId)
        await expect(usurped).to.be.revertedWithCustomError(market, 'JobMarketNotHook')
      }
      await market.connect(actors.hook).reject(job.jobId, 0n)
    })
    expect(profit).to.equal(0n)
    expect((await market.reserve()) * 2n >= bond).to.equal(true)
  })

  it('spends no reserve and no balance: it has three calls, and none of them moves a unit', async () => {
    const { actors, timelock, address } = world
    await settled(world)
    const self = await timelock.getAddress()
    const governor = await asTimelock(world)
    const everybody = [...Object.values(actors).map((each) => each.address), self, address]
    for (const act of [
      () => governor.addParameters(defaultParameters, eveDecides()),
      () => governor.setFeeRecipient(actors.eve.address),
      () => governor.setGuardian(actors.eve.address),
      () => governor.pausePosting(),
      () => governor.resumePosting(),
    ]) {
      for (const account of everybody) {
        const snapshot = await networkHelpers.takeSnapshot()
        expect(await profitOf(world, [account], act)).to.equal(0n)
        await snapshot.restore()
      }
    }
    await expectRevert(world, governor.withdraw(self, 1n), 'AccountInsufficientBalance', [0n, 1n])
    await expectRevert(world, governor.setFeeRecipient(address), 'LedgerInvalidRecipient', [address])
  })

  // JM-52
  it('sets no rule beyond its bound, from the first set on', async () => {
    const { actors, token, timelock, parameters } = world
    const self = await timelock.getAddress()
    const governor = await asTimelock(world)
    const { minBond } = parameters
    const beyond: [string, object, bigint, bigint, bigint][] = [
      ['feeBps', { feeBps: 1_001n }, 1_001n, 0n, 1_000n],
      ['bondBps', { bondBps: 1_999n }, 1_999n, 2_000n, 50_000n],
      ['bondBps', { bondBps: 50_001n }, 50_001n, 2_000n, 50_000n],
      ['surchargeBps', { surchargeBps: 30_001n }, 30_001n, 0n, 30_000n],
      ['latenessBps', { latenessBps: 2_001n }, 2_001n, 0n, 2_000n],
      ['minRun', { minRun: 0n }, 0n, 1n, 604_800n],
      ['minRun', { minRun: 604_801n }, 604_801n, 1n, 604_800n],
      ['minWindow', { minWindow: 0n }, 0n, 1n, 604_800n],
      ['minWindow', { minWindow: 604_801n }, 604_801n, 1n, 604_800n],
      ['lateGas', { lateRequesterGas: minBond, lateKeeperGas: 1n }, minBond + 1n, 0n, minBond],
      ['lateGas', { lateKeeperGas: MAX_UNITS, lateRequesterGas: 0n }, MAX_UNITS, 0n, minBond],
      ['keyTime', { keyTime: 0n }, 0n, 1n, 86_400n],
      ['keyTime', { keyTime: 86_401n }, 86_401n, 1n, 86_400n],
    ]
    const fixed = [await token.getAddress(), self, actors.owner.address, actors.treasury.address]
    for (const [field, change, ...values] of beyond) {
      const set = { ...parameters, ...change }
      await expectOutOfRange(world, governor.addParameters(set, []), field, values)
      await expectOutOfRange(world, createMarket([...fixed, set, []]), field, values)
    }
  })

  it('gets a fifth of a bond at the most where a provider of its accomplices is late, whatever schedule it sets', async () => {
    const { market, actors } = world
    const { minBond } = defaultParameters
    const rules = { ...defaultParameters, lateRequesterGas: minBond / 2n, lateKeeperGas: minBond / 2n }
    await govern(world, 'addParameters', [rules, [{ hook: actors.hook.address, isMediated: false }]])
    const job = await claimed(world, { claimAfter: 1n, requester: actors.eve, terms: { ramp: 0n } })
    const { price, bond } = await market.getJob(job.jobId)
    const profit = await profitOf(world, governors(), () =>
      at(job.claimedAt + job.fields.run + 1n, () => market.connect(actors.owner).fail(job.jobId)),
    )
    // a fifth of the bond is the most that lateness costs, whatever the schedule says
    expect(profit - price <= bond / 5n).to.equal(true)
    expect(profit - price <= minBond).to.equal(true)
  })

  it('takes no job away: a level that is not offered any more still decides the jobs it has', async () => {
    const { market, actors } = world
    const open = await post(world, {
      terms: { claimBy: 400_000n + BigInt(await networkHelpers.time.latest()) },
    })
    await govern(world, 'addParameters', [defaultParameters, []])
    await market.connect(actors.rival).claim(open.jobId)
    await market.connect(actors.rival).submit(open.jobId, ZeroHash, 1n)
    await market.connect(actors.hook).challengeOpened(open.jobId)
    await market.connect(actors.hook).challengeClosed(open.jobId)
    await market.connect(actors.requester).accept(open.jobId)
  })
})
