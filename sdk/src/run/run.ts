import { bytesToBigInt, type Hex } from 'viem'
import { getBlock } from 'viem/actions'
import { cancelSync } from '../actions/cancel.ts'
import { depositSync } from '../actions/deposit.ts'
import { getAccount } from '../actions/getAccount.ts'
import { postManySync } from '../actions/postMany.ts'
import { waitForJob } from '../actions/waitForJob.ts'
import { putContent, putInputs, putProgram } from '../content/index.ts'
import { AssayError } from '../errors/base.ts'
import { RunParameterError } from '../errors/run.ts'
import { inspectProgram } from '../program/inspect.ts'
import { contentHash, emptyContent, packInputs } from '../trees/index.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { JobTerms } from '../types/terms.ts'
import { Collector } from './collector.ts'
import { planShards, type Shard } from './plan.ts'
import { followShard, type ShardContext } from './shard.ts'
import type { Run, RunEvent, RunJob, RunParameters } from './types.ts'

const MIB = 1 << 20
/** Jobs posted in one transaction. */
const POST_BATCH = 50

/**
 * Computes a program over many inputs: stores the data, splits the inputs into jobs, posts and follows them, posts failed
 * parts again, and yields every output once it is verified against the result root on the chain.
 *
 * @example
 * const run = await client.run({ program, inputs, store, maxPrice: parseUnits('2', 6) })
 * for await (const { index, bytes } of run.outputs()) console.log(index, bytes)
 *
 * Resolves when all jobs are posted. Errors of later steps come out of `outputs`, `result` and `settled`.
 * @throws RunParameterError, ProgramRefused… errors and store errors before anything is paid;
 * AccountInsufficientBalanceError
 */
export async function run<reduced = never>(
  base: ClientWithMarket,
  parameters: RunParameters<reduced>,
): Promise<Run<reduced>> {
  const client = withMarketOf(base, parameters)
  const { program, inputs, store, maxPrice, attempts = 3, maxOutput = MIB } = parameters
  const minPrice = parameters.minPrice ?? maxPrice / 2n
  check(parameters, minPrice)
  const { memory } = inspectProgram(program)
  const tasksPerJob = parameters.tasksPerJob ?? Math.ceil(inputs.length / 4)
  const shards = planShards(inputs.length, tasksPerJob, maxPrice, minPrice)

  const controller = new AbortController()
  const signal = parameters.signal
    ? AbortSignal.any([parameters.signal, controller.signal])
    : controller.signal
  const emit = (event: RunEvent) => parameters.onProgress?.(event)
  const stored = { url: store, signal }
  const [programId, sharedInput] = await Promise.all([
    putProgram({ ...stored, bytes: program }),
    parameters.shared ? putContent({ ...stored, bytes: parameters.shared }) : contentHash(emptyContent),
  ])
  const packs = await Promise.all(
    shards.map(async ({ first, tasks }) => {
      const bytes = packInputs(inputs.slice(first, first + tasks))
      return { root: await putInputs({ ...stored, bytes }), length: bytes.length }
    }),
  )
  emit({ type: 'stored', bytes: packs.reduce((sum, { length }) => sum + length, program.length) })

  const jobs: RunJob[] = []
  const termsOf = (shard: Shard, now: number): JobTerms => ({
    programId,
    inputsRoot: (packs[shards.indexOf(shard)] as { root: Hex }).root,
    sharedInput,
    maxPrice: shard.maxPrice,
    minPrice: shard.minPrice,
    ramp: parameters.ramp ?? 30,
    run: parameters.run ?? 600,
    window: parameters.window ?? 120,
    minReputation: parameters.minReputation ?? 0n,
    floor: parameters.floor ?? { cores: 1, memoryMiB: Math.ceil((memory.max * 65_536) / MIB), diskGiB: 0 },
    level: 'optimistic',
    tasks: shard.tasks,
    claimBy: now + (parameters.claimFor ?? 600),
    stepLimit: parameters.stepLimit ?? 1n << 36n,
    maxOutput,
    maxPages: memory.max,
    nonce: bytesToBigInt(crypto.getRandomValues(new Uint8Array(8))),
    dataUri: store,
  })
  async function postShards(batch: readonly Shard[], attempt: number): Promise<RunJob[]> {
    const { timestamp } = await getBlock(client)
    await fund(client, batch, parameters.deposit ?? true)
    const terms = batch.map((shard) => termsOf(shard, Number(timestamp)))
    const { jobIds } = await postManySync(client, { terms })
    return jobIds.map((jobId, i) => {
      const { first, tasks } = batch[i] as Shard
      const job: RunJob = {
        jobId,
        first,
        tasks,
        attempt,
        state: 'open',
        provider: null,
        price: null,
        reason: null,
      }
      jobs.push(job)
      emit({ type: 'posted', jobId, tasks, attempt })
      return job
    })
  }

  const collector = new Collector(inputs.length)
  const context: ShardContext = {
    client,
    attempts,
    accept: parameters.accept ?? false,
    signal,
    pollingInterval: parameters.pollingInterval ?? client.pollingInterval,
    collector,
    maxOutput,
    emit,
    repost: async (shard, attempt) => (await postShards([shard], attempt))[0] as RunJob,
  }
  const following: Promise<void>[] = []
  const abandon = (error: unknown) => {
    collector.fail(error)
    controller.abort(error)
  }
  for (let i = 0; i < shards.length; i += POST_BATCH) {
    const batch = shards.slice(i, i + POST_BATCH)
    const posted = await postShards(batch, 1)
    for (const [k, job] of posted.entries()) {
      following.push(followShard(context, batch[k] as Shard, job).catch(abandon))
    }
  }
  const cancelled = Promise.all(following).then(() => cancelUnclaimed(client, jobs))
  // Whoever asks for `settled` gets its error; nobody has to ask.
  cancelled.catch(() => undefined)
  const reduction = new Lazy(async () => {
    const { reduce } = parameters
    if (reduce === undefined) {
      throw new RunParameterError({ field: 'reduce', value: undefined, expected: 'a function' })
    }
    return reduce(await collector.all())
  })
  return {
    jobs: () => jobs,
    outputs: () => collector.read(),
    result: () => collector.all(),
    reduced: () => reduction.get(),
    settled: async () => {
      await cancelled
      await collector.all()
      await Promise.all(jobs.filter(({ state }) => state === 'verified').map((job) => settle(context, job)))
      return jobs
    },
  }
}

function check(
  { program, inputs, maxPrice, tasksPerJob, attempts }: RunParameters<unknown>,
  minPrice: bigint,
): void {
  const refuse = (field: string, value: unknown, expected: string) => {
    throw new RunParameterError({ field, value, expected })
  }
  if (!(program instanceof Uint8Array)) refuse('program', typeof program, 'the bytes of a WebAssembly module')
  if (inputs.length === 0) refuse('inputs', 'none', 'at least one input')
  if (maxPrice < BigInt(inputs.length)) refuse('maxPrice', maxPrice, 'at least one unit for each task')
  if (minPrice < 0n || minPrice > maxPrice)
    refuse('minPrice', minPrice, `between 0 and maxPrice (${maxPrice})`)
  if (tasksPerJob !== undefined && !(tasksPerJob >= 1)) refuse('tasksPerJob', tasksPerJob, 'at least 1')
  if (attempts !== undefined && !(attempts >= 1)) refuse('attempts', attempts, 'at least 1')
}

/** The client bound to the call's own market, where it names one. */
function withMarketOf(client: ClientWithMarket, { market }: MarketParameter): ClientWithMarket {
  return market === undefined ? client : { ...client, deployment: { market, fromBlock: 0n } }
}

async function fund(client: ClientWithMarket, shards: readonly Shard[], deposit: boolean): Promise<void> {
  const total = shards.reduce((sum, { maxPrice }) => sum + maxPrice, 0n)
  const { balance } = await getAccount(client, {})
  if (balance < total && deposit) await depositSync(client, { amount: total - balance })
}

/** The end of an abandoned run: what nobody claimed is taken back. */
async function cancelUnclaimed(client: ClientWithMarket, jobs: readonly RunJob[]): Promise<void> {
  for (const { jobId, state } of jobs) {
    if (state !== 'open') continue
    try {
      await cancelSync(client, { jobId })
    } catch (error) {
      if (!(error instanceof AssayError)) throw error
    }
  }
}

async function settle({ client, emit, pollingInterval }: ShardContext, job: RunJob): Promise<void> {
  await waitForJob(client, { jobId: job.jobId, until: 'settled', pollingInterval, timeout: 3_600_000 })
  job.state = 'settled'
  emit({ type: 'settled', jobId: job.jobId })
}

class Lazy<T> {
  readonly #make: () => Promise<T>
  #value: Promise<T> | undefined
  constructor(make: () => Promise<T>) {
    this.#make = make
  }
  get(): Promise<T> {
    this.#value ??= this.#make()
    return this.#value
  }
}
