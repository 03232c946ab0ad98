import { expect } from 'chai'
import fc from 'fast-check'
import { zeroHash } from 'viem'
import {
  type JobEvent,
  type MarketClient,
  RpcUnavailableError,
  type WatchJobsParameters,
} from '../src/index.ts'
import { startChain, type TestChain } from './helpers/chain.ts'
import { type Faults, faultyNode } from './helpers/faultyNode.ts'
import { endpoint, fund, jobsOf, resources, someTerms, units } from './helpers/jobs.ts'
import { checkAsync, seeded } from './helpers/property.ts'

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 1))
/** Waits for what the watcher does by itself. */
async function until(condition: () => boolean): Promise<void> {
  const started = Date.now()
  while (!condition()) {
    if (Date.now() - started > 8_000) expect.fail(`not within 8 s: ${condition}`)
    await nextTurn()
  }
}

const keysOf = (events: readonly JobEvent[]) =>
  events.map(({ eventName, blockNumber, logIndex }) => `${eventName} ${blockNumber}.${logIndex}`)

describe('watchJobs', () => {
  let chain: TestChain
  let requester: MarketClient
  let provider: MarketClient
  let jobs: ReturnType<typeof jobsOf>
  let restore: () => Promise<void>
  const watchers: (() => void)[] = []
  before(async () => {
    chain = await startChain()
    ;({ requester, provider } = await fund(chain))
    jobs = jobsOf(chain, { requester, provider })
  })
  beforeEach(async () => {
    restore = await chain.snapshot()
  })
  afterEach(async () => {
    for (const unwatch of watchers.splice(0)) unwatch()
    await restore()
  })
  after(() => chain.close())

  /** A watcher behind a node with faults, and what it delivered. */
  function watch(faults: Faults = {}, parameters: Partial<WatchJobsParameters> = {}) {
    const { transport, looks } = faultyNode(chain.request, faults)
    const client = chain.client('eve', { transport, pollingInterval: 1 })
    const events: JobEvent[] = []
    const errors: unknown[] = []
    const progress: { toBlock: bigint; resumeFrom: bigint }[] = []
    const unwatch = client.watchJobs({
      onEvents: (batch, at) => {
        events.push(...batch)
        progress.push(at)
      },
      onError: (error) => errors.push(error),
      ...parameters,
    })
    watchers.push(unwatch)
    /** Until it has looked at the newest block several times: what came twice would be there. */
    const settled = async () => {
      const head = await requester.getBlockNumber({ cacheTime: 0 })
      await until(() => (progress.at(-1)?.toBlock ?? -1n) >= head)
      const before = looks()
      await until(() => looks() >= before + 4)
    }
    return { events, errors, progress, settled, unwatch }
  }

  const actual = async () => {
    const all = await requester.getMarketEvents()
    return keysOf(all.filter((event): event is JobEvent => 'jobId' in event.args))
  }

  describe('given jobs before and after it starts', () => {
    it('delivers all events in order, once', async () => {
      const first = await jobs.submitted()
      const { events, settled } = watch()
      await settled()
      expect(keysOf(events)).to.deep.equal(await actual())
      await requester.acceptSync({ jobId: first })
      await jobs.claimed()
      await settled()
      expect(keysOf(events)).to.deep.equal(await actual())
      expect(events.map(({ eventName }) => eventName)).to.deep.equal([
        ...['JobPosted', 'JobClaimed', 'ResultSubmitted', 'JobSettled', 'JobPosted', 'JobClaimed'],
      ])
    })

    it('begins with the block it is told to', async () => {
      await jobs.posted()
      const fromBlock = (await requester.getBlockNumber({ cacheTime: 0 })) + 1n
      const { events, settled } = watch({}, { fromBlock })
      await jobs.posted()
      await settled()
      expect(events.map(({ blockNumber }) => blockNumber)).to.deep.equal([fromBlock])
    })

    it('tells the progress also without events, and what to resume from', async () => {
      const { progress, settled } = watch()
      await settled()
      const calls = progress.length
      await chain.mine(20)
      await settled()
      const head = await requester.getBlockNumber({ cacheTime: 0 })
      expect(progress).to.have.length(calls + 1)
      expect(progress.at(-1)).to.deep.equal({ toBlock: head, resumeFrom: head - 7n })
    })
  })

  describe('given a node that refuses long ranges', () => {
    it('backfills in shorter ones', async () => {
      await jobs.posted()
      await chain.mine(300)
      await jobs.posted()
      await chain.mine(3)
      const { events, errors, settled } = watch({ maxRange: 13 })
      await settled()
      expect(keysOf(events)).to.deep.equal(await actual())
      expect(errors).to.deep.equal([])
    })

    it('reports a node that refuses every range, and goes on when it does not', async () => {
      await jobs.posted()
      const faults: Faults = { maxRange: 0 }
      const { events, errors, settled } = watch(faults)
      await until(() => errors.length > 0)
      expect(errors[0]).to.include({ name: 'RpcRequestFailedError' })
      faults.maxRange = undefined
      await settled()
      expect(keysOf(events)).to.deep.equal(await actual())
    })
  })

  describe('given a node that has no logs of the newest block yet', () => {
    it('delivers them later, once', async () => {
      const dropped = new Set<bigint>()
      const dropNewest = (block: bigint) => !dropped.has(block) && Boolean(dropped.add(block))
      const { events, settled } = watch({ dropNewest })
      await jobs.claimed()
      await settled()
      await jobs.posted()
      await settled()
      expect(dropped.size > 0).to.equal(true)
      expect(keysOf(events).sort()).to.deep.equal((await actual()).sort())
    })
  })

  describe('given a node that goes away', () => {
    it('reports it and misses nothing', async () => {
      const faults: Faults = {}
      const { events, errors, settled } = watch(faults)
      await jobs.posted()
      await settled()
      faults.away = () => true
      await jobs.claimed()
      await chain.mine(30)
      await until(() => errors.length >= 3)
      faults.away = undefined
      await settled()
      expect(errors[0]).to.be.instanceOf(RpcUnavailableError)
      expect(keysOf(events)).to.deep.equal(await actual())
    })
  })

  describe(seeded('given all of these at random'), () => {
    it('has no gap and nothing twice', async () => {
      const faultRates = fc.record({
        seed: fc.integer(),
        maxRange: fc.option(fc.integer({ min: 2, max: 40 }), { nil: undefined }),
        away: fc.integer({ min: 0, max: 25 }),
        dropped: fc.integer({ min: 0, max: 60 }),
        steps: fc.array(fc.constantFrom('post', 'claim', 'mine'), { minLength: 1, maxLength: 8 }),
      })
      await checkAsync(
        fc.asyncProperty(faultRates, async ({ seed, maxRange, away, dropped, steps }) => {
          // Each case begins with the chain as it was, and a backfill of some length.
          await restore()
          restore = await chain.snapshot()
          const roll = percent(seed)
          const faults: Faults = { maxRange, away: () => roll() < away }
          // A block's logs are late a few times, not for ever.
          const late = new Map<bigint, number>()
          faults.dropNewest = (block) => {
            const times = late.get(block) ?? 0
            if (times >= 2 || roll() >= dropped) return false
            late.set(block, times + 1)
            return true
          }
          const { events, settled, unwatch } = watch(faults)
          for (const step of steps) {
            if (step === 'post') await jobs.posted()
            if (step === 'claim') await jobs.claimed({ maxPrice: 2n, minPrice: 1n })
            if (step === 'mine') await chain.mine(17)
          }
          await settled()
          unwatch()
          expect(keysOf(events).sort()).to.deep.equal((await actual()).sort())
        }),
      )
    })
  })

  describe('given a slow or failing onEvents', () => {
    it('waits for it before the next batch', async () => {
      let running = 0
      let calls = 0
      let most = 0
      const { settled, progress } = watch(
        { maxRange: 5 },
        {
          onEvents: async (_, at) => {
            calls += 1
            running += 1
            most = Math.max(most, running)
            for (let turns = 0; turns < 5; turns++) await nextTurn()
            running -= 1
            progress.push(at)
          },
        },
      )
      await jobs.submitted()
      await settled()
      expect(calls > 1).to.equal(true)
      expect(most).to.equal(1)
    })

    it('delivers the batch again that failed', async () => {
      const failure = new TypeError('disk full')
      let failures = 2
      const delivered: JobEvent[] = []
      const { settled, errors, progress } = watch(
        {},
        {
          onEvents: async (batch, at) => {
            if (batch.length > 0 && failures-- > 0) throw failure
            delivered.push(...batch)
            progress.push(at)
          },
        },
      )
      await jobs.claimed()
      await settled()
      expect(errors).to.include(failure)
      expect(keysOf(delivered)).to.deep.equal(await actual())
    })
  })

  describe('given a restart', () => {
    it('continues from where it may resume without a gap', async () => {
      const first = watch()
      await jobs.claimed()
      await chain.mine(12)
      await jobs.posted()
      await first.settled()
      first.unwatch()
      await jobs.claimed()
      const fromBlock = first.progress.at(-1)?.resumeFrom
      const second = watch({}, { fromBlock })
      await second.settled()
      const together = new Set([...keysOf(first.events), ...keysOf(second.events)])
      expect([...together].sort()).to.deep.equal((await actual()).sort())
      expect(second.events.length < together.size).to.equal(true)
    })
  })

  describe('given it is stopped', () => {
    for (const way of ['unwatch', 'signal'] as const) {
      it(`calls nothing any more, by ${way}`, async () => {
        const controller = new AbortController()
        const { events, settled, unwatch } = watch({}, { signal: controller.signal })
        await jobs.posted()
        await settled()
        const other = watch()
        if (way === 'unwatch') unwatch()
        else controller.abort()
        await jobs.posted()
        await other.settled()
        expect(events).to.have.length(1)
        expect(other.events).to.have.length(2)
      })
    }
  })

  describe('given filters', () => {
    it('delivers only events of the jobs of one requester', async () => {
      const eve = chain.client('eve')
      await eve.depositSync({ amount: units('10') })
      const before = await eve.postSync({ terms: await someTerms(chain) })
      const fromBlock = (await requester.getBlockNumber({ cacheTime: 0 })) + 1n
      // Posted before the watcher's first block: whose it is must be read.
      const ofEve = watch({}, { fromBlock, requester: chain.accounts.eve.address })
      const after = await eve.postSync({ terms: await someTerms(chain) })
      await jobs.submitted()
      await provider.claimSync({ jobId: before.jobId })
      await provider.claimSync({ jobId: after.jobId })
      await eve.settleManySync({ jobIds: [zeroHash, after.jobId] })
      await ofEve.settled()
      expect(ofEve.errors).to.deep.equal([])
      expect(ofEve.events.map(({ eventName, args }) => [eventName, args.jobId])).to.deep.equal([
        ['JobPosted', after.jobId],
        ['JobClaimed', before.jobId],
        ['JobClaimed', after.jobId],
        ['SettleSkipped', after.jobId],
      ])
    })

    it('delivers only events of the jobs that one provider claimed', async () => {
      const rival = chain.client('keeper')
      await rival.depositSync({ amount: units('100') })
      await rival.stakeSync({ amount: units('100') })
      await rival.updateProviderSync({ resources, concurrency: 5, endpoint })
      const before = await jobs.posted()
      await rival.claimSync({ jobId: before })
      const fromBlock = (await requester.getBlockNumber({ cacheTime: 0 })) + 1n
      const ofRival = watch({}, { fromBlock, provider: chain.accounts.keeper.address })
      const after = await jobs.posted()
      await jobs.submitted()
      await requester.cancelSync({ jobId: await jobs.posted() })
      await rival.claimSync({ jobId: after })
      await requester.settleManySync({ jobIds: [zeroHash, before] })
      await ofRival.settled()
      expect(ofRival.errors).to.deep.equal([])
      expect(ofRival.events.map(({ eventName, args }) => [eventName, args.jobId])).to.deep.equal([
        ['JobClaimed', after],
        ['SettleSkipped', before],
      ])
    })
  })
})

/** Random numbers from 0 to 99 (mulberry32). */
function percent(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % 100
  }
}
