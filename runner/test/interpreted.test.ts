import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resultTree } from 'assay'
import { runFast, translate } from 'assay/vm'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { createExecutor } from '../src/executor/pool.ts'
import type { Executor, ExecutorTask, TaskOutcome } from '../src/executor/types.ts'
import { EnginesDifferError } from '../src/machine/errors.ts'
import type { PreparedJob, ProviderContext } from '../src/provider/context.ts'
import { executeJob } from '../src/provider/execute.ts'
import { reasonFor, trustAgain } from '../src/provider/interpreted.ts'
import { Journal } from '../src/provider/journal.ts'
import { Results } from '../src/provider/results.ts'
import { spin, word } from './helpers/programs.ts'
import { rejection } from './helpers/store.ts'

const jobId: Hex = `0x${'44'.repeat(32)}`
const never = Number.MAX_SAFE_INTEGER

describe('a program at which the native engine differs from the interpreter', () => {
  const inputs = [10, 20, 30, 40].map(word)
  const limitsOfTask = { shared: new Uint8Array(0), stepLimit: 10_000n, maxOutput: 100 }
  const prepared = {
    ...{ jobId, inputs, shared: limitsOfTask.shared, jobKey: null, program: spin.program },
    terms: { programId: spin.programId, ...limitsOfTask },
  } as unknown as PreparedJob
  /** What the machine says. */
  const right = resultTree(
    inputs.map((input) => runFast({ ...limitsOfTask, input, program: translate(spin.program) })),
  )

  let executor: Executor
  let folder: string
  let journal: Journal
  let events: string[]
  before(() => {
    executor = createExecutor({ slots: 1, memoryPages: 4_096 })
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-interpreted-'))
    journal = new Journal(folder)
    events = []
  })
  afterEach(() => {
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  })
  after(() => executor.close())

  /** Counts one step too many, as a faulty engine would. */
  const run = async (task: ExecutorTask): Promise<TaskOutcome> => {
    const outcome = await executor.run(task)
    return { ...outcome, steps: outcome.steps + 1n }
  }

  /** One life of a provider whose native engine is faulty. */
  function execute(recheckOneIn: number, faulty = run): ReturnType<typeof executeJob> {
    const say = ({ event }: { event: string }) => events.push(event)
    const context = {
      ...{ journal, results: new Results(folder, journal), signal: new AbortController().signal },
      executor: {
        slots: 1,
        limits: executor.limits,
        run: faulty,
        interpret: executor.interpret.bind(executor),
      },
      ...{ log: { info: say, warn: say, error: say }, limits: { taskWallTime: 20_000, recheckOneIn } },
      chainTime: () => 0,
    } as unknown as ProviderContext
    return executeJob(context, prepared, 1_000, Number.POSITIVE_INFINITY)
  }

  function restart(): void {
    journal.close()
    journal = new Journal(folder)
  }

  it('gives a wrong result while no task of it is drawn', async () => {
    expect((await execute(never)).resultRoot).not.to.equal(right.root)
  })

  it('stops with the alarm at a task that is drawn', async () => {
    await rejection(execute(1), EnginesDifferError)
    expect(events).to.include('engines-differ')
  })

  it('is the interpreter’s after a restart, whatever is drawn then', async () => {
    await rejection(execute(1), EnginesDifferError)
    restart()
    const { resultRoot, totalSteps } = await execute(never)
    expect({ resultRoot, totalSteps }).to.deep.equal({
      resultRoot: right.root,
      totalSteps: right.totalSteps,
    })
    expect(events).to.include('interpreting')
  })

  it('is the native engine’s again once the operator trusts it', async () => {
    const { programId } = spin
    await rejection(execute(1), EnginesDifferError)
    restart()
    const log = { info: () => {}, warn: () => {} } as never
    trustAgain({ journal, log }, programId.toUpperCase().replace('X', 'x') as Hex)
    expect(reasonFor(journal, programId)).to.equal(undefined)
    restart()
    expect(reasonFor(journal, programId)).to.equal(undefined)
    expect((await execute(never)).resultRoot).not.to.equal(right.root)
  })

  it('loses what was finished before the alarm, and nothing that the interpreter did since', async () => {
    await execute(never)
    expect(journal.tasks(jobId)).to.have.length(inputs.length)
    journal.interpretProgram(spin.programId, 'steps')
    restart()
    expect(await execute(never)).to.include({ resultRoot: right.root, kept: 0 })
    restart()
    expect(await execute(never)).to.include({ resultRoot: right.root, kept: inputs.length })
  })
})
