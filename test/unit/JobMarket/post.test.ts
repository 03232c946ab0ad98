import { expect } from 'chai'
import { expectMoney, expectOutOfRange, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { defaultParameters, FUNDS, MAX_UNITS } from '../../helpers/defaults.ts'
import { busyMarket, fund, MOCKED, NOT_OFFERED, type World } from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { chainId, draft, type Job, post } from '../../helpers/jobs.ts'
import { heldOf } from '../../helpers/money.ts'
import { plain } from '../../helpers/plain.ts'
import { jobPerStatus, STATUSES, statusNumber } from '../../helpers/statuses.ts'
import { jobIdOf, packTerms, type TermsFields, word } from '../../helpers/terms.ts'
import { at, DAY, now } from '../../helpers/time.ts'

const MONTH = 30n * DAY

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

    // JM-13
    it('moves the maximum price from the balance to escrow', async () => {
      await expectMoney(world, { requester: { balance: -fields.maxPrice } }, () =>
        world.market.connect(world.actors.requester).post(packTerms(fields)),
      )
    })

    // JM-11
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
          t.assurance,
          t.dataUri,
        ])
    })

    it('stores the terms it enforces, the time and the rules of this moment', async () => {
      const time = (await now()) + 17n
      const { market, actors, address } = world
      const overrides = {
        ...{ minReputation: (3n << 13n) | 5n, level: MOCKED, isPrivate: 1n, meteredBps: 7_777n },
        ...{ tasks: 3n, stepLimit: 5n, assurance: word('what the hook needs') },
      }
      const terms = packTerms({ ...fields, ...overrides })
      await at(time, () => market.connect(actors.requester).post(terms))
      const job = await market.getJob(jobIdOf(chainId, address, actors.requester.address, terms))
      expect(plain(job)).to.deep.equal({
        status: statusNumber('Open'),
        requester: actors.requester.address,
        postedAt: time,
        claimBy: fields.claimBy,
        tasks: 3n,
        maxPrice: fields.maxPrice,
        minBps: fields.minBps,
        ramp: fields.ramp,
        run: fields.run,
        window: fields.window,
        minReputation: 5n << 3n,
        floor: fields.floor,
        level: MOCKED,
        parametersId: 0n,
        feeBps: defaultParameters.feeBps,
        isPrivate: true,
        isSigned: false,
        meteredBps: 7_777n,
        stepBudget: 15n,
        steps: 0n,
        provider: `0x${'0'.repeat(40)}`,
        price: 0n,
        bond: 0n,
        keyBy: 0n,
        runBy: 0n,
        submittedAt: 0n,
        openChallenges: 0n,
        resultCommitment: `0x${'0'.repeat(64)}`,
      })
    })

    it('snapshots the parameter set and the fee that are current', async () => {
      const { market } = world
      await govern(world, 'addParameters', [{ ...defaultParameters, feeBps: 250n }, []])
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

    it('takes a price of nearly all that the market can hold', async () => {
      const left = MAX_UNITS - (await heldOf(world))
      await fund(world, world.actors.requester, left)
      const { balance } = await world.market.accountOf(world.actors.requester)
      await expectMoney(world, { requester: { balance: -balance } }, () => send({ maxPrice: balance }))
    })
  })

  describe('given assurance levels', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    it('offers one that has a hook', async () => {
      await send({ level: MOCKED })
    })

    for (const level of [NOT_OFFERED, 255n]) {
      // JM-16
      it(`reverts with JobMarketLevelNotOffered for level ${level}, which has none`, async () => {
        await expectRevert(world, send({ level }), 'JobMarketLevelNotOffered', [level, 0n])
      })
    }

    it('keeps what the hook needs to itself: Optimistic needs nothing', async () => {
      await send({ level: MOCKED, assurance: word('what the hook needs') })
      const assurance = ethers.toBeHex(1n, 32)
      await expectOutOfRange(world, send({ level: 0n, assurance }), 'assurance', [1n, 0n, 0n])
    })

    it('offers Optimistic without a hook', async () => {
      await govern(world, 'addParameters', [defaultParameters, []])
      await send({ level: 0n })
      await expectRevert(world, send({ level: MOCKED }), 'JobMarketLevelNotOffered', [MOCKED, 1n])
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
      { isPrivate: 1n },
      { meteredBps: 1n },
      { snapshot: defaultParameters.feeBps << 12n },
      { level: MOCKED },
      { level: MOCKED, assurance: word('what the hook needs') },
      { dataUri: 'https://elsewhere.example.org' },
    ]
    for (const change of changes) {
      // JM-11
      it(`gives terms that differ in ${Object.keys(change)} another id`, async () => {
        const { market, actors } = world
        const terms = packTerms({ ...job.fields, ...change })
        await market.connect(actors.requester).post(terms)
        expect(await market.jobIdOf(actors.requester, terms)).to.not.equal(job.jobId)
      })
    }
  })

  // JM-11
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
