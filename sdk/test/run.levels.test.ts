import { expect } from 'chai'
import { zeroHash } from 'viem'
import {
  addParameters,
  attestersHash,
  decodeReplicationTerms,
  type JobStatus,
  type MarketClient,
  type NamedJobTerms,
  RunParameterError,
  type RunParameters,
  ValueOutOfRangeError,
  WrongLevelError,
} from '../src/index.ts'
import { checkParameters, checkTerms } from '../src/run/check.ts'
import { costOf, seatCostOf } from '../src/run/cost.ts'
import { NO_DATA } from '../src/run/data.ts'
import { replicated } from '../src/run/group.ts'
import { planShards } from '../src/run/plan.ts'
import { postOnce } from '../src/run/posting.ts'
import { replicationTermsOf } from '../src/run/replication.ts'
import { termsFor } from '../src/run/terms.ts'
import { startChain, type TestChain } from './helpers/chain.ts'
import { fund, someTerms, units } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'
import { assemble } from './helpers/wasm.ts'

const program = assemble('(module (memory (export "memory") 1 1) (func (export "run")))')
const attesters = ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8'] as const

const parametersOf = (changes: Partial<RunParameters> = {}): RunParameters => ({
  ...{ program, inputs: [new Uint8Array()], store: 'http://127.0.0.1:4400', maxPrice: units('3') },
  ...changes,
})

describe('run: assurance levels', () => {
  describe('parameters that contradict each other', () => {
    const attested = { level: 'attested', attesters } as const
    const replicated = { level: 'replicated' } as const
    const group = (replication: RunParameters['replication']) => ({ ...replicated, replication })
    const refused: [what: string, field: string, changes: Partial<RunParameters>][] = [
      ['a level that is none', 'level', { level: 'trusted' as never }],
      ['attesters of a job that is not attested', 'attesters', { attesters }],
      ['attesters of a group', 'attesters', { ...replicated, attesters }],
      ['an attested job without attesters', 'attesters', { level: 'attested' }],
      ['an attested job with none of them', 'attesters', { level: 'attested', attesters: [] }],
      ['an attester that is no address', 'attesters', { level: 'attested', attesters: ['0x12'] }],
      ['a group of a job that is not replicated', 'replication', { ...attested, replication: {} }],
      ['accepting what a majority decides', 'accept', { ...replicated, accept: true }],
      ['metering seats', 'meteredBps', { ...replicated, meteredBps: 1 }],
      ['a window where there is none', 'window', { ...replicated, window: 120 }],
      ['more than the whole price by step', 'meteredBps', { meteredBps: 10_001 }],
      ['a part of a basis point', 'meteredBps', { meteredBps: 0.5 }],
      ['one seat', 'replication.seats', group({ seats: 1 })],
      ['an even number of seats', 'replication.seats', group({ seats: 4 })],
      ['too many seats', 'replication.seats', group({ seats: 17 })],
      ['one spare', 'replication.spares', group({ spares: 1 })],
      ['an even number of spares', 'replication.spares', group({ spares: 4 })],
      ['too many draw bits', 'replication.drawBits', group({ drawBits: 65 })],
      ['more than the price as base fee', 'replication.baseBps', group({ baseBps: 10_001 })],
      ['no time to commit', 'replication.commitTime', group({ commitTime: 0 })],
      [
        'a run time that nobody may take to commit',
        'replication.commitTime',
        { ...replicated, run: 604_801 },
      ],
      ['too much time to reveal', 'replication.revealTime', group({ revealTime: 604_801 })],
      ['half a second to draw', 'replication.drawTime', group({ drawTime: 0.5 })],
      ['less than a unit for each seat', 'maxPrice', { ...replicated, maxPrice: 2n }],
    ]
    for (const [what, field, changes] of refused) {
      it(`are refused: ${what}`, () => {
        expect(() => checkParameters(parametersOf(changes)))
          .to.throw(RunParameterError)
          .with.property('message')
          .that.contains(`\`${field}\` cannot be used`)
      })
    }

    const accepted: Record<string, Partial<RunParameters>> = {
      'an attested job that is metered and accepted': { ...attested, meteredBps: 10_000, accept: true },
      'a group with what it is by default': { ...replicated, accept: false, meteredBps: 0 },
      'the smallest spares': group({ spares: 3, drawBits: 64, baseBps: 0, commitTime: 1 }),
      'the largest group': group({ seats: 15, spares: 15, drawTime: 604_800 }),
      'a unit for each seat': { ...replicated, maxPrice: 3n },
    }
    for (const [what, changes] of Object.entries(accepted)) {
      it(`are not: ${what}`, () => checkParameters(parametersOf(changes)))
    }
  })

  describe('the terms of a part', () => {
    const shard = { first: 0, tasks: 2, maxPrice: 100n, minPrice: 50n }
    const context = { now: 1_000, data: NO_DATA, spent: 0n }

    it('name the attesters, and what is paid by step', () => {
      const termsOf = termsFor(parametersOf({ level: 'attested', attesters, meteredBps: 5_000 }))
      expect(termsOf(shard, context)).to.include({
        ...{ level: 'attested', assurance: attestersHash(attesters), meteredBps: 5_000 },
        ...{ maxPrice: 100n, minPrice: 50n, claimBy: 1_600 },
      })
    })

    it('allow no more steps than an interpreter does in the run time, and 2^36', () => {
      const limitOf = (parameters: object) => termsFor(parametersOf(parameters))(shard, context).stepLimit
      expect(limitOf({})).to.equal(1n << 36n)
      expect(limitOf({ run: 10 })).to.equal(10n << 27n)
      expect(limitOf({ run: 512 })).to.equal(1n << 36n)
      expect(limitOf({ run: 511 })).to.equal(511n << 27n)
      expect(limitOf({ run: 10, stepLimit: 1n << 40n })).to.equal(1n << 40n)
    })

    it('are those of all its seats and spares, which together cost no more', () => {
      const parameters = parametersOf({
        ...{ level: 'replicated', run: 90, claimFor: 60 },
        replication: { spares: 3, revealTime: 20, drawTime: 10 },
      })
      const kind = replicated(replicationTermsOf(parameters))
      const jobs = kind.jobsOf(termsFor(parameters)(shard, context))
      expect(kind.jobsPerShard).to.equal(6)
      expect(jobs.map(({ maxPrice, minPrice }) => [maxPrice, minPrice])).to.deep.equal(
        Array(6).fill([16n, 8n]),
      )
      expect(jobs.map(({ claimBy }) => claimBy)).to.deep.equal([
        ...Array(3).fill(1_060),
        ...Array(3).fill(1_180),
      ])
      expect(new Set(jobs.map(({ nonce }) => nonce))).to.have.lengthOf(1)
      expect(jobs.map(({ assurance = '0x' }) => decodeReplicationTerms(assurance).index)).to.deep.equal([
        0, 1, 2, 3, 4, 5,
      ])
      expect(decodeReplicationTerms(jobs[0]?.assurance ?? '0x')).to.include({
        ...{ seats: 3, spares: 3, drawBits: 0, baseBps: 1_000, commitTime: 90, revealTime: 20, drawTime: 10 },
      })
    })

    it('offer what earlier attempts have left', () => {
      const termsOf = termsFor(parametersOf())
      expect(termsOf(shard, { ...context, spent: 30n })).to.include({ maxPrice: 70n, minPrice: 50n })
      expect(termsOf(shard, { ...context, spent: 60n })).to.include({ maxPrice: 40n, minPrice: 40n })
    })
  })

  describe('what a job costs', () => {
    const job = { status: 'settled' as JobStatus, price: 101n, meteredBps: 0, stepBudget: null, steps: null }
    const metered = { ...job, meteredBps: 2_500, stepBudget: 8n }

    it('is nothing before a claim and after a refund, else its price', () => {
      expect(costOf({ ...job, status: 'open', price: null })).to.equal(0n)
      for (const status of ['released', 'failed', 'rejected', 'cancelled'] as const)
        expect(costOf({ ...job, status }), status).to.equal(0n)
      for (const status of ['claimed', 'submitted', 'settled'] as const)
        expect(costOf({ ...job, status }), status).to.equal(101n)
    })

    it('follows the steps of a metered job once they are known', () => {
      expect(costOf({ ...metered, status: 'claimed', steps: null })).to.equal(101n)
      // three quarters, and half of the last one, rounded down
      expect(costOf({ ...metered, steps: 4n })).to.equal(88n)
    })

    it('is the base fee of a seat that revealed and was let go', () => {
      const released = { ...job, status: 'released' as const }
      expect(seatCostOf(released, { hasRevealed: true, baseBps: 1_000 })).to.equal(10n)
      expect(seatCostOf(released, { hasRevealed: false, baseBps: 1_000 })).to.equal(0n)
      expect(seatCostOf(job, { hasRevealed: true, baseBps: 1_000 })).to.equal(101n)
    })
  })

  describe('given a market', () => {
    let chain: TestChain
    let requester: MarketClient
    before(async () => {
      chain = await startChain()
      ;({ requester } = await fund(chain))
    })
    after(() => chain.close())

    const posting = () => ({ client: requester, signal: new AbortController().signal, pollingInterval: 1 })

    it('posts all of a group', async () => {
      const { groupId, kind, terms } = await draft()
      const jobIds = await postOnce(posting(), terms, kind.takeBack)
      expect(await requester.getGroup({ groupId: await groupId() })).to.deep.include({ posted: 6, jobIds })
    })

    it('takes back a group of which a seat was refused', async () => {
      const before = await requester.getAccount()
      const { kind, terms } = await draft()
      const last = { ...(terms[5] as NamedJobTerms), maxOutput: 2 ** 30 + 1 }
      const error = await rejection(
        postOnce(posting(), [...terms.slice(0, 5), last], kind.takeBack),
        ValueOutOfRangeError,
      )
      expect(error.field).to.equal('maxOutput')
      const posted = (await requester.getJobs()).slice(-5)
      expect(posted.map(({ status }) => status)).to.deep.equal(Array(5).fill('cancelled'))
      expect(await requester.getAccount()).to.deep.equal(before)
    })

    it('takes a group whatever its shortest window is', async () => {
      const restore = await chain.snapshot()
      const { id: _, current: __, paused: ___, ...rules } = await requester.getParameters()
      const changed = { ...rules, minWindow: 7 * 86_400 }
      await chain.govern(addParameters.call({ market: chain.market, rules: changed, levels: chain.levels }))
      const parameters = parametersOf({ level: 'replicated' })
      const kind = replicated(replicationTermsOf(parameters))
      const [shard = expect.fail()] = planShards(1, 1, units('3'), units('3'))
      const stored = { ...NO_DATA, programId: zeroHash, inputsRoot: zeroHash, sharedInput: zeroHash }
      const terms = kind.jobsOf(
        termsFor(parameters)(shard, { now: await chain.now(), data: stored, spent: 0n }),
      )
      await checkTerms(
        posting(),
        terms.map((each) => ({ ...each, claimBy: 600 })),
      )
      expect(await postOnce(posting(), terms, kind.takeBack)).to.have.length(3)
      await restore()
    })

    it('that does not offer the level, refuses before anything is stored', async () => {
      const { id: _, current: __, paused: ___, ...rules } = await requester.getParameters()
      await chain.govern(addParameters.call({ market: chain.market, rules }))
      for (const level of ['attested', 'replicated'] as const) {
        const named = level === 'attested' ? { attesters } : {}
        const error = await rejection(
          requester.run(parametersOf({ level, ...named, store: 'http://127.0.0.1:9' })),
          WrongLevelError,
        )
        expect(error).to.include({ level: 'not offered', expected: level })
      }
    })

    async function draft() {
      const kind = replicated(replicationTermsOf({ replication: { spares: 3 } }))
      const { nonce, ...plain } = await someTerms(chain)
      const terms = kind.jobsOf({ ...plain, nonce: nonce ?? 7n })
      const groupId = async () => {
        const jobId = await requester.getJobId({ terms: terms[0] as NamedJobTerms })
        return (await requester.getSeat({ jobId })).groupId
      }
      return { kind, terms: [...terms], groupId }
    }
  })
})
