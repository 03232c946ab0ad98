import { expect } from 'chai'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { FUNDS } from '../helpers/defaults.ts'
import { busyMarket, createMarket, enlist, fund, type World } from '../helpers/fixtures.ts'
import { agreed, chainId, claimedSigned, type Job } from '../helpers/jobs.ts'
import { signOffer, signRequest } from '../helpers/signing.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { packTerms } from '../helpers/terms.ts'
import { AGREEMENT } from '../helpers/typedData.ts'
import { profitOf } from '../helpers/wealth.ts'

const NOBODY = ethers.ZeroAddress

/** The same terms with that price. */
const priced = (job: Job, maxPrice: bigint) => packTerms({ ...job.fields, maxPrice })

describe('A signature used where it was not given', () => {
  let world: World
  let job: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    job = await agreed(world)
  })

  /** Asserts that the attempt is refused by that name, makes no job and brings nobody anything. */
  const refused = async (error: string, attempt: () => Promise<unknown>, of: World = world) => {
    const everybody = Object.values(of.actors).map(({ address }) => address)
    for (const account of everybody) {
      const profit = await profitOf(of, [account], () =>
        expect(attempt()).to.be.revertedWithCustomError(of.market, error),
      )
      expect(profit <= 0n).to.equal(true)
    }
  }
  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])

  it('again: the same request makes one job', async () => {
    const { requester, provider } = world.actors
    const signature = await signRequest(world, requester, job.terms, provider.address)
    await as('provider').claimSigned(requester.address, false, job.terms, signature)
    const again = () => as('provider').claimSigned(requester.address, false, job.terms, signature)
    await refused('AgreementNonceSpent', again)
    await as('provider').release(job.jobId)
    await refused('AgreementNonceSpent', again)
  })

  it('again: the same offer makes one job, whoever accepts it', async () => {
    const { provider } = world.actors
    const signature = await signOffer(world, provider, job.terms)
    await as('requester').acceptOffer(provider.address, true, job.terms, signature)
    for (const who of ['requester', 'eve'] as const) {
      const again = () => as(who).acceptOffer(provider.address, true, job.terms, signature)
      await refused('AgreementNonceSpent', again)
    }
  })

  // JM-26
  it('for another job: a signature holds for its own terms alone', async () => {
    const { requester, provider } = world.actors
    const request = await signRequest(world, requester, job.terms)
    const offer = await signOffer(world, provider, job.terms)
    const { fields, terms } = job
    for (const other of [
      priced(job, fields.maxPrice + 1n),
      priced(job, fields.maxPrice - 1n),
      packTerms({ ...fields, nonce: fields.nonce + 1n }),
      packTerms({ ...fields, run: fields.run + 1n }),
      packTerms({ ...fields, assurance: ethers.toBeHex(1, 32) }),
      { ...terms, programId: terms.inputsRoot },
      { ...terms, inputsRoot: terms.programId },
      { ...terms, sharedInput: terms.programId },
      { ...terms, dataUri: `${terms.dataUri}/` },
    ]) {
      await refused('AgreementWrongSignature', () =>
        as('provider').claimSigned(requester.address, true, other, request),
      )
      await refused('AgreementWrongSignature', () =>
        as('requester').acceptOffer(provider.address, true, other, offer),
      )
    }
  })

  // JM-28
  it('with the same nonce: of two requests that a requester signed, one makes a job', async () => {
    const { requester } = world.actors
    const dearer = priced(job, job.fields.maxPrice + 1_000n)
    const first = await signRequest(world, requester, job.terms)
    const second = await signRequest(world, requester, dearer)
    await as('provider').claimSigned(requester.address, true, dearer, second)
    for (const who of ['provider', 'rival'] as const) {
      const other = () => as(who).claimSigned(requester.address, true, job.terms, first)
      await refused('AgreementNonceSpent', other)
    }
  })

  // JM-28
  it('with the same nonce: an offer and a request of one signer share it', async () => {
    const { provider, rival } = world.actors
    const request = await signRequest(world, provider, job.terms)
    const offer = await signOffer(world, provider, job.terms)
    await as('rival').claimSigned(provider.address, true, job.terms, request)
    await refused('AgreementNonceSpent', () =>
      as('requester').acceptOffer(provider.address, true, job.terms, offer),
    )
    expect(rival.address).not.to.equal(provider.address)
  })

  // JM-28
  it('after its nonce was cancelled, which nobody else can do', async () => {
    const { requester } = world.actors
    const { nonce } = job.fields
    const signature = await signRequest(world, requester, job.terms)
    const all = ethers.MaxUint256
    for (const who of ['provider', 'eve', 'owner'] as const) await as(who).cancelNonces(nonce >> 8n, all)
    expect(await world.market.spentNonces(requester, nonce >> 8n)).to.equal(0n)
    await as('requester').cancelNonces(nonce >> 8n, 1n << (nonce & 0xffn))
    await refused('AgreementNonceSpent', () =>
      as('provider').claimSigned(requester.address, true, job.terms, signature),
    )
  })

  // JM-26
  it('in the other part: a request is no offer, and an offer no request', async () => {
    const { provider } = world.actors
    // one account that works and buys: whoever turns its signature round would lock its bond, or take its balance
    for (const named of [undefined, provider.address]) {
      const request = await signRequest(world, provider, job.terms, named)
      const offer = await signOffer(world, provider, job.terms, named)
      for (const isOpen of [true, false]) {
        for (const who of ['provider', 'rival', 'requester'] as const) {
          await refused('AgreementWrongSignature', () =>
            as(who).acceptOffer(provider.address, isOpen, job.terms, request),
          )
          await refused('AgreementWrongSignature', () =>
            as(who).claimSigned(provider.address, isOpen, job.terms, offer),
          )
        }
      }
    }
  })

  // JM-29
  it('for somebody else: what names one provider serves no other, and none passes as named', async () => {
    const { requester, provider } = world.actors
    const named = await signRequest(world, requester, job.terms, provider.address)
    const open = await signRequest(world, requester, job.terms)
    for (const isOpen of [true, false]) {
      await refused('AgreementWrongSignature', () =>
        as('rival').claimSigned(requester.address, isOpen, job.terms, named),
      )
    }
    await refused('AgreementWrongSignature', () =>
      as('provider').claimSigned(requester.address, false, job.terms, open),
    )
  })

  it('in the name of somebody else, of nobody, or of a contract that signs nothing', async () => {
    const { rival } = world.actors
    const signature = await signRequest(world, rival, job.terms)
    const token = await world.token.getAddress()
    for (const signer of [world.actors.requester.address, NOBODY, token, world.address]) {
      for (const forged of [signature, '0x', `0x${'00'.repeat(65)}`]) {
        await refused('AgreementWrongSignature', () =>
          as('rival').claimSigned(signer, true, job.terms, forged),
        )
      }
    }
  })

  it('twice in two spellings: the other half of the curve is refused', async () => {
    const { requester } = world.actors
    const { r, s, v } = ethers.Signature.from(await signRequest(world, requester, job.terms))
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const turned = ethers.concat([r, ethers.toBeHex(order - BigInt(s), 32), v === 27 ? '0x1c' : '0x1b'])
    await refused('AgreementWrongSignature', () =>
      as('provider').claimSigned(requester.address, true, job.terms, turned),
    )
  })

  // JM-26
  it('on another market of the same token and rules', async () => {
    const { actors, token, timelock, parameters } = world
    const { requester, provider, hook, owner, treasury } = actors
    const levels = [{ hook: hook.address, isMediated: false }]
    const governed = [await token.getAddress(), await timelock.getAddress(), owner.address, treasury.address]
    const market = await createMarket([...governed, parameters, levels])
    const other: World = { ...world, market, address: await market.getAddress() }
    await fund(other, requester, FUNDS.requester)
    await fund(other, provider, FUNDS.stake)
    await enlist(other, provider)

    const request = await signRequest(world, requester, job.terms)
    const offer = await signOffer(world, provider, job.terms)
    const take = (of: World) =>
      of.market.connect(provider).claimSigned(requester.address, true, job.terms, request)
    await refused('AgreementWrongSignature', () => take(other), other)
    await refused(
      'AgreementWrongSignature',
      () => market.connect(requester).acceptOffer(provider.address, true, job.terms, offer),
      other,
    )
    await take(world)
  })

  // JM-26
  it('on another chain', async () => {
    const { requester } = world.actors
    const message = { requester: requester.address, provider: NOBODY, ...job.terms }
    const domain = { name: 'Assay', version: '1', verifyingContract: world.address }
    const sign = (on: bigint) =>
      requester.signTypedData({ ...domain, chainId: on }, { JobRequest: AGREEMENT }, message)
    const elsewhere = await sign(chainId + 1n)
    await refused('AgreementWrongSignature', () =>
      as('provider').claimSigned(requester.address, true, job.terms, elsewhere),
    )
    await as('provider').claimSigned(requester.address, true, job.terms, await sign(chainId))
  })

  // JM-11
  it('for a job of the past: an id that was used is never used again', async () => {
    const { requester, provider } = world.actors
    const done = await claimedSigned(world)
    await as('provider').submit(done.jobId, done.terms.programId, 1n)
    await as('requester').accept(done.jobId)
    // a second signer cannot bring the id back either: the requester posts what it had signed before
    await refused('JobMarketJobExists', () => as('requester').post(done.terms))
    const offer = await signOffer(world, provider, done.terms, requester.address)
    await refused('JobMarketJobExists', () =>
      as('requester').acceptOffer(provider.address, false, done.terms, offer),
    )
    expect(await world.market.statusOf(done.jobId)).to.equal(statusNumber('Settled'))
  })
})

// JM-27
describe('Two wallet contracts of one owner', () => {
  let world: World
  let job: Job

  const deployWallet = async () => {
    const { actors, token, market, address } = world
    const wallet = await ethers.deployContract('WalletMock', [actors.eve.address])
    const own = await wallet.getAddress()
    await token.connect(actors.owner).transfer(own, FUNDS.requester)
    const act = (to: string, data: string) => wallet.connect(actors.eve).execute(to, data)
    const approve = token.interface.encodeFunctionData('approve', [address, FUNDS.requester])
    await act(await token.getAddress(), approve)
    await act(address, market.interface.encodeFunctionData('deposit', [FUNDS.requester]))
    return { own, act }
  }
  /** What the owner signs for one of its wallets, with the owner's key. */
  const signFor = (wallet: string, sign: typeof signRequest) => {
    const { eve } = world.actors
    const signer = { address: wallet, signTypedData: eve.signTypedData.bind(eve) }
    return sign(world, signer as never, job.terms)
  }

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    job = await agreed(world)
  })

  it('is bound by what was signed for it, and the other is not', async () => {
    const { market, actors } = world
    const [one, two] = [await deployWallet(), await deployWallet()]
    const signature = await signFor(one.own, signRequest)
    const take = (wallet: string) =>
      market.connect(actors.provider).claimSigned(wallet, true, job.terms, signature)
    const profit = await profitOf(world, [actors.provider.address], async () => {
      await expect(take(two.own)).to.be.revertedWithCustomError(market, 'AgreementWrongSignature')
      await expect(take(actors.eve.address)).to.be.revertedWithCustomError(market, 'AgreementWrongSignature')
    })
    expect(profit <= 0n).to.equal(true)
    await take(one.own)
    expect((await market.accountOf(two.own)).balance).to.equal(FUNDS.requester)
    expect((await market.accountOf(one.own)).balance).to.equal(FUNDS.requester - job.fields.maxPrice)
  })

  it('offers no bond but its own', async () => {
    const { market, actors, address } = world
    const [one, two] = [await deployWallet(), await deployWallet()]
    for (const { act } of [one, two]) {
      const { interface: calls } = market
      await act(address, calls.encodeFunctionData('stake', [FUNDS.stake]))
      await act(
        address,
        calls.encodeFunctionData('updateProvider', [2n ** 32n - 1n, 9n, '', ethers.ZeroHash]),
      )
    }
    const signature = await signFor(one.own, signOffer)
    const take = (wallet: string) =>
      market.connect(actors.requester).acceptOffer(wallet, true, job.terms, signature)
    await expect(take(two.own)).to.be.revertedWithCustomError(market, 'AgreementWrongSignature')
    await take(one.own)
    expect((await market.accountOf(two.own)).locked).to.equal(0n)
  })
})
