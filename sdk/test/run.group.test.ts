import { expect } from 'chai'
import { type Hex, zeroHash } from 'viem'
import {
  contentRoot,
  encodeLeaves,
  type LeafRow,
  type MarketClient,
  OutputsWithheldError,
  type RunEvent,
  type RunJob,
  randomNonce,
  randomSalt,
  resultTree,
  ShardFailedError,
} from '../src/index.ts'
import { Collector } from '../src/run/collector.ts'
import type { RunContext } from '../src/run/context.ts'
import { totalCost } from '../src/run/cost.ts'
import { replicated } from '../src/run/group.ts'
import { JobKeys } from '../src/run/keys.ts'
import type { Kind } from '../src/run/kind.ts'
import { postOnce } from '../src/run/posting.ts'
import { followShard } from '../src/run/shard.ts'
import { type Actor, startChain, type TestChain } from './helpers/chain.ts'
import { fund, resources, someTerms, units } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'
import { startResultsServer } from './helpers/resultsServer.ts'

const WORKERS = ['provider', 'keeper', 'eve'] as const satisfies readonly Actor[]
const SILENT = 'http://127.0.0.1:1'
const shard = { first: 0, tasks: 2, maxPrice: units('6'), minPrice: units('6') }
const outputs = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]
const rows = outputs.map(
  (bytes): LeafRow => ({
    ...{ status: 'halted', exitCode: 0, steps: 1n },
    ...{ outputRoot: contentRoot(bytes), outputLength: bytes.length },
  }),
)
const right = { resultRoot: resultTree(rows).root, totalSteps: 2n }
const lie = (n: number) => ({ resultRoot: `0x${String(n).repeat(64)}` as Hex, totalSteps: 2n })

describe('run: a replicated group', () => {
  let chain: TestChain
  let requester: MarketClient
  let server: Awaited<ReturnType<typeof startResultsServer>>
  let restore: () => Promise<void>

  before(async () => {
    chain = await startChain()
    ;({ requester } = await fund(chain))
    server = await startResultsServer()
    for (const actor of WORKERS) {
      const client = chain.client(actor)
      const isSecond = actor === WORKERS[1]
      if (actor !== 'provider') {
        await client.depositSync({ amount: units('200') })
        await client.stakeSync({ amount: units('100') })
      }
      const endpoint = isSecond ? server.url : SILENT
      await client.updateProviderSync({ resources, concurrency: 9, endpoint })
    }
  })
  beforeEach(async () => {
    restore = await chain.snapshot()
  })
  afterEach(() => restore())
  after(async () => {
    await server.close()
    await chain.close()
  })

  const rules = { seats: 3, drawBits: 0, baseBps: 1_000, commitTime: 100, revealTime: 100, drawTime: 100 }

  function contextOf(changes: Partial<RunContext> = {}) {
    const events: RunEvent[] = []
    const signal = new AbortController().signal
    const collector = new Collector(shard.tasks)
    const context: RunContext = {
      ...{
        client: requester,
        attempts: 1,
        accept: false,
        untilFinal: false,
        signal,
        halted: signal,
        pollingInterval: 5,
      },
      ...{ patience: 0, collector, maxOutput: 65_536, emit: (event) => events.push(event) },
      keys: new JobKeys(undefined),
      repost: () => expect.fail('it was posted again'),
      ...changes,
    }
    return { context, events, collector }
  }

  async function post(kind: Kind, maxPrice = shard.maxPrice): Promise<RunJob[]> {
    const plain = await someTerms(chain)
    const terms = kind.jobsOf({
      ...plain,
      nonce: randomNonce(),
      tasks: 2,
      maxPrice,
      minPrice: maxPrice,
      ramp: 0,
    })
    const posting = { client: requester, signal: new AbortController().signal, pollingInterval: 1 }
    const jobIds = await postOnce(posting, terms, kind.takeBack)
    return jobIds.map((jobId, seat) => ({
      ...{ jobId, seat, first: 0, tasks: 2, attempt: 1, state: 'open' },
      ...{ provider: null, price: null, cost: 0n, reason: null },
    }))
  }

  /** Has each worker take a seat and vote; null for one that says nothing. */
  async function vote(jobs: readonly RunJob[], results: readonly (typeof right | null)[]): Promise<void> {
    const seats = WORKERS.map((actor, i) => ({
      client: chain.client(actor),
      jobId: jobs[i]?.jobId as Hex,
      result: results[i] ?? null,
      salt: randomSalt(),
    }))
    for (const { client, jobId } of seats) await client.claimSync({ jobId })
    const voters = seats.flatMap(({ result, ...seat }) => (result === null ? [] : [{ ...seat, ...result }]))
    for (const { client, ...seat } of voters) await client.commitResultSync(seat)
    if (voters.length < seats.length) await chain.pass(3_600 + 100)
    for (const { client, ...seat } of voters) await client.revealResultSync(seat)
  }

  const statesOf = (jobs: readonly RunJob[]) => jobs.map(({ state, cost }) => [state, cost])
  const SEAT = units('2')

  describe('with a majority', () => {
    const kind = replicated({ ...rules, spares: 0 })

    it('is resolved by the run, and its outputs come from the seat that serves them', async () => {
      const jobs = await post(kind)
      await vote(jobs, [right, right, lie(7)])
      const served = jobs[1]?.jobId
      server.files.set(`/jobs/${served}/leaves`, encodeLeaves(rows))
      server.files.set(`/jobs/${served}/outputs`, Buffer.concat(outputs))
      const { context, events, collector } = contextOf()
      expect(await kind.follow(context, shard, jobs)).to.equal(null)
      const all = await collector.all()
      expect(all.map(({ bytes, jobId }) => [[...bytes], jobId])).to.deep.equal(
        outputs.map((bytes) => [[...bytes], served]),
      )
      expect(statesOf(jobs)).to.deep.equal([
        ['settled', SEAT],
        ['settled', SEAT],
        ['lost', 0n],
      ])
      expect(events.filter(({ type }) => type === 'verified')).to.have.length(1)
      expect(await requester.getAccount()).to.include({ balance: units('1000') - 2n * SEAT })
    })

    it('names who withholds where nobody of it serves what was revealed', async () => {
      const jobs = await post(kind)
      await vote(jobs, [right, right, right])
      server.files.set(`/jobs/${jobs[1]?.jobId}/leaves`, encodeLeaves(rows.toReversed()))
      const error = await rejection(kind.follow(contextOf().context, shard, jobs), OutputsWithheldError)
      expect(jobs.map(({ jobId }) => jobId)).to.include(error.jobId)
    })
  })

  describe('without one', () => {
    const kind = replicated({ ...rules, spares: 0 })

    it('costs the base fee of who revealed, and the part is posted again for what is left', async () => {
      const jobs = await post(kind)
      await vote(jobs, [right, lie(7), null])
      await chain.pass(100)
      const reposts: bigint[] = []
      const repost = async (_: unknown, __: number, spent: bigint) => {
        reposts.push(spent)
        const again = await post(kind, shard.maxPrice - spent)
        await chain.pass(3_601)
        return again
      }
      const { context } = contextOf({ attempts: 2, repost })
      const error = await rejection(followShard(context, kind, shard, jobs), ShardFailedError)
      expect(error.message)
        .to.contain('Attempt 1 of 2: no result was revealed by more than half of 3 seats')
        .and.contain('Attempt 2 of 2: 0 of 3 seats were claimed in time')
      expect(jobs.map(({ reason }) => reason)).to.deep.equal([
        ...Array(2).fill('its group found no majority'),
        `provider ${chain.accounts.eve.address} did not reveal a result`,
      ])
      expect(reposts).to.deep.equal([SEAT / 5n])
      expect(totalCost(jobs)).to.equal(SEAT / 5n)
      expect(await requester.getAccount()).to.include({ balance: units('1000') - SEAT / 5n })
    })

    it('ends where base fees have left too little', async () => {
      const all = replicated({ ...rules, spares: 0, baseBps: 10_000 })
      const jobs = await post(all)
      await vote(jobs, [right, lie(7), lie(8)])
      const { context } = contextOf({ attempts: 3 })
      const error = await rejection(followShard(context, all, shard, jobs), ShardFailedError)
      expect(error.message).to.contain('Attempt 1 of 3')
      expect(totalCost(jobs)).to.equal(shard.maxPrice)
    })

    it('escalates, has its spares drawn, and is given up by the run where nobody takes them', async () => {
      const escalating = replicated({ ...rules, spares: 3 })
      const jobs = await post(escalating)
      await vote(jobs, [right, lie(7), lie(8)])
      const { context, events } = contextOf()
      const following = escalating.follow(context, shard, jobs)
      const { groupId } = await requester.getSeat({ jobId: jobs[0]?.jobId ?? zeroHash })
      const groupIs = async (isSo: (group: Awaited<ReturnType<MarketClient['getGroup']>>) => boolean) => {
        for (let looks = 0; looks < 2_000; looks++) {
          if (isSo(await requester.getGroup({ groupId }))) return
          await new Promise((resolve) => setTimeout(resolve, 2))
        }
        expect.fail('the group did not get there')
      }
      await groupIs(({ phase }) => phase === 'escalated')
      await chain.mine(6)
      await groupIs(({ seed }) => seed !== null)
      await chain.pass(4_000)
      expect(await following).to.equal('no result was revealed by more than half of 3 seats')
      expect(statesOf(jobs)).to.deep.equal([
        ...Array(3).fill(['lost', SEAT / 20n]),
        ...Array(3).fill(['unused', 0n]),
      ])
      expect(events.map(({ type }) => type).filter((type) => type === 'lost')).to.have.length(3)
    })
  })

  describe('after the run was halted', () => {
    const kind = replicated({ ...rules, spares: 0 })
    const halt = new AbortController()
    before(() => halt.abort(new RangeError('another part failed')))

    it('is collected where it is filled', async () => {
      const jobs = await post(kind)
      await vote(jobs, [right, right, right])
      server.files.set(`/jobs/${jobs[1]?.jobId}/leaves`, encodeLeaves(rows))
      server.files.set(`/jobs/${jobs[1]?.jobId}/outputs`, Buffer.concat(outputs))
      const { context } = contextOf({ halted: halt.signal })
      expect(await kind.follow(context, shard, jobs)).to.equal(null)
    })

    it('is left to the chain where the caller wants no outputs', async () => {
      const jobs = await post(kind)
      await vote(jobs, [right, right, right])
      const { context } = contextOf({ halted: halt.signal, signal: halt.signal })
      await rejection(kind.follow(context, shard, jobs), RangeError)
      expect(statesOf(jobs)).to.deep.equal(Array(3).fill(['submitted', SEAT]))
    })
  })
})
