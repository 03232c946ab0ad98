import { getJobTerms, resultCommitment, resultTree } from 'assay'
import { runFast, translate } from 'assay/vm'
import { expect } from 'chai'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import { createExecutor } from '../../runner/src/executor/pool.ts'
import type { Executor } from '../../runner/src/executor/types.ts'
import { EnginesDifferError } from '../../runner/src/machine/errors.ts'
import { type RunningProvider, startProvider } from '../../runner/src/provider/provider.ts'
import { until } from './support/until.ts'
import { World } from './support/world.ts'

const PROVIDER = 2
const MIB = 2 ** 20

describe('a provider whose native engine counts a step too many', () => {
  let world: World
  let events: string[]
  before(async () => {
    world = await World.start()
  })
  beforeEach(() => {
    events = []
  })
  after(() => world.stop())

  /** One life of the provider, in this process; all tasks are run again, or as good as none. */
  function live(recheckOneIn: number): Promise<RunningProvider> {
    const say = ({ event }: { event: string }) => events.push(event)
    const executor = createExecutor({ slots: 1 })
    const faulty: Executor = {
      ...{ slots: executor.slots, limits: executor.limits },
      check: (program) => executor.check(program),
      interpret: (task) => executor.interpret(task),
      close: () => executor.close(),
      run: async (task) => {
        const outcome = await executor.run(task)
        return { ...outcome, steps: outcome.steps + 1n }
      },
    }
    return startProvider({
      client: world.client(PROVIDER),
      data: world.path('faulty'),
      listen: { host: '127.0.0.1', port: 0 },
      resources: { cores: 4, memoryMiB: 1_024, diskGiB: 1 },
      ...{ concurrency: 10, slots: 1, jobs: 1, stake: 100_000_000n, pollingInterval: 150 },
      policy: {
        ...{ minPrice: 0n, minPricePerTask: 0n, coinPrice: 0n },
        ...{ maxTasks: 1_000, minRun: 1, servesPrivate: false },
      },
      limits: {
        ...{ taskWallTime: 60_000, stepRate: 1n << 27n, recheckOneIn },
        ...{ maxProgram: MIB, maxShared: MIB, maxInputs: MIB },
      },
      log: { info: say, warn: say, error: say } as never,
      executor: faulty,
    })
  }

  it('stops with the alarm and submits nothing; at its next start the interpreter does the job', async () => {
    const program = await loadProgram('tiny')
    const inputs = tinyInputs(3)
    const fromBlock = await world.client().getBlockNumber()
    const { jobId, run } = await world.post({ program, inputs, run: 60 })

    const first = await live(1)
    const end = await first.done.catch((error: unknown) => error)
    expect(end).to.be.instanceOf(EnginesDifferError)
    expect(events).to.include('engines-differ')
    expect(await world.client().getJob({ jobId })).to.include({ status: 'claimed' })
    const calls = async () => (await world.callsOf(PROVIDER, fromBlock)).map((call) => call.functionName)
    expect(await calls())
      .to.include('claim')
      .and.not.to.include('submit')

    events.length = 0
    const second = await live(Number.MAX_SAFE_INTEGER)
    await until('the result is submitted', async () => (await calls()).includes('submit') || undefined)
    const output = await run.result()
    const terms = await getJobTerms(world.client(), { jobId })
    const rows = inputs.map((input) =>
      runFast({ ...terms, input, shared: new Uint8Array(0), program: translate(program) }),
    )
    const job = await world.job(jobId)
    expect(job.resultCommitment).to.equal(resultCommitment(resultTree(rows)))
    expect(output.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).to.deep.equal(
      rows.map((row) => Buffer.from(row.output).toString('hex')),
    )
    expect(events).to.include('engine-distrusted').and.to.include('interpreting')
    second.stop()
    await second.done
  })
})
