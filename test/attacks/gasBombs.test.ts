import { expect } from 'chai'
import { expectSolvent } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { busyMarket, MOCKED, type World } from '../helpers/fixtures.ts'
import { draftGroup } from '../helpers/groups.ts'
import { claimed, draft, type Job, runBy, submitted, windowEnd } from '../helpers/jobs.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { packTerms, type Terms, type TermsFields } from '../helpers/terms.ts'
import { travelTo } from '../helpers/time.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

const BURN_ALL_GAS = 3
const STEPS = 40n

/** Batches that run out of gas somewhere: an entry is done, refused by name, or the whole batch is undone. */
describe('Gas in a batch', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const drafts: Record<string, () => Promise<TermsFields[]>> = {
    'plain jobs': () => Promise.all([0, 1, 2, 3].map(() => draft())),
    'jobs with long URIs': () =>
      Promise.all([2_048, 0, 2_048, 64].map((length) => draft({ dataUri: 'u'.repeat(length) }))),
    'seats, which a mediator hears of': async () => (await draftGroup({ spares: 3n })).drafts,
    'metered and private jobs': () =>
      Promise.all([draft({ meteredBps: 1n }), draft({ isPrivate: 1n }), draft({ meteredBps: 10_000n })]),
  }

  for (const [title, make] of Object.entries(drafts)) {
    // JM-18
    it(`posts all of ${title} or none, with whatever gas`, async () => {
      const { market, actors } = world
      const terms: Terms[] = (await make()).map(packTerms)
      const requester = market.connect(actors.requester)
      const ids = await Promise.all(terms.map((each) => market.jobIdOf(actors.requester, each)))
      const whole = await networkHelpers.takeSnapshot()
      const receipt = await (await requester.postMany(terms, { gasLimit: 2n ** 24n })).wait()
      const enough = (receipt?.gasUsed ?? 0n) + 60_000n
      await whole.restore()

      const outcomes = new Set<string>()
      const { balance } = await market.accountOf(actors.requester)
      for (let i = 1n; i <= STEPS; i++) {
        const snapshot = await networkHelpers.takeSnapshot()
        const gasLimit = 120_000n + ((enough - 120_000n) * i) / STEPS
        const done = await requester.postMany(terms, { gasLimit }).then(
          () => true,
          () => false,
        )
        const left = (await market.accountOf(actors.requester)).balance
        let posted = 0
        for (const id of ids) if ((await market.statusOf(id)) === statusNumber('Open')) posted += 1
        expect(posted, `${gasLimit} gas`).to.equal(done ? ids.length : 0)
        if (!done) expect(left).to.equal(balance)
        outcomes.add(done ? 'all' : 'none')
        await snapshot.restore()
      }
      // both were seen, so the sweep went over the edge
      expect([...outcomes].sort()).to.deep.equal(['all', 'none'])
    })
  }

  it('names the refused entry of a batch, and posts the others', async () => {
    const { market, actors } = world
    const good = await draft()
    const bad = await draft({ tasks: 0n })
    const all = [good, bad, good, await draft()].map(packTerms)
    const before = (await market.accountOf(actors.requester)).balance
    const receipt = await (await market.connect(actors.requester).postMany(all)).wait()
    const refused = (receipt?.logs ?? [])
      .map((log) => market.interface.parseLog(log))
      .filter((event) => event?.name === 'PostRefused')
      .map((event) => event?.args.index)
    expect(refused).to.deep.equal([1n, 2n])
    const { balance } = await market.accountOf(actors.requester)
    expect(before - balance).to.equal(2n * good.maxPrice)
    await expectSolvent(world)
  })

  for (const call of ['settleMany', 'failMany'] as const) {
    it(`moves all of ${call} or none, with whatever gas`, async () => {
      const { market, actors } = world
      const begin = call === 'settleMany' ? submitted : claimed
      const jobs: Job[] = []
      for (let i = 0; i < 4; i++) jobs.push(await begin(world))
      const last = jobs.at(-1) as Job
      await travelTo((call === 'settleMany' ? windowEnd(last) : runBy(last)) + 1n)
      const ids = jobs.map(({ jobId }) => jobId)
      const keeper = market.connect(actors.keeper)
      const final = statusNumber(call === 'settleMany' ? 'Settled' : 'Failed')
      const outcomes = new Set<number>()
      for (let i = 1n; i <= STEPS; i++) {
        const snapshot = await networkHelpers.takeSnapshot()
        await keeper[call](ids, { gasLimit: 40_000n + 10_000n * i }).catch(() => {})
        let moved = 0
        for (const id of ids) if ((await market.statusOf(id)) === final) moved += 1
        expect([0, ids.length]).to.include(moved)
        outcomes.add(moved)
        await snapshot.restore()
      }
      expect(outcomes.size).to.equal(2)
    })
  }

  it('burnt by a hook costs whoever sent the batch, and nobody gains by it', async () => {
    const { market, actors, assurance } = world
    const good = await submitted(world)
    const bad = await submitted(world, { terms: { level: MOCKED } })
    await travelTo(windowEnd(bad) + 1n)
    await assurance.setAnswer(BURN_ALL_GAS)
    const profit = await profitOf(world, addressesOf(world, 'requester', 'eve', 'hook'), async () => {
      await market.connect(actors.keeper).settleMany([bad.jobId, good.jobId], { gasLimit: 2n ** 24n })
    })
    expect(profit).to.equal(0n)
    expect(await market.statusOf(good.jobId)).to.equal(statusNumber('Settled'))
    expect(await market.statusOf(bad.jobId)).to.equal(statusNumber('Submitted'))
  })
})
