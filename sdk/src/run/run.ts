import { RunParameterError } from '../errors/run.ts'
import type { ClientWithMarket } from '../types/client.ts'
import { getBlockTime } from '../utils/blocks.ts'
import { getDeployment } from '../utils/market.ts'
import { checkParameters, checkTerms } from './check.ts'
import { Collector } from './collector.ts'
import type { RunContext } from './context.ts'
import { NO_DATA, storeData } from './data.ts'
import { Lazy } from './lazy.ts'
import { planShards, type Shard } from './plan.ts'
import { fund, postOnce } from './posting.ts'
import { reading } from './retry.ts'
import { followShard } from './shard.ts'
import { single } from './single.ts'
import { maxOutputOf, minPriceOf, termsFor } from './terms.ts'
import type { Run, RunEvent, RunJob, RunParameters } from './types.ts'

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
  const { inputs, maxPrice } = parameters
  checkParameters(parameters)
  const kind = single
  const termsOf = termsFor(parameters)
  const tasksPerJob = parameters.tasksPerJob ?? Math.ceil(inputs.length / 4)
  const shards = planShards(inputs.length, tasksPerJob, maxPrice, minPriceOf(parameters))
  const signal = parameters.signal ?? new AbortController().signal
  const failed = new AbortController()
  const halted = AbortSignal.any([signal, failed.signal])
  const pollingInterval = parameters.pollingInterval ?? client.pollingInterval
  const posting = { client, signal: halted, pollingInterval }
  const emit = (event: RunEvent) => parameters.onProgress?.(event)

  // What cannot be posted is refused before anything is stored or deposited.
  const sample = shards.flatMap((shard) => kind.jobsOf(termsOf(shard, 0, NO_DATA)))
  await checkTerms(posting, sample)
  const data = await storeData(parameters, shards, halted)
  emit({ type: 'stored', bytes: data.bytes })

  const jobs: RunJob[] = []
  /** Posts parts in one transaction; the jobs of each. */
  async function postShards(batch: readonly Shard[], attempt: number): Promise<RunJob[][]> {
    if (parameters.deposit ?? true) await fund(posting, priceOf(batch))
    const now = await reading(posting, () => getBlockTime(client))
    const terms = batch.map((shard) => kind.jobsOf(termsOf(shard, now, data)))
    const jobIds = await postOnce(posting, terms.flat())
    return batch.map(({ first, tasks }, i) =>
      jobIds.splice(0, terms[i]?.length).map((jobId) => {
        const outcome = { state: 'open', provider: null, price: null, reason: null } as const
        const job: RunJob = { jobId, first, tasks, attempt, ...outcome }
        jobs.push(job)
        emit({ type: 'posted', jobId, tasks, attempt })
        return job
      }),
    )
  }

  const collector = new Collector(inputs.length)
  const context: RunContext = {
    client,
    attempts: parameters.attempts ?? 3,
    accept: parameters.accept ?? false,
    signal,
    halted,
    pollingInterval,
    patience: (parameters.outputsTimeout ?? PATIENCE_SECONDS) * 1_000,
    collector,
    maxOutput: maxOutputOf(parameters),
    emit,
    repost: async (shard, attempt) => (await postShards([shard], attempt))[0] ?? [],
  }
  let failure: { error: unknown } | undefined
  const abandon = (error: unknown) => {
    failure ??= { error }
    failed.abort(error)
    return null
  }

  const following: Promise<readonly RunJob[] | null>[] = []
  if (parameters.deposit ?? true) await fund(posting, priceOf(shards))
  const shardsPerPost = Math.max(1, Math.floor(POST_BATCH / (sample.length / shards.length)))
  for (let i = 0; i < shards.length && !halted.aborted; i += shardsPerPost) {
    const batch = shards.slice(i, i + shardsPerPost)
    try {
      for (const [k, posted] of (await postShards(batch, 1)).entries()) {
        following.push(followShard(context, kind, batch[k] as Shard, posted).catch(abandon))
      }
    } catch (error) {
      if (jobs.length === 0) throw error
      abandon(error)
    }
  }
  const onAbort = () => collector.fail(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  const followed = Promise.all(following).then((parts) => {
    // The caller's signal may outlive many runs, and this listener holds all outputs.
    signal.removeEventListener('abort', onAbort)
    if (failure !== undefined) collector.fail(failure.error)
    return parts.filter((bought) => bought !== null)
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
      const parts = await followed
      await Promise.all(parts.map((bought) => kind.settle(context, bought)))
      await collector.all()
      return jobs
    },
  }
}

function priceOf(shards: readonly Shard[]): bigint {
  return shards.reduce((sum, { maxPrice }) => sum + maxPrice, 0n)
}
