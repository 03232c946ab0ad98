import { expect } from 'chai'
import { custom, zeroHash } from 'viem'
import {
  addParameters,
  JobEndedError,
  type JobMilestone,
  type JobStatus,
  jobMarketAbi,
  local,
  type MarketClient,
  MarketNotDeployedError,
  replicate,
  UnknownJobError,
  WaitForJobTimeoutError,
} from '../src/index.ts'
import { type Request, startChain, type TestChain } from './helpers/chain.ts'
import { fund, jobsOf, result, someTerms } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'

const milestones: JobMilestone[] = ['claimed', 'submitted', 'settled', 'final']

/** What each milestone does in each status: reached, missed, or waited for. */
const outcomes: Record<Exclude<JobStatus, 'none'>, string> = {
  open: 'wait wait wait wait',
  awaitingKey: 'reached wait wait wait',
  claimed: 'reached wait wait wait',
  seated: 'reached wait wait wait',
  submitted: 'reached reached wait wait',
  disputed: 'reached reached wait wait',
  settleable: 'reached reached wait wait',
  settled: 'reached reached reached reached',
  expired: 'missed missed missed wait',
  keyless: 'reached missed missed wait',
  overdue: 'reached missed missed wait',
  cancelled: 'missed missed missed reached',
  released: 'missed missed missed reached',
  failed: 'missed missed missed reached',
  rejected: 'missed missed missed reached',
}

describe('waitForJob', () => {
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

  /** Brings a job into a status. */
  const reach: Record<keyof typeof outcomes, () => Promise<`0x${string}`>> = {
    open: () => jobs.posted(),
    awaitingKey: () => jobs.claimed({ isPrivate: true }),
    claimed: () => jobs.claimed(),
    seated: () => seatedJob(),
    submitted: () => jobs.submitted(),
    disputed: () => challengedJob(),
    settleable: () => jobs.submitted().then(later(301)),
    settled: () => jobs.submitted().then(by((jobId) => requester.acceptSync({ jobId }))),
    expired: () => jobs.posted().then(later(3_700)),
    keyless: () => jobs.claimed({ isPrivate: true }).then(later(601)),
    overdue: () => jobs.claimed().then(later(401)),
    cancelled: () => jobs.posted().then(by((jobId) => requester.cancelSync({ jobId }))),
    released: () => jobs.claimed().then(by((jobId) => provider.releaseSync({ jobId }))),
    failed: () =>
      jobs
        .claimed()
        .then(later(401))
        .then(by((jobId) => requester.failSync({ jobId }))),
    rejected: () => challengedJob().then(by((jobId) => asHook('reject', [jobId, 0n]))),
  }

  for (const [status, expected] of Object.entries(outcomes) as [keyof typeof outcomes, string][]) {
    describe(`given a job that is ${status}`, () => {
      it(`is ${expected} for ${milestones.join(', ')}`, async () => {
        const jobId = await reach[status]()
        expect(await requester.getJobStatus({ jobId })).to.equal(status)
        const found = await Promise.all(
          milestones.map((until) =>
            requester.waitForJob({ jobId, until, timeout: 0 }).then(
              (job) => `reached ${job.status}`,
              (error: unknown) => error,
            ),
          ),
        )
        const names = found.map((outcome) => {
          if (outcome === `reached ${status}`) return 'reached'
          if (outcome instanceof WaitForJobTimeoutError) return 'wait'
          return outcome instanceof JobEndedError ? 'missed' : outcome
        })
        expect(names.join(' ')).to.equal(expected)
      })
    })
  }

  describe('given a job that moves on', () => {
    it('resolves with the job as it is then', async () => {
      const jobId = await jobs.posted()
      const waiting = milestones.map((until) => requester.waitForJob({ jobId, until }))
      await provider.claimSync({ jobId })
      expect(await waiting[0]).to.include({ provider: chain.accounts.provider.address })
      await provider.submitSync({ jobId, ...result })
      expect(await waiting[1])
        .to.include({ jobId })
        .and.not.include({ resultCommitment: null })
      await requester.acceptSync({ jobId })
      expect(await waiting[2]).to.include({ status: 'settled' })
      expect(await waiting[3]).to.include({ status: 'settled' })
    })

    it('rejects when it takes another end, and says who may do what', async () => {
      const jobId = await jobs.claimed()
      const waiting = rejection(requester.waitForJob({ jobId, until: 'submitted' }), JobEndedError)
      await provider.releaseSync({ jobId })
      const error = await waiting
      expect(error).to.include({ jobId, status: 'released' })
      expect(error.shortMessage).to.equal('Job is released and will never be submitted.')
      expect(error.message).to.contain('Post the terms again')
    })
  })

  describe('given nothing happens', () => {
    it('times out with the status and what is missing', async () => {
      const jobId = await jobs.submitted()
      await chain.pass(301)
      const waiting = requester.waitForJob({ jobId, until: 'settled', timeout: 30 })
      const error = await rejection(waiting, WaitForJobTimeoutError)
      expect(error).to.include({ jobId, status: 'settleable', retryable: true })
      expect(error.waitedMs >= 30).to.equal(true)
      expect(error.message).to.contain('Anyone may `settle` it')
    })

    it('stops at once when the signal is aborted', async () => {
      const jobId = await jobs.posted()
      const controller = new AbortController()
      const waiting = requester.waitForJob({
        ...{ jobId, until: 'claimed', signal: controller.signal, pollingInterval: 3_600_000 },
      })
      const reason = new TypeError('enough')
      controller.abort(reason)
      expect(await rejection(waiting, TypeError)).to.equal(reason)
      const late = requester.waitForJob({ jobId, until: 'claimed', signal: controller.signal })
      expect(await rejection(late, TypeError)).to.equal(reason)
    })
  })

  describe('given an id that is unknown', () => {
    it('rejects, once it stayed so for a few looks', async () => {
      await rejection(requester.waitForJob({ jobId: zeroHash, until: 'claimed' }), UnknownJobError)
    })
  })

  describe('given a node with faults', () => {
    const faulty = (fails: (call: number) => boolean) => {
      let calls = 0
      const request = (args: unknown) => {
        calls += 1
        if (fails(calls)) throw new Error('connection lost')
        return chain.request(args as never)
      }
      return chain.client('requester', {
        transport: custom({ request: request as Request }, { retryCount: 0 }),
        chain: local,
      })
    }

    it('waits while it is away', async () => {
      const jobId = await jobs.claimed()
      const job = await faulty((call) => call <= 5).waitForJob({ jobId, until: 'claimed' })
      expect(job).to.include({ status: 'claimed' })
    })

    it('says so when it never came back', async () => {
      const waiting = faulty(() => true).waitForJob({ jobId: zeroHash, until: 'final', timeout: 30 })
      const error = await rejection(waiting, WaitForJobTimeoutError)
      expect(error.status).to.equal(null)
      expect(error.message).to.contain('connection')
      expect(error.cause).to.include({ name: 'RpcUnavailableError' })
    })

    it('does not wait for a market that is not there', async () => {
      const client = chain.client('requester', { market: '0x00000000000000000000000000000000000000ff' })
      await rejection(client.waitForJob({ jobId: zeroHash, until: 'final' }), MarketNotDeployedError)
    })
  })

  type JobId = `0x${string}`
  function later(seconds: number): (jobId: JobId) => Promise<JobId> {
    return by(() => chain.pass(seconds))
  }
  function by(step: (jobId: JobId) => Promise<unknown>): (jobId: JobId) => Promise<JobId> {
    return async (jobId) => {
      await step(jobId)
      return jobId
    }
  }

  /** One of three seats. */
  async function seatedJob(): Promise<JobId> {
    const terms = replicate(await someTerms(chain), {
      ...{ seats: 3, spares: 0, drawBits: 0, baseBps: 1_000 },
      ...{ commitTime: 100, revealTime: 100, drawTime: 1 },
    })
    const { outcomes } = await requester.postManySync({ terms })
    const jobId = outcomes[0]?.jobId as JobId
    await provider.claimSync({ jobId })
    return jobId
  }

  /** A job of a level whose hook is an account of this test that has opened a challenge. */
  async function challengedJob(): Promise<JobId> {
    const rules = await requester.getParameters()
    const delegation = { address: chain.accounts.keeper.address, code: `0xef0100${'00'.repeat(18)}de1e` }
    await chain.request({ method: 'hardhat_setCode', params: [delegation.address, delegation.code] })
    const own = { hook: chain.accounts.keeper.address, isMediated: false }
    await chain.govern(addParameters.call({ market: chain.market, rules, levels: [...chain.levels, own] }))
    const jobId = await jobs.submitted({ level: chain.levels.length })
    await asHook('challengeOpened', [jobId])
    return jobId
  }

  async function asHook(functionName: 'challengeOpened' | 'reject', args: readonly unknown[]): Promise<void> {
    const { keeper: account } = chain.accounts
    const call = { address: chain.market, abi: jobMarketAbi, account, chain: null, functionName, args }
    await chain.client('keeper').writeContract(call as never)
  }
})
