/**
 * A provider that lies, for the demo and the end-to-end tests: the product's own, with an executor that alters what some
 * tasks did. It serves and defends its lies like any result.
 *
 *   node scripts/support/liar.ts --rpc URL --demo-account N --data DIR --lie '{"task": 4, "field": "output"}' …
 */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  contentRef,
  createMarketClient,
  fetchJobData,
  fetchRows,
  getJobTerms,
  getLevel,
  getResult,
  leafRowSize,
  local,
} from 'assay'
import {
  type ClaimKnowledge,
  createDisputeDriver,
  type DisputeClaim,
  memoryJournal,
  type TaskStates,
  TaskTrace,
} from 'assay/dispute'
import { translate } from 'assay/vm'
import { bytesToHex, concat, type Hex, http, keccak256 } from 'viem'
import { demoAccount } from '../../runner/src/cli/demoAccount.ts'
import { createLogger } from '../../runner/src/cli/log.ts'
import { createExecutor } from '../../runner/src/executor/pool.ts'
import type { Executor, TaskOutcome } from '../../runner/src/executor/types.ts'
import { startProvider } from '../../runner/src/provider/provider.ts'

/** What is altered: the first byte of the output, the exit code, the steps, or all of it. */
export type LieField = 'output' | 'exitCode' | 'steps' | 'trap'

/** How many of the tasks that it executes come before the one it lies about, and what it alters. */
export type LieOptions = { task: number; field: LieField }

function altered(outcome: TaskOutcome, field: LieField): TaskOutcome {
  switch (field) {
    case 'output': {
      const output = Uint8Array.from(outcome.output.length > 0 ? outcome.output : [0])
      output[0] = (output[0] as number) ^ 0xff
      const { root, length } = contentRef(output)
      return { ...outcome, output, outputRoot: root, outputLength: length }
    }
    case 'exitCode':
      return { ...outcome, exitCode: outcome.exitCode + 1 }
    case 'steps':
      return { ...outcome, steps: outcome.steps - 1n }
    case 'trap': {
      const output = new Uint8Array(0)
      const { root, length } = contentRef(output)
      return { ...outcome, status: 'trapped', exitCode: 0, output, outputRoot: root, outputLength: length }
    }
  }
}

/** An executor that is honest but for one task. */
function lying(executor: Executor, { task: which, field }: LieOptions): Executor {
  let next = 0
  return {
    slots: executor.slots,
    limits: executor.limits,
    check: (program) => executor.check(program),
    interpret: (task) => executor.interpret(task),
    close: () => executor.close(),
    run: async (task) => {
      const index = next++
      const outcome = await executor.run(task)
      return index === which ? altered(outcome, field) : outcome
    },
  }
}

const MIB = 2 ** 20
const { values } = parseArgs({
  options: {
    rpc: { type: 'string', default: 'http://127.0.0.1:8545' },
    'demo-account': { type: 'string', default: '0' },
    data: { type: 'string', default: '.' },
    lie: { type: 'string', default: '{"task":0,"field":"output"}' },
    'min-price': { type: 'string', default: '0' },
    port: { type: 'string', default: '0' },
    'polling-interval': { type: 'string', default: '500' },
    stake: { type: 'string', default: '100' },
  },
})
const log = createLogger('json')
const account = demoAccount(Number(values['demo-account']))
const client = createMarketClient({
  transport: http(values.rpc),
  account,
  chain: local,
  pollingInterval: Number(values['polling-interval']),
})
const provider = await startProvider({
  client,
  data: values.data,
  listen: { host: '127.0.0.1', port: Number(values.port) },
  resources: { cores: 4, memoryMiB: 4_096, diskGiB: 10 },
  // One claim at a time: what it has done stays to be looked at.
  concurrency: 1,
  jobs: 1,
  slots: 1,
  stake: BigInt(values.stake) * 1_000_000n,
  policy: {
    minPrice: BigInt(values['min-price']),
    minPricePerTask: 0n,
    maxTasks: 100_000,
    minRun: 1,
    servesPrivate: false,
    coinPrice: 0n,
  },
  limits: {
    taskWallTime: 600_000,
    // Its own interpreter would find it out.
    recheckOneIn: Number.MAX_SAFE_INTEGER,
    stepRate: 2n ** 27n,
    maxProgram: 32 * MIB,
    maxShared: 256 * MIB,
    maxInputs: 256 * MIB,
  },
  log,
  pollingInterval: Number(values['polling-interval']),
  executor: lying(createExecutor({ slots: 1 }), JSON.parse(values.lie) as LieOptions),
})
/** The claim's rows are lies, so the states that lead to them have to be as well: from the middle of the trace on. */
function falseStates(honest: TaskStates, row: Uint8Array): TaskStates {
  const claimed = new DataView(row.buffer, row.byteOffset).getBigUint64(leafRowSize - 8)
  return {
    hashesAt: async (steps) => {
      const states = await honest.hashesAt(steps)
      return states.map((state, i) => {
        const step = steps[i] as bigint
        if (step >= claimed) return keccak256(concat(['0x02', bytesToHex(row)]))
        return step > claimed / 2n ? keccak256(state) : state
      })
    },
    witnessAt: (step) => honest.witnessAt(step),
  }
}

async function knowledgeOf({ jobId, tasks }: DisputeClaim): Promise<ClaimKnowledge> {
  const terms = await getJobTerms(client, { jobId })
  const { resultRoot, totalSteps } = await getResult(client, { jobId })
  const { dataUri, programId, inputsRoot, sharedInput } = terms
  const { inputs, shared, ...data } = await fetchJobData({
    dataUri,
    programId,
    inputsRoot,
    sharedInput,
    tasks,
  })
  const leaves = await fetchRows({ endpoint: provider.url, jobId, tasks, resultRoot, totalSteps })
  const rows = new Map(
    inputs.map((_, i) => [i, leaves.subarray(i * leafRowSize, (i + 1) * leafRowSize)] as const),
  )
  const program = translate(data.program)
  const { stepLimit, maxOutput } = terms
  const trace = (task: number) => {
    const input = inputs[task] as Uint8Array
    const states = new TaskTrace({ program, input, shared, stepLimit, maxOutput })
    return falseStates(states, rows.get(task) as Uint8Array)
  }
  return { terms, program, inputs, shared, rows, trace }
}

/** Defends the lies: the product's own defence has nothing to say for them. */
async function defend(): Promise<void> {
  const { hook: game } = await getLevel(client, { level: 'optimistic' })
  const known = new Map<Hex, Promise<ClaimKnowledge>>()
  const driver = createDisputeDriver({
    client,
    game,
    journal: memoryJournal(),
    knowledge: async (claim) => {
      if (claim.provider.toLowerCase() !== account.address.toLowerCase()) return undefined
      const knowledge = known.get(claim.jobId) ?? knowledgeOf(claim)
      known.set(claim.jobId, knowledge)
      return knowledge
    },
  })
  const exposures = () => driver.games().filter(({ status }) => status === 'won').length
  await driver.sync()
  const earlier = exposures()
  while (!isStopping) {
    await driver.sync()
    for (const { did, jobId, error } of await driver.move()) {
      if (error !== undefined)
        log.warn({ event: 'lie-failed', jobId, did, reason: error.message }, 'a lie failed')
      if (did !== null && error === undefined) log.info({ event: 'lied', jobId, did }, `dispute: ${did}`)
    }
    // Found out: there is nothing to be had here any more.
    if (exposures() > earlier) return stop()
    await setTimeout(Number(values['polling-interval']))
  }
}

let isStopping = false
function stop(): void {
  isStopping = true
  provider.stop()
}
void defend().catch((error: unknown) => log.error({ event: 'defence', reason: String(error) }, 'no defence'))
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
await provider.done
