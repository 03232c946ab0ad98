import { expect } from 'chai'
import { Wallet } from 'ethers'
import { type Address, encodeFunctionData, parseAbi, toHex } from 'viem'
import { ethersAccount } from '../src/ethers/index.ts'
import {
  AgreementNonceSpentError,
  AgreementWrongSignatureError,
  addParameters,
  claimSigned,
  deposit,
  JobAgreementPriceTooFineError,
  JobMarketJobExistsError,
  type JobTermsInput,
  type MarketClient,
  stake,
  updateProvider,
  ValueOutOfRangeError,
} from '../src/index.ts'
import { keyOf, startChain, type TestChain } from './helpers/chain.ts'
import { endpoint, fund, resources, result, someTerms, units } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'

const walletAbi = parseAbi(['function execute(address target, bytes data) returns (bytes)'])
const approveAbi = parseAbi(['function approve(address spender, uint256 value)'])

describe('agreements by signature', () => {
  let chain: TestChain
  let requester: MarketClient
  let provider: MarketClient
  let restore: () => Promise<void>
  before(async () => {
    chain = await startChain()
    ;({ requester, provider } = await fund(chain))
  })
  beforeEach(async () => {
    restore = await chain.snapshot()
  })
  afterEach(() => restore())
  after(() => chain.close())

  /** Terms at a fixed price. */
  async function fixedTerms(changes: Partial<JobTermsInput> = {}) {
    const { minPrice: _, ramp: __, ...terms } = await someTerms(chain, changes)
    return terms
  }

  describe('a request', () => {
    it('of a viem account is claimed once, and lives on as any job', async () => {
      const request = await requester.signJobRequest({ terms: await fixedTerms() })
      expect(request).to.include({ requester: chain.accounts.requester.address, isOpen: true })
      const hash = await provider.claimSigned(request)
      const { logs } = await provider.waitForTransactionReceipt({ hash })
      const { jobId, price, bond } = claimSigned.extractEvent(logs).args
      expect(jobId).to.equal(await requester.getJobId({ terms: request.terms }))
      expect(await provider.getJob({ jobId })).to.include({
        ...{ status: 'claimed', isSigned: true, price, bond, maxPrice: units('2'), run: 400, window: 300 },
        requester: chain.accounts.requester.address,
      })
      expect(await requester.getJobTerms({ jobId })).to.deep.include({
        ...{ tasks: 8, minPrice: units('2'), dataUri: request.terms.dataUri },
        expects: { parametersId: 0, feeBps: 100 },
      })

      await provider.submitSync({ jobId, ...result })
      expect(await requester.getResult({ jobId })).to.deep.include(result)
      const { pay, fee } = await requester.acceptSync({ jobId })
      expect(pay + fee).to.equal(units('2'))
      await rejection(provider.claimSigned(request), AgreementNonceSpentError)
    })

    it('of an ethers signer', async () => {
      const account = await ethersAccount(new Wallet(keyOf('requester')))
      expect(account).to.include({ address: chain.accounts.requester.address, type: 'local' })
      const client = chain.client('requester', { account })
      const request = await client.signJobRequest({ terms: await fixedTerms() })
      const { jobId } = await provider.claimSignedSync(request)
      expect(await client.getJobStatus({ jobId })).to.equal('claimed')
      // what it sends, too
      await provider.submitSync({ jobId, ...result })
      await client.acceptSync({ jobId })
      expect(await client.getJobStatus({ jobId })).to.equal('settled')
    })

    it('of a contract, signed by its owner', async () => {
      const { wallet, client } = await walletOf('eve')
      const request = await client.signJobRequest({ requester: wallet, terms: await fixedTerms() })
      const { jobId } = await provider.claimSignedSync(request)
      expect(await client.getJob({ jobId })).to.include({ requester: wallet, status: 'claimed' })
      const stranger = await chain.client('keeper').signJobRequest({
        ...{ requester: wallet, terms: await fixedTerms() },
      })
      await rejection(provider.claimSigned(stranger), AgreementWrongSignatureError)
    })

    it('to one provider is for that one', async () => {
      const { address } = chain.accounts.provider
      const request = await requester.signJobRequest({ provider: address, terms: await fixedTerms() })
      expect(request.isOpen).to.equal(false)
      await rejection(chain.client('eve').claimSigned(request), AgreementWrongSignatureError)
      await provider.claimSignedSync(request)
    })

    it('says what was signed, nothing else', async () => {
      const request = await requester.signJobRequest({ terms: await fixedTerms() })
      const terms = { ...request.terms, run: 399 }
      const error = await rejection(provider.claimSigned({ ...request, terms }), AgreementWrongSignatureError)
      expect(error.signer).to.equal(chain.accounts.requester.address)
    })

    it('and a posting of the same terms are one job', async () => {
      const request = await requester.signJobRequest({ terms: await fixedTerms() })
      await requester.postSync({ terms: request.terms })
      await rejection(provider.claimSigned(request), JobMarketJobExistsError)
    })

    it('carries a private, metered, attested job', async () => {
      const assurance = toHex(7, { size: 32 })
      const changes = { isPrivate: true, meteredBps: 5_000, level: 'attested', assurance } as const
      const request = await requester.signJobRequest({ terms: await fixedTerms(changes) })
      const { jobId } = await provider.claimSignedSync(request)
      expect(await requester.getJob({ jobId })).to.include({
        ...{ status: 'awaitingKey', keyBy: (await chain.now()) + 600, runBy: null, level: 'attested' },
        ...{ meteredBps: 5_000, stepBudget: 8n << 30n, steps: null },
      })
      const { key } = await requester.deliverKeySync({ jobId, key: '0x1234' })
      expect(key).to.equal('0x1234')
      await provider.submitSync({ jobId, ...result })
      expect(await requester.getJob({ jobId })).to.include({ status: 'submitted', steps: 8n })
      const { pay, fee } = await requester.acceptSync({ jobId })
      expect(pay + fee).to.equal(units('1'))
    })
  })

  describe('the rules that a signer agrees to', () => {
    const feeBps = 250

    /** Makes other rules current, as governance does. */
    async function changeRules() {
      const { id: _, current: __, paused: ___, ...rules } = await requester.getParameters()
      await chain.govern(addParameters.call({ market: chain.market, rules: { ...rules, feeBps } }))
    }

    it('are those of its signature, and no later ones', async () => {
      const request = await requester.signJobRequest({ terms: await fixedTerms() })
      const offer = await provider.signJobOffer({ terms: await fixedTerms() })
      expect([request, offer].map(({ terms }) => terms.expects)).to.deep.equal(
        Array(2).fill({ parametersId: 0, feeBps: 100 }),
      )
      await changeRules()
      for (const taken of [provider.claimSigned(request), requester.acceptOffer(offer)]) {
        expect(await rejection(taken, ValueOutOfRangeError)).to.include({ field: 'snapshot' })
      }
      const { terms } = await requester.signJobRequest({ terms: { ...request.terms, expects: null } })
      expect(terms.expects).to.deep.equal({ parametersId: 1, feeBps })
    })

    it('are any where it says so', async () => {
      const terms = await fixedTerms()
      const request = await requester.signJobRequest({ terms, anyParameters: true })
      await changeRules()
      const { jobId } = await provider.claimSignedSync(request)
      expect(await requester.getJob({ jobId })).to.include({ parametersId: 1, feeBps })
    })
  })

  describe('an offer', () => {
    it('makes a job of whoever accepts it', async () => {
      const offer = await provider.signJobOffer({ terms: await fixedTerms() })
      const { jobId, provider: claimer } = await requester.acceptOfferSync(offer)
      expect(claimer).to.equal(chain.accounts.provider.address)
      expect(await requester.getJob({ jobId })).to.include({
        ...{ status: 'claimed', requester: chain.accounts.requester.address },
      })
    })

    it('of an ethers signer', async () => {
      const account = await ethersAccount(new Wallet(keyOf('provider')))
      const client = chain.client('provider', { account })
      const offer = await client.signJobOffer({ terms: await fixedTerms() })
      const { jobId } = await requester.acceptOfferSync(offer)
      expect(await requester.getJob({ jobId })).to.include({ status: 'claimed', provider: account.address })
    })

    it('of a contract, signed by its owner', async () => {
      const { wallet, client, forward } = await walletOf('eve')
      const { market } = chain
      await forward(market, encodeFunctionData(stake.call({ market, amount: units('100') })))
      const declared = { resources, concurrency: 2, endpoint }
      await forward(market, encodeFunctionData(updateProvider.call({ market, ...declared })))
      const offer = await client.signJobOffer({ provider: wallet, terms: await fixedTerms() })
      const { jobId } = await requester.acceptOfferSync(offer)
      expect(await requester.getJob({ jobId })).to.include({ status: 'claimed', provider: wallet })
      const stranger = await chain.client('keeper').signJobOffer({
        ...{ provider: wallet, terms: await fixedTerms() },
      })
      await rejection(requester.acceptOffer(stranger), AgreementWrongSignatureError)
    })

    it('to one requester is for that one', async () => {
      const { address } = chain.accounts.eve
      const offer = await provider.signJobOffer({ requester: address, terms: await fixedTerms() })
      await rejection(requester.acceptOffer(offer), AgreementWrongSignatureError)
    })

    it('is what one accepts, not a request', async () => {
      const { requester: signer, ...request } = await requester.signJobRequest({ terms: await fixedTerms() })
      const confused = requester.acceptOffer({ ...request, provider: signer })
      await rejection(confused, AgreementWrongSignatureError)
    })
  })

  describe('nonces', () => {
    it('that were cancelled or used are spent', async () => {
      const { address } = chain.accounts.requester
      const [used, unused] = await Promise.all(
        [512n, 515n].map(async (nonce) => requester.signJobRequest({ terms: await fixedTerms({ nonce }) })),
      )
      await provider.claimSignedSync(used!)
      await requester.cancelNoncesSync({ nonces: [515n, 767n] })
      expect(await requester.getSpentNonces({ index: 2n })).to.deep.equal([512n, 515n, 767n])
      expect(await provider.getSpentNonces({ signer: address })).to.deep.equal([])
      const error = await rejection(provider.claimSigned(unused!), AgreementNonceSpentError)
      expect(error).to.include({ signer: address, nonce: 515n })
    })

    it('of several words take several transactions', async () => {
      const error = await rejection(requester.cancelNonces({ nonces: [1n, 256n] }), ValueOutOfRangeError)
      expect(error).to.include({ field: 'nonce', value: 256n, max: 255n })
    })
  })

  describe('terms that cannot be agreed', () => {
    it('are refused before anything is signed', async () => {
      const terms = await fixedTerms({ maxPrice: (1n << 40n) + 1n })
      const fine = await rejection(requester.signJobRequest({ terms }), JobAgreementPriceTooFineError)
      expect(fine).to.include({ price: (1n << 40n) + 1n, multiple: 2n })
      const auction = { ...terms, maxPrice: 7n, minPrice: 6n }
      const error = await rejection(requester.signJobRequest({ terms: auction }), ValueOutOfRangeError)
      expect(error).to.include({ field: 'minPrice', value: 6n })
    })

    it('go up to 40 bits, at any scale', async () => {
      await requester.signJobRequest({ terms: await fixedTerms({ maxPrice: ((1n << 40n) - 1n) << 39n }) })
    })
  })

  /** A contract with money in the market, whose owner is an actor. */
  async function walletOf(actor: 'eve') {
    const wallet = await chain.deploy('wallet', [chain.accounts[actor].address])
    const client = chain.client(actor)
    const amount = units('100')
    const forward = async (target: Address, data: `0x${string}`) => {
      const hash = await client.writeContract({
        ...{ address: wallet, abi: walletAbi, functionName: 'execute', args: [target, data] },
        ...{ account: chain.accounts[actor], chain: null },
      })
      await client.waitForTransactionReceipt({ hash })
    }
    const transfer = parseAbi(['function transfer(address to, uint256 value)'])
    await client.writeContract({
      ...{ address: chain.token, abi: transfer, functionName: 'transfer', args: [wallet, amount] },
      ...{ account: chain.accounts[actor], chain: null },
    })
    const args = [chain.market, amount] as const
    await forward(chain.token, encodeFunctionData({ abi: approveAbi, functionName: 'approve', args }))
    await forward(chain.market, encodeFunctionData(deposit.call({ market: chain.market, amount })))
    return { wallet, client, forward }
  }
})
