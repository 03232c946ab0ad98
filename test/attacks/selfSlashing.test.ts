import { expect } from 'chai'
import type { Role } from '../helpers/actors.ts'
import { networkHelpers } from '../helpers/chain.ts'
import type { World } from '../helpers/fixtures.ts'
import { commitTo, reveal, SPLIT, seatedGroup, seatsOf } from '../helpers/groups.ts'
import {
  acceptedOffer,
  claimed,
  claimedSigned,
  disputed,
  type Job,
  RESULT_ROOT,
  runBy,
  settled,
  submit,
} from '../helpers/jobs.ts'
import { replicationMarket } from '../helpers/replication.ts'
import { word } from '../helpers/terms.ts'
import { at, travelTo } from '../helpers/time.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

/** Everybody who may be in league with a provider. */
const ALLIES: Role[] = ['requester', 'keeper', 'hook', 'treasury']

const coalitions: Role[][] = Array.from({ length: 2 ** ALLIES.length }, (_, bits) => [
  'provider',
  ...ALLIES.filter((_, i) => (bits >> i) & 1),
])

/**
 * A provider that has its own bond slashed, with whoever profits from a slash: every way to lose a bond, from before
 * the job was posted to its end, for every coalition that the provider is in.
 */
describe('Slashing oneself', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
  })

  const as = (who: Role) => world.market.connect(world.actors[who])
  const reject = async (job: Job, moves: bigint) => {
    await as('hook').reject(job.jobId, moves)
  }
  const fail = async (job: Job) => {
    await at(runBy(job) + 1n, () => as('keeper').fail(job.jobId))
  }
  const dispute = async (job: Job) => {
    await as('hook').challengeOpened(job.jobId)
    return job
  }
  const METERED = { meteredBps: 10_000n, stepLimit: 1n }
  /** Beside two that agree, or disagree. */
  const seats = async (silent: boolean, shape = {}, roots = [RESULT_ROOT, RESULT_ROOT]) => {
    const group = await seatedGroup(world, seatsOf(world), shape)
    const [mine, ...others] = group.jobs.slice(0, 3) as [Job, Job, Job]
    await commitTo(world, mine, word('a lie'))
    for (const [i, other] of others.entries()) await commitTo(world, other, roots[i])
    for (const [i, other] of others.entries()) await reveal(world, other, roots[i])
    if (!silent) await reveal(world, mine, word('a lie'))
    await networkHelpers.mine(5)
    await travelTo(group.revealBy + 1n)
    await world.replication.connect(world.actors.keeper).resolve(group.groupId)
    await travelTo(group.spareRevealBy + 1n)
    await world.replication.resolve(group.groupId).catch(() => {})
  }

  const ways: Record<string, () => Promise<unknown>> = {
    'a release': async () => as('provider').release((await claimed(world)).jobId),
    'a release of a signed job': async () => as('provider').release((await claimedSigned(world)).jobId),
    lateness: async () => fail(await claimed(world)),
    'lateness with a signed job': async () => fail(await acceptedOffer(world)),
    'lateness with the dearest job': async () =>
      fail(await claimed(world, { terms: { maxPrice: 240_000_000n, ramp: 0n } })),
    'lateness with dust': async () => fail(await claimed(world, { terms: { maxPrice: 1n, ramp: 0n } })),
    'a lost dispute': async () => reject(await disputed(world), 0n),
    'a lost dispute whose moves cost all there is': async () => reject(await disputed(world), 2n ** 80n),
    'a lost dispute of dust': async () =>
      reject(await disputed(world, { terms: { maxPrice: 1n, ramp: 0n } }), 2n ** 80n),
    'a lost dispute of a signed job': async () =>
      reject(await dispute(await submit(world, await claimedSigned(world))), 5_000_000n),
    'a lost dispute of a metered job': async () => reject(await disputed(world, { terms: METERED }), 1n),
    'a silent seat': async () => seats(true),
    'an outvoted seat': async () => seats(false),
    'a silent seat that decides nothing': async () => seats(true, {}, SPLIT),
    'a silent seat that escalates': async () => seats(true, { spares: 3n }, SPLIT),
  }

  for (const [title, slash] of Object.entries(ways)) {
    it(`by ${title}: no coalition gains, whoever is in it`, async () => {
      for (const coalition of coalitions) {
        const snapshot = await networkHelpers.takeSnapshot()
        const profit = await profitOf(world, addressesOf(world, ...coalition), slash)
        await snapshot.restore()
        expect(profit <= 0n, `${coalition.join('+')} gained ${profit}`).to.equal(true)
        // and what a lost bond leaves to the reserve is lost to all of them
        expect(profit < 0n, coalition.join('+')).to.equal(true)
      }
    })
  }

  it('by a lost dispute: everybody together loses at least half of the bond', async () => {
    const job = await disputed(world)
    const { price, bond } = await world.market.getJob(job.jobId)
    const all = addressesOf(world, 'provider', ...ALLIES)
    const profit = await profitOf(world, all, () => reject(job, 2n ** 80n))
    expect(2n * (profit - price) <= -bond).to.equal(true)
  })

  it('buys back no reputation: what a slash took is not given for the fees of one job more', async () => {
    const farmed = { terms: { maxPrice: 100_000_000n, ramp: 0n } }
    await settled(world, farmed)
    const reputation = async () => (await world.market.providerOf(world.actors.provider)).reputation
    const before = await reputation()
    await reject(await disputed(world), 0n)
    expect((await reputation()) <= before / 4n).to.equal(true)
    const fees = await profitOf(world, addressesOf(world, 'provider', 'requester'), () =>
      settled(world, farmed),
    )
    expect((await reputation()) <= before / 4n - fees).to.equal(true)
  })
})
