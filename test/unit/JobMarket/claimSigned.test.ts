import { expect } from 'chai'
import { expectMoney, expectOutOfRange, expectRevert } from '../../helpers/assertions.ts'
import { chainId, ethers, networkHelpers } from '../../helpers/chain.ts'
import { FUNDS, MAX_UNITS } from '../../helpers/defaults.ts'
import {
  busyMarket,
  deployMarket,
  enlist,
  fund,
  NOT_OFFERED,
  REPLICATED,
  type World,
} from '../../helpers/fixtures.ts'
import { agreed, draftFixed, type Job, windowEnd } from '../../helpers/jobs.ts'
import { plain } from '../../helpers/plain.ts'
import { bondFor, feeOf } from '../../helpers/reference.ts'
import { agreementDigest, signOffer, signRequest } from '../../helpers/signing.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { jobSlot, readWord } from '../../helpers/storage.ts'
import { commitmentOf, jobIdOf, packTerms, type Terms, type TermsFields, word } from '../../helpers/terms.ts'
import { at, DAY, now } from '../../helpers/time.ts'

// the default job's highest price, which a signed job is claimed for
const PRICE = 7_000_003n
const BOND = 14_000_128n

describe('JobMarket.claimSigned', () => {
  let world: World
  let job: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const claimAs = (
    who: keyof World['actors'],
    signature: string,
    { isOpen = false, terms = job.terms } = {},
  ) => world.market.connect(world.actors[who]).claimSigned(job.requester.address, isOpen, terms, signature)
  const take = async (terms: Partial<TermsFields> = {}) => {
    job = await agreed(world, { terms })
    return signRequest(world, job.requester, job.terms, job.provider.address)
  }
  const expectWrongSignature = (sending: Promise<unknown>, signer: string, digest: string) =>
    expectRevert(world, sending, 'AgreementWrongSignature', [signer, digest])
  const digestFor = (provider: string, terms = job.terms) =>
    agreementDigest(world, 'JobRequest', { requester: job.requester.address, provider }, terms)

  describe('given a request for this provider', () => {
    let signature: string

    beforeEach(async () => {
      signature = await take()
    })

    // JM-31
    it('moves the price from the requester and locks the bond of the provider', async () => {
      await expectMoney(
        world,
        { requester: { balance: -PRICE }, provider: { locked: BOND, active: 1n } },
        () => claimAs('provider', signature),
      )
    })

    it('emits JobPosted and JobClaimed', async () => {
      const { market } = world
      const sending = await claimAs('provider', signature)
      await expect(sending)
        .to.emit(market, 'JobPosted')
        .withArgs(job.jobId, job.requester.address, Object.values(job.terms))
      await expect(sending)
        .to.emit(market, 'JobClaimed')
        .withArgs(job.jobId, job.provider.address, PRICE, BOND)
    })

    it('returns the id', async () => {
      const { market, actors } = world
      const { terms } = job
      const actual = await market
        .connect(actors.provider)
        .claimSigned.staticCall(job.requester, false, terms, signature)
      expect(actual).to.equal(job.jobId)
    })

    it('keeps what binds from now on, and nothing else', async () => {
      await claimAs('provider', signature)
      const { requester, provider, fields } = job
      const view = plain(await world.market.getJob(job.jobId))
      expect(view).to.deep.equal({
        status: statusNumber('Claimed'),
        requester: requester.address,
        postedAt: 0n,
        claimBy: 0n,
        tasks: 0n,
        maxPrice: PRICE,
        minBps: 0n,
        ramp: 0n,
        run: fields.run,
        window: fields.window,
        minReputation: 0n,
        floor: 0n,
        level: 0n,
        parametersId: 0n,
        feeBps: 100n,
        isPrivate: false,
        isSigned: true,
        meteredBps: 0n,
        stepBudget: 0n,
        steps: 0n,
        provider: provider.address,
        price: PRICE,
        bond: BOND,
        keyBy: 0n,
        runBy: (await now()) + fields.run,
        submittedAt: 0n,
        openChallenges: 0n,
        resultCommitment: ethers.ZeroHash,
      })
    })

    it('leaves the second word empty', async () => {
      await claimAs('provider', signature)
      expect(await readWord(world, jobSlot(job.jobId, 1n))).to.equal(0n)
      expect(await readWord(world, jobSlot(job.jobId, 3n))).to.equal(0n)
    })

    it('spends the nonce', async () => {
      await claimAs('provider', signature)
      const { nonce } = job.fields
      const spent = await world.market.spentNonces(job.requester, nonce >> 8n)
      expect((spent >> (nonce & 255n)) & 1n).to.equal(1n)
    })

    // JM-29
    it('refuses another provider', async () => {
      const { rival } = world.actors
      await expectWrongSignature(claimAs('rival', signature), job.requester.address, digestFor(rival.address))
    })

    it('refuses to be taken for an open one', async () => {
      const digest = digestFor(ethers.ZeroAddress)
      const sending = claimAs('provider', signature, { isOpen: true })
      await expectWrongSignature(sending, job.requester.address, digest)
    })

    it('refuses to be taken twice', async () => {
      await claimAs('provider', signature)
      const values = [job.requester.address, job.fields.nonce]
      await expectRevert(world, claimAs('provider', signature), 'AgreementNonceSpent', values)
    })

    it('refuses other terms with the same nonce, once spent', async () => {
      const terms = packTerms({ ...job.fields, maxPrice: PRICE + 1n })
      const other = await signRequest(world, job.requester, terms, job.provider.address)
      await claimAs('provider', signature)
      const values = [job.requester.address, job.fields.nonce]
      await expectRevert(world, claimAs('provider', other, { terms }), 'AgreementNonceSpent', values)
    })

    it('leaves the nonce alone where it reverts', async () => {
      await world.market.connect(world.actors.owner).pausePosting()
      await expectRevert(world, claimAs('provider', signature), 'JobMarketPostingPaused')
      await world.market.connect(world.actors.owner).resumePosting()
      await claimAs('provider', signature)
    })

    it('refuses a job that the requester posted itself', async () => {
      await world.market.connect(job.requester).post(job.terms)
      await expectRevert(world, claimAs('provider', signature), 'JobMarketJobExists', [job.jobId])
    })

    it('keeps the requester from posting it again', async () => {
      await claimAs('provider', signature)
      const sending = world.market.connect(job.requester).post(job.terms)
      await expectRevert(world, sending, 'JobMarketJobExists', [job.jobId])
    })

    it('takes an EIP-2098 short signature for no signature', async () => {
      const short = ethers.Signature.from(signature).compactSerialized
      const digest = digestFor(job.provider.address)
      await expectWrongSignature(claimAs('provider', short), job.requester.address, digest)
    })

    it('refuses the twin with the high s', async () => {
      const { r, s, v } = ethers.Signature.from(signature)
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
      const high = ethers.toBeHex(order - BigInt(s), 32)
      const twin = ethers.concat([r, high, ethers.toBeHex(v === 27 ? 28 : 27)])
      const digest = digestFor(job.provider.address)
      await expectWrongSignature(claimAs('provider', twin), job.requester.address, digest)
    })
  })

  describe('given a request for whoever comes first', () => {
    it('is taken by any provider, once', async () => {
      job = await agreed(world)
      const signature = await signRequest(world, job.requester, job.terms)
      await claimAs('rival', signature, { isOpen: true })
      expect((await world.market.getJob(job.jobId)).provider).to.equal(world.actors.rival.address)
      const sending = claimAs('provider', signature, { isOpen: true })
      const values = [job.requester.address, job.fields.nonce]
      await expectRevert(world, sending, 'AgreementNonceSpent', values)
    })
  })

  // JM-26
  describe('given a signature over anything else', () => {
    const others: [string, (fields: TermsFields) => Partial<TermsFields>][] = [
      ['programId', () => ({ programId: word('x') })],
      ['inputsRoot', () => ({ inputsRoot: word('x') })],
      ['sharedInput', () => ({ sharedInput: word('x') })],
      ['rules', (f) => ({ maxPrice: f.maxPrice - 1n })],
      ['limits', (f) => ({ maxOutput: f.maxOutput + 1n })],
      ['assurance', () => ({ level: 1n, assurance: word('x') })],
      ['dataUri', () => ({ dataUri: 'https://store.example.org/' })],
    ]
    for (const [field, change] of others) {
      it(`refuses another ${field}`, async () => {
        const signature = await take(field === 'assurance' ? { level: 1n } : {})
        const terms = packTerms({ ...job.fields, ...change(job.fields) })
        const digest = digestFor(job.provider.address, terms)
        await expectWrongSignature(claimAs('provider', signature, { terms }), job.requester.address, digest)
      })
    }

    it('refuses an offer', async () => {
      await take()
      const offer = await signOffer(world, job.requester, job.terms, job.requester.address)
      const digest = digestFor(job.provider.address)
      await expectWrongSignature(claimAs('provider', offer), job.requester.address, digest)
    })

    it('refuses a request to another market', async () => {
      await take()
      const address = world.actors.eve.address
      const foreign = await signRequest({ address }, job.requester, job.terms, job.provider.address)
      const digest = digestFor(job.provider.address)
      await expectWrongSignature(claimAs('provider', foreign), job.requester.address, digest)
    })

    it('refuses a signature of somebody else, of nobody and of no bytes', async () => {
      await take()
      const digest = digestFor(job.provider.address)
      const { address } = job.provider
      const other = await signRequest(world, world.actors.eve, job.terms, address)
      for (const each of [other, '0x', `0x${'00'.repeat(65)}`, `0x${'ff'.repeat(65)}`]) {
        await expectWrongSignature(claimAs('provider', each), job.requester.address, digest)
      }
    })

    it('refuses the zero address as a requester, for which a broken signature would recover', async () => {
      await take()
      const { market, actors } = world
      const sides = { requester: ethers.ZeroAddress, provider: job.provider.address }
      const digest = agreementDigest(world, 'JobRequest', sides, job.terms)
      const sending = market
        .connect(actors.provider)
        .claimSigned(ethers.ZeroAddress, false, job.terms, `0x${'00'.repeat(65)}`)
      await expectWrongSignature(sending, ethers.ZeroAddress, digest)
    })
  })

  // JM-27
  describe('given a wallet contract as the requester', () => {
    let wallet: Awaited<ReturnType<typeof deployWallet>>
    let terms: Terms
    let signature: string

    const deployWallet = async () => ethers.deployContract('WalletMock', [world.actors.eve.address])

    beforeEach(async () => {
      wallet = await deployWallet()
      const { market, token, address, actors } = world
      const target = await wallet.getAddress()
      await token.connect(actors.owner).transfer(target, FUNDS.balance)
      const call = (to: string, data: string) => wallet.connect(actors.eve).execute(to, data)
      await call(
        await token.getAddress(),
        token.interface.encodeFunctionData('approve', [address, FUNDS.balance]),
      )
      await call(address, market.interface.encodeFunctionData('deposit', [FUNDS.balance]))
      terms = packTerms(await draftFixed())
      const domain = { name: 'Assay', version: '1', chainId, verifyingContract: address }
      const field = (name: string, type: string) => ({ name, type })
      const JobRequest = [
        field('requester', 'address'),
        field('provider', 'address'),
        ...['programId', 'inputsRoot', 'sharedInput'].map((name) => field(name, 'bytes32')),
        field('rules', 'uint256'),
        field('limits', 'uint256'),
        field('assurance', 'bytes32'),
        field('dataUri', 'string'),
      ]
      const message = { requester: target, provider: actors.provider.address, ...terms }
      signature = await actors.eve.signTypedData(domain, { JobRequest }, message)
    })

    const claim = async () =>
      world.market
        .connect(world.actors.provider)
        .claimSigned(await wallet.getAddress(), false, terms, signature)

    it('takes what its owner signed for it', async () => {
      const jobId = jobIdOf(chainId, world.address, await wallet.getAddress(), terms)
      await expect(claim())
        .to.emit(world.market, 'JobClaimed')
        .withArgs(jobId, world.actors.provider.address, PRICE, BOND)
      expect((await world.market.accountOf(await wallet.getAddress())).balance).to.equal(
        FUNDS.balance - PRICE,
      )
    })

    for (const [manner, number] of [
      ['answers nothing', 1n],
      ['says no', 2n],
      ['reverts', 3n],
    ] as const) {
      it(`refuses it when it ${manner}`, async () => {
        await wallet.setManner(number)
        const requester = await wallet.getAddress()
        const sides = { requester, provider: world.actors.provider.address }
        const digest = agreementDigest(world, 'JobRequest', sides, terms)
        await expectWrongSignature(claim(), requester, digest)
      })
    }
  })

  // JM-31, JM-48
  describe('given terms that cannot be agreed by signature', () => {
    it('refuses a price that moves', async () => {
      const signature = await take({ minBps: 9_999n })
      await expectOutOfRange(world, claimAs('provider', signature), 'minBps', [9_999n, 10_000n, 10_000n])
    })

    it('refuses a mediated level', async () => {
      const signature = await take({ level: REPLICATED })
      await expectOutOfRange(world, claimAs('provider', signature), 'isMediated', [1n, 0n, 0n])
    })

    it('refuses a level that is not offered', async () => {
      const signature = await take({ level: NOT_OFFERED })
      await expectRevert(world, claimAs('provider', signature), 'JobMarketLevelNotOffered', [NOT_OFFERED, 0n])
    })

    it('refuses a price of zero', async () => {
      const signature = await take({ maxPrice: 0n })
      await expectOutOfRange(world, claimAs('provider', signature), 'maxPrice', [0n, 1n, MAX_UNITS])
    })

    for (const [price, multiple] of [
      [2n ** 40n + 1n, 2n],
      [2n ** 41n + 2n, 4n],
      [2n ** 78n + 1n, 2n ** 39n],
    ] as const) {
      it(`refuses a price of ${price}, finer than 40 bits`, async () => {
        // whether the provider is eligible is found before
        const parameters = { baseExposure: MAX_UNITS, surchargeBps: 0n, bondBps: 2_000n }
        world = await deployMarket({ parameters })
        const { provider } = world.actors
        const stake = bondFor(world.parameters, price, 0n)
        await fund(world, provider, stake)
        await enlist(world, provider, stake)
        const signature = await take({ maxPrice: price })
        const values = [price, multiple]
        await expect(claimAs('provider', signature))
          .to.be.revertedWithCustomError(world.market, 'JobAgreementPriceTooFine')
          .withArgs(...values)
      })
    }
  })

  // JM-30
  describe('given the end of the request', () => {
    it('takes it at claimBy', async () => {
      const signature = await take({ claimBy: (await now()) + 100n })
      await at(job.fields.claimBy, () => claimAs('provider', signature))
    })

    it('refuses it a second later', async () => {
      const signature = await take({ claimBy: (await now()) + 100n })
      const { claimBy } = job.fields
      const time = claimBy + 1n
      const sending = at(time, () => claimAs('provider', signature))
      await expectOutOfRange(world, sending, 'claimBy', [claimBy, time, time + 30n * DAY])
    })

    it('refuses one that ends more than 30 days from now, until it does not', async () => {
      const start = await now()
      const signature = await take({ claimBy: start + 30n * DAY + 10n })
      const { claimBy } = job.fields
      const sending = at(start + 9n, () => claimAs('provider', signature))
      await expectOutOfRange(world, sending, 'claimBy', [claimBy, start + 9n, start + 9n + 30n * DAY])
      await at(start + 10n, () => claimAs('provider', signature))
    })
  })

  // JM-31
  describe('given a side that cannot', () => {
    it('refuses a requester without the price', async () => {
      const { requester } = world.actors
      await world.market.connect(requester).withdraw(requester, FUNDS.requester - PRICE + 1n)
      const signature = await take()
      await expectRevert(world, claimAs('provider', signature), 'AccountInsufficientBalance', [
        PRICE - 1n,
        PRICE,
      ])
    })

    it('refuses a provider that never registered', async () => {
      job = await agreed(world)
      const signature = await signRequest(world, job.requester, job.terms)
      const values = [world.actors.keeper.address, 0n, 0n]
      const sending = claimAs('keeper', signature, { isOpen: true })
      await expectRevert(world, sending, 'ProvidersConcurrencyReached', values)
    })
  })

  describe('given one address on both sides', () => {
    it('may agree with itself, and gains nothing', async () => {
      const { provider } = world.actors
      job = await agreed(world, { requester: provider })
      const signature = await signRequest(world, provider, job.terms, provider.address)
      await expectMoney(world, { provider: { balance: -PRICE, locked: BOND, active: 1n } }, () =>
        claimAs('provider', signature),
      )
    })
  })

  describe('given a price of 80 bits, 40 of them significant', () => {
    it('is escrowed, paid and taxed to the unit', async () => {
      // with a bond of 20 %, all that a market can hold
      const parameters = { baseExposure: MAX_UNITS, surchargeBps: 0n, bondBps: 2_000n, minBond: 30_000n }
      const price = (2n ** 39n + 1n) << 40n
      world = await deployMarket({ parameters })
      const { requester, provider } = world.actors
      await fund(world, requester, price)
      const bond = bondFor({ ...world.parameters }, price, 0n)
      await fund(world, provider, bond)
      await enlist(world, provider, bond)
      const signature = await take({ maxPrice: price, run: 30n * DAY, window: 30n * DAY })
      await expectMoney(
        world,
        { requester: { balance: -price }, provider: { locked: bond, active: 1n } },
        () => claimAs('provider', signature),
      )
      const view = await world.market.getJob(job.jobId)
      expect([view.price, view.run, view.window]).to.deep.equal([price, 30n * DAY, 30n * DAY])
      const root = word('result')
      const most = 2n ** 128n - 1n
      await world.market.connect(provider).submit(job.jobId, root, most)
      job = { ...job, submittedAt: await now() }
      expect((await world.market.getJob(job.jobId)).resultCommitment).to.equal(commitmentOf(root, most))
      const fee = feeOf(price, 100n)
      await expectMoney(
        world,
        { provider: { balance: price - fee, locked: -bond, active: -1n, feeOwed: fee } },
        () => at(windowEnd(job) + 1n, () => world.market.settle(job.jobId)),
      )
    })
  })
})
