import type { Hex } from 'viem'
import { acceptSync } from '../actions/accept.ts'
import { cancelSync } from '../actions/cancel.ts'
import { failSync } from '../actions/fail.ts'
import { getJob } from '../actions/getJob.ts'
import { getProvider } from '../actions/getProvider.ts'
import { getResult } from '../actions/getResult.ts'
import { fetchLeaves, fetchOutputs } from '../content/index.ts'
import { AssayError } from '../errors/base.ts'
import { OutputsWithheldError, ShardFailedError } from '../errors/run.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { Job } from '../types/job.ts'
import type { Collector } from './collector.ts'
import type { Shard } from './plan.ts'
import type { RunEvent, RunJob } from './types.ts'

/** What following a shard needs of its run. */
export type ShardContext = {
  client: ClientWithMarket
  attempts: number
  accept: boolean
  signal: AbortSignal
  pollingInterval: number
  collector: Collector
  /** Bytes a single task may have written. */
  maxOutput: number
  emit: (event: RunEvent) => void
  /** Posts the shard again and records the new job. */
  repost: (shard: Shard, attempt: number) => Promise<RunJob>
}

/** Statuses in which the requester was refunded and the shard may be posted again. */
const REFUNDED = new Set(['cancelled', 'released', 'failed', 'rejected'])

/**
 * Follows a shard's job until its outputs are verified, moving it on where a deadline passed and posting it again after a
 * refund.
 *
 * @throws ShardFailedError, OutputsWithheldError
 */
export async function followShard(context: ShardContext, shard: Shard, posted: RunJob): Promise<void> {
  const reasons: string[] = []
  for (let current = posted; ; ) {
    const reason = await followJob(context, shard, current)
    if (reason === null) return
    current.state = 'lost'
    current.reason = reason
    reasons.push(reason)
    context.emit({ type: 'lost', jobId: current.jobId, reason })
    if (current.attempt >= context.attempts) {
      throw new ShardFailedError({
        first: shard.first,
        tasks: shard.tasks,
        attempts: current.attempt,
        reasons,
      })
    }
    current = await context.repost(shard, current.attempt + 1)
  }
}

/** Follows one job; null once its outputs are in, else why the requester got its money back. */
async function followJob(context: ShardContext, shard: Shard, current: RunJob): Promise<string | null> {
  const { client, signal, emit } = context
  const { jobId } = current
  let lastFetchError: unknown
  while (true) {
    signal.throwIfAborted()
    const job = await retrying(context, () => getJob(client, { jobId }))
    if (current.provider === null && job.provider !== null && job.price !== null) {
      Object.assign(current, { provider: job.provider, price: job.price, state: 'claimed' })
      emit({ type: 'claimed', jobId, provider: job.provider, price: job.price })
    }
    if (job.status === 'expired') await attempt(() => cancelSync(client, { jobId }))
    else if (job.status === 'overdue') await attempt(() => failSync(client, { jobId }))
    else if (REFUNDED.has(job.status)) return reasonOf(job)
    else if (job.submittedAt !== null) {
      if (current.state !== 'submitted') {
        current.state = 'submitted'
        emit({ type: 'submitted', jobId, provider: job.provider as Hex })
      }
      try {
        await collect(context, shard, job)
        current.state = 'verified'
        if (context.accept && job.status !== 'settled') await attempt(() => acceptSync(client, { jobId }))
        return null
      } catch (error) {
        signal.throwIfAborted()
        lastFetchError = error
        if (job.status === 'settled')
          throw new OutputsWithheldError({ jobId, provider: job.provider as Hex, cause: lastFetchError })
      }
    }
    await pause(context.pollingInterval, signal)
  }
}

/** Downloads a submitted job's outputs and verifies each against the root on the chain. */
async function collect(context: ShardContext, shard: Shard, job: Job): Promise<void> {
  const { client, collector, emit, signal, maxOutput } = context
  const { jobId } = job
  const { resultRoot, totalSteps, provider } = await getResult(client, { jobId })
  const { endpoint } = await getProvider(client, { address: provider })
  const leaves = await fetchLeaves({ endpoint, jobId, resultRoot, totalSteps, tasks: shard.tasks, signal })
  for await (const output of fetchOutputs({ endpoint, jobId, leaves, maxOutput, signal })) {
    collector.add({ ...output, index: shard.first + output.index, jobId, provider })
  }
  emit({ type: 'verified', jobId, provider, tasks: shard.tasks, done: collector.count, of: collector.tasks })
}

function reasonOf(job: Job): string {
  switch (job.status) {
    case 'cancelled':
      return 'nobody claimed it in time'
    case 'released':
      return `provider ${job.provider} gave it back`
    case 'failed':
      return `provider ${job.provider} was late`
    default:
      return `the result of provider ${job.provider} was proven wrong`
  }
}

/** A transaction that somebody else may send first: what it changed is read from the chain afterwards. */
async function attempt(send: () => Promise<unknown>): Promise<void> {
  try {
    await send()
  } catch (error) {
    if (!(error instanceof AssayError)) throw error
  }
}

async function retrying<T>(context: ShardContext, read: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await read()
    } catch (error) {
      if (error instanceof AssayError || failures >= MAX_READ_FAILURES) throw error
      await pause(context.pollingInterval, context.signal)
    }
  }
}

/** About a minute of a node that does not answer, at the usual interval. */
const MAX_READ_FAILURES = 60

export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, milliseconds)
    function end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
  })
}
