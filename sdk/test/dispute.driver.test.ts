import { expect } from 'chai'
import type { Hex } from 'viem'
import { createDisputeDriver, type DisputeDriver, type DisputeOutcome } from '../src/dispute/driver.ts'
import { explainGame } from '../src/dispute/explain.ts'
import type { Game } from '../src/dispute/games.ts'
import { type DisputeJournal, memoryJournal } from '../src/dispute/journal.ts'
import type { ClaimKnowledge } from '../src/dispute/knowledge.ts'
import type { MarketClient, TaskResult } from '../src/index.ts'
import type { Program } from '../src/vm/program.ts'
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

  it('should collect bond and reward of the games that others decided', async () => {
    const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 700n)
    const jobId = await submitted(knowledge.rows)
    const [watcher, liar] = [driverOf('keeper', job.truth), driverOf('provider', knowledge)]
    // another one, which knows this task alone
    const known = { ...job.truth, rows: new Map([[task, job.truth.rows.get(task)!]]) }
    const other = driverOf('eve', known)
    const before = await balanceOf('eve')
    await openGame(watcher, jobId, fileOf(knowledge.rows))
    await openGame(other, jobId, fileOf(knowledge.rows))
    const moves = await play(
      () => liar,
      () => other,
      () => watcher,
    )
    const games = liar.games()
    expect(games.map(({ status }) => status).sort()).to.deep.equal(['collected', 'won'])
    expect(moves.at(-1)).to.equal('challenger collect')
    const posts = games.map((one) => one.posts)
    expect(posts[0]! + posts[1]!, 'one posting serves both').to.equal(liar.postings().size)
    const own = games.find(({ challenger }) => challenger === chain.accounts.eve.address)!
    expect(await balanceOf('eve')).to.equal(before - own.bond + own.paid!)
    expect(own.paid! > own.bond).to.equal(true)
  })

  it('should answer games that stand apart in one transaction', async () => {
    const honest = driverOf('provider', job.truth)
    const jobId = await submitted(job.truth.rows)
    const liars = [driverOf('keeper', lie(job, 3, { outputRoot: otherOutput }, 50n).knowledge)]
    liars.push(driverOf('eve', lie(job, 35, { outputRoot: otherOutput }, 50n).knowledge))
    for (const liar of liars) await openGame(liar, jobId)
    await step(honest)
    for (const liar of liars) await step(liar)
    const outcomes = await step(honest)
    expect(outcomes.map(({ did }) => did)).to.deep.equal(['post', 'post'])
    expect(outcomes[0]!.receipt!.transactionHash).to.equal(outcomes[1]!.receipt!.transactionHash)
    expect(honest.games().map(({ posts }) => posts)).to.deep.equal([2, 1])
  })

  it('should act on confirmed blocks, but for the last third of a turn', async () => {
    const jobId = await submitted(job.truth.rows)
    const { knowledge } = lie(job, 3, { outputRoot: otherOutput }, 50n)
    const eve = driverOf('eve', knowledge)
    const careful = () => driverOf('provider', job.truth, { confirmations: 4 })
    await openGame(eve, jobId)
    expect((await step(careful()))[0]).to.include({ did: null, reason: 'unconfirmed' })
    await chain.mine(3)
    expect((await step(careful()))[0]).to.include({ did: 'post' })
    await step(eve)
    expect((await step(careful()))[0]).to.include({ did: null, reason: 'unconfirmed' })
    await chain.pass(7)
    expect((await step(careful()))[0]).to.include({ did: 'post' })
  })

  it('should play on after the chain has taken blocks back', async () => {
    const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 1_500n)
    const jobId = await submitted(knowledge.rows)
    const [watcher, liar] = [driverOf('keeper', job.truth), driverOf('provider', knowledge)]
    await openGame(watcher, jobId)
    await step(liar)
    const takeBack = await chain.snapshot()
    await watcher.sync()
    const kept = watcher.games().length
    await step(watcher)
    await step(liar)
    await step(watcher)
    const gone = watcher.games()[0]!
    await takeBack()
    await chain.pass(3)
    await watcher.sync()
    expect(watcher.games().length).to.equal(kept)
    expect(watcher.games()[0]!.path.length).to.be.below(gone.path.length)
    await play(
      () => liar,
      () => watcher,
    )
    const game = await finalGame(watcher)
    expect(game).to.include({ status: 'won', reason: 'wrongStep' })
    expect(game.path[1]!.arrivedAt).not.to.equal(gone.path[1]!.arrivedAt)
  })

  it('should never send a second, different posting', async () => {
    const jobId = await submitted(job.truth.rows)
    const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 1_500n)
    const eve = driverOf('eve', knowledge)
    const written = new Map<string, Hex>()
    const journal: DisputeJournal = {
      read: (key) => written.get(key),
      write: (key, move) => {
        expect(written.has(key), `${key} is written twice`).to.equal(false)
        written.set(key, move)
      },
    }
    await openGame(eve, jobId, fileOf(job.truth.rows))
    // killed between writing and sending
    const killed = createDisputeDriver({
      client: provider,
      game: chain.disputeGame,
      journal,
      knowledge: async () => job.truth,
      send: async () => {
        throw new RangeError('killed')
      },
    })
    await killed.sync()
    expect((await killed.move())[0]!.error).to.be.instanceOf(Error)
    expect(written.size).to.equal(1)
    // what it would compute now is something else
    const forgetful = driverOf('provider', { ...job.truth, trace: knowledge.trace }, { journal })
    const [outcome] = await step(forgetful)
    expect(outcome).to.include({ did: 'post' })
    expect([...forgetful.postings().values()].map(({ data }) => data)).to.deep.equal([...written.values()])
  })

  it('should play every game though one of them fails', async () => {
    const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 700n)
    const ids = [await submitted(knowledge.rows), await submitted(knowledge.rows)]
    const watcher = driverOf('keeper', job.truth)
    for (const jobId of ids) await openGame(watcher, jobId, fileOf(knowledge.rows))
    const liar = createDisputeDriver({
      client: provider,
      game: chain.disputeGame,
      journal: memoryJournal(),
      knowledge: async ({ jobId }) => {
        if (jobId === ids[0]) throw new RangeError('the disk is full')
        return knowledge
      },
    })
    await liar.sync()
    const outcomes = await liar.move()
    expect(outcomes.map(({ did, error }) => [did, error !== undefined])).to.have.deep.members([
      [null, true],
      ['post', false],
    ])
  })

  it('should tell a game move by move, down to the instruction', async () => {
    const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 700n)
    const jobId = await submitted(knowledge.rows)
    const [watcher, liar] = [driverOf('keeper', job.truth), driverOf('provider', knowledge)]
    await openGame(watcher, jobId)
    await play(
      () => liar,
      () => watcher,
    )
    const { games, postings } = await requester.getGames({ game: chain.disputeGame, jobId })
    const program = job.truth.program as Program
    const {
      moves,
      rows,
      step: disputed,
    } = explainGame({ game: games[0]!, postings, knowledge: { ...job.truth, program } })
    const names = moves.map(({ name }) => name)
    expect(names.slice(0, 6)).to.deep.equal(['open', 'post', 'descend', 'post', 'descend', 'enter'])
    expect(names.length).to.be.greaterThan(9)
    for (const [at, name] of names.slice(6).entries()) expect(name).to.equal(at % 2 === 0 ? 'post' : 'pick')
    expect(moves[1]!.shown).to.deep.equal({ nodes: 2 })
    expect(moves[3]!.shown).to.deep.equal({ rows: 32 })
    expect(moves[6]!.shown).to.deep.equal({ states: 31 })
    expect(rows).to.deep.equal({ task, claimed: knowledge.rows.get(task), own: job.truth.rows.get(task) })
    expect(disputed!.step).to.equal(700n)
    const [before, own] = await job.truth.trace(task).hashesAt([700n, 701n])
    expect([disputed!.before, disputed!.own]).to.deep.equal([before, own])
    expect(disputed!.claimed).to.equal(games[0]!.position.node.end).and.not.to.equal(own)
    expect(disputed!.instruction!.instruction).to.match(/^[a-z0-9_.]+/)
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
