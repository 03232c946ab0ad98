import { expect } from 'chai'
import { expectMoney, expectOutOfRange, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { FUNDS, MAX_UNITS } from '../../helpers/defaults.ts'
import { busyMarket, enlist, fund, REPLICATED, type World } from '../../helpers/fixtures.ts'
import { agreed, draftFixed, type Job } from '../../helpers/jobs.ts'
import { agreementDigest, signOffer, signRequest } from '../../helpers/signing.ts'
import { packTerms, type TermsFields } from '../../helpers/terms.ts'
import { at, DAY, now } from '../../helpers/time.ts'
import { AGREEMENT } from '../../helpers/typedData.ts'

const PRICE = 7_000_003n
const BOND = 14_000_128n

describe('JobMarket.acceptOffer', () => {
  let world: World
  let job: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const acceptAs = (
    who: keyof World['actors'],
    signature: string,
    { isOpen = false, terms = job.terms } = {},
  ) => world.market.connect(world.actors[who]).acceptOffer(job.provider.address, isOpen, terms, signature)
  const take = async (terms: Partial<TermsFields> = {}) => {
    job = await agreed(world, { terms })
    return signOffer(world, job.provider, job.terms, job.requester.address)
  }
  const digestFor = (requester: string, terms = job.terms) =>
    agreementDigest(world, 'JobOffer', { requester, provider: job.provider.address }, terms)
  const expectWrongSignature = (sending: Promise<unknown>, digest: string) =>
    expectRevert(world, sending, 'AgreementWrongSignature', [job.provider.address, digest])

  describe('given an offer to this requester', () => {
    let signature: string

    beforeEach(async () => {
      signature = await take()
    })

    it('moves the price from the caller and locks the bond of the provider', async () => {
      await expectMoney(
        world,
        { requester: { balance: -PRICE }, provider: { locked: BOND, active: 1n } },
        () => acceptAs('requester', signature),
      )
    })

    it('emits JobPosted and JobClaimed', async () => {
      const sending = await acceptAs('requester', signature)
      await expect(sending)
        .to.emit(world.market, 'JobPosted')
        .withArgs(job.jobId, job.requester.address, Object.values(job.terms))
      await expect(sending)
        .to.emit(world.market, 'JobClaimed')
        .withArgs(job.jobId, job.provider.address, PRICE, BOND)
    })

    it('returns the id', async () => {
      const { market, actors } = world
      const as = market.connect(actors.requester)
      expect(await as.acceptOffer.staticCall(job.provider, false, job.terms, signature)).to.equal(job.jobId)
    })

    it('spends the nonce of the provider, not that of the requester', async () => {
      await acceptAs('requester', signature)
      const { nonce } = job.fields
      const bit = 1n << (nonce & 255n)
      expect((await world.market.spentNonces(job.provider, nonce >> 8n)) & bit).to.equal(bit)
      expect((await world.market.spentNonces(job.requester, nonce >> 8n)) & bit).to.equal(0n)
    })

    it('starts the run time', async () => {
      await acceptAs('requester', signature)
      expect((await world.market.getJob(job.jobId)).runBy).to.equal((await now()) + job.fields.run)
    })

    // JM-29
    it('refuses another requester', async () => {
      const { eve } = world.actors
      await expectWrongSignature(acceptAs('eve', signature), digestFor(eve.address))
    })

    it('refuses to be taken for an open one', async () => {
      const sending = acceptAs('requester', signature, { isOpen: true })
      await expectWrongSignature(sending, digestFor(ethers.ZeroAddress))
    })

    it('refuses to be taken twice, and what else was signed with the nonce', async () => {
      await acceptAs('requester', signature)
      const values = [job.provider.address, job.fields.nonce]
      await expectRevert(world, acceptAs('requester', signature), 'AgreementNonceSpent', values)
      const terms = packTerms({ ...job.fields, maxPrice: PRICE + 1n })
      const other = await signOffer(world, job.provider, terms, job.requester.address)
      await expectRevert(world, acceptAs('requester', other, { terms }), 'AgreementNonceSpent', values)
    })

    // JM-26
    it('refuses terms that the provider did not sign', async () => {
      const terms = packTerms({ ...job.fields, run: job.fields.run - 1n })
      const sending = acceptAs('requester', signature, { terms })
      await expectWrongSignature(sending, digestFor(job.requester.address, terms))
    })

    // JM-26
    it('refuses a request of the provider', async () => {
      const request = await signRequest(world, job.provider, job.terms, job.provider.address)
      await expectWrongSignature(acceptAs('requester', request), digestFor(job.requester.address))
    })

    it('refuses it while posting is paused', async () => {
      await world.market.connect(world.actors.owner).pausePosting()
      await expectRevert(world, acceptAs('requester', signature), 'JobMarketPostingPaused')
    })

    it('refuses it when the stake is locked elsewhere', async () => {
      await world.market.connect(job.provider).unstake(FUNDS.stake - BOND + 1n)
      const values = [BOND - 1n, BOND]
      await expectRevert(world, acceptAs('requester', signature), 'AccountInsufficientStake', values)
    })
  })

  describe('given an offer to whoever takes it', () => {
    it('is taken by the first', async () => {
      job = await agreed(world, { requester: world.actors.eve })
      const signature = await signOffer(world, job.provider, job.terms)
      await expect(acceptAs('eve', signature, { isOpen: true }))
        .to.emit(world.market, 'JobClaimed')
        .withArgs(job.jobId, job.provider.address, PRICE, BOND)
      const values = [job.provider.address, job.fields.nonce]
      await expectRevert(
        world,
        acceptAs('requester', signature, { isOpen: true }),
        'AgreementNonceSpent',
        values,
      )
    })
  })

  // JM-30
  describe('given the end of the offer', () => {
    it('takes it at claimBy', async () => {
      const signature = await take({ claimBy: (await now()) + 100n })
      await at(job.fields.claimBy, () => acceptAs('requester', signature))
    })

    it('refuses it a second later', async () => {
      const signature = await take({ claimBy: (await now()) + 100n })
      const { claimBy } = job.fields
      const time = claimBy + 1n
      const sending = at(time, () => acceptAs('requester', signature))
      await expectOutOfRange(world, sending, 'claimBy', [claimBy, time, time + 30n * DAY])
    })
  })

  describe('given terms that cannot be agreed by signature', () => {
    const cases: [string, Partial<TermsFields>, [string, bigint, bigint, bigint]][] = [
      ['a price that moves', { minBps: 0n }, ['minBps', 0n, 10_000n, 10_000n]],
      ['a mediated level', { level: REPLICATED }, ['isMediated', 1n, 0n, 0n]],
      ['no price', { maxPrice: 0n }, ['maxPrice', 0n, 1n, MAX_UNITS]],
      ['a metered share above one', { meteredBps: 10_001n }, ['meteredBps', 10_001n, 0n, 10_000n]],
    ]
    for (const [what, terms, [field, value, min, max]] of cases) {
      it(`refuses ${what}`, async () => {
        const signature = await take(terms)
        await expectOutOfRange(world, acceptAs('requester', signature), field, [value, min, max])
      })
    }
  })

  // JM-27
  describe('given a wallet contract as the provider', () => {
    it('takes what its owner signed for it, and what a stranger signed not', async () => {
      const { market, address, token, actors } = world
      const wallet = await ethers.deployContract('WalletMock', [actors.rival.address])
      const target = await wallet.getAddress()
      await networkHelpers.impersonateAccount(target)
      await networkHelpers.setBalance(target, 10n ** 18n)
      const provider = await ethers.getSigner(target)
      await fund(world, provider, FUNDS.stake)
      await enlist(world, provider)
      const terms = packTerms(await draftFixed())
      // the owner's own key signs the message that names the wallet
      const sides = { requester: actors.requester.address, provider: target }
      const digest = agreementDigest(world, 'JobOffer', sides, terms)
      const types = { JobOffer: AGREEMENT }
      const domain = { name: 'Assay', version: '1', chainId: 31_337n, verifyingContract: address }
      const message = { ...sides, ...terms }
      const [good, bad] = [
        await actors.rival.signTypedData(domain, types, message),
        await actors.eve.signTypedData(domain, types, message),
      ]
      const accept = (signature: string) =>
        market.connect(actors.requester).acceptOffer(target, false, terms, signature)
      await expectRevert(world, accept(bad), 'AgreementWrongSignature', [target, digest])
      await accept(good)
      expect((await market.accountOf(target)).locked).to.equal(BOND)
      expect(await token.balanceOf(target)).to.equal(0n)
    })
  })
})
