import { expect } from 'chai'
import { type Address, custom, type Hex, keccak256, zeroHash } from 'viem'
import {
  createEncryptionKeyPair,
  createMarketClient,
  EncryptionKeyError,
  EventMismatchError,
  EventNotFoundError,
  KeyNotAwaitedError,
  keyForProvider,
  local,
  type MarketClient,
  ResultNotSubmittedError,
  UnknownJobError,
  unwrapJobKey,
} from '../src/index.ts'
import { resultCommitment } from '../src/trees/index.ts'
import { type Request, startChain, type TestChain } from './helpers/chain.ts'
import { fund, jobsOf, result, units } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'

type RpcLogs = { data: Hex; topics: Hex[] }[]

describe('reads', () => {
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

  /** A client without a key behind a node that changes what `eth_getLogs` returns. */
  function clientOf(change: (logs: RpcLogs) => RpcLogs): MarketClient {
    const request = async (args: { method: string }) => {
      const answer = await chain.request(args as never)
      return args.method === 'eth_getLogs' ? change(structuredClone(answer) as RpcLogs) : answer
    }
    return createMarketClient({ transport: custom({ request: request as Request }), chain: local })
  }

  describe('getJob', () => {
    it('has nulls for what has not happened yet', async () => {
      const open = await requester.getJob({ jobId: await jobs.posted() })
      expect(open).to.include({ provider: null, price: null, bond: null, runBy: null })
      expect(open).to.include({ submittedAt: null, resultCommitment: null, openChallenges: 0 })
    })

    it('has the deadline while claimed, then the time of the submission', async () => {
      const jobId = await jobs.claimed()
      const claimed = await requester.getJob({ jobId })
      expect(claimed).to.include({
        runBy: (await chain.now()) + 400,
        provider: chain.accounts.provider.address,
      })
      await provider.submitSync({ jobId, ...result })
      const submitted = await requester.getJob({ jobId })
      expect(submitted).to.include({ runBy: null, submittedAt: await chain.now() })
      const { resultRoot: root, totalSteps } = result
      expect(submitted.resultCommitment).to.equal(resultCommitment({ root, totalSteps }))
    })

    it('reads at an earlier block', async () => {
      const jobId = await jobs.posted()
      const blockNumber = await requester.getBlockNumber({ cacheTime: 0 })
      await requester.cancelSync({ jobId })
      expect(await requester.getJob({ jobId, blockNumber })).to.include({ status: 'open' })
    })

    it('throws for an unknown id, as getJobStatus does', async () => {
      const error = await rejection(requester.getJob({ jobId: zeroHash }), UnknownJobError)
      expect(error).to.include({ jobId: zeroHash, market: requester.market })
      await rejection(requester.getJobStatus({ jobId: zeroHash }), UnknownJobError)
    })
  })

  describe('getJobStatus', () => {
    it('follows the time', async () => {
      const expired = await jobs.posted({ claimBy: (await chain.now()) + 100 })
      const overdue = await jobs.claimed({ run: 50 })
      const settleable = await jobs.submitted({ window: 50 })
      await chain.pass(101)
      const statuses = [expired, overdue, settleable].map((jobId) => requester.getJobStatus({ jobId }))
      expect(await Promise.all(statuses)).to.deep.equal(['expired', 'overdue', 'settleable'])
    })
  })

  describe('getTimeToSettle', () => {
    it('counts down to the first second in which settle succeeds', async () => {
      const jobId = await jobs.submitted()
      const { seconds, timestamp } = await requester.getTimeToSettle({ jobId })
      expect(seconds).to.equal(301)
      await chain.pass(seconds - 1)
      expect(await requester.getTimeToSettle({ jobId })).to.deep.equal({ seconds: 1, timestamp })
      expect(await requester.getJobStatus({ jobId })).to.equal('submitted')
      await chain.pass(1)
      expect(await requester.getTimeToSettle({ jobId })).to.deep.equal({ seconds: 0, timestamp })
      expect(await requester.getJobStatus({ jobId })).to.equal('settleable')
    })

    it('throws while there is no result', async () => {
      const jobId = await jobs.claimed()
      const error = await rejection(requester.getTimeToSettle({ jobId }), ResultNotSubmittedError)
      expect(error.status).to.equal('claimed')
    })
  })

  describe('getTotals', () => {
    it('counts a gift among the tokens', async () => {
      await jobs.claimed()
      await requester.writeContract({
        ...{ address: chain.token, abi: transferAbi, functionName: 'transfer', chain: null },
        account: chain.accounts.eve,
        args: [chain.market, 5n],
      })
      expect(await requester.getTotals()).to.deep.equal({
        ...{ tokenBalance: units('2000') + 5n, reserve: 0n, unit: 1n },
      })
    })
  })

  describe('getJobs', () => {
    it('filters by requester, provider and status', async () => {
      const open = await jobs.posted()
      const claimed = await jobs.claimed()
      const cancelled = await jobs.posted()
      await requester.cancelSync({ jobId: cancelled })
      const ids = async (parameters: Parameters<MarketClient['getJobs']>[0]) =>
        (await requester.getJobs(parameters)).map(({ jobId }) => jobId)
      const { requester: owner, provider: worker, eve } = chain.accounts
      expect(await ids({})).to.deep.equal([open, claimed, cancelled])
      expect(await ids({ status: 'open' })).to.deep.equal([open])
      expect(await ids({ status: ['open', 'cancelled'] })).to.deep.equal([open, cancelled])
      expect(await ids({ provider: worker.address })).to.deep.equal([claimed])
      expect(await ids({ requester: owner.address })).to.have.length(3)
      expect(await ids({ requester: eve.address })).to.deep.equal([])
      expect(await ids({ requester: eve.address, provider: worker.address })).to.deep.equal([])
      const { blockNumber } = await requester.getBlock().then(({ number }) => ({ blockNumber: number }))
      expect(await ids({ fromBlock: blockNumber + 1n })).to.deep.equal([])
    })
  })

  describe('getMarketEvents', () => {
    it('returns decoded events in order, all or some', async () => {
      const jobId = await jobs.submitted()
      const events = await requester.getMarketEvents({ jobId })
      const names = events.map(({ eventName }) => eventName)
      expect(names).to.deep.equal(['JobPosted', 'JobClaimed', 'ResultSubmitted'])
      const [claimed] = await requester.getMarketEvents({ eventNames: ['JobClaimed', 'JobSettled'] })
      expect(claimed?.args).to.include({ jobId })
      const all = await requester.getMarketEvents()
      expect(all.map(({ eventName }) => eventName)).to.include.members([
        'Deposited',
        'Staked',
        'ParametersAdded',
      ])
    })
  })

  describe('getResult', () => {
    it('is what was submitted, by whom', async () => {
      const jobId = await jobs.submitted()
      expect(await requester.getResult({ jobId })).to.deep.equal({
        ...result,
        provider: chain.accounts.provider.address,
      })
    })

    it('throws while there is no result', async () => {
      const jobId = await jobs.posted()
      await rejection(requester.getResult({ jobId }), ResultNotSubmittedError)
    })

    it('refuses a root that is not the one on-chain', async () => {
      const jobId = await jobs.submitted()
      const forged = keccak256('0x01')
      const client = clientOf((logs) =>
        logs.map((log) => ({ ...log, data: `${forged}${log.data.slice(66)}` })),
      )
      const error = await rejection(client.getResult({ jobId }), EventMismatchError)
      const { totalSteps } = result
      expect(error).to.include({
        expected: (await requester.getJob({ jobId })).resultCommitment,
        actual: resultCommitment({ root: forged, totalSteps }),
      })
    })

    it('takes the right event out of several', async () => {
      const jobId = await jobs.submitted()
      const forge = (data: Hex): Hex => `${keccak256('0x01')}${data.slice(66)}`
      const client = clientOf((logs) => logs.flatMap((log) => [{ ...log, data: forge(log.data) }, log]))
      expect(await client.getResult({ jobId })).to.include(result)
    })

    it('throws when the node keeps no logs', async () => {
      const jobId = await jobs.submitted()
      await rejection(clientOf(() => []).getResult({ jobId }), EventNotFoundError)
    })
  })

  describe('getDeliveredKey', () => {
    it('finds the key of a job, before and after its result', async () => {
      const jobId = await jobs.claimed({ isPrivate: true })
      await rejection(requester.getDeliveredKey({ jobId }), EventNotFoundError)
      await requester.deliverKeySync({ jobId, key: '0x1234' })
      expect(await requester.getDeliveredKey({ jobId })).to.equal('0x1234')
      await provider.submitSync({ jobId, ...result })
      expect(await requester.getDeliveredKey({ jobId })).to.equal('0x1234')
    })
  })

  describe('keyForProvider', () => {
    const jobKey = new Uint8Array(32).fill(7)

    it('wraps for the key that the provider of the job has registered', async () => {
      const { publicKey, privateKey } = await createEncryptionKeyPair()
      const address = provider.account?.address as Address
      const { resources, concurrency, endpoint } = await requester.getProvider({ address })
      await provider.updateProviderSync({ resources, concurrency, endpoint, encryptionKey: publicKey })
      const jobId = await jobs.claimed({ isPrivate: true })
      const wrapped = await keyForProvider(requester, { jobId, jobKey })
      const [chainId, { market }] = [await requester.getChainId(), requester]
      const binding = { chainId, market, jobId, provider: address }
      expect(await unwrapJobKey(wrapped, privateKey, binding)).to.deep.equal(jobKey)
      await provider.updateProviderSync({ resources, concurrency, endpoint })
      await rejection(keyForProvider(requester, { jobId, jobKey }), EncryptionKeyError)
    })

    it('refuses a job that waits for none', async () => {
      for (const jobId of [await jobs.posted({ isPrivate: true }), await jobs.claimed()])
        await rejection(keyForProvider(requester, { jobId, jobKey }), KeyNotAwaitedError)
    })
  })

  describe('getJobTerms', () => {
    it('refuses terms that do not hash to the id', async () => {
      const jobId = await jobs.posted()
      const client = clientOf((logs) =>
        logs.map((log) => ({ ...log, data: log.data.replace(/5f|6f|7a/, '00') as Hex })),
      )
      await rejection(client.getJobTerms({ jobId }), EventMismatchError)
    })

    it('finds the block by its time where the chain is long, without asking for every range', async () => {
      await chain.mine(9_000)
      const jobId = await jobs.submitted()
      await chain.mine(13_000)
      let asked = 0
      const client = clientOf((logs) => {
        asked += 1
        return logs
      })
      expect(await client.getJobTerms({ jobId })).to.include({ tasks: 8 })
      expect(await client.getResult({ jobId })).to.include(result)
      expect(asked).to.equal(2)
    })

    it('finds it also among thousands of blocks of the same second', async () => {
      await chain.mine(3_000, 0)
      const jobId = await jobs.posted()
      await chain.mine(13_000, 0)
      expect(await requester.getJobTerms({ jobId })).to.include({ tasks: 8 })
    })
  })
})

const transferAbi = [
  {
    ...{ type: 'function', name: 'transfer', stateMutability: 'nonpayable' },
    inputs: [{ type: 'address' }, { type: 'uint256' }],
    outputs: [{ type: 'bool' }],
  },
] as const
