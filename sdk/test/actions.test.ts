import { expect } from 'chai'
import { createClient, custom, encodeFunctionData, parseEventLogs, zeroHash } from 'viem'
import { simulateContract } from 'viem/actions'
import * as assay from '../src/index.ts'
import {
  claim,
  depositWithPermit,
  getAccount,
  jobMarketAbi,
  type MarketClient,
  post,
  requesterActions,
  settleMany,
  transfer,
  withdraw,
} from '../src/index.ts'
import { startChain, type TestChain } from './helpers/chain.ts'
import { endpoint, fund, jobsOf, resources, result, someTerms, units } from './helpers/jobs.ts'

/** Contract functions that the SDK leaves to hooks. */
const WITHOUT_ACTION = ['challengeClosed', 'challengeOpened', 'conclude', 'freezeBond', 'reject']

/** Contract functions that only the timelock may call: they are scheduled. */
const OF_THE_TIMELOCK = ['addParameters', 'setFeeRecipient', 'setGuardian']

describe('write actions', () => {
  let chain: TestChain
  let requester: MarketClient
  let provider: MarketClient
  let jobs: ReturnType<typeof jobsOf>
  let restore: () => Promise<void>
  before(async () => {
    chain = await startChain()
    ;({ requester, provider } = await fund(chain))
    jobs = jobsOf(chain, { requester, provider })
  })
  beforeEach(async () => {
    restore = await chain.snapshot()
  })
  afterEach(() => restore())
  after(() => chain.close())

  it('exist in threes for every function of the contract', () => {
    const functions = jobMarketAbi.filter(
      (item) => item.type === 'function' && item.stateMutability === 'nonpayable',
    )
    const client = chain.client('eve') as unknown as Record<string, unknown>
    const exported = assay as unknown as Record<string, Record<string, unknown>>
    for (const { name } of functions as { name: string }[]) {
      if (WITHOUT_ACTION.includes(name)) continue
      expect(Object.hasOwn(exported[name] ?? {}, 'call'), `${name}.call`).to.equal(true)
      const extractors = Object.keys(exported[name] ?? {}).filter((key) => key.startsWith('extract'))
      expect(extractors, `${name}.extract…`).to.have.length(1)
      if (OF_THE_TIMELOCK.includes(name)) continue
      expect(exported[name], name).to.be.a('function')
      expect(exported[`${name}Sync`], `${name}Sync`).to.be.a('function')
      expect(client[name], `client.${name}`).to.be.a('function')
      expect(client[`${name}Sync`], `client.${name}Sync`).to.be.a('function')
    }
  })

  describe('money', () => {
    it('deposit approves what is missing, and nothing where enough is allowed', async () => {
      const eve = chain.client('eve')
      const { account, amount } = await eve.depositSync({ amount: units('3') })
      expect({ account, amount }).to.deep.equal({ account: chain.accounts.eve.address, amount: units('3') })
      const { address } = chain.accounts.eve
      expect(await eve.getTransactionCount({ address })).to.equal(2)

      await eve.writeContract({
        address: chain.token,
        abi: assay.assayTokenAbi,
        functionName: 'approve',
        args: [chain.market, units('10')],
        chain: null,
        account: chain.accounts.eve,
      })
      const hash = await eve.deposit({ amount: units('4') })
      await eve.waitForTransactionReceipt({ hash })
      expect(await eve.getTransactionCount({ address })).to.equal(4)
      expect(await eve.getAccount()).to.include({ balance: units('7') })
      // 6 are left of the 10: an ordinary token changes them in one transaction
      await eve.depositSync({ amount: units('7') })
      expect(await eve.getTransactionCount({ address })).to.equal(6)
    })

    it('depositWithPermit needs one transaction', async () => {
      const eve = chain.client('eve')
      const { receipt, ...event } = await eve.depositWithPermitSync({ amount: units('3') })
      expect(event).to.deep.equal({ account: chain.accounts.eve.address, amount: units('3') })
      expect(depositWithPermit.extractEvent(receipt.logs).args).to.deep.equal(event)
      expect(await eve.getTransactionCount({ address: chain.accounts.eve.address })).to.equal(1)
      await eve.depositWithPermitSync({ amount: units('1'), deadline: (await chain.now()) + 60 })
      expect(await eve.getAccount()).to.include({ balance: units('4') })
    })

    it('withdraw pays to oneself or to another', async () => {
      const { to, amount } = await requester.withdrawSync({ amount: units('1') })
      expect({ to, amount }).to.deep.equal({ to: chain.accounts.requester.address, amount: units('1') })
      const { receipt, ...event } = await requester.withdrawSync({
        amount: 1n,
        to: chain.accounts.eve.address,
      })
      expect(withdraw.extractEvent(receipt.logs).args).to.deep.equal(event)
      const [transfer] = parseEventLogs({
        abi: assay.assayTokenAbi,
        logs: receipt.logs,
        eventName: 'Transfer',
      })
      expect(transfer?.args.to).to.equal(chain.accounts.eve.address)
    })

    it('transfer moves units to another balance, or to the reserve', async () => {
      const to = chain.accounts.eve.address
      const { receipt, ...event } = await requester.transferSync({ to, amount: 7n })
      expect(event).to.deep.equal({ from: chain.accounts.requester.address, to, amount: 7n })
      expect(transfer.extractEvent(receipt.logs).args).to.deep.equal(event)
      expect(await chain.client('eve').getAccount()).to.include({ balance: 7n })
      const hash = await requester.transfer({ to: chain.market, amount: 5n })
      await requester.waitForTransactionReceipt({ hash })
      expect(await requester.getAccount()).to.include({ balance: units('1000') - 12n })
    })

    it('stake and unstake move units between balance and stake', async () => {
      await requester.stakeSync({ amount: units('10') })
      expect(await requester.getAccount()).to.deep.equal({
        ...{ balance: units('990'), stake: units('10'), locked: 0n, free: units('10'), active: 0 },
      })
      const { amount } = await requester.unstakeSync({ amount: units('4') })
      expect(amount).to.equal(units('4'))
      expect(await requester.getAccount()).to.include({ balance: units('994'), stake: units('6') })
    })
  })

  describe('jobs', () => {
    it('post draws a nonce, so that equal terms are two jobs', async () => {
      const terms = await someTerms(chain)
      const first = await requester.postSync({ terms })
      const second = await requester.postSync({ terms })
      expect(first.jobId).not.to.equal(second.jobId)
      expect(post.extractEvent(first.receipt.logs).args.requester).to.equal(chain.accounts.requester.address)
      const hash = await requester.post({ terms })
      await requester.waitForTransactionReceipt({ hash })
      expect(await requester.getJobs()).to.have.length(3)
    })

    it('postMany tells what became of each of the terms, in their order', async () => {
      const prices = ['400', '0', '500', '101', '100', '0.5']
      const terms = await Promise.all(
        prices.map((price) => someTerms(chain, { maxPrice: units(price), minPrice: 0n })),
      )
      const { outcomes } = await requester.postManySync({ terms })
      const found = await Promise.all(
        outcomes.map(async ({ jobId, error }) => {
          if (jobId === null) return `${error.name}: ${error.shortMessage}`
          return (await requester.getJob({ jobId })).maxPrice
        }),
      )
      expect(found).to.deep.equal([
        units('400'),
        'ValueOutOfRangeError: Value of `maxPrice` is out of range.',
        units('500'),
        'AccountInsufficientBalanceError: Balance in the market is too small.',
        units('100'),
        'AccountInsufficientBalanceError: Balance in the market is too small.',
      ])
      expect(outcomes[3]?.error).to.deep.include({ available: units('100'), required: units('101') })
    })

    it('cancel refunds', async () => {
      const jobId = await jobs.posted()
      expect(await requester.cancelSync({ jobId })).to.include({ jobId, refund: units('2') })
      expect(await requester.getJobStatus({ jobId })).to.equal('cancelled')
    })

    it('claim and release return what they move', async () => {
      const jobId = await jobs.posted()
      const quote = await provider.quoteClaim({ jobId })
      const { price, bond } = await provider.claimSync({ jobId })
      // The claim comes a block later than the quote: the price has climbed by a second or two.
      expect(price >= quote.price && price - quote.price < units('0.01')).to.equal(true)
      expect(await provider.getAccount()).to.include({ locked: bond, active: 1 })
      const { penalty } = await provider.releaseSync({ jobId })
      expect(penalty).to.equal((price * 2n) / 100n)
      expect(await provider.getJobStatus({ jobId })).to.equal('released')
    })

    it('submit and accept pay at once', async () => {
      const jobId = await jobs.claimed()
      const submitted = await provider.submitSync({ jobId, ...result })
      expect(submitted).to.include({ ...result, jobId, provider: chain.accounts.provider.address })
      const { pay, fee } = await requester.acceptSync({ jobId })
      const { price } = await requester.getJob({ jobId })
      expect(pay + fee).to.equal(price)
    })

    it('settleMany tells the settled from the skipped', async () => {
      const [first, second, open] = [await jobs.submitted(), await jobs.submitted(), await jobs.posted()]
      await chain.pass(301)
      const { settled, skipped, receipt } = await requester.settleManySync({
        jobIds: [first, second, open, zeroHash],
      })
      expect(settled.map(({ jobId }) => jobId)).to.deep.equal([first, second])
      expect(skipped).to.deep.equal([
        { jobId: open, status: 'open' },
        { jobId: zeroHash, status: 'none' },
      ])
      expect(settleMany.extractOutcome(receipt.logs)).to.deep.equal({ settled, skipped })
    })

    it('failMany tells the failed from the skipped', async () => {
      const [late, open] = [await jobs.claimed(), await jobs.posted()]
      await chain.pass(401)
      const { failed, skipped } = await requester.failManySync({ jobIds: [late, open, zeroHash] })
      expect(failed.map(({ jobId }) => jobId)).to.deep.equal([late])
      expect(skipped).to.deep.equal([
        { jobId: open, status: 'open' },
        { jobId: zeroHash, status: 'none' },
      ])
    })

    it('fail refunds and pays the keeper', async () => {
      const jobId = await jobs.claimed()
      await chain.pass(401)
      const keeper = chain.client('keeper')
      const { toKeeper, toRequester } = await keeper.failSync({ jobId })
      expect({ toKeeper, toRequester }).to.deep.equal({ toKeeper: 10_000n, toRequester: 20_000n })
      expect(await keeper.getAccount()).to.include({ balance: toKeeper })
    })

    it('collectFees moves what a settled job owes', async () => {
      const jobId = await jobs.submitted()
      const { fee } = await requester.acceptSync({ jobId })
      const { address } = chain.accounts.provider
      expect(await provider.getProvider()).to.include({ feeOwed: fee })
      const { collected } = await requester.collectFeesSync({ providers: [address] })
      expect(collected).to.deep.equal([
        { provider: address, recipient: chain.accounts.owner.address, amount: fee },
      ])
      expect(await requester.getProvider({ address })).to.include({ feeOwed: 0n, reputation: fee })
    })
  })

  describe('registration', () => {
    it('updateProvider replaces what was declared', async () => {
      const eve = chain.client('eve')
      expect(await eve.getProvider()).to.include({ registered: false, concurrency: 0 })
      const encryptionKey = `0x${'07'.repeat(32)}` as const
      const declared = { resources, concurrency: 2, endpoint, encryptionKey }
      await eve.updateProviderSync(declared)
      expect(await eve.getProvider()).to.deep.equal({
        ...declared,
        address: chain.accounts.eve.address,
        faults: 0,
        reputation: 0n,
        feeOwed: 0n,
        registered: true,
      })
      await eve.updateProviderSync({ resources, concurrency: 0, endpoint: '' })
      expect(await eve.getProvider()).to.include({ encryptionKey: zeroHash, registered: true })
    })
  })

  describe('the ways to call', () => {
    it('a call can be simulated and encoded without being sent', async () => {
      const jobId = await jobs.posted()
      const call = claim.call({ market: chain.market, jobId })
      await simulateContract(provider, { ...call, account: chain.accounts.provider })
      expect(encodeFunctionData(call)).to.match(/^0x/)
      expect(await provider.getJobStatus({ jobId })).to.equal('open')
    })

    it('a plain viem client does, with the market named or found by its chain', async () => {
      const plain = createClient({
        transport: custom({ request: chain.request }),
        account: chain.accounts.requester,
      })
      expect(await getAccount(plain, { market: chain.market })).to.include({ balance: units('1000') })
      const extended = plain.extend(requesterActions({ market: chain.market }))
      await extended.withdrawSync({ amount: units('1') })
      const onChain = createClient({ transport: custom({ request: chain.request }), chain: assay.local })
      const { address } = chain.accounts.requester
      expect(await getAccount(onChain, { address })).to.include({ balance: units('999') })
    })

    it("another account than the client's can send", async () => {
      const anonymous = chain.client('eve', { account: undefined })
      await anonymous.withdrawSync({ amount: 1n, account: chain.accounts.requester })
      const error = await anonymous.withdraw({ amount: 1n }).catch((e: unknown) => e)
      expect(error).to.be.instanceOf(assay.AccountRequiredError)
    })

    it('several at once get different nonces', async () => {
      await Promise.all([1n, 2n, 3n].map((amount) => requester.stakeSync({ amount })))
      expect(await requester.getAccount()).to.include({ stake: 6n })
    })

    it('gas, fees and nonce are taken as given', async () => {
      const { address } = chain.accounts.requester
      const nonce = await requester.getTransactionCount({ address })
      const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 2_000_000_000n }
      const hash = await requester.stake({ amount: 1n, gas: 222_222n, nonce, ...fees })
      expect(await requester.getTransaction({ hash })).to.include({ gas: 222_222n, nonce, ...fees })
    })

    it('the gas limit leaves room for a word that is cleared meanwhile', async () => {
      const jobId = await jobs.posted({ minPrice: units('1') })
      const { balance } = await requester.getAccount()
      await chain.automine(false)
      // The claim is estimated first and mined second: its refund then lands on a balance of zero.
      const hash = await provider.claim({ jobId, maxFeePerGas: 4_000_000_000n, maxPriorityFeePerGas: 1n })
      const emptied = await requester.withdraw({ amount: balance })
      await chain.mine()
      await chain.automine(true)
      expect((await requester.getTransactionReceipt({ hash: emptied })).status).to.equal('success')
      expect((await provider.getTransactionReceipt({ hash })).status).to.equal('success')
    })
  })
})
