import type { Address, Hex } from 'viem'
import { acceptSync } from '../actions/accept.ts'
import { cancelSync } from '../actions/cancel.ts'
import { failSync } from '../actions/fail.ts'
import { getJob } from '../actions/getJob.ts'
import { getProvider } from '../actions/getProvider.ts'
import { getResult } from '../actions/getResult.ts'
import { settleSync } from '../actions/settle.ts'
import { fetchLeaves, fetchOutputs } from '../content/index.ts'
import type { AssayError } from '../errors/base.ts'
import { isAssayError } from '../errors/decode.ts'
import { OutputsWithheldError, ShardFailedError } from '../errors/run.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { Job } from '../types/job.ts'
import { sleep } from '../utils/sleep.ts'
import { isFinalStatus } from '../utils/status.ts'
import type { Collector } from './collector.ts'
import type { Shard } from './plan.ts'
import { reading } from './retry.ts'
import type { RunEvent, RunJob } from './types.ts'

/** What following a shard needs of its run. */
export type ShardContext = {
  client: ClientWithMarket
  attempts: number
  accept: boolean
  /** Aborted by the caller: nobody wants the outputs any more. */
  signal: AbortSignal
  /** Aborted as well when a part of the run has failed: nothing more is bought, what was bought is still collected. */
  halted: AbortSignal
  pollingInterval: number
  /** Milliseconds for which outputs are asked for once their job is paid for. */
  patience: number
  collector: Collector
  /** Bytes a single task may have written. */
  maxOutput: number
  emit: (event: RunEvent) => void
  /** Posts the shard again and records the new job. */
  repost: (shard: Shard, attempt: number) => Promise<RunJob>
}

/** Statuses in which the requester was refunded and the shard may be posted again. */
const REFUNDED = new Set(['cancelled', 'released', 'failed', 'rejected'])
/** How often a job that anyone can settle is left to its provider. */
const COURTESY = 8
/** How often taking a job back may fail. */
const MAX_REFUSALS = 20

/**
 * Follows a shard's job until its outputs are verified, moving it on where a deadline passed and posting it again after a
 * refund. Once the run is halted, it takes back what nobody has claimed.
 *
 * @throws ShardFailedError, OutputsWithheldError, errors of the node, the signal's reason
 */
export async function followShard(context: ShardContext, shard: Shard, posted: RunJob): Promise<void> {
  const { attempts, halted, emit } = context
  const reasons: string[] = []
  for (let current = posted; ; ) {
    const reason = await followJob(context, shard, current)
    if (reason === null) return
    current.state = 'lost'
    current.reason = reason
    reasons.push(reason)
    emit({ type: 'lost', jobId: current.jobId, reason })
    if (halted.aborted) return
    if (current.attempt >= attempts) {
      const { first, tasks } = shard
      throw new ShardFailedError({ first, tasks, attempts, reasons })
    }
    current = await context.repost(shard, current.attempt + 1)
  }
}

/** Follows one job; null once its outputs are in, else why the requester got its money back. */
async function followJob(context: ShardContext, shard: Shard, current: RunJob): Promise<string | null> {
  const { client, signal, halted, pollingInterval } = context
  const { jobId } = current
  const download = new OutputsDownload(context, shard, jobId)
  // Taking money back is not broken off, not even by the caller.
  const unstoppable = { pollingInterval, signal: new AbortController().signal }
  for (let refusals = 0; ; ) {
    const job = await reading(unstoppable, () => getJob(client, { jobId }))
    record(context, current, job)
    if (REFUNDED.has(job.status)) return reasonOf(job, halted)
    if (job.status === 'expired' || (job.status === 'open' && halted.aborted)) {
      const refusal = await attempt(() => cancelSync(client, { jobId }))
      if (refusal === undefined) continue
      if (++refusals >= MAX_REFUSALS) throw refusal
      await sleep(pollingInterval, unstoppable.signal)
      continue
    }
    signal.throwIfAborted()
    if (job.status === 'overdue') await attempt(() => failSync(client, { jobId }))
    else if (job.submittedAt !== null && (await download.isDone(job))) {
      current.state = 'verified'
      if (context.accept && job.status !== 'settled') await attempt(() => acceptSync(client, { jobId }))
      return null
    }
    await sleep(pollingInterval, halted.aborted ? signal : halted)
  }
}

function record({ emit }: ShardContext, current: RunJob, job: Job): void {
  const { jobId } = current
  if (current.provider === null && job.provider !== null && job.price !== null) {
    Object.assign(current, { provider: job.provider, price: job.price, state: 'claimed' })
    emit({ type: 'claimed', jobId, provider: job.provider, price: job.price })
  }
  if (job.submittedAt !== null && current.state !== 'submitted') {
    current.state = 'submitted'
    emit({ type: 'submitted', jobId, provider: job.provider as Address })
  }
}

/** Getting the outputs of one submitted job, in as many attempts as it takes. */
class OutputsDownload {
  readonly #context: ShardContext
  readonly #shard: Shard
  readonly #jobId: Hex
  /** Outputs that are in, from the first on. */
  #received = 0
  #patientUntil: number | undefined

  constructor(context: ShardContext, shard: Shard, jobId: Hex) {
    this.#context = context
    this.#shard = shard
    this.#jobId = jobId
  }

  /**
   * Downloads what is missing, each output verified against the root on the chain; false to be called again.
   *
   * @throws OutputsWithheldError once the job was paid for, or could be, and the provider still does not deliver
   */
  async isDone(job: Job): Promise<boolean> {
    const { client, collector, emit, signal, patience } = this.#context
    const jobId = this.#jobId
    const provider = job.provider as Address
    const reads = { ...this.#context, signal }
    const result = await reading(reads, () => getResult(client, { jobId }))
    const { endpoint } = await reading(reads, () => getProvider(client, { address: provider }))
    try {
      await this.#download(endpoint, provider, result)
    } catch (cause) {
      signal.throwIfAborted()
      const isPaid = job.status === 'settled' || job.status === 'settleable'
      const now = performance.now()
      if (isPaid) this.#patientUntil ??= now + patience
      if (this.#patientUntil === undefined || now < this.#patientUntil) return false
      throw new OutputsWithheldError({ jobId, provider, cause })
    }
    const { count: done, tasks: of } = collector
    emit({ type: 'verified', jobId, provider, tasks: job.tasks, done, of })
    return true
  }

  async #download(
    endpoint: string,
    provider: Address,
    { resultRoot, totalSteps }: { resultRoot: Hex; totalSteps: bigint },
  ): Promise<void> {
    const { collector, signal, maxOutput } = this.#context
    const { first, tasks } = this.#shard
    const source = { endpoint, jobId: this.#jobId, signal }
    const leaves = await fetchLeaves({ ...source, resultRoot, totalSteps, tasks, limits: { maxOutput } })
    for await (const output of fetchOutputs({ ...source, leaves, maxOutput, from: this.#received })) {
      collector.add({ ...output, index: first + output.index, jobId: this.#jobId, provider })
      this.#received = output.index + 1
    }
  }
}

/**
 * Waits for the end of a verified job. Its provider settles it in its own interest; where that does not happen, this does.
 */
export async function settleShard(context: ShardContext, current: RunJob): Promise<void> {
  const { client, signal, emit, pollingInterval } = context
  const { jobId } = current
  for (let left = 0; ; ) {
    const job = await reading(context, () => getJob(client, { jobId }))
    if (isFinalStatus(job.status)) {
      current.state = job.status === 'settled' ? 'settled' : 'lost'
      if (current.state === 'lost') current.reason = reasonOf(job, signal)
      else emit({ type: 'settled', jobId })
      return
    }
    if (job.status === 'settleable' && ++left > COURTESY) await attempt(() => settleSync(client, { jobId }))
    await sleep(pollingInterval, signal)
  }
}

function reasonOf(job: Job, halted: AbortSignal): string {
  switch (job.status) {
    case 'cancelled':
      return halted.aborted ? 'it was taken back when the run ended' : 'nobody claimed it in time'
    case 'released':
      return `provider ${job.provider} gave it back`
    case 'failed':
      return `provider ${job.provider} was late`
    default:
      return `the result of provider ${job.provider} was proven wrong`
  }
}

/** A transaction that somebody else may send first: what it changed is read from the chain afterwards. */
async function attempt(send: () => Promise<unknown>): Promise<AssayError | undefined> {
  try {
    await send()
    return undefined
  } catch (error) {
    if (!isAssayError(error)) throw error
    return error
  }
}
