import { expect } from 'chai'
import type { Interface } from 'ethers'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { ethers, hasProbes, networkHelpers } from '../../helpers/chain.ts'
import { FUNDS } from '../../helpers/defaults.ts'
import { busyMarket, NOT_OFFERED, type World } from '../../helpers/fixtures.ts'
import { draftGroup } from '../../helpers/groups.ts'
import { chainId, draft, post } from '../../helpers/jobs.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { jobIdOf, packTerms, type Terms, type TermsFields } from '../../helpers/terms.ts'
import { now } from '../../helpers/time.ts'

describe('JobMarket.postMany', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const termsOf = async (...prices: bigint[]): Promise<Terms[]> =>
    Promise.all(prices.map(async (maxPrice) => packTerms(await draft({ maxPrice }))))
  const send = (terms: Terms[]) => world.market.connect(world.actors.requester).postMany(terms)
  const idsOf = (terms: Terms[]) =>
    terms.map((each) => jobIdOf(chainId, world.address, world.actors.requester.address, each))

  describe('given three jobs', () => {
    let terms: Terms[]

    beforeEach(async () => {
      terms = await termsOf(1n, 20n, 300n)
    })

    it('moves the sum of their maximum prices to escrow', async () => {
      await expectMoney(world, { requester: { balance: -321n } }, () => send(terms))
    })

    it('returns their ids in order', async () => {
      const { market, actors } = world
      const ids = await market.connect(actors.requester).postMany.staticCall(terms)
      expect([...ids]).to.deep.equal(idsOf(terms))
    })

    it('emits JobPosted for each, in order', async () => {
      const { market } = world
      const transaction = await send(terms)
      await expect(transaction).to.emit(market, 'JobPosted')
      const logs = (await transaction.wait())?.logs ?? []
      const events = logs.map((log) => market.interface.parseLog(log))
      expect(events.map((event) => event?.name)).to.deep.equal(['JobPosted', 'JobPosted', 'JobPosted'])
      expect(events.map((event) => event?.args.jobId)).to.deep.equal(idsOf(terms))
    })

    it('stores each as post does', async () => {
      await send(terms)
      const [, second] = idsOf(terms)
      const job = await world.market.getJob(second as string)
      expect([job.status, job.maxPrice, job.postedAt]).to.deep.equal([statusNumber('Open'), 20n, await now()])
    })
  })

  it('posts nothing for an empty list', async () => {
    await expectMoney(world, {}, () => send([]))
  })

  it('takes the whole balance for several jobs', async () => {
    const all = FUNDS.requester
    await expectMoney(world, { requester: { balance: -all } }, async () => send(await termsOf(1n, all - 1n)))
  })

  // JM-17
  describe('given one job of three that cannot be posted', () => {
    let good: Terms[]

    beforeEach(async () => {
      good = await termsOf(5n, 70n)
    })

    /** Puts `bad` between two that can be posted: they are, and it is refused with that error. */
    const itIsSkipped = async (
      bad: Terms,
      error: string,
      values: readonly unknown[],
      by: { interface: Interface } = world.market,
    ) => {
      const { market, actors } = world
      const requester = actors.requester.address
      const terms = [good[0] as Terms, bad, good[1] as Terms]
      const [first, , last] = idsOf(terms)
      const before = await market.statusOf(idsOf([bad])[0] as string)
      const ids = await market.connect(actors.requester).postMany.staticCall(terms)
      expect([...ids]).to.deep.equal([first, ethers.ZeroHash, last])

      const transaction = await expectMoney(world, { requester: { balance: -75n } }, () => send(terms))
      const reason = by.interface.encodeErrorResult(error, values)
      await expect(transaction).to.emit(market, 'PostRefused').withArgs(requester, 1n, reason)
      const logs = (await transaction.wait())?.logs ?? []
      const names = logs.map((log) => market.interface.parseLog(log)?.name)
      expect(names).to.deep.equal(['JobPosted', 'PostRefused', 'JobPosted'])
      for (const id of [first, last]) {
        expect(await market.statusOf(id as string)).to.equal(statusNumber('Open'))
      }
      expect(await market.statusOf(idsOf([bad])[0] as string)).to.equal(before)
    }

    it('skips one with a value out of range', async () => {
      const values = [ethers.encodeBytes32String('tasks'), 0n, 1n, 2n ** 32n - 1n]
      await itIsSkipped(packTerms(await draft({ tasks: 0n })), 'ValueOutOfRange', values)
    })

    it('skips one that the balance does not cover, counting those before it', async () => {
      const [bad] = await termsOf(FUNDS.requester - 4n)
      const values = [FUNDS.requester - 5n, FUNDS.requester - 4n]
      await itIsSkipped(bad as Terms, 'AccountInsufficientBalance', values)
    })

    it('skips one that is the same as the one before it', async () => {
      const terms = [good[0] as Terms, good[0] as Terms]
      const values = idsOf([good[0] as Terms])
      const transaction = await expectMoney(world, { requester: { balance: -5n } }, () => send(terms))
      const reason = world.market.interface.encodeErrorResult('JobMarketJobExists', values)
      await expect(transaction)
        .to.emit(world.market, 'PostRefused')
        .withArgs(world.actors.requester.address, 1n, reason)
    })

    it('skips one that exists', async () => {
      const { terms, jobId } = await post(world)
      await itIsSkipped(terms, 'JobMarketJobExists', [jobId])
    })

    it('skips one of a level that is not offered', async () => {
      const bad = packTerms(await draft({ level: NOT_OFFERED }))
      await itIsSkipped(bad, 'JobMarketLevelNotOffered', [NOT_OFFERED, 0n])
    })

    it('skips one that the hook of its level refuses, and undoes what posting it did', async () => {
      const { drafts } = await draftGroup({ seats: 1n })
      const values = [ethers.encodeBytes32String('seats'), 1n, 3n, 15n]
      const { replication } = world
      await itIsSkipped(packTerms(drafts[0] as TermsFields), 'ReplicationWrongSize', values, replication)
    })
  })

  describe('given too little gas', () => {
    // JM-18
    it('reverts with JobMarketOutOfGas, naming the job, instead of skipping it', async () => {
      const { market, actors } = world
      const terms = await termsOf(5n, 70n)
      const gas = await market.connect(actors.requester).postMany.estimateGas(terms)
      const sending = market.connect(actors.requester).postMany(terms, { gasLimit: gas - 40_000n })
      // probes use up what is left to say so
      if (hasProbes) await expect(sending).to.revert(ethers)
      else await expectRevert(world, sending, 'JobMarketOutOfGas', [1n])
      for (const id of idsOf(terms)) expect(await market.statusOf(id)).to.equal(statusNumber('None'))
    })
  })

  describe('given posting is paused', () => {
    beforeEach(async () => {
      await world.market.connect(world.actors.owner).pausePosting()
    })

    it('posts none, each refused with JobMarketPostingPaused', async () => {
      const { market, actors } = world
      const terms = await termsOf(5n, 6n)
      const transaction = await expectMoney(world, {}, () => send(terms))
      const reason = market.interface.encodeErrorResult('JobMarketPostingPaused')
      const requester = actors.requester.address
      await expect(transaction).to.emit(market, 'PostRefused').withArgs(requester, 0n, reason)
      await expect(transaction).to.emit(market, 'PostRefused').withArgs(requester, 1n, reason)
    })
  })
})
