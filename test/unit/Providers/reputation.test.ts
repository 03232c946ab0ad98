import { expect } from 'chai'
import { networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { claimed, disputed, runBy, settled, submitted, windowEnd } from '../../helpers/jobs.ts'
import { exactDecay } from '../../helpers/reference.ts'
import { at, DAY, now, travelTo } from '../../helpers/time.ts'

/** A million units of reputation: what a job of 100 tokens pays at 1 %. */
const EARNED = 1_000_000n
const bigJob = { terms: { maxPrice: 100_000_000n, ramp: 0n } }

// JM-50
describe('Providers: reputation', () => {
  let world: World
  /** Midnight after the reputation was earned. */
  let midnight: bigint

  const reputation = async (who: 'provider' | 'rival' = 'provider') =>
    (await world.market.providerOf(world.actors[who])).reputation

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    // early in a day, so that nothing below straddles a midnight by chance
    const morning = ((await now()) / DAY + 1n) * DAY + 1_000n
    await travelTo(morning)
    await settled(world, bigJob)
    midnight = (morning / DAY + 1n) * DAY
  })

  it('is the fees paid', async () => {
    expect(await reputation()).to.equal(EARNED)
    await settled(world, bigJob)
    expect(await reputation()).to.equal(2n * EARNED)
  })

  it('belongs to the provider alone', async () => {
    expect(await reputation('rival')).to.equal(0n)
  })

  it('does not change with released, cancelled or merely submitted jobs', async () => {
    const job = await claimed(world)
    await world.market.connect(world.actors.provider).release(job.jobId)
    await submitted(world)
    expect(await reputation()).to.equal(EARNED)
  })

  it('does not change when fees are collected', async () => {
    await world.market.collectFees([world.actors.provider.address])
    expect(await reputation()).to.equal(EARNED)
  })

  it('decays at midnight, not before', async () => {
    await travelTo(midnight - 1n)
    expect(await reputation()).to.equal(EARNED)
    await travelTo(midnight)
    expect(await reputation()).to.equal(977_159n)
  })

  for (const [days, left] of [
    [1n, 977_159n],
    [29n, 511_686n],
    [30n, 500_000n],
    [31n, 488_579n],
    [60n, 250_000n],
    [300n, 976n],
    [600n, 0n],
  ] as const) {
    it(`leaves ${left} of ${EARNED} after ${days} days`, async () => {
      await travelTo(midnight + (days - 1n) * DAY)
      const value = await reputation()
      expect(value).to.equal(left)
      expect(exactDecay(EARNED, days)).to.equal(left)
    })
  }

  it('adds a fee to what is left, and decays on from there', async () => {
    await travelTo(midnight + 29n * DAY)
    await settled(world, bigJob)
    expect(await reputation()).to.equal(500_000n + EARNED)
    await travelTo(midnight + 59n * DAY)
    expect(await reputation()).to.equal(750_000n)
  })

  it('keeps three quarters of what is left after lateness, and counts the fault', async () => {
    const job = await claimed(world, { terms: { run: 29n * DAY } })
    await at(runBy(job) + DAY, () => world.market.connect(world.actors.keeper).fail(job.jobId))
    expect(await reputation()).to.equal(375_000n)
    expect((await world.market.providerOf(world.actors.provider)).faults).to.equal(1n)
  })

  it('keeps a quarter of what is left after fraud, and counts the fault', async () => {
    const job = await disputed(world, { terms: { window: 29n * DAY } })
    await at(windowEnd(job) + DAY, () => world.market.connect(world.actors.hook).reject(job.jobId, 0n))
    expect(await reputation()).to.equal(125_000n)
    expect((await world.market.providerOf(world.actors.provider)).faults).to.equal(1n)
  })

  // JM-51
  it('opens the exposure limit and lowers the bond, and a fault raises it again', async () => {
    const bondNow = async () => {
      const job = await claimed(world, { terms: { ramp: 0n, run: 10n } })
      const { bond } = await world.market.getJob(job.jobId)
      return { job, bond }
    }
    const earned = await bondNow()
    await at(runBy(earned.job) + 1n, () => world.market.connect(world.actors.keeper).fail(earned.job.jobId))
    const faulted = await bondNow()
    // 200 % less what ten times the reputation takes off the surcharge
    expect([earned.bond, faulted.bond]).to.deep.equal([13_930_496n, 13_948_928n])
  })
})
