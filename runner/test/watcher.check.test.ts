import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyRoot, encodeLeaves, leafRowSize, resultTree, type TaskResult } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { createExecutor } from '../src/executor/pool.ts'
import type { Executor, ExecutorTask, TaskOutcome } from '../src/executor/types.ts'
import { Journal } from '../src/provider/journal.ts'
import { checkClaim, rowOf } from '../src/watcher/check.ts'
import type { LoadedClaim, WatchContext } from '../src/watcher/context.ts'
import { WatchJournal } from '../src/watcher/journal.ts'
import { endless, spin, word } from './helpers/programs.ts'

const jobId: Hex = `0x${'11'.repeat(32)}`
const TASKS = 5
const inputs = Array.from({ length: TASKS }, (_, i) => word(10 * i))
const all = Array.from(inputs.keys())
const LATER = 1_000

describe('checkClaim', () => {
  let executor: Executor
  let folder: string
  let journal: Journal
  let watched: WatchJournal
  let results: TaskOutcome[]
  let logged: string[]
  /** Tasks that were executed, in both engines. */
  let executed: ('native' | 'fast')[]

  before(async () => {
    executor = createExecutor({ slots: 1, memoryPages: 4_096 })
    const order = { ...spin, maxOutput: 100, stepLimit: 10_000n, wallTimeMs: 20_000 }
    results = await Promise.all(inputs.map((input) => executor.run({ ...order, input })))
  })
  after(() => executor.close())
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-watch-'))
    journal = new Journal(folder)
    watched = new WatchJournal(journal)
    logged = []
    executed = []
  })
  afterEach(() => {
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const note = ({ event }: { event: string }) => logged.push(event)
  const context = (engines: Partial<Executor> = {}): WatchContext => {
    const spied: Executor = {
      ...executor,
      slots: 1,
      limits: executor.limits,
      run: (task: ExecutorTask) => {
        executed.push('native')
        return (engines.run ?? ((each) => executor.run(each)))(task)
      },
      interpret: (task: ExecutorTask) => {
        executed.push('fast')
        return executor.interpret(task)
      },
    }
    return {
      watched,
      executor: spied,
      policy: { taskWallTime: 20_000 },
      signal: new AbortController().signal,
      log: { warn: note, error: note },
      chainTime: () => 0,
    } as never
  }

  /** A claim of all tasks, with some results altered; leaves withheld if so said. */
  const claimOf = (changes: Record<number, Partial<TaskResult>> = {}, isWithheld = false): LoadedClaim => {
    const rows = results.map((result, task) => ({ ...result, ...changes[task] }))
    const { root, totalSteps } = resultTree(rows)
    const { programId, program } = spin
    const terms = { programId, tasks: TASKS, stepLimit: 10_000n, maxOutput: 100 }
    const data = { jobId, terms, program, shared: new Uint8Array(), inputs, resultRoot: root, totalSteps }
    return { ...data, rows: isWithheld ? null : encodeLeaves(rows) } as never
  }

  it('is content with a right result, and executes the sample alone', async () => {
    expect(await checkClaim(context(), claimOf(), [3, 1], LATER)).to.deep.equal({ verdict: 'right' })
    expect(executed).to.deep.equal(['native', 'native'])
    expect([...watched.tasks(jobId).keys()].sort()).to.deep.equal([1, 3])
  })

  const lies: Partial<TaskResult>[] = [
    { outputRoot: `0x${'12'.repeat(32)}` },
    { outputLength: 3 },
    { steps: 1n },
    { exitCode: 1 },
    { status: 'trapped', outputLength: 0, outputRoot: emptyRoot },
  ]
  for (const lie of lies) {
    it(`finds another ${Object.keys(lie)[0]}, and asks the interpreter before it says so`, async () => {
      const finding = await checkClaim(context(), claimOf({ 2: lie }), all, LATER)
      expect(finding).to.deep.equal({ verdict: 'wrong', task: 2 })
      expect(executed.filter((engine) => engine === 'fast')).to.have.lengthOf(1)
    })
  }

  it('does not find what is not in the sample', async () => {
    const finding = await checkClaim(context(), claimOf({ 2: { steps: 1n } }), [0, 1, 3, 4], LATER)
    expect(finding).to.deep.equal({ verdict: 'right' })
  })

  it('finds a row that no program can have, wherever it is', async () => {
    const claim = claimOf()
    const rows = claim.rows as Uint8Array
    rows[4 * leafRowSize] = 9
    expect(await checkClaim(context(), claim, [0], LATER)).to.deep.equal({ verdict: 'wrong', task: 4 })
    const tooLong = claimOf({ 3: { steps: 10_001n } })
    expect(await checkClaim(context(), tooLong, [0], LATER)).to.deep.equal({ verdict: 'wrong', task: 3 })
  })

  it('keeps its own rows, and executes nothing twice after a restart', async () => {
    await checkClaim(context(), claimOf(), [0, 1], LATER)
    expect(watched.tasks(jobId).get(1)).to.deep.equal(rowOf(encodeLeaves(results), 1))
    executed = []
    await checkClaim(context(), claimOf(), [0, 1, 2], LATER)
    expect(executed).to.deep.equal(['native'])
  })

  it('disputes nothing where only the native engine differs', async () => {
    const run = async (task: ExecutorTask) => ({ ...(await executor.run(task)), steps: 7n })
    const finding = await checkClaim(context({ run }), claimOf(), [0], LATER)
    expect(finding).to.deep.equal({ verdict: 'right' })
    expect(logged).to.deep.equal(['engines-differ'])
  })

  it('executes every task where the leaves are withheld, and compares the roots', async () => {
    expect(await checkClaim(context(), claimOf({}, true), [2], LATER)).to.deep.equal({ verdict: 'right' })
    expect(executed).to.have.lengthOf(TASKS)
    const finding = await checkClaim(context(), claimOf({ 4: { steps: 1n } }, true), [2], LATER)
    expect(finding).to.deep.equal({ verdict: 'wrong', task: null })
    expect(watched.tasks(jobId).size * leafRowSize).to.equal(encodeLeaves(results).length)
  })

  it('counts what could not be executed in time, and calls nothing wrong because of it', async () => {
    const late = { ...context(), chainTime: () => LATER + 1 } as WatchContext
    expect(await checkClaim(late, claimOf({ 2: { steps: 1n } }), all, LATER)).to.deep.equal({
      verdict: 'unchecked',
      tasks: TASKS,
    })
    const long = context()
    long.policy.taskWallTime = 100
    const claim = claimOf()
    claim.terms = { ...claim.terms, programId: endless.programId, stepLimit: 2n ** 40n }
    claim.program = endless.program
    expect(await checkClaim(long, claim, [0], LATER)).to.deep.equal({ verdict: 'unchecked', tasks: 1 })
    expect(logged).to.deep.equal(['unchecked'])
  })
})
