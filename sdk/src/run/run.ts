import type { Hex } from 'viem'
import { getParameters } from '../actions/getParameters.ts'
import { putContent, putInputs, putProgram } from '../content/index.ts'
import { ValueOutOfRangeError } from '../errors/parameters.ts'
import { RunParameterError } from '../errors/run.ts'
import { inspectProgram, pageBytes } from '../program/index.ts'
import { contentHash, emptyContent, packInputs } from '../trees/index.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import { getBlockTime } from '../utils/blocks.ts'
import { getDeployment } from '../utils/market.ts'
import { encodeJobTerms, randomNonce } from '../utils/terms.ts'
import { Collector } from './collector.ts'
import { planShards, type Shard } from './plan.ts'
import { fund, postOnce } from './posting.ts'
import { reading } from './retry.ts'
import { followShard, type ShardContext, settleShard } from './shard.ts'
import type { Run, RunEvent, RunJob, RunParameters } from './types.ts'

const MIB = 1 << 20
/** Jobs posted in one transaction. */
const POST_BATCH = 50
const PATIENCE_SECONDS = 30

/**
 * Computes a program over many inputs: stores the data, splits the inputs into jobs, posts and follows them, posts failed
 * parts again, and yields every output once it is verified against the result root on the chain.
 *
 * @example
 * const run = await client.run({ program, inputs, store, maxPrice: parseUnits('2', 6) })
 * for await (const { index, bytes } of run.outputs()) console.log(index, bytes)
 *
 * Resolves when all jobs are posted. Errors of later steps come out of `outputs`, `result` and `settled`, after everything
 * that was bought has been collected.
 * @throws RunParameterError, ValueOutOfRangeError, Program…Error and store errors before anything is paid;
 * AccountInsufficientBalanceError; errors of the node
 */
export async function run<reduced = never>(
  base: ClientWithMarket,
  parameters: RunParameters<reduced>,
): Promise<Run<reduced>> {
  const client = { ...base, deployment: getDeployment(base, parameters) }
  const { program, inputs, store, maxPrice, maxOutput = MIB } = parameters
  const minPrice = parameters.minPrice ?? maxPrice / 2n
  check(parameters, minPrice)
  const pages = inspectProgram(program).memory.max
  const tasksPerJob = parameters.tasksPerJob ?? Math.ceil(inputs.length / 4)
  const shards = planShards(inputs.length, tasksPerJob, maxPrice, minPrice)
  const signal = parameters.signal ?? new AbortController().signal
  const failed = new AbortController()
  const halted = AbortSignal.any([signal, failed.signal])
  const pollingInterval = parameters.pollingInterval ?? client.pollingInterval
  const posting = { client, signal: halted, pollingInterval }
  const emit = (event: RunEvent) => parameters.onProgress?.(event)

  const termsOf = (shard: Shard, now: number, data: StoredData): NamedJobTerms => ({
    programId: data.programId,
    inputsRoot: data.inputsRoots.get(shard) as Hex,
    sharedInput: data.sharedInput,
    maxPrice: shard.maxPrice,
    minPrice: shard.minPrice,
    ramp: parameters.ramp ?? 30,
    run: parameters.run ?? 600,
    window: parameters.window ?? 120,
    minReputation: parameters.minReputation ?? 0n,
    floor: parameters.floor ?? { cores: 1, memoryMiB: Math.ceil((pages * pageBytes) / MIB), diskGiB: 0 },
    level: 'optimistic',
    tasks: shard.tasks,
    claimBy: now + (parameters.claimFor ?? 600),
    stepLimit: parameters.stepLimit ?? 1n << 36n,
    maxOutput,
    maxPages: pages,
    nonce: randomNonce(),
    dataUri: store,
  })
  // What cannot be posted is refused before anything is stored or deposited.
  await checkTerms(
    posting,
    shards.map((shard) => termsOf(shard, 0, NO_DATA)),
  )
  const data = await storeData(parameters, shards, halted)
  emit({ type: 'stored', bytes: data.bytes })

  const jobs: RunJob[] = []
  async function postShards(batch: readonly Shard[], attempt: number): Promise<RunJob[]> {
    if (parameters.deposit ?? true) await fund(posting, priceOf(batch))
    const now = await reading(posting, () => getBlockTime(client))
    const jobIds = await postOnce(
      posting,
      batch.map((shard) => termsOf(shard, now, data)),
    )
    return jobIds.map((jobId, i) => {
      const { first, tasks } = batch[i] as Shard
      const outcome = { state: 'open', provider: null, price: null, reason: null } as const
      const job: RunJob = { jobId, first, tasks, attempt, ...outcome }
      jobs.push(job)
      emit({ type: 'posted', jobId, tasks, attempt })
      return job
    })
  }

  const collector = new Collector(inputs.length)
  const context: ShardContext = {
    client,
    attempts: parameters.attempts ?? 3,
    accept: parameters.accept ?? false,
    signal,
    halted,
    pollingInterval,
    patience: (parameters.outputsTimeout ?? PATIENCE_SECONDS) * 1_000,
    collector,
    maxOutput,
    emit,
    repost: async (shard, attempt) => (await postShards([shard], attempt))[0] as RunJob,
  }
  let failure: { error: unknown } | undefined
  const abandon = (error: unknown) => {
    failure ??= { error }
    failed.abort(error)
  }

  const following: Promise<void>[] = []
  if (parameters.deposit ?? true) await fund(posting, priceOf(shards))
  for (let i = 0; i < shards.length && !halted.aborted; i += POST_BATCH) {
    const batch = shards.slice(i, i + POST_BATCH)
    try {
      for (const [k, job] of (await postShards(batch, 1)).entries()) {
        following.push(followShard(context, batch[k] as Shard, job).catch(abandon))
      }
    } catch (error) {
      if (jobs.length === 0) throw error
      abandon(error)
    }
  }
  const onAbort = () => collector.fail(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  const followed = Promise.all(following).then(() => {
    // The caller's signal may outlive many runs, and this listener holds all outputs.
    signal.removeEventListener('abort', onAbort)
    if (failure !== undefined) collector.fail(failure.error)
  })
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
      await followed
      const bought = jobs.filter(({ state }) => state === 'verified')
      await Promise.all(bought.map((job) => settleShard(context, job)))
      await collector.all()
      return jobs
    },
  }
}

type StoredData = { programId: Hex; sharedInput: Hex; inputsRoots: ReadonlyMap<Shard, Hex>; bytes: number }

const NO_DATA: StoredData = { programId: '0x', sharedInput: '0x', inputsRoots: new Map(), bytes: 0 }

async function storeData(
  { program, inputs, shared, store: url }: RunParameters<unknown>,
  shards: readonly Shard[],
  signal: AbortSignal,
): Promise<StoredData> {
  const target = { url, signal }
  const [programId, sharedInput] = await Promise.all([
    putProgram({ ...target, bytes: program }),
    shared ? putContent({ ...target, bytes: shared }) : contentHash(emptyContent),
  ])
  const inputsRoots = new Map<Shard, Hex>()
  let bytes = program.length + (shared?.length ?? 0)
  for (const shard of shards) {
    const pack = packInputs(inputs.slice(shard.first, shard.first + shard.tasks))
    inputsRoots.set(shard, await putInputs({ ...target, bytes: pack }))
    bytes += pack.length
  }
  return { programId, sharedInput, inputsRoots, bytes }
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

/** Refuses terms that cannot be expressed, or whose times the market would refuse. */
async function checkTerms(
  context: { client: ClientWithMarket; signal: AbortSignal; pollingInterval: number },
  terms: readonly NamedJobTerms[],
): Promise<void> {
  for (const each of terms) encodeJobTerms(each)
  const { minRun, minWindow } = await reading(context, () => getParameters(context.client))
  const max = MAX_TIME
  for (const { run, window, claimBy } of terms) {
    const times = { run: [run, minRun], window: [window, minWindow], claimFor: [claimBy, 0] } as const
    for (const [field, [value, min]] of Object.entries(times)) {
      if (value >= min && value <= max) continue
      throw new ValueOutOfRangeError({ field, value: BigInt(value), min: BigInt(min), max: BigInt(max) })
    }
  }
}

/** The longest time that the contract allows for anything, seconds. */
const MAX_TIME = 30 * 86_400

function priceOf(shards: readonly Shard[]): bigint {
  return shards.reduce((sum, { maxPrice }) => sum + maxPrice, 0n)
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
