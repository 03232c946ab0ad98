import { expect } from 'chai'
import { expectMoney, expectSolvent } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { MAX_UNITS } from '../helpers/defaults.ts'
import { deployMarket, enlist, fund, type World } from '../helpers/fixtures.ts'
import { claimed, disputed, type Job, runBy, submitted, windowEnd } from '../helpers/jobs.ts'
import { heldOf } from '../helpers/money.ts'
import { feeOf, priceAt, splitFraud, splitLateness } from '../helpers/reference.ts'
import { at } from '../helpers/time.ts'

/** All 2^80 - 1 units there can be, half with the requester, the rest staked: every field as full as it gets. */
const STAKE = 2n ** 79n
const BALANCE = MAX_UNITS - STAKE
const PRICE = BALANCE

async function fullMarket(): Promise<World> {
  const world = await deployMarket({
    parameters: { surchargeBps: 0n, feeBps: 1_000n, baseExposure: MAX_UNITS, minBond: 30_000n },
  })
  const { requester, provider } = world.actors
  await fund(world, requester, BALANCE)
  await fund(world, provider, STAKE)
  await enlist(world, provider, STAKE)
  return world
}

// JM-4
describe('A market that is full to the last unit', () => {
  let world: World
  const job = { terms: { maxPrice: PRICE, ramp: 0n } }

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(fullMarket)
    expect(await heldOf(world)).to.equal(MAX_UNITS)
  })

  const bondOf = async ({ jobId }: Job) => (await world.market.getJob(jobId)).bond

  it('settles a job that costs half of all money', async () => {
    const done = await submitted(world, job)
    const fee = feeOf(PRICE, 1_000n)
    const bond = await bondOf(done)
    expect(bond).to.equal(STAKE)
    await expectMoney(
      world,
      { provider: { balance: PRICE - fee, locked: -bond, active: -1n, feeOwed: fee } },
      () => at(windowEnd(done) + 1n, () => world.market.settle(done.jobId)),
    )
    expect((await world.market.providerOf(world.actors.provider)).reputation).to.equal(fee)
    const { provider } = world.actors
    await expectMoney(world, { provider: { feeOwed: -fee }, treasury: { balance: fee } }, () =>
      world.market.collectFees([provider.address]),
    )
  })

  it('fails one', async () => {
    const late = await claimed(world, job)
    const bond = await bondOf(late)
    const { total, toRequester, toKeeper, toReserve } = splitLateness(world.parameters, bond)
    await expectMoney(
      world,
      {
        requester: { balance: PRICE + toRequester },
        provider: { stake: -total, locked: -bond, active: -1n },
        keeper: { balance: toKeeper },
        reserve: toReserve,
      },
      () => at(runBy(late) + 1n, () => world.market.connect(world.actors.keeper).fail(late.jobId)),
    )
  })

  it('moves a balance that is half of all money, to the other half and to the reserve', async () => {
    const { market, actors, address } = world
    const { requester, provider } = actors
    await market.connect(provider).unstake(STAKE)
    const sent = { requester: { balance: -BALANCE }, provider: { balance: BALANCE } }
    await expectMoney(world, sent, () => market.connect(requester).transfer(provider, BALANCE, '0x'))
    await expectMoney(world, {}, () => market.connect(provider).transfer(provider, MAX_UNITS, '0x'))
    await expectMoney(world, { provider: { balance: -MAX_UNITS }, reserve: MAX_UNITS }, () =>
      market.connect(provider).transfer(address, MAX_UNITS, '0x'),
    )
  })

  it('rejects one, and gives all the rest of the money back', async () => {
    const wrong = await disputed(world, job)
    const bond = await bondOf(wrong)
    const { toRequester, toHook, toReserve } = splitFraud(bond, PRICE, 0n)
    const { market, actors } = world
    await expectMoney(
      world,
      {
        requester: { balance: PRICE + toRequester },
        provider: { stake: -bond, locked: -bond, active: -1n },
        hook: { balance: toHook },
        reserve: toReserve,
      },
      () => market.connect(actors.hook).reject(wrong.jobId, 0n),
    )
    await market.connect(actors.requester).withdraw(actors.requester.address, PRICE + toRequester)
    await market.connect(actors.hook).withdraw(actors.hook.address, toHook)
    expect(await heldOf(world)).to.equal(toReserve)
    await expectSolvent(world)
  })

  it('keeps the auction exact for the largest price', async () => {
    const terms = { maxPrice: PRICE, minBps: 3_333n, ramp: 777n }
    const half = await claimed(world, { terms })
    const price = priceAt(terms, half.claimedAt - half.postedAt)
    expect((await world.market.getJob(half.jobId)).price).to.equal(price)
    await expectSolvent(world)
  })
})
