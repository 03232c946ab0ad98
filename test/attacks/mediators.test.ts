import { expect } from 'chai'
import type { MediatorMock } from '../../types/ethers-contracts/index.ts'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { defaultParameters } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { govern } from '../helpers/govern.ts'
import { seatedGroup } from '../helpers/groups.ts'
import { claimed, type Job, post, RESULT_ROOT, submitted } from '../helpers/jobs.ts'
import { feeOf, min } from '../helpers/reference.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { addressesOf, profitOf, wealthOf } from '../helpers/wealth.ts'

const { ZeroHash } = ethers
const MEDIATED = 1n
const OTHER_MEDIATED = 2n

type Mediated = World & { mediator: MediatorMock; other: MediatorMock }

/** Two mediated levels whose hooks do whatever they are told to; level 0 is decided by the actor `hook`. */
async function mediatedMarket(): Promise<Mediated> {
  const world = await networkHelpers.loadFixture(busyMarket)
  const mediator = await ethers.deployContract('MediatorMock')
  const other = await ethers.deployContract('MediatorMock')
  const levels = [
    { hook: world.actors.hook.address, isMediated: false },
    { hook: await mediator.getAddress(), isMediated: true },
    { hook: await other.getAddress(), isMediated: true },
  ]
  const parameters = { ...defaultParameters, bondBps: 2_000n, surchargeBps: 0n }
  await govern(world, 'addParameters', [parameters, levels])
  return { ...world, parameters, mediator, other }
}

const seat = (world: World, maxPrice: bigint, level = MEDIATED) =>
  claimed(world, { claimAfter: 1n, terms: { level, maxPrice, ramp: 0n } })

describe('A hook that mediates, and wants more', () => {
  let world: Mediated

  beforeEach(async () => {
    world = await mediatedMarket()
  })

  const tell = (name: 'conclude' | 'freezeBond' | 'cancel', args: unknown[], by = world.mediator) =>
    by.forward(world.address, world.market.interface.encodeFunctionData(name as 'conclude', args as never))
  const everyone = () => [...addressesOf(world, 'requester', 'provider', 'rival', 'keeper', 'hook', 'eve')]
  const mediatorItself = async () => [await world.mediator.getAddress()]

  describe('by concluding twice', () => {
    const firsts: Record<string, [string, bigint, boolean, 'Settled' | 'Released' | 'Rejected']> = {
      paid: [RESULT_ROOT, 10_000n, false, 'Settled'],
      released: [ZeroHash, 1_000n, false, 'Released'],
      slashed: [ZeroHash, 0n, true, 'Rejected'],
    }
    for (const [title, [result, bps, isSlashed, status]] of Object.entries(firsts)) {
      it(`is refused once a seat was ${title}`, async () => {
        const { jobId } = await seat(world, 9_999_999n)
        await tell('conclude', [jobId, result, bps, isSlashed])
        const wealth = await wealthOf(world, ...everyone())
        const values = [jobId, statusNumber(status), statusNumber('Seated')]
        for (const [again, pay, slashes] of Object.values(firsts)) {
          const twice = tell('conclude', [jobId, again, pay, slashes])
          await expectRevert(world, twice, 'JobMarketWrongStatus', values)
        }
        await expectRevert(world, tell('freezeBond', [jobId]), 'JobMarketWrongStatus', values)
        expect(await wealthOf(world, ...everyone())).to.equal(wealth)
        await expectSolvent(world)
      })
    }
  })

  it('by paying above 100 %: is refused', async () => {
    const { jobId } = await seat(world, 9_999_999n)
    for (const bps of [10_001n, 20_000n, 2n ** 256n - 1n]) {
      const sending = tell('conclude', [jobId, RESULT_ROOT, bps, false])
      await expectRevert(world, sending, 'JobMarketPayTooHigh', [jobId, bps, 10_000n])
    }
  })

  for (const [title, maxPrice] of [
    ['a price above the bond', 50_000_001n],
    ['a price below the least bond', 300_001n],
  ] as const) {
    describe(`given ${title}`, () => {
      for (const bps of [0n, 3_333n, 10_000n]) {
        // JM-47
        it(`takes min(price, bond) at the most and pays ${bps} bps at the most, the slash to the reserve`, async () => {
          const { jobId } = await seat(world, maxPrice)
          const { price, bond } = await world.market.getJob(jobId)
          expect(price > bond).to.equal(maxPrice > 10_000_000n)
          const reserve = await world.market.reserve()
          const { stake } = await world.market.accountOf(world.actors.provider)
          const due = (price * bps) / 10_000n
          const fee = feeOf(due, world.parameters.feeBps)
          const profit = await profitOf(world, everyone(), () =>
            tell('conclude', [jobId, ZeroHash, bps, true]),
          )
          const after = await world.market.accountOf(world.actors.provider)
          expect(stake - after.stake).to.equal(min(price, bond))
          expect((await world.market.reserve()) - reserve).to.equal(min(price, bond))
          expect(profit).to.equal(price - fee - min(price, bond))
          expect(await wealthOf(world, ...(await mediatorItself()))).to.equal(0n)
          await expectSolvent(world)
        })
      }
    })
  }

  it('by freezing again and again: it locks nothing, it only unlocks, and slashes the rest once', async () => {
    const { jobId } = await seat(world, 50_000_001n)
    const { bond } = await world.market.getJob(jobId)
    const { stake } = await world.market.accountOf(world.actors.provider)
    let before = bond
    for (let i = 0; i < 12; i++) {
      await tell('freezeBond', [jobId])
      const { bond: left } = await world.market.getJob(jobId)
      const { locked } = await world.market.accountOf(world.actors.provider)
      expect([left <= before, locked]).to.deep.equal([true, left])
      before = left
      await expectSolvent(world)
    }
    await tell('conclude', [jobId, ZeroHash, 0n, true])
    expect(stake - (await world.market.accountOf(world.actors.provider)).stake).to.equal(before)
    await expectSolvent(world)
  })

  it('from jobs that are not its own: it touches no job of another level, mediated or not', async () => {
    const { market, actors, mediator, other } = world
    const optimistic = await claimed(world, { claimAfter: 1n })
    const done = await submitted(world, { claimAfter: 1n })
    const theirs = await seat(world, 9_999_999n, OTHER_MEDIATED)
    const open = await post(world)
    const profit = await profitOf(world, [...everyone(), await mediator.getAddress()], async () => {
      for (const { jobId } of [optimistic, done]) {
        const stored = jobId === done.jobId ? 'Submitted' : 'Claimed'
        const values = [jobId, statusNumber(stored), statusNumber('Seated')]
        const concluding = tell('conclude', [jobId, ZeroHash, 10_000n, true])
        await expectRevert(world, concluding, 'JobMarketWrongStatus', values)
        await expectRevert(world, tell('freezeBond', [jobId]), 'JobMarketWrongStatus', values)
      }
      const values = [theirs.jobId, await mediator.getAddress(), await other.getAddress()]
      const concluding = tell('conclude', [theirs.jobId, ZeroHash, 0n, true])
      await expectRevert(world, concluding, 'JobMarketNotHook', values)
      await expectRevert(world, tell('freezeBond', [theirs.jobId]), 'JobMarketNotHook', values)
      await expectRevert(world, tell('cancel', [open.jobId]), 'JobMarketNotRequester', [
        open.jobId,
        await mediator.getAddress(),
        actors.requester.address,
      ])
    })
    expect(profit <= 0n).to.equal(true)
    expect(await market.statusOf(theirs.jobId)).to.equal(statusNumber('Seated'))
  })

  it('with a provider: is paid the price by the requester who chose it, and not a unit more', async () => {
    const { jobId } = await seat(world, 9_999_999n)
    const { price } = await world.market.getJob(jobId)
    const coalition = [...addressesOf(world, 'provider'), ...(await mediatorItself())]
    const profit = await profitOf(world, coalition, () =>
      tell('conclude', [jobId, RESULT_ROOT, 10_000n, false]),
    )
    expect(profit).to.equal(price - feeOf(price, world.parameters.feeBps))
  })

  it('with a requester: gets back no more than the price', async () => {
    const { jobId } = await seat(world, 9_999_999n)
    const { price } = await world.market.getJob(jobId)
    const coalition = [...addressesOf(world, 'requester'), ...(await mediatorItself())]
    const profit = await profitOf(world, coalition, () => tell('conclude', [jobId, ZeroHash, 0n, true]))
    expect(profit - price).to.equal(0n)
  })
})

describe('The hook of level 0 and seats', () => {
  it('has no call that moves one', async () => {
    const world = await networkHelpers.loadFixture(busyMarket)
    const { market, actors, replication } = world
    const { jobs, groupId } = await seatedGroup(world, [actors.provider, actors.rival])
    const { jobId } = jobs[0] as Job
    const hook = market.connect(actors.hook)
    const mediator = await replication.getAddress()
    const all = addressesOf(world, 'requester', 'provider', 'rival', 'hook')
    const profit = await profitOf(world, all, async () => {
      const seated = [jobId, statusNumber('Seated')]
      for (const call of [
        () => hook.challengeOpened(jobId),
        () => hook.challengeClosed(jobId),
        () => hook.reject(jobId, 0n),
        () => hook.accept(jobId),
        () => hook.settle(jobId),
      ]) {
        await expectRevert(world, call(), 'JobMarketWrongStatus', [...seated, statusNumber('Submitted')])
      }
      const wrong = [jobId, actors.hook.address, mediator]
      await expectRevert(world, hook.conclude(jobId, ZeroHash, 0n, true), 'JobMarketNotHook', wrong)
      await expectRevert(world, hook.freezeBond(jobId), 'JobMarketNotHook', wrong)
      await hook.settleMany([jobId])
      await hook.failMany([jobId])
    })
    expect(profit <= 0n).to.equal(true)
    expect((await replication.groupOf(groupId)).claimed).to.equal(2n)
    expect(await market.statusOf(jobId)).to.equal(statusNumber('Seated'))
  })

  it('cannot challenge what a majority has decided', async () => {
    const world = await mediatedMarket()
    const { market, actors, mediator, address } = world
    const { jobId } = await seat(world, 9_999_999n)
    const data = market.interface.encodeFunctionData('conclude', [jobId, RESULT_ROOT, 10_000n, false])
    await mediator.forward(address, data)
    const values = [jobId, statusNumber('Settled'), statusNumber('Submitted')]
    const hook = market.connect(actors.hook)
    await expectRevert(world, hook.challengeOpened(jobId), 'JobMarketWrongStatus', values)
    await expectRevert(world, hook.reject(jobId, 0n), 'JobMarketWrongStatus', values)
  })
})
