import { expect } from 'chai'
import type { Hex } from 'viem'
import { createDisputeDriver, type DisputeDriver, type DisputeOutcome } from '../src/dispute/driver.ts'
import type { Game } from '../src/dispute/games.ts'
import { type DisputeJournal, memoryJournal } from '../src/dispute/journal.ts'
import type { ClaimKnowledge } from '../src/dispute/knowledge.ts'
import type { MarketClient, TaskResult } from '../src/index.ts'
import { nothing } from '../src/vm/state.ts'
import { type Actor, startChain, type TestChain } from './helpers/chain.ts'
import { type DisputedJob, disputedJob, fileOf, lie, otherOutput, rootOf } from './helpers/disputes.ts'
import { fund, someTerms, units } from './helpers/jobs.ts'

describe('disputes, played by drivers on a chain', () => {
  let chain: TestChain
  let requester: MarketClient
  let provider: MarketClient
  let job: DisputedJob
  let revert: () => Promise<void>

  before(async () => {
    chain = await startChain()
    ;({ requester, provider } = await fund(chain))
    for (const actor of ['keeper', 'eve'] as const)
      await chain.client(actor).depositSync({ amount: units('100') })
    job = disputedJob(40)
  })
  beforeEach(async () => {
    revert = await chain.snapshot()
  })
  afterEach(() => revert())
  after(() => chain.close())

  /** A job whose provider has submitted these rows. */
  async function submitted(rows: ReadonlyMap<number, Uint8Array>, of = job): Promise<Hex> {
    const terms = await someTerms(chain, { ...of.terms, window: 600 })
    const { jobId } = await requester.postSync({ terms })
    await provider.claimSync({ jobId })
    await provider.submitSync({ jobId, ...rootOf(rows) })
    return jobId
  }

  const driverOf = (
    actor: Actor,
    known: ClaimKnowledge,
    {
      journal = memoryJournal(),
      confirmations = 1,
    }: { journal?: DisputeJournal; confirmations?: number } = {},
  ): DisputeDriver =>
    createDisputeDriver({
      client: chain.client(actor),
      game: chain.disputeGame,
      journal,
      confirmations,
      knowledge: async () => known,
    })

  async function step(driver: DisputeDriver): Promise<DisputeOutcome[]> {
    await driver.sync()
    const outcomes = await driver.move()
    for (const { error } of outcomes) if (error !== undefined) throw error
    await driver.sync()
    return outcomes
  }

  /** Lets drivers play until no game is open; where nobody moves time passes. */
  async function play(...drivers: (() => DisputeDriver)[]): Promise<string[]> {
    const moves: string[] = []
    for (let round = 0; round < 40; round++) {
      let isOpen = false
      let moved = false
      for (const driver of drivers.map((make) => make())) {
        for (const { did, role } of await step(driver)) {
          if (did === null) continue
          moves.push(`${role} ${did}`)
          moved = true
        }
        isOpen ||= driver.games().some(({ status }) => status === 'open' || status === 'collectable')
      }
      if (!isOpen) return moves
      if (!moved) await chain.pass(6)
    }
    throw new RangeError(`no end: ${moves.join(', ')}`)
  }

  const balanceOf = async (actor: Actor) =>
    (await requester.getAccount({ address: chain.accounts[actor].address })).balance

  async function openGame(driver: DisputeDriver, jobId: Hex, published?: Uint8Array): Promise<void> {
    await driver.sync()
    await driver.open({ jobId, published })
  }

  const finalGame = async (driver: DisputeDriver): Promise<Game> => {
    await driver.sync()
    return driver.games().at(-1)!
  }

  const task = 17
  const lies: [
    name: string,
    changes: (result: TaskResult) => Partial<TaskResult>,
    divergence: (steps: bigint) => bigint,
  ][] = [
    ['another output, from the middle on', () => ({ outputRoot: otherOutput }), (steps) => steps / 2n],
    ['another output, from the first step on', () => ({ outputRoot: otherOutput }), () => 0n],
    ['another output, in the last step', () => ({ outputRoot: otherOutput }), (steps) => steps - 1n],
    ['another length', () => ({ outputLength: 9 }), (steps) => steps - 1n],
    [
      'a trap that did not happen',
      ({ steps }) => ({ ...nothing, status: 'trapped', steps: steps - 7n }),
      (steps) => steps - 8n,
    ],
    ['a step too many', ({ steps }) => ({ steps: steps + 1n }), (steps) => steps],
    ['a step too few', ({ steps }) => ({ steps: steps - 1n }), (steps) => steps - 2n],
    ['out of steps', () => ({ ...nothing, status: 'outOfSteps', steps: 5_000n }), (steps) => steps],
  ]

  for (const [name, changes, divergence] of lies)
    it(`should reject a false claim: ${name}`, async () => {
      const result = job.results[task]!
      const { knowledge } = lie(job, task, changes(result), divergence(result.steps))
      const jobId = await submitted(knowledge.rows)
      const before = await balanceOf('keeper')
      const [watcher, liar] = [driverOf('keeper', job.truth), driverOf('provider', knowledge)]
      await openGame(watcher, jobId, fileOf(knowledge.rows))
      const moves = await play(
        () => liar,
        () => watcher,
      )
      const game = await finalGame(watcher)
      expect(game).to.include({ status: 'won', reason: 'wrongStep' })
      expect(moves.at(-1)).to.equal('challenger prove')
      expect((await requester.getJob({ jobId })).status).to.equal('rejected')
      expect(await balanceOf('keeper')).to.equal(before - game.bond + game.paid!)
      expect(game.paid! - game.bond >= 5_000n * BigInt(game.path.length)).to.equal(true)
    })

  it('should reject a false claim whose rows are withheld, from the root down', async () => {
    const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 77n)
    const jobId = await submitted(knowledge.rows)
    const [watcher, liar] = [driverOf('keeper', job.truth), driverOf('provider', knowledge)]
    await openGame(watcher, jobId)
    const moves = await play(
      () => liar,
      () => watcher,
    )
    const posts = ['provider post', 'challenger descend', 'provider post', 'challenger enter']
    expect(moves.slice(0, 4)).to.deep.equal(posts)
    expect(await finalGame(watcher)).to.include({ status: 'won', reason: 'wrongStep' })
  })

  it('should go on where a player was killed at each move and started again', async () => {
    const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 1_000n)
    const jobId = await submitted(knowledge.rows)
    const journals = [memoryJournal(), memoryJournal()]
    const watcher = () => driverOf('keeper', job.truth, { journal: journals[0]! })
    const liar = () => driverOf('provider', knowledge, { journal: journals[1]! })
    await openGame(watcher(), jobId)
    await play(liar, watcher)
    expect(await finalGame(watcher())).to.include({ status: 'won', reason: 'wrongStep' })
  })

  it('should win by time where the provider says nothing', async () => {
    const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 1_000n)
    const jobId = await submitted(knowledge.rows)
    const watcher = driverOf('keeper', job.truth)
    await openGame(watcher, jobId)
    expect(await play(() => watcher)).to.deep.equal(['challenger timeOut'])
    expect(await finalGame(watcher)).to.include({ status: 'won', reason: 'providerLate' })
  })

  describe('given a true claim', () => {
    let jobId: Hex
    let honest: DisputeDriver
    beforeEach(async () => {
      jobId = await submitted(job.truth.rows)
      honest = driverOf('provider', job.truth)
    })

    it('should not challenge what is as executed', async () => {
      const watcher = driverOf('keeper', job.truth)
      await watcher.sync()
      const thrown = await watcher.open({ jobId }).catch((error: Error) => error.name)
      expect(thrown).to.equal('NothingToDisputeError')
    })

    it('should confirm it against a challenger who made up an execution, and pay its moves', async () => {
      const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 500n)
      const eve = driverOf('eve', knowledge)
      const [before, reserve] = [await balanceOf('provider'), (await requester.getTotals()).reserve]
      await openGame(eve, jobId)
      const moves = await play(
        () => eve,
        () => honest,
      )
      const game = await finalGame(honest)
      expect(game.status).to.equal('lost')
      expect(moves.at(-1)).to.equal('provider timeOut')
      const { toProvider, toReserve } = game.forfeited!
      expect(toProvider + toReserve).to.equal(game.bond)
      expect(await balanceOf('provider')).to.equal(before + toProvider)
      expect((await requester.getTotals()).reserve).to.equal(reserve + toReserve)
      expect(game.posts).to.be.greaterThan(2)
      expect((await requester.getJob({ jobId })).status).to.equal('submitted')
    })
  })
})
