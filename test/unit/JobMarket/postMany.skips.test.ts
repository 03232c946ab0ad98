import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { chainId, ethers, networkHelpers } from '../../helpers/chain.ts'
import { FUNDS } from '../../helpers/defaults.ts'
import { draft } from '../../helpers/jobs.ts'
import { MEDIATED, type MediatedWorld, mediatedMarket } from '../../helpers/mediated.ts'
import { jobIdOf, packTerms, type Terms, type TermsFields } from '../../helpers/terms.ts'

const MAX_PRICE = 7_000_003n

describe('JobMarket.postMany, what it skips', () => {
  let world: MediatedWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(mediatedMarket)
  })

  const asRequester = () => world.market.connect(world.actors.requester)
  const termsOf = async (overrides: Partial<TermsFields> = {}) => packTerms(await draft(overrides))
  const idOf = (terms: Terms) => jobIdOf(chainId, world.address, world.actors.requester.address, terms)
  const errorOf = (name: string, values: unknown[]) =>
    world.market.interface.encodeErrorResult(name as never, values as never)

  describe('given one refused posting between two good ones', () => {
    // JM-17
    it('posts the others and emits PostRefused with the error', async () => {
      const many = [await termsOf(), await termsOf({ maxPrice: 0n }), await termsOf()]
      const range = [ethers.encodeBytes32String('maxPrice'), 0n, 1n, 2n ** 80n - 1n]
      const sending = await expectMoney(world, { requester: { balance: -2n * MAX_PRICE } }, () =>
        asRequester().postMany(many),
      )
      await expect(sending)
        .to.emit(world.market, 'PostRefused')
        .withArgs(world.actors.requester.address, 1n, errorOf('ValueOutOfRange', range))
      const statuses = await Promise.all(many.map((each) => world.market.statusOf(idOf(each))))
      expect(statuses).to.deep.equal([1n, 0n, 1n])
    })

    it('returns zero as the id of the refused one', async () => {
      const many = [await termsOf(), await termsOf({ tasks: 0n }), await termsOf()]
      const ids = await asRequester().postMany.staticCall(many)
      expect(ids).to.deep.equal([idOf(many[0] as Terms), ethers.ZeroHash, idOf(many[2] as Terms)])
    })
  })

  describe('given the same terms twice', () => {
    it('posts them once', async () => {
      const terms = await termsOf()
      const sending = asRequester().postMany([terms, terms])
      await expect(sending)
        .to.emit(world.market, 'PostRefused')
        .withArgs(world.actors.requester.address, 1n, errorOf('JobMarketJobExists', [idOf(terms)]))
    })
  })

  describe('given more than the balance pays for', () => {
    it('posts what it pays for, in order', async () => {
      const price = FUNDS.requester - 5n
      const many = [
        await termsOf({ maxPrice: price }),
        await termsOf({ maxPrice: 6n }),
        await termsOf({ maxPrice: 5n }),
      ]
      const sending = await expectMoney(world, { requester: { balance: -FUNDS.requester } }, () =>
        asRequester().postMany(many),
      )
      const reason = errorOf('AccountInsufficientBalance', [5n, 6n])
      await expect(sending)
        .to.emit(world.market, 'PostRefused')
        .withArgs(world.actors.requester.address, 1n, reason)
    })
  })

  describe('given that posting is paused', () => {
    it('refuses all of them one by one', async () => {
      await world.market.connect(world.actors.owner).pausePosting()
      const sending = await expectMoney(world, {}, async () =>
        asRequester().postMany([await termsOf(), await termsOf()]),
      )
      const reason = errorOf('JobMarketPostingPaused', [])
      for (const index of [0n, 1n]) {
        await expect(sending)
          .to.emit(world.market, 'PostRefused')
          .withArgs(world.actors.requester.address, index, reason)
      }
    })
  })

  describe('given a mediator that refuses one', () => {
    it('undoes the job and the price of that one, and says why', async () => {
      await world.mediator.setManner(1n)
      const many = [await termsOf({ level: MEDIATED }), await termsOf()]
      const sending = await expectMoney(world, { requester: { balance: -MAX_PRICE } }, () =>
        asRequester().postMany(many),
      )
      const id = idOf(many[0] as Terms)
      const reason = world.mediator.interface.encodeErrorResult('MediatorMockRefuses', [id])
      await expect(sending)
        .to.emit(world.market, 'PostRefused')
        .withArgs(world.actors.requester.address, 0n, reason)
      expect(await world.market.statusOf(id)).to.equal(0n)
    })

    it('cannot tell one that says nothing from one that ran out of gas', async () => {
      await world.mediator.setManner(2n)
      const many = [await termsOf(), await termsOf({ level: MEDIATED })]
      await expectRevert(world, asRequester().postMany(many), 'JobMarketOutOfGas', [1n])
    })
  })

  describe('given too little gas', () => {
    it('never skips for it: it reverts with JobMarketOutOfGas or posts everything', async () => {
      const many = await Promise.all(Array.from({ length: 4 }, () => termsOf()))
      const data = world.market.interface.encodeFunctionData('postMany', [many])
      const { requester } = world.actors
      const enough = await ethers.provider.estimateGas({ from: requester.address, to: world.address, data })
      const snapshot = await networkHelpers.takeSnapshot()
      let starved = 0
      for (let share = 20n; share <= 100n; share += 4n) {
        const call = { to: world.address, data, from: requester.address, gasLimit: (enough * share) / 100n }
        try {
          const answer = await ethers.provider.call(call)
          const [ids] = world.market.interface.decodeFunctionResult('postMany', answer)
          expect([...ids], `${share} %`).to.deep.equal(many.map(idOf))
        } catch (error) {
          if (error instanceof Error && error.name === 'AssertionError') throw error
          starved += 1
        }
      }
      await snapshot.restore()
      expect(starved > 0).to.equal(true)
    })
  })

  describe('given nothing', () => {
    it('posts nothing', async () => {
      await expectMoney(world, {}, () => asRequester().postMany([]))
    })
  })

  it('posts for whoever calls it, not for the market', async () => {
    const terms = await termsOf()
    const { eve } = world.actors
    await world.market.connect(eve).postMany([terms])
    const jobId = jobIdOf(chainId, world.address, eve.address, terms)
    expect((await world.market.getJob(jobId)).requester).to.equal(eve.address)
  })
})
