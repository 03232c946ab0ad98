import { expect } from 'chai'
import { expectMoney, expectOutOfRange, expectRevert } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { FUNDS } from '../../helpers/defaults.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { chainId, draft, post } from '../../helpers/jobs.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { jobIdOf, packTerms, type Terms } from '../../helpers/terms.ts'
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

  describe('given one job that cannot be posted', () => {
    const nothingWasPosted = async (terms: Terms[]) => {
      for (const id of idsOf(terms)) expect(await world.market.statusOf(id)).to.equal(statusNumber('None'))
      expect((await world.market.accountOf(world.actors.requester)).balance).to.equal(FUNDS.requester)
    }

    it('posts none when one has a value out of range', async () => {
      const terms = [...(await termsOf(5n)), packTerms(await draft({ tasks: 0n }))]
      await expectOutOfRange(world, send(terms), 'tasks', [0n, 1n, 2n ** 32n - 1n])
      await nothingWasPosted(terms)
    })

    it('posts none when the balance does not cover the sum', async () => {
      const terms = await termsOf(1n, FUNDS.requester)
      const values = [FUNDS.requester, FUNDS.requester + 1n]
      await expectRevert(world, send(terms), 'AccountInsufficientBalance', values)
      await nothingWasPosted(terms)
    })

    it('posts none when two are the same', async () => {
      const [first] = await termsOf(5n)
      const terms = [first as Terms, first as Terms]
      await expectRevert(world, send(terms), 'JobMarketJobExists', [idsOf(terms)[0]])
      await nothingWasPosted(terms)
    })

    it('posts none when one exists', async () => {
      const { terms, jobId } = await post(world)
      await expectRevert(world, send([...(await termsOf(5n)), terms]), 'JobMarketJobExists', [jobId])
    })
  })

  describe('given posting is paused', () => {
    beforeEach(async () => {
      await world.market.connect(world.actors.owner).pausePosting()
    })

    it('reverts with JobMarketPostingPaused', async () => {
      await expectRevert(world, send(await termsOf(5n)), 'JobMarketPostingPaused')
    })
  })
})
