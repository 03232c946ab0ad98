import { expect } from 'chai'
import {
  type Abi,
  type AbiParameter,
  BaseError,
  encodeErrorResult,
  type Hex,
  HttpRequestError,
  http,
  keccak256,
  zeroAddress,
} from 'viem'
import * as assay from '../src/index.ts'
import {
  AccountInsufficientBalanceError,
  AccountInsufficientStakeError,
  AssayError,
  assayTokenAbi,
  attestationAbi,
  ContractError,
  ContractRevertedError,
  contractErrorNames,
  decodeContractError,
  decodeErrorData,
  disputeGameAbi,
  ERC20InsufficientBalanceError,
  GovernedNotGuardianError,
  InsufficientGasFundsError,
  isRetryable,
  JobMarketDeadlinePassedError,
  JobMarketJobExistsError,
  JobMarketNotProviderError,
  JobMarketNotRequesterError,
  JobMarketPostingPausedError,
  JobMarketTooEarlyError,
  JobMarketWrongStatusError,
  jobMarketAbi,
  LedgerInvalidRecipientError,
  LedgerTransferRefusedError,
  LedgerZeroAmountError,
  MarketNotDeployedError,
  MarketUnknownError,
  ParameterSetUnknownError,
  ProvidersConcurrencyReachedError,
  ProvidersResourcesTooLowError,
  ReceiptTimeoutError,
  RpcUnavailableError,
  replicationAbi,
  TransactionRevertedError,
  timelockAbi,
  ValueOutOfRangeError,
  WrongChainError,
} from '../src/index.ts'
import { startChain, type TestChain } from './helpers/chain.ts'
import { faultyNode } from './helpers/faultyNode.ts'
import { endpoint, fund, jobsOf, resources, result, someTerms, units } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'

const abi: Abi = [
  ...jobMarketAbi,
  ...assayTokenAbi,
  ...attestationAbi,
  ...replicationAbi,
  ...disputeGameAbi,
  ...timelockAbi,
]
const abiErrors = [
  // several contracts have some in common
  ...new Map(abi.flatMap((item) => (item.type === 'error' ? [[item.name, item]] : []))).values(),
]

/** Some value of each type that errors have. */
const samples: Record<string, unknown> = {
  address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  bytes31: `0x${'5e'.repeat(31)}`,
  bytes32: `0x${'5f'.repeat(31)}00`,
  string: 'text',
  uint256: 7n,
  uint32: 0x00_1_008_04,
  uint8: 3,
}
const sampleOf = ({ type }: AbiParameter): unknown => {
  expect(samples, `a sample of ${type}`).to.have.property(type)
  return samples[type]
}

describe('contract errors', () => {
  it('have a class each, exported under the name of the error', () => {
    expect([...contractErrorNames].sort()).to.deep.equal(abiErrors.map(({ name }) => name).sort())
    for (const { name } of abiErrors) expect(assay, name).to.have.property(`${name}Error`)
  })

  for (const { name, inputs } of abiErrors) {
    it(`${name} decodes into its class, with fields, facts and a remedy`, () => {
      const args = inputs.map(sampleOf)
      const data = encodeErrorResult({ abi, errorName: name, args })
      const error = decodeErrorData(data, { functionName: 'someFunction', cause: new TypeError('why') })
      const exported = assay as unknown as Record<string, new (...args: never[]) => unknown>
      expect(error).to.be.instanceOf(exported[`${name}Error`])
      expect(error).to.be.instanceOf(ContractError)
      expect(error?.name).to.equal(`${name}Error`)
      expect(error?.shortMessage).to.match(/^[A-Z].*\.$/)
      expect(error?.metaMessages?.at(-1), 'the remedy').to.match(/^[A-Z].*\.$/)
      expect(error?.metaMessages?.at(-2), 'the call').to.match(/^Call: +someFunction$/)
      expect(error?.message).to.not.match(/undefined|NaN|\[object/)
      expect(error?.cause).to.be.instanceOf(TypeError)
      for (const { name: field = '' } of inputs) {
        const renamed: Record<string, string> = { str: 'value' }
        expect(error, 'a field for each argument').to.have.property(renamed[field] ?? field)
      }
    })
  }

  it('are undefined for bytes that are none of them', () => {
    expect(decodeErrorData('0x12345678')).to.equal(undefined)
    const cut = encodeErrorResult({ abi: jobMarketAbi, errorName: 'AccountOverflow', args: [7n] })
    expect(decodeErrorData(cut.slice(0, -2) as Hex)).to.equal(undefined)
  })
})

describe('decodeContractError', () => {
  const revert = (data: Hex) => Object.assign(new Error('reverted'), { code: 3, data })

  it('leaves errors of this package as they are', () => {
    const error = new LedgerZeroAmountError()
    expect(decodeContractError(error)).to.equal(error)
  })

  it('tells the reason of a plain revert', () => {
    const data = encodeErrorResult({ abi: standardErrors, errorName: 'Error', args: ['not today'] })
    const error = decodeContractError(revert(data), { functionName: 'claim' })
    expect(error).to.be.instanceOf(ContractRevertedError)
    expect(error.message).to.contain('not today').and.contain('claim')
  })

  it('keeps the bytes of an error that it does not know', () => {
    const error = decodeContractError(revert('0x12345678'))
    expect(error).to.be.instanceOf(ContractRevertedError).with.property('data', '0x12345678')
  })

  it('finds revert data that a node wrapped', () => {
    const data = encodeErrorResult({ abi: jobMarketAbi, errorName: 'LedgerZeroAmount' })
    const wrapped = new Error('outer', { cause: Object.assign(new Error('inner'), { data: { data } }) })
    expect(decodeContractError(wrapped)).to.be.instanceOf(LedgerZeroAmountError)
  })
})

describe('isRetryable', () => {
  it('is true for trouble that passes by itself, of this package and of viem', () => {
    const away = new HttpRequestError({ url: 'http://127.0.0.1:1' })
    for (const error of [away, decodeContractError(away), new BaseError('read', { cause: away })])
      expect(isRetryable(error)).to.equal(true)
  })

  it('is false for everything else', () => {
    for (const error of [new LedgerZeroAmountError(), new RangeError('x'), 'x', undefined])
      expect(isRetryable(error)).to.equal(false)
  })
})

describe('errors of calls', () => {
  let chain: TestChain
  let actors: Awaited<ReturnType<typeof fund>>
  let jobs: ReturnType<typeof jobsOf>
  let restore: () => Promise<void>
  before(async () => {
    chain = await startChain()
    actors = await fund(chain)
    jobs = jobsOf(chain, actors)
  })
  beforeEach(async () => {
    restore = await chain.snapshot()
  })
  afterEach(() => restore())
  after(() => chain.close())

  describe('when the contract reverts', () => {
    it('arrive typed, with the amounts in human form and what is missing', async () => {
      const terms = await someTerms(chain, { maxPrice: units('1000.5') })
      const error = await rejection(actors.requester.post({ terms }), AccountInsufficientBalanceError)
      expect(error).to.include({ available: units('1000'), required: units('1000.5') })
      expect(error.message).to.equal(
        [
          'Balance in the market is too small.',
          '',
          'Balance:  1000 ASSAY',
          'Required: 1000.5 ASSAY',
          'Call:     post',
          'Deposit at least 0.5 ASSAY with `deposit`.',
          '',
          'Docs: docs/errors.md#account-insufficient-balance',
        ].join('\n'),
      )
    })

    it('cost no gas', async () => {
      const { requester } = actors
      const { address } = chain.accounts.requester
      const before = await requester.getTransactionCount({ address })
      await rejection(requester.cancel({ jobId: keccak256('0x') }), JobMarketWrongStatusError)
      expect(await requester.getTransactionCount({ address })).to.equal(before)
    })

    it('name statuses, times and accounts', async () => {
      const { requester, provider } = actors
      const jobId = await jobs.submitted()
      const status = await rejection(provider.claim({ jobId }), JobMarketWrongStatusError)
      expect(status).to.include({ jobId, actual: 'submitted', expected: 'open' })
      expect(status.shortMessage).to.equal('Job is submitted, not open.')

      const early = await rejection(chain.client('keeper').settle({ jobId }), JobMarketTooEarlyError)
      expect(early.retryable).to.equal(true)
      const { timestamp } = await requester.getTimeToSettle({ jobId })
      expect(early.notBefore).to.equal(timestamp)

      const stranger = await rejection(chain.client('eve').accept({ jobId }), JobMarketNotRequesterError)
      expect(stranger).to.include({
        caller: chain.accounts.eve.address,
        requester: chain.accounts.requester.address,
      })
    })

    it('come from every part of the market', async () => {
      const { requester, provider } = actors
      const owner = chain.client('owner')
      const eve = chain.client('eve')
      const claimed = await jobs.claimed()
      await rejection(eve.submit({ jobId: claimed, ...result }), JobMarketNotProviderError)
      await chain.pass(101)
      await rejection(provider.release({ jobId: claimed }), JobMarketDeadlinePassedError)
      const terms = { ...(await someTerms(chain)), nonce: 5n }
      const { jobId } = await requester.postSync({ terms })
      await rejection(requester.post({ terms }), JobMarketJobExistsError)
      await rejection(eve.claim({ jobId }), ProvidersConcurrencyReachedError)
      const large = { cores: 9, memoryMiB: 1 << 16, diskGiB: 30 }
      const { jobId: largeJob } = await requester.postSync({ terms: { ...terms, floor: large } })
      const weak = await rejection(provider.quoteClaim({ jobId: largeJob }), ProvidersResourcesTooLowError)
      expect(weak).to.deep.include({ offered: resources, required: large })
      expect(weak.message).to.contain('4 cores, 8192 MiB memory, 20 GiB disk')
      await rejection(provider.unstake({ amount: units('500') }), AccountInsufficientStakeError)
      await rejection(requester.withdraw({ amount: 0n }), LedgerZeroAmountError)
      await rejection(requester.withdraw({ amount: 1n, to: zeroAddress }), LedgerInvalidRecipientError)
      const nowhere = await rejection(
        requester.transfer({ amount: 1n, to: zeroAddress }),
        LedgerInvalidRecipientError,
      )
      expect(nowhere.message).to.contain('Name an account other than the zero address.')
      const refused = requester.transfer({ amount: 1n, to: chain.accounts.eve.address, data: '0x01' })
      expect(await rejection(refused, LedgerTransferRefusedError)).to.include({
        to: chain.accounts.eve.address,
      })
      const range = await rejection(requester.post({ terms: { ...terms, tasks: 0 } }), ValueOutOfRangeError)
      expect(range).to.include({ field: 'tasks', value: 0n, min: 1n, max: 2n ** 32n - 1n })
      // a name that ends in a byte with a zero nibble, which is no padding
      const ramp = { ...terms, ramp: 30 * 86_400 + 1 }
      expect(await rejection(requester.post({ terms: ramp }), ValueOutOfRangeError)).to.include({
        field: 'ramp',
      })
      await rejection(requester.getParameters({ id: 1 }), ParameterSetUnknownError)
      await rejection(eve.pausePosting(), GovernedNotGuardianError)
      await owner.pausePostingSync()
      await rejection(requester.post({ terms: { ...terms, nonce: 6n } }), JobMarketPostingPausedError)
      const poor = await rejection(eve.deposit({ amount: units('10001') }), ERC20InsufficientBalanceError)
      expect(poor).to.include({ balance: units('10000'), needed: units('10001') })
    })
  })

  describe('when the state changes between the check and the block', () => {
    it('is a TransactionRevertedError whose cause says why', async () => {
      const { provider } = actors
      const rival = chain.client('keeper')
      await rival.depositSync({ amount: units('100') })
      await rival.stakeSync({ amount: units('100') })
      await rival.updateProviderSync({ resources, concurrency: 1, endpoint })
      const jobId = await jobs.posted()

      await chain.automine(false)
      const won = await provider.claim({ jobId })
      const lost = rejection(rival.claimSync({ jobId, gas: 500_000n }), TransactionRevertedError)
      // With a gas limit given: this node would estimate on top of the rival's transaction. Both are in the pool before the block comes.
      while ((await pooled(chain)) < 2) await new Promise((resolve) => setImmediate(resolve))
      await chain.mine()
      await chain.automine(true)
      const error = await lost
      expect(error).to.include({ functionName: 'claim' })
      expect(error.cause).to.be.instanceOf(JobMarketWrongStatusError).with.property('actual', 'claimed')
      expect(error.message).to.contain('Reason:      Job is claimed, not open.')
      expect((await provider.getTransactionReceipt({ hash: won })).status).to.equal('success')
    })
  })

  describe('when the receipt does not come', () => {
    it('is a ReceiptTimeoutError with the hash', async () => {
      await chain.automine(false)
      const waiting = actors.requester.depositSync({ amount: 1n, timeout: 50 })
      const error = await rejection(waiting, ReceiptTimeoutError)
      await chain.automine(true)
      expect(error.retryable).to.equal(true)
      expect(error.hash).to.match(/^0x[0-9a-f]{64}$/)
    })
  })

  describe('when the node goes away once the transaction was sent', () => {
    it('waits for it to come back', async () => {
      let missed = 0
      const away = ({ method }: { method: string }) => method === 'eth_getTransactionReceipt' && missed++ < 3
      const { transport } = faultyNode(chain.request, { away })
      const { amount } = await chain.client('requester', { transport }).stakeSync({ amount: 7n })
      expect(amount).to.equal(7n)
      expect(missed > 3).to.equal(true)
    })

    it('is a ReceiptTimeoutError with the hash if it stays away', async () => {
      const away = ({ method }: { method: string }) => method === 'eth_getTransactionReceipt'
      const { transport } = faultyNode(chain.request, { away })
      const waiting = chain.client('requester', { transport }).stakeSync({ amount: 7n, timeout: 50 })
      const { hash } = await rejection(waiting, ReceiptTimeoutError)
      expect((await actors.requester.getTransactionReceipt({ hash })).status).to.equal('success')
    })
  })

  describe('when the node, the chain or the address is wrong', () => {
    it('tells a node that is away from one that refuses', async () => {
      const transport = http('http://127.0.0.1:9', { retryCount: 0 })
      const client = chain.client('requester', { transport })
      const error = await rejection(client.getAccount(), RpcUnavailableError)
      expect(error.retryable).to.equal(true)
      await rejection(client.cancel({ jobId: keccak256('0x') }), RpcUnavailableError)
    })

    it('tells another chain', async () => {
      const client = chain.client('requester', { chain: { ...assay.local, id: 7 }, market: chain.market })
      const asserted = await rejection(client.assertChain(), WrongChainError)
      expect(asserted).to.include({ expected: 7, actual: 31_337 })
      const jobId = await jobs.posted()
      const sent = await rejection(client.cancel({ jobId }), WrongChainError)
      expect(sent).to.include({ expected: 7, actual: 31_337 })
    })

    it('tells an address without a market', async () => {
      const market = '0x00000000000000000000000000000000000000ff'
      const client = chain.client('requester', { market })
      await rejection(client.assertChain(), MarketNotDeployedError)
      await rejection(client.getAccount(), MarketNotDeployedError)
      await rejection(client.stake({ amount: 1n }), MarketNotDeployedError)
      await chain.client('requester').assertChain()
    })

    it('tells a chain without a known market', () => {
      expect(() => assay.createMarketClient({ transport: http() })).to.throw(MarketUnknownError)
    })

    it('tells an account without money for gas', async () => {
      const { address } = chain.accounts.eve
      const request = chain.request as (args: unknown) => Promise<unknown>
      await request({ method: 'hardhat_setBalance', params: [address, '0x1'] })
      const error = await rejection(
        chain.client('eve').updateProvider({ resources, concurrency: 1, endpoint }),
        InsufficientGasFundsError,
      )
      expect(error).to.be.instanceOf(AssayError)
    })
  })
})

const standardErrors = [
  { type: 'error', name: 'Error', inputs: [{ type: 'string', name: 'message' }] },
] as const

async function pooled({ request }: TestChain): Promise<number> {
  const params = ['pending', false]
  const block = (await request({ method: 'eth_getBlockByNumber', params } as never)) as {
    transactions: Hex[]
  }
  return block.transactions.length
}
