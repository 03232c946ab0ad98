import { expect } from 'chai'
import type { Signer } from '../helpers/actors.ts'
import { expectSolvent } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { callEverything, calledFunctions, changingFunctions } from '../helpers/everything.ts'
import { ATTESTED, busyMarket, fund, type World } from '../helpers/fixtures.ts'
import {
  agreed,
  awaitingKey,
  claimed,
  claimedSigned,
  disputed,
  type Job,
  keyBy,
  runBy,
  submitted,
  windowEnd,
} from '../helpers/jobs.ts'
import { attestersHash, signOffer, signRequest } from '../helpers/signing.ts'
import { reachEveryStatus, STATUSES, type Status, statusNumber } from '../helpers/statuses.ts'
import { accountSlot, profileSlot, slotOf } from '../helpers/storage.ts'
import { at, DAY, now } from '../helpers/time.ts'
import { recruit } from '../helpers/wealth.ts'
import { changedSince, type Place, wordsAt } from '../helpers/written.ts'

/** Two strangers with a job in every status, and a signed one; everybody else is busy with each other. */
interface Neighbours extends World {
  requester: Signer
  provider: Signer
  theirs: Record<Status, Job>
  /** Every word that their transactions wrote, but those that are others' or everybody's. */
  words: Place[]
}

async function neighbours(): Promise<Neighbours> {
  const world = await busyMarket()
  const { market, replication, attestation, address, actors } = world
  const from = await networkHelpers.time.latestBlock()
  const [requester, provider] = (await recruit(world, 2)) as [Signer, Signer]
  await fund(world, requester, 100_000_000n)
  const { jobs } = await reachEveryStatus(world, { requester, provider })
  await claimedSigned(world, { requester, provider })
  await market.connect(requester).cancelNonces(9n, 1n)

  const hooks = [await replication.getAddress(), await attestation.getAddress()]
  // the reserve is nobody's; the keeper and the hook were paid for failing and rejecting
  const others = [slotOf('reserve'), ...Object.values(actors).map((actor) => accountSlot(actor.address))]
  const words = (await changedSince(from, [address, ...hooks])).filter(
    ({ contract, slot }) => contract !== address || !others.includes(slot),
  )
  return { ...world, requester, provider, theirs: jobs, words }
}

describe("Isolation: one party's calls leave every word of another's storage as it was", () => {
  let world: Neighbours

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(neighbours)
  })

  const ids = (...statuses: Status[]) => statuses.map((status) => world.theirs[status].jobId)
  const statusOf = (job: Job) => world.market.statusOf(job.jobId)

  it('looks at all that the two have: accounts, profiles, nonces, jobs, seats', async () => {
    const { address, words, requester, provider, replication } = world
    const market = words.filter(({ contract }) => contract === address).map(({ slot }) => slot)
    for (const slot of [accountSlot(requester.address), accountSlot(provider.address)]) {
      expect(market).to.include(slot)
    }
    expect(market).to.include(profileSlot(provider.address))
    expect(market.length).to.be.greaterThan(3 * STATUSES.length)
    const seats = words.filter(({ contract }) => contract === replication.target)
    expect(seats.length).to.be.greaterThan(1)
  })

  // JM-8
  it('whatever function of the market the others call', async () => {
    const { words } = world
    const start = { ...world, fromBlock: await networkHelpers.time.latestBlock() }
    const before = await wordsAt(words)
    await callEverything(start, async () => {
      expect(await wordsAt(words)).to.deep.equal(before)
    })
    expect([...(await calledFunctions(start))].sort()).to.deep.equal(changingFunctions(world).sort())
    await expectSolvent(world)
  })

  // JM-8
  it('in batches that name their jobs too, where none of these is due', async () => {
    const { market, words, actors, theirs } = world
    const mine = await submitted(world, { terms: { window: 2n } })
    const late = await claimed(world, { claimAfter: 1n, terms: { run: 2n } })
    await networkHelpers.time.increase(3n)
    const all = STATUSES.map((status) => theirs[status].jobId)
    const due = ids('Settleable', 'Overdue')
    const before = await wordsAt(words)
    await market
      .connect(actors.eve)
      .settleMany([...all.filter((id) => id !== due[0]), mine.jobId, mine.jobId])
    await market.connect(actors.eve).failMany([...all.filter((id) => id !== due[1]), late.jobId, late.jobId])
    expect(await wordsAt(words)).to.deep.equal(before)
    expect([await statusOf(mine), await statusOf(late)]).to.deep.equal([
      statusNumber('Settled'),
      statusNumber('Failed'),
    ])
  })

  // JM-8
  it('where they are named without their consent: as recipients, as parties of an agreement, as attesters', async () => {
    const { market, words, actors, requester, provider, unit } = world
    const eve = market.connect(actors.eve)
    const before = await wordsAt(words)
    await eve.withdraw(requester.address, 7n)
    await eve.withdraw(provider.address, 7n)
    await world.token.connect(actors.owner).transfer(provider.address, unit)
    const assurance = attestersHash([requester.address, provider.address])
    await submitted(world, { terms: { level: ATTESTED, assurance } })
    const { terms } = await agreed(world, { requester, provider: actors.rival })
    const forged = await signRequest(world, actors.eve, terms, undefined)
    const claiming = market.connect(actors.rival).claimSigned(requester.address, true, terms, forged)
    await expect(claiming).to.be.revertedWithCustomError(market, 'AgreementWrongSignature')
    const offer = await agreed(world, { requester: actors.eve, provider })
    const offered = await signOffer(world, actors.eve, offer.terms, undefined)
    const accepting = eve.acceptOffer(provider.address, true, offer.terms, offered)
    await expect(accepting).to.be.revertedWithCustomError(market, 'AgreementWrongSignature')
    expect(await wordsAt(words)).to.deep.equal(before)
  })

  for (const [one, many, status] of [
    ['settle', 'settleMany', 'Settleable'],
    ['fail', 'failMany', 'Overdue'],
  ] as const) {
    // JM-8
    it(`in ${many} with a job of theirs that is due: it ends as by ${one} alone`, async () => {
      const { market, words, actors } = world
      const mine = await submitted(world, { terms: { window: 2n } })
      const late = await claimed(world, { claimAfter: 1n, terms: { run: 2n } })
      const time = (await now()) + 10n
      const [jobId] = ids(status) as [string]
      const keeper = market.connect(actors.keeper)
      const wordsAfter = async (send: () => Promise<unknown>) => {
        const snapshot = await networkHelpers.takeSnapshot()
        await at(time, send)
        const result = await wordsAt(words)
        await snapshot.restore()
        return result
      }
      const batch = [mine.jobId, late.jobId, jobId, jobId, mine.jobId]
      const alone = await wordsAfter(() => keeper[one](jobId))
      const together = await wordsAfter(() => keeper[many](batch))
      expect(together).to.deep.equal(alone)
      expect(together).to.not.deep.equal(await wordsAt(words))
    })
  }

  // JM-8
  it('and their own jobs come to the same end, to the bit, whether there are others or not', async () => {
    const { market, replication, address, requester, provider, theirs, words } = world
    let time = (await now()) + 100n * DAY
    const { groupId } = await replication.seatOf(address, theirs.Seated.jobId)
    const by = market.connect(requester)
    const ends = [
      ...ids('Open', 'Expired').map((id) => () => by.cancel(id)),
      ...ids('AwaitingKey', 'Keyless').map((id) => () => by.release(id)),
      ...ids('Claimed', 'Overdue').map((id) => () => by.fail(id)),
      ...ids('Submitted', 'Settleable').map((id) => () => by.settle(id)),
      () => market.connect(world.actors.hook).reject(theirs.Disputed.jobId, 0n),
      () => replication.connect(requester).resolve(groupId),
      () => market.connect(provider).unstake(1_000n),
      () => by.withdraw(requester.address, 1_000n),
    ]
    const finish = async () => {
      const start = time
      for (const end of ends) await at(time++, end)
      time = start
      return wordsAt(words)
    }
    const before = await networkHelpers.takeSnapshot()
    const alone = await finish()
    await before.restore()
    await callEverything(world, async () => {})
    expect(await finish()).to.deep.equal(alone)
  })

  describe('where they meet in one job', () => {
    /** What a stranger's job with the provider of the two changes of their words, besides its account and profile. */
    const besides = async (begin: () => Promise<Job>, end: (job: Job) => Promise<unknown>) => {
      const { words, provider, address } = world
      const own = [accountSlot(provider.address), profileSlot(provider.address)]
      const rest = words.filter(({ contract, slot }) => contract !== address || !own.includes(slot))
      expect(rest.length).to.equal(words.length - own.length)
      const before = await wordsAt(rest)
      await end(await begin())
      expect(await wordsAt(rest)).to.deep.equal(before)
    }
    const anyone = () => world.market.connect(world.actors.keeper)
    const hired = () => ({ provider: world.provider })

    const ends: Record<string, () => Promise<void>> = {
      release: () =>
        besides(
          () => claimed(world, hired()),
          (job) => world.market.connect(job.provider).release(job.jobId),
        ),
      'release without a key': () =>
        besides(
          () => awaitingKey(world, hired()),
          (job) => at(keyBy(world, job) + 1n, () => anyone().release(job.jobId)),
        ),
      fail: () =>
        besides(
          () => claimed(world, hired()),
          (job) => at(runBy(job) + 1n, () => anyone().fail(job.jobId)),
        ),
      accept: () =>
        besides(
          () => submitted(world, hired()),
          (job) => world.market.connect(job.requester).accept(job.jobId),
        ),
      settle: () =>
        besides(
          () => submitted(world, { ...hired(), terms: { meteredBps: 8_000n } }),
          (job) => at(windowEnd(job) + 1n, () => anyone().settle(job.jobId)),
        ),
      reject: () =>
        besides(
          () => disputed(world, hired()),
          (job) => world.market.connect(world.actors.hook).reject(job.jobId, 1n),
        ),
    }
    for (const [title, act] of Object.entries(ends)) {
      // JM-8
      it(`${title} touches the account and the profile of its parties, and no other job of theirs`, act)
    }

    // JM-8
    it('collecting fees takes what is owed of a profile, and nothing else', async () => {
      await besides(
        () => submitted(world, hired()),
        async (job) => {
          await world.market.connect(job.requester).accept(job.jobId)
          await anyone().collectFees([world.provider.address, world.requester.address])
        },
      )
    })
  })
})
