import { expect } from 'chai'
import type { Signer } from '../helpers/actors.ts'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { commitTo, seatedGroup } from '../helpers/groups.ts'
import {
  agreed,
  claimed,
  type Job,
  post,
  RESULT_ROOT,
  submitted,
  TOTAL_STEPS,
  windowEnd,
} from '../helpers/jobs.ts'
import { feeOf } from '../helpers/reference.ts'
import { signOffer, signRequest } from '../helpers/signing.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { word } from '../helpers/terms.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, profitOf, recruit } from '../helpers/wealth.ts'

/** Somebody sees a call before it is mined, and puts its own before it. */
describe('Front-running', () => {
  let world: World
  let job: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    job = await agreed(world)
  })

  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])
  const profit = (who: keyof World['actors'], act: () => Promise<unknown>) =>
    profitOf(world, addressesOf(world, who), act)

  describe('claimSigned', () => {
    it('of a request that names its provider: a copy brings nothing, and the provider gets the job', async () => {
      const { requester, provider } = world.actors
      const signature = await signRequest(world, requester, job.terms, provider.address)
      const gained = await profit('rival', async () => {
        const copy = as('rival').claimSigned(requester.address, false, job.terms, signature)
        await expect(copy).to.be.revertedWithCustomError(world.market, 'AgreementWrongSignature')
      })
      expect(gained <= 0n).to.equal(true)
      await as('provider').claimSigned(requester.address, false, job.terms, signature)
      expect((await world.market.getJob(job.jobId)).provider).to.equal(provider.address)
    })

    it('of an open request: who comes first has a job to do, who comes second has lost nothing', async () => {
      const { requester, rival } = world.actors
      const signature = await signRequest(world, requester, job.terms)
      const take = (who: 'provider' | 'rival') =>
        as(who).claimSigned(requester.address, true, job.terms, signature)
      const before = await world.market.accountOf(world.actors.provider)
      const gained = await profit('rival', () => take('rival'))
      expect(gained).to.equal(0n)
      expect((await world.market.getJob(job.jobId)).provider).to.equal(rival.address)
      await expectRevert(world, take('provider'), 'AgreementNonceSpent', [
        requester.address,
        job.fields.nonce,
      ])
      expect(await world.market.accountOf(world.actors.provider)).to.deep.equal(before)
      await expectSolvent(world)
    })

    it('by its requester, who posts the same terms: no job for nothing, and the provider may claim that one', async () => {
      const { requester, provider } = world.actors
      const signature = await signRequest(world, requester, job.terms, provider.address)
      const gained = await profit('requester', async () => {
        await as('requester').post(job.terms)
        const taking = as('provider').claimSigned(requester.address, false, job.terms, signature)
        await expectRevert(world, taking, 'JobMarketJobExists', [job.jobId])
      })
      expect(gained).to.equal(-job.fields.maxPrice)
      await as('provider').claim(job.jobId)
      expect((await world.market.getJob(job.jobId)).price).to.equal(job.fields.maxPrice)
    })

    it('by its requester, who cancels the nonce: neither has lost anything', async () => {
      const { requester, provider } = world.actors
      const signature = await signRequest(world, requester, job.terms, provider.address)
      const before = await world.market.accountOf(provider)
      const gained = await profit('requester', async () => {
        await as('requester').cancelNonces(job.fields.nonce >> 8n, 1n << (job.fields.nonce & 0xffn))
        const taking = as('provider').claimSigned(requester.address, false, job.terms, signature)
        await expectRevert(world, taking, 'AgreementNonceSpent', [requester.address, job.fields.nonce])
      })
      expect(gained).to.equal(0n)
      expect(await world.market.accountOf(provider)).to.deep.equal(before)
    })
  })

  describe('acceptOffer', () => {
    it('of an offer that names its requester: a copy brings nothing', async () => {
      const { requester, provider } = world.actors
      const signature = await signOffer(world, provider, job.terms, requester.address)
      const gained = await profit('eve', async () => {
        for (const isOpen of [true, false]) {
          const copy = as('eve').acceptOffer(provider.address, isOpen, job.terms, signature)
          await expect(copy).to.be.revertedWithCustomError(world.market, 'AgreementWrongSignature')
        }
      })
      expect(gained <= 0n).to.equal(true)
      await as('requester').acceptOffer(provider.address, false, job.terms, signature)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Claimed'))
    })

    it('of an open offer: whoever takes it pays for it, and the requester keeps its money', async () => {
      const { requester, provider } = world.actors
      const signature = await signOffer(world, provider, job.terms)
      const before = await world.market.accountOf(requester)
      const gained = await profit('eve', () =>
        as('eve').acceptOffer(provider.address, true, job.terms, signature),
      )
      expect(gained).to.equal(-job.fields.maxPrice)
      const late = as('requester').acceptOffer(provider.address, true, job.terms, signature)
      await expectRevert(world, late, 'AgreementNonceSpent', [provider.address, job.fields.nonce])
      expect(await world.market.accountOf(requester)).to.deep.equal(before)
    })

    it('by its provider, who takes its stake away: the requester keeps its money', async () => {
      const { requester, provider } = world.actors
      const signature = await signOffer(world, provider, job.terms)
      const before = await world.market.accountOf(requester)
      const { stake } = await world.market.accountOf(provider)
      const gained = await profit('provider', async () => {
        await as('provider').unstake(stake)
        const taking = as('requester').acceptOffer(provider.address, true, job.terms, signature)
        await expect(taking).to.be.revertedWithCustomError(world.market, 'AccountInsufficientStake')
      })
      expect(gained).to.equal(0n)
      expect(await world.market.accountOf(requester)).to.deep.equal(before)
    })
  })

  describe('claim', () => {
    it('of a posted job: whoever comes first has the work and the bond to lose, whoever comes second has lost nothing', async () => {
      const posted = await post(world)
      const before = await world.market.accountOf(world.actors.provider)
      const gained = await profit('rival', () => as('rival').claim(posted.jobId))
      expect(gained).to.equal(0n)
      const { locked } = await world.market.accountOf(world.actors.rival)
      expect(locked > 0n).to.equal(true)
      const values = [posted.jobId, statusNumber('Claimed'), statusNumber('Open')]
      await expectRevert(world, as('provider').claim(posted.jobId), 'JobMarketWrongStatus', values)
      expect(await world.market.accountOf(world.actors.provider)).to.deep.equal(before)
    })

    it('by its requester, who cancels: the price is back, and nobody has worked', async () => {
      const posted = await post(world)
      const before = await world.market.accountOf(world.actors.provider)
      const gained = await profit('requester', async () => {
        await as('requester').cancel(posted.jobId)
        const values = [posted.jobId, statusNumber('Cancelled'), statusNumber('Open')]
        await expectRevert(world, as('provider').claim(posted.jobId), 'JobMarketWrongStatus', values)
      })
      // the maximum had left the balance when it was posted
      expect(gained - posted.fields.maxPrice).to.equal(0n)
      expect(await world.market.accountOf(world.actors.provider)).to.deep.equal(before)
    })

    it('to hold it at a low price and give it back: costs 2 % of the price each time', async () => {
      const posted = await post(world)
      const gained = await profit('rival', async () => {
        await as('rival').claim(posted.jobId)
        await as('rival').release(posted.jobId)
      })
      expect(gained < 0n).to.equal(true)
    })
  })

  describe('submit', () => {
    it('with the result of somebody else: it is bound to the one who claimed', async () => {
      const taken = await claimed(world)
      for (const who of ['rival', 'requester', 'keeper', 'eve'] as const) {
        const gained = await profit(who, async () => {
          const copy = as(who).submit(taken.jobId, RESULT_ROOT, TOTAL_STEPS)
          const values = [taken.jobId, world.actors[who].address, taken.provider.address]
          await expectRevert(world, copy, 'JobMarketNotProvider', values)
        })
        expect(gained).to.equal(0n)
      }
      await as('provider').submit(taken.jobId, RESULT_ROOT, TOTAL_STEPS)
    })

    it('with a copy of it for a job of one’s own: pays what that job pays, at the risk of its own bond', async () => {
      const theirs = await claimed(world)
      const mine = await claimed(world, { provider: world.actors.rival })
      const { bond } = await world.market.getJob(mine.jobId)
      await as('provider').submit(theirs.jobId, RESULT_ROOT, TOTAL_STEPS)
      const gained = await profit('rival', async () => {
        await as('rival').submit(mine.jobId, RESULT_ROOT, TOTAL_STEPS)
        await as('hook').challengeOpened(mine.jobId)
        await as('hook').reject(mine.jobId, 0n)
      })
      expect(gained).to.equal(-bond)
      expect(await world.market.statusOf(theirs.jobId)).to.equal(statusNumber('Submitted'))
    })

    it('by its requester: nothing that it calls takes the job away first', async () => {
      const taken = await claimed(world)
      const gained = await profit('requester', async () => {
        const requester = as('requester')
        for (const attempt of [
          () => requester.cancel(taken.jobId),
          () => requester.release(taken.jobId),
          () => requester.fail(taken.jobId),
          () => requester.accept(taken.jobId),
        ]) {
          await expect(attempt()).to.be.revert(ethers)
        }
      })
      expect(gained).to.equal(0n)
      await as('provider').submit(taken.jobId, RESULT_ROOT, TOTAL_STEPS)
    })
  })

  describe('reveal', () => {
    it("with another seat's words: they open no commitment but its own", async () => {
      const { replication, address, actors } = world
      const [third] = await recruit(world, 1)
      const { jobs } = await seatedGroup(world, [actors.provider, actors.rival, third as Signer])
      const [first, second, last] = jobs as [Job, Job, Job]
      await commitTo(world, last)
      await commitTo(world, first)
      await commitTo(world, second, word('a guess'))
      const words = [RESULT_ROOT, TOTAL_STEPS, word('salt')] as const
      const thief = replication.connect(actors.rival)
      const gained = await profit('rival', async () => {
        await expect(thief.reveal(address, first.jobId, ...words)).to.be.revertedWithCustomError(
          replication,
          'ReplicationNotProvider',
        )
        await expect(thief.reveal(address, second.jobId, ...words)).to.be.revertedWithCustomError(
          replication,
          'ReplicationWrongReveal',
        )
      })
      expect(gained <= 0n).to.equal(true)
      await replication.connect(actors.provider).reveal(address, first.jobId, ...words)
    })
  })

  describe('accept', () => {
    const pay = async () => {
      const { price } = await world.market.getJob(job.jobId)
      return price - feeOf(price, world.parameters.feeBps)
    }

    beforeEach(async () => {
      job = await submitted(world)
    })

    it('by anyone who settles in the same second: the provider is paid once', async () => {
      const end = windowEnd(job) + 1n
      const due = await pay()
      expect(await profit('provider', () => at(end, () => as('eve').settle(job.jobId)))).to.equal(due)
      const values = [job.jobId, statusNumber('Settled'), statusNumber('Submitted')]
      await expectRevert(world, as('requester').accept(job.jobId), 'JobMarketWrongStatus', values)
    })

    it('by a challenge: it is not accepted while the challenge is open', async () => {
      const gained = await profit('provider', async () => {
        await as('hook').challengeOpened(job.jobId)
        await expectRevert(world, as('requester').accept(job.jobId), 'JobMarketChallengeOpen', [
          job.jobId,
          1n,
        ])
      })
      expect(gained).to.equal(0n)
    })

    it('before a challenge is mined: a liar and its requester pay each other, and the fee', async () => {
      const both = addressesOf(world, 'requester', 'provider')
      const { price } = await world.market.getJob(job.jobId)
      const gained = await profitOf(world, both, async () => {
        await as('requester').accept(job.jobId)
        const values = [job.jobId, statusNumber('Settled'), statusNumber('Submitted')]
        await expectRevert(world, as('hook').challengeOpened(job.jobId), 'JobMarketWrongStatus', values)
      })
      // the price had left the requester's balance when the job was posted
      expect(gained - price).to.equal(-feeOf(price, world.parameters.feeBps))
    })
  })
})
