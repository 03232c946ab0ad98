import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_FEE, ENDPOINT, resources } from '../../helpers/defaults.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { claimed, runBy, settled } from '../../helpers/jobs.ts'
import { plain } from '../../helpers/plain.ts'
import { word } from '../../helpers/terms.ts'
import { at, now } from '../../helpers/time.ts'

const KEY = word('a new key')

describe('Providers.updateProvider', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const update = (offered: bigint, concurrency: bigint, endpoint = ENDPOINT, key = KEY) =>
    world.market.connect(world.actors.eve).updateProvider(offered, concurrency, endpoint, key)

  it('is all zero for one that never registered', async () => {
    const stored = plain(await world.market.providerOf(world.actors.eve))
    expect(stored).to.deep.equal({
      resources: 0n,
      concurrency: 0n,
      faults: 0n,
      reputation: 0n,
      feeOwed: 0n,
      endpoint: '',
      encryptionKey: ethers.ZeroHash,
    })
  })

  it('stores what is declared', async () => {
    const offered = resources(255n, 4_095n, 4_095n)
    await update(offered, 65_535n)
    const stored = plain(await world.market.providerOf(world.actors.eve))
    expect(stored).to.deep.equal({
      resources: offered,
      concurrency: 65_535n,
      faults: 0n,
      reputation: 0n,
      feeOwed: 0n,
      endpoint: ENDPOINT,
      encryptionKey: KEY,
    })
  })

  it('keeps the time of the first registration', async () => {
    const { market, actors } = world
    expect(await market.registeredAt(actors.eve)).to.equal(0n)
    const time = (await now()) + 11n
    await at(time, () => update(5n, 6n))
    expect(await market.registeredAt(actors.eve)).to.equal(time)
    await at(time + 1_000n, () => update(0n, 0n, '', ethers.ZeroHash))
    expect(await market.registeredAt(actors.eve)).to.equal(time)
  })

  it('emits ProviderUpdated', async () => {
    await expect(update(5n, 6n))
      .to.emit(world.market, 'ProviderUpdated')
      .withArgs(world.actors.eve.address, 5n, 6n, ENDPOINT, KEY)
  })

  it('moves no money', async () => {
    await expectMoney(world, {}, () => update(5n, 6n))
  })

  it('replaces all of it, with nothing left of a longer endpoint', async () => {
    await update(5n, 6n, `https://${'x'.repeat(200)}`)
    await update(0n, 0n, '', ethers.ZeroHash)
    const { endpoint, encryptionKey, concurrency } = await world.market.providerOf(world.actors.eve)
    expect([endpoint, encryptionKey, concurrency]).to.deep.equal(['', ethers.ZeroHash, 0n])
  })

  it('keeps reputation, faults and fees owed', async () => {
    const { provider, keeper } = world.actors
    await settled(world, { terms: { maxPrice: 400_000n, ramp: 0n } })
    const job = await claimed(world, { terms: { run: 5n } })
    await at(runBy(job) + 1n, () => world.market.connect(keeper).fail(job.jobId))
    const earned = plain(await world.market.providerOf(provider))
    expect([earned.reputation, earned.faults, earned.feeOwed]).to.deep.equal([3_000n, 1n, 4_000n])
    await world.market.connect(provider).updateProvider(1n, 2n, '', KEY)
    const after = plain(await world.market.providerOf(provider))
    expect(after).to.deep.equal({
      ...earned,
      resources: 1n,
      concurrency: 2n,
      endpoint: '',
      encryptionKey: KEY,
    })
  })

  it('leaves other providers alone', async () => {
    const before = await world.market.providerOf(world.actors.rival)
    await update(5n, 6n)
    expect(await world.market.providerOf(world.actors.rival)).to.deep.equal(before)
  })

  it('does not take a job away that is claimed', async () => {
    const job = await claimed(world)
    await world.market.connect(world.actors.provider).updateProvider(0n, 0n, '', KEY)
    await world.market.connect(world.actors.provider).submit(job.jobId, KEY, 1n)
    await world.market.connect(world.actors.requester).accept(job.jobId)
    expect((await world.market.providerOf(world.actors.provider)).feeOwed).to.equal(DEFAULT_FEE)
  })

  describe('given an endpoint of many bytes', () => {
    it('accepts 256', async () => {
      await update(5n, 6n, 'x'.repeat(256))
      expect((await world.market.providerOf(world.actors.eve)).endpoint).to.equal('x'.repeat(256))
    })

    it('reverts with ProvidersEndpointTooLong for 257', async () => {
      await expectRevert(world, update(5n, 6n, 'x'.repeat(257)), 'ProvidersEndpointTooLong', [257n, 256n])
    })

    it('counts bytes, not characters', async () => {
      await expectRevert(world, update(5n, 6n, 'ö'.repeat(129)), 'ProvidersEndpointTooLong', [258n, 256n])
    })
  })
})
