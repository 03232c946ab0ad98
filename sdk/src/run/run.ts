import { getJobId } from '../actions/getJobId.ts'
import { RunParameterError } from '../errors/run.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import { getBlockTime } from '../utils/blocks.ts'
import { getDeployment } from '../utils/market.ts'
import { checkParameters, checkTerms } from './check.ts'
import { Collector } from './collector.ts'
import type { RunContext } from './context.ts'
import { totalCost } from './cost.ts'
import { NO_DATA, type ShardData, storeData } from './data.ts'
import { replicated } from './group.ts'
import { JobKeys } from './keys.ts'
import { Lazy } from './lazy.ts'
import { planShards, type Shard } from './plan.ts'
import { fund, postOnce } from './posting.ts'
import { replicationTermsOf } from './replication.ts'
import { reading } from './retry.ts'
import { followShard } from './shard.ts'
import { single } from './single.ts'
import { maxOutputOf, minPriceOf, pricesOf, termsFor } from './terms.ts'
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
  const { level, signal = new AbortController().signal } = parameters
  const kind = level === 'replicated' ? replicated(replicationTermsOf(parameters)) : single
  const termsOf = termsFor(parameters)
  const tasksPerJob = parameters.tasksPerJob ?? Math.ceil(inputs.length / 4)
  const shards = planShards(inputs.length, tasksPerJob, maxPrice, minPriceOf(parameters))
  const failed = new AbortController()
  const halted = AbortSignal.any([signal, failed.signal])
  const pollingInterval = parameters.pollingInterval ?? client.pollingInterval
  const posting = { client, signal: halted, pollingInterval }
  const emit = (event: RunEvent) => parameters.onProgress?.(event)

  // What cannot be posted is refused before anything is stored or deposited.
  const nothing = { now: 0, data: NO_DATA, spent: 0n }
  await checkTerms(
    posting,
    shards.flatMap((shard) => kind.jobsOf(termsOf(shard, nothing))),
  )
  const { bytes, dataOf } = await storeData(parameters, shards, posting)
  emit({ type: 'stored', bytes })

  const jobs: RunJob[] = []
  const keys = new JobKeys(parameters.keepKey)
  const idOf = (terms: NamedJobTerms) => reading(posting, () => getJobId(client, { terms }))
  /** Posts parts in one transaction, for what is left of their prices; the jobs of each. */
  async function postShards(batch: readonly Shard[], attempt: number, spent = 0n): Promise<RunJob[][]> {
    if (parameters.deposit ?? true) await fund(posting, priceOf(batch, spent))
    const data = await Promise.all(batch.map(dataOf))
    const now = await reading(posting, () => getBlockTime(client))
    const terms = batch.map((shard, i) =>
      kind.jobsOf(termsOf(shard, { now, data: data[i] as ShardData, spent })),
    )
    for (const [i, { jobKey }] of data.entries()) {
      // Nothing is posted whose key the caller does not have.
      if (jobKey !== null) for (const each of terms[i] ?? []) await keys.add(await idOf(each), jobKey)
    }
    const jobIds = await postOnce(posting, terms.flat(), kind.takeBack)
    return batch.map(({ first, tasks }) =>
      jobIds.splice(0, kind.jobsPerShard).map((jobId, i) => {
        const seat = level === 'replicated' ? i : null
        const outcome = { state: 'open', provider: null, price: null, cost: 0n, reason: null } as const
        const job: RunJob = { jobId, first, tasks, attempt, seat, ...outcome }
        jobs.push(job)
        emit({ type: 'posted', jobId, tasks, attempt })
        return job
      }),
    )
  }

  const { untilFinal = false } = parameters
  const collector = new Collector(inputs.length, untilFinal ? shards.length : 0)
  const context: RunContext = {
    client,
    attempts: parameters.attempts ?? 3,
    accept: parameters.accept ?? false,
    untilFinal,
    signal,
    halted,
    pollingInterval,
    patience: (parameters.outputsTimeout ?? PATIENCE_SECONDS) * 1_000,
    collector,
    maxOutput: maxOutputOf(parameters),
    keys,
    emit,
    repost: async (shard, attempt, spent) => (await postShards([shard], attempt, spent))[0] ?? [],
  }
  let failure: { error: unknown } | undefined
  const abandon = (error: unknown) => {
    failure ??= { error }
    failed.abort(error)
    return null
  }

  const following: Promise<readonly RunJob[] | null>[] = []
  if (parameters.deposit ?? true) await fund(posting, priceOf(shards, 0n))
  const shardsPerPost = kind.isRevocable ? POST_BATCH : 1
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
      const ends = await Promise.allSettled(parts.map((bought) => kind.settle(context, bought)))
      for (const end of ends) if (end.status === 'rejected') throw end.reason
      await collector.all()
      return jobs
    },
    cost: () => totalCost(jobs),
  }
}

function priceOf(shards: readonly Shard[], spent: bigint): bigint {
  return shards.reduce((sum, shard) => sum + pricesOf(shard, spent).maxPrice, 0n)
}
