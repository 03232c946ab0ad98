import { expect } from 'chai'
import { expectMoney, expectOutOfRange, expectRevert } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { defaultParameters, FUNDS, MAX_UNITS } from '../../helpers/defaults.ts'
import { ATTESTED, busyMarket, fund, NOT_OFFERED, openMarket, type World } from '../../helpers/fixtures.ts'
import { chainId, draft, type Job, post } from '../../helpers/jobs.ts'
import { plain } from '../../helpers/plain.ts'
import { jobPerStatus, STATUSES, statusNumber } from '../../helpers/statuses.ts'
import { jobIdOf, packTerms, type TermsFields } from '../../helpers/terms.ts'
import { at, DAY, now } from '../../helpers/time.ts'

const MONTH = 30n * DAY

/** A market whose least times differ, so that one cannot stand in for the other. */
async function marketWithLeastTimes(): Promise<World> {
  return openMarket({ parameters: { minRun: 77n, minWindow: 99n } })
}

/** `[field, least, most]` of every number in the terms that has bounds of its own. */
const BOUNDS = [
  ['minBps', 0n, 10_000n],
  ['ramp', 0n, MONTH],
  ['run', 77n, MONTH],
  ['window', 99n, MONTH],
  ['tasks', 1n, 2n ** 32n - 1n],
  ['stepLimit', 1n, 2n ** 44n],
  ['maxOutput', 0n, 2n ** 30n],
  ['maxPages', 1n, 16_384n],
] as const

describe('JobMarket.post', () => {
  let world: World

  /** Posts by the default requester. */
  const send = async (overrides: Partial<TermsFields>) =>
    world.market.connect(world.actors.requester).post(packTerms(await draft(overrides)))

  describe('given a funded requester', () => {
    let fields: TermsFields

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      fields = await draft()
    })

    it('moves the maximum price from the balance to escrow', async () => {
      await expectMoney(world, { requester: { balance: -fields.maxPrice } }, () =>
        world.market.connect(world.actors.requester).post(packTerms(fields)),
      )
    })

    it('returns the id that the terms, requester, market and chain hash to', async () => {
      const { market, actors, address } = world
      const terms = packTerms(fields)
      const expected = jobIdOf(chainId, address, actors.requester.address, terms)
      expect(await market.connect(actors.requester).post.staticCall(terms)).to.equal(expected)
      expect(await market.jobIdOf(actors.requester.address, terms)).to.equal(expected)
    })

    it('emits JobPosted with the whole terms', async () => {
      const { market, actors, address } = world
      const { requester } = actors
      const t = packTerms(fields)
      await expect(market.connect(requester).post(t))
        .to.emit(market, 'JobPosted')
        .withArgs(jobIdOf(chainId, address, requester.address, t), requester.address, [
          t.programId,
          t.inputsRoot,
          t.sharedInput,
          t.rules,
          t.limits,
          t.dataUri,
        ])
    })

    it('stores the terms it enforces, the time and the rules of this moment', async () => {
      const time = (await now()) + 17n
      const { market, actors, address } = world
      const overrides = { minReputation: (3n << 13n) | 5n, level: ATTESTED }
      const terms = packTerms({ ...fields, ...overrides })
      await at(time, () => market.connect(actors.requester).post(terms))
      const job = await market.getJob(jobIdOf(chainId, address, actors.requester.address, terms))
      expect(plain(job)).to.deep.equal({
        status: statusNumber('Open'),
        requester: actors.requester.address,
        postedAt: time,
        claimBy: fields.claimBy,
        tasks: fields.tasks,
        maxPrice: fields.maxPrice,
        minBps: fields.minBps,
        ramp: fields.ramp,
        run: fields.run,
        window: fields.window,
        minReputation: 5n << 3n,
        floor: fields.floor,
        level: ATTESTED,
        parametersId: 0n,
        feeBps: defaultParameters.feeBps,
        provider: `0x${'0'.repeat(40)}`,
        price: 0n,
        bond: 0n,
        runBy: 0n,
        submittedAt: 0n,
        openChallenges: 0n,
        resultCommitment: `0x${'0'.repeat(64)}`,
      })
    })

    it('snapshots the parameter set and the fee that are current', async () => {
      const { market, actors } = world
      await market.connect(actors.owner).addParameters({ ...defaultParameters, feeBps: 250n }, [])
      const job = await market.getJob((await post(world)).jobId)
      expect([job.parametersId, job.feeBps]).to.deep.equal([1n, 250n])
    })

    for (const who of ['provider', 'keeper', 'hook', 'eve'] as const) {
      it(`lets ${who} post for itself`, async () => {
        await expectMoney(world, { [who]: { balance: -fields.maxPrice } }, () =>
          world.market.connect(world.actors[who]).post(packTerms(fields)),
        )
      })
    }

    it('accepts an empty data URI and one of a kilobyte', async () => {
      await send({ dataUri: '' })
      await send({ dataUri: `https://store.example.org/${'x'.repeat(1_000)}` })
    })
  })

  describe('given a balance', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    it('lets the maximum price be all of it', async () => {
      const all = FUNDS.requester
      await expectMoney(world, { requester: { balance: -all } }, () => send({ maxPrice: all }))
    })

    it('reverts with AccountInsufficientBalance when it is one unit short', async () => {
      const price = FUNDS.requester + 1n
      const values = [FUNDS.requester, price]
      await expectRevert(world, send({ maxPrice: price }), 'AccountInsufficientBalance', values)
    })

    it('does not let stake pay', async () => {
      const { market, actors } = world
      const price = FUNDS.balance + 1n
      const terms = packTerms(await draft({ maxPrice: price }))
      const sending = market.connect(actors.provider).post(terms)
      await expectRevert(world, sending, 'AccountInsufficientBalance', [FUNDS.balance, price])
    })

    it('takes the highest price that a word can hold', async () => {
      const left = MAX_UNITS - (await world.market.held())
      await fund(world, world.actors.requester, left)
      const { balance } = await world.market.accountOf(world.actors.requester)
      await expectMoney(world, { requester: { balance: -balance } }, () => send({ maxPrice: balance }))
    })
  })

  describe('given terms at the edge of a bound', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(marketWithLeastTimes)
    })

    for (const [field, min, max] of BOUNDS) {
      it(`accepts ${field} = ${min} and ${max}`, async () => {
        await send({ run: 100n, window: 100n, [field]: min })
        await send({ run: 100n, window: 100n, [field]: max })
      })

      if (min !== 0n) {
        it(`refuses ${field} = ${min - 1n}`, async () => {
          const sending = send({ run: 100n, window: 100n, [field]: min - 1n })
          await expectOutOfRange(world, sending, field, [min - 1n, min, max])
        })
      }

      if (field !== 'tasks') {
        it(`refuses ${field} = ${max + 1n}`, async () => {
          const sending = send({ run: 100n, window: 100n, [field]: max + 1n })
          await expectOutOfRange(world, sending, field, [max + 1n, min, max])
        })
      }
    }

    it('refuses a job for nothing', async () => {
      await expectOutOfRange(world, send({ maxPrice: 0n }), 'maxPrice', [0n, 1n, MAX_UNITS])
      await send({ maxPrice: 1n })
    })

    for (const snapshot of [1n, 1n << 11n, 1n << 12n, 1n << 27n]) {
      it(`refuses the snapshot bit ${snapshot.toString(2).length - 1}, which is the contract's to set`, async () => {
        await expectOutOfRange(world, send({ snapshot }), 'snapshot', [snapshot, 0n, 0n])
      })
    }

    describe('when claimBy is relative to the time of the block', () => {
      let time: bigint

      beforeEach(async () => {
        time = (await now()) + 100n
      })

      for (const claimBy of [0n, 1n, MONTH - 1n, MONTH]) {
        it(`accepts ${claimBy} s after it`, async () => {
          await at(time, () => send({ claimBy: time + claimBy }))
        })
      }

      for (const claimBy of [-1n, MONTH + 1n]) {
        it(`refuses ${claimBy} s after it`, async () => {
          const sending = at(time, () => send({ claimBy: time + claimBy }))
          await expectOutOfRange(world, sending, 'claimBy', [time + claimBy, time, time + MONTH])
        })
      }
    })
  })

  describe('given assurance levels', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    it('offers one that has a hook', async () => {
      await send({ level: ATTESTED })
    })

    for (const level of [NOT_OFFERED, 255n]) {
      it(`reverts with JobMarketLevelNotOffered for level ${level}, which has none`, async () => {
        await expectRevert(world, send({ level }), 'JobMarketLevelNotOffered', [level, 0n])
      })
    }

    it('offers Optimistic without a hook', async () => {
      const { market, actors } = world
      await market.connect(actors.owner).addParameters(defaultParameters, [])
      await send({ level: 0n })
      await expectRevert(world, send({ level: ATTESTED }), 'JobMarketLevelNotOffered', [ATTESTED, 1n])
    })
  })

  describe('given posting is paused', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      await world.market.connect(world.actors.owner).pausePosting()
    })

    it('reverts with JobMarketPostingPaused', async () => {
      await expectRevert(world, send({}), 'JobMarketPostingPaused')
    })

    it('posts again once it is resumed', async () => {
      await world.market.connect(world.actors.owner).resumePosting()
      await send({})
    })
  })

  describe('given terms that were posted before', () => {
    let job: Job

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await post(world)
    })

    it('lets another requester post the same, as another job', async () => {
      const { market, actors, address } = world
      await market.connect(actors.eve).post(job.terms)
      const other = jobIdOf(chainId, address, actors.eve.address, job.terms)
      expect(other).to.not.equal(job.jobId)
      expect(await market.statusOf(other)).to.equal(statusNumber('Open'))
    })

    const changes: Partial<TermsFields>[] = [
      { programId: `0x${'01'.repeat(32)}` },
      { inputsRoot: `0x${'02'.repeat(32)}` },
      { sharedInput: `0x${'03'.repeat(32)}` },
      { run: 1_000n },
      { nonce: 2n ** 64n - 1n },
      { stepLimit: 5n },
      { dataUri: 'https://elsewhere.example.org' },
    ]
    for (const change of changes) {
      it(`gives terms that differ in ${Object.keys(change)} another id`, async () => {
        const { market, actors } = world
        const terms = packTerms({ ...job.fields, ...change })
        await market.connect(actors.requester).post(terms)
        expect(await market.jobIdOf(actors.requester, terms)).to.not.equal(job.jobId)
      })
    }
  })

  describe('given jobs in every status', () => {
    for (const status of STATUSES.filter((each) => each !== 'None' && each !== 'Expired')) {
      it(`reverts with JobMarketJobExists for the terms of the one that is ${status}`, async () => {
        const all = await networkHelpers.loadFixture(jobPerStatus)
        const { terms, jobId } = all.jobs[status]
        const sending = all.market.connect(all.actors.requester).post(terms)
        await expectRevert(all, sending, 'JobMarketJobExists', [jobId])
      })
    }

    it('refuses the terms of an expired one for their claimBy', async () => {
      const all = await networkHelpers.loadFixture(jobPerStatus)
      const { terms, fields } = all.jobs.Expired
      const time = (await now()) + 5n
      const sending = at(time, () => all.market.connect(all.actors.requester).post(terms))
      await expectOutOfRange(all, sending, 'claimBy', [fields.claimBy, time, time + MONTH])
    })
  })

  describe('given the same terms on another market', () => {
    it('gives them another id', async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const other = await busyMarket()
      const terms = packTerms(await draft())
      const { requester } = world.actors
      expect(await other.market.jobIdOf(requester, terms)).to.not.equal(
        await world.market.jobIdOf(requester, terms),
      )
    })
  })
})
