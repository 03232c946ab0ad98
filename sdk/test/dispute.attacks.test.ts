import { expect } from 'chai'
import { custom, type Hex } from 'viem'
import { createDisputeDriver, type DisputeDriver } from '../src/dispute/driver.ts'
import type { Game } from '../src/dispute/games.ts'
import { type DisputeJournal, memoryJournal } from '../src/dispute/journal.ts'
import { type ClaimKnowledge, Player } from '../src/dispute/knowledge.ts'
import type { DisputeSender } from '../src/dispute/outbox.ts'
import { resultNodes } from '../src/dispute/results.ts'
import { splitPoints } from '../src/dispute/split.ts'
import { TaskTrace } from '../src/dispute/trace.ts'
import type { MarketClient } from '../src/index.ts'
import { sleep } from '../src/utils/sleep.ts'
import { type Actor, type Request, startChain, type TestChain } from './helpers/chain.ts'
import { type DisputedJob, disputedJob, fileOf, lie, otherOutput, rootOf } from './helpers/disputes.ts'
import { fund, someTerms, units } from './helpers/jobs.ts'

describe('attacks on drivers of disputes', () => {
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

  async function submitted(rows: ReadonlyMap<number, Uint8Array>, maxPages = 2): Promise<Hex> {
    const terms = await someTerms(chain, { ...job.terms, maxPages, window: 600 })
    const { jobId } = await requester.postSync({ terms })
    await provider.claimSync({ jobId })
    await provider.submitSync({ jobId, ...rootOf(rows) })
    return jobId
  }

  const driverOf = (
    actor: Actor,
    known: ClaimKnowledge | ((jobId: Hex) => ClaimKnowledge),
    options: { journal?: DisputeJournal; send?: DisputeSender; client?: MarketClient } = {},
  ): DisputeDriver =>
    createDisputeDriver({
      client: chain.client(actor),
      game: chain.disputeGame,
      journal: memoryJournal(),
      knowledge: async ({ jobId }) => (typeof known === 'function' ? known(jobId) : known),
      ...options,
    })

  async function openGame(driver: DisputeDriver, jobId: Hex, published?: Uint8Array): Promise<void> {
    await driver.sync()
    await driver.open({ jobId, published })
    await driver.sync()
  }

  /** Whether a promise is settled soon: much later than any move of these tests takes. */
  const isSoon = async (promise: Promise<unknown>) =>
    Promise.race([promise.then(() => true), sleep(10_000).then(() => false)])

  /** Two claims, both true: about the first a game that needs a task to be executed, later one about the second's root. */
  async function twoClaims() {
    const ids = [await submitted(job.truth.rows), await submitted(job.truth.rows)] as const
    const keeper = driverOf('keeper', lie(job, 3, { outputRoot: otherOutput }, 50n).knowledge)
    await openGame(keeper, ids[0], fileOf(job.truth.rows))
    const eve = driverOf('eve', lie(job, 5, { outputRoot: otherOutput }, 50n).knowledge)
    return { ids, openSecond: () => openGame(eve, ids[1]) }
  }

  it('should play other games while a task is executed again for one', async () => {
    const { ids, openSecond } = await twoClaims()
    let release = () => {}
    const done = new Promise<void>((resolve) => {
      release = resolve
    })
    // the task takes hours
    const slow: ClaimKnowledge = {
      ...job.truth,
      trace: () => ({
        hashesAt: async (steps) => {
          await done
          return steps.map(() => otherOutput)
        },
        witnessAt: async () => new Uint8Array(),
      }),
    }
    const honest = driverOf('provider', (jobId) => (jobId === ids[0] ? slow : job.truth))
    try {
      await honest.sync()
      const first = honest.move()
      const isReturned = await isSoon(first)
      await openSecond()
      if (isReturned) {
        await honest.sync()
        expect(await isSoon(honest.move())).to.equal(true)
        await honest.sync()
      }
      const second = honest.games().find(({ position }) => position.claim.jobId === ids[1])
      expect(second?.posts, 'the second claim is defended').to.equal(1)
    } finally {
      release()
    }
  })

  it('should play other games while a transaction is not mined', async () => {
    const { ids, openSecond } = await twoClaims()
    const isStuck = new Promise<never>(() => {})
    const client = chain.client('provider')
    let sent = 0
    const honest = driverOf('provider', job.truth, {
      send: async (_key, call) => {
        if (sent++ === 0) return isStuck
        const hash = await client.writeContract({ ...call, account: client.account, chain: null } as never)
        return client.waitForTransactionReceipt({ hash })
      },
    })
    await honest.sync()
    const isReturned = await isSoon(honest.move())
    await openSecond()
    if (isReturned) {
      await honest.sync()
      await isSoon(honest.move())
      await honest.sync()
    }
    const second = honest.games().find(({ position }) => position.claim.jobId === ids[1])
    expect(second?.posts, 'the second claim is defended').to.equal(1)
  })

  it('should end by time a game whose move it wrote down and could not send', async () => {
    const { knowledge } = lie(job, 17, { outputRoot: otherOutput }, 1_000n)
    const jobId = await submitted(knowledge.rows)
    const journal = memoryJournal()
    await openGame(driverOf('keeper', job.truth), jobId)
    const known = { ...job.truth, published: fileOf(knowledge.rows) }
    const away = driverOf('keeper', known, {
      journal,
      send: async () => {
        throw new RangeError('the node is away')
      },
    })
    await away.sync()
    expect((await away.move())[0]).to.include({ did: 'enter' })
    await chain.pass(60)
    const back = driverOf('keeper', known, { journal })
    await back.sync()
    const [outcome] = await back.move()
    expect(outcome!.error).to.equal(undefined)
    await back.sync()
    expect(back.games()[0]).to.include({ status: 'won', reason: 'providerLate' })
  })

  it('should win about a program that may have more memory than its job says', async () => {
    // requester and provider together: two pages, and the job says one
    const { knowledge } = lie(job, 17, { outputRoot: otherOutput }, 1_000n)
    const jobId = await submitted(knowledge.rows, 1)
    const terms = { ...job.truth.terms, maxPages: 1 }
    const watcher = driverOf('keeper', { ...job.truth, terms, published: fileOf(knowledge.rows) })
    const liar = driverOf('provider', { ...knowledge, terms })
    await openGame(watcher, jobId)
    for (let round = 0; round < 5; round++)
      for (const driver of [liar, watcher]) {
        await driver.sync()
        await driver.move()
      }
    await watcher.sync()
    expect(watcher.games()[0]).to.include({ status: 'won', reason: 'wrongStep' })
  })

  it('should not challenge a claim of which it knows a sample only, and the rows are withheld', async () => {
    const jobId = await submitted(job.truth.rows)
    const rows = new Map([[17, job.truth.rows.get(17)!]])
    const watcher = driverOf('keeper', { ...job.truth, rows })
    await watcher.sync()
    const thrown = await watcher.open({ jobId }).catch((error: Error) => error)
    expect(thrown).to.be.instanceOf(Error)
  })

  it('should find a game whose block the node had not indexed yet', async () => {
    const jobId = await submitted(job.truth.rows)
    const eve = driverOf('eve', lie(job, 5, { outputRoot: otherOutput }, 50n).knowledge)
    await openGame(eve, jobId)
    let isBehind = true
    // two nodes behind one address: the one that is asked for logs lacks the newest block, and says nothing about it
    const request = (async (args: { method: string }) =>
      isBehind && args.method === 'eth_getLogs' ? [] : chain.request(args as never)) as Request
    const client = chain.client('provider', { transport: custom({ request }, { retryCount: 0 }) })
    const honest = driverOf('provider', job.truth, { client })
    await honest.sync()
    isBehind = false
    await chain.mine(1)
    await honest.sync()
    expect(honest.games()).to.have.lengthOf(1)
  })

  it('should answer at a node that only fills the tree up', async () => {
    const jobId = await submitted(job.truth.rows)
    const eve = driverOf('eve', lie(job, 5, { outputRoot: otherOutput }, 50n).knowledge)
    await openGame(eve, jobId)
    const honest = driverOf('provider', job.truth)
    const [{ position }] = eve.games() as [Game]
    const tree = resultNodes(fileOf(job.truth.rows))
    const { hash, steps } = tree.node(3, 7)
    const proof = tree.proof({ level: 3, index: 7 }, position.node.level)
    const to = { level: 3, index: 7, hash, sum: steps, proof }
    await chain.client('eve').descendSync({ position, to })
    await honest.sync()
    expect((await honest.move())[0]).to.include({ did: 'post' })
    await chain.pass(11)
    await honest.sync()
    expect((await honest.move())[0]).to.include({ did: 'timeOut' })
    await honest.sync()
    expect(honest.games()[0]).to.include({ status: 'lost', reason: 'challengerLate' })
  })

  it('should execute each task once, however many of a claim are disputed at a time', async () => {
    const made: TaskTrace[] = []
    const trace = (task: number) => {
      const states = new TaskTrace(job.tasks[task]!)
      made.push(states)
      return states
    }
    const player = new Player({ ...job.truth, trace })
    const tasks = [3, 5, 7]
    for (const [first, last] of [
      [0n, 32n],
      [31n, 32n],
    ] as const)
      for (const task of tasks) {
        const { steps } = job.results[task]!
        const node = { from: (first * steps) / 32n, to: (last * steps) / 32n }
        await player.statesOf(task).hashesAt(splitPoints(node))
      }
    const executed = made.reduce((sum, states) => sum + states.executed, 0n)
    const once = tasks.reduce((sum, task) => sum + job.results[task]!.steps, 0n)
    expect(Number(executed) / Number(once)).to.be.below(1.2)
  })
})
