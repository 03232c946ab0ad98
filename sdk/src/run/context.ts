import type { Address } from 'viem'
import type { ClientWithMarket } from '../types/client.ts'
import type { Job } from '../types/job.ts'
import type { Collector } from './collector.ts'
import type { JobKeys } from './keys.ts'
import type { Shard } from './plan.ts'
import type { RunEvent, RunJob } from './types.ts'

/** What the parts of a run share. */
export type RunContext = {
  client: ClientWithMarket
  attempts: number
  accept: boolean
  /** Whether outputs count only once their results are final. */
  untilFinal: boolean
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
  /** Of its private jobs. */
  keys: JobKeys
  emit: (event: RunEvent) => void
  /** Posts a part again, for what is left of its price, and records its new jobs. */
  repost: (shard: Shard, attempt: number, spent: bigint) => Promise<readonly RunJob[]>
}

/** Marks a job as claimed, once. */
export function recordClaim({ emit }: RunContext, current: RunJob, { provider, price }: Job): void {
  if (current.provider !== null || provider === null || price === null) return
  Object.assign(current, { provider, price, state: 'claimed' })
  emit({ type: 'claimed', jobId: current.jobId, provider, price })
}

/** Marks a job as submitted, once. */
export function recordResult({ emit }: RunContext, current: RunJob): void {
  if (current.state !== 'open' && current.state !== 'claimed') return
  current.state = 'submitted'
  emit({ type: 'submitted', jobId: current.jobId, provider: current.provider as Address })
}

/** Marks a job as settled, once. */
export function recordSettlement({ emit }: RunContext, current: RunJob): void {
  if (current.state === 'settled') return
  current.state = 'settled'
  emit({ type: 'settled', jobId: current.jobId })
}

/** Marks a job whose price was refunded, once. */
export function recordLoss({ emit }: RunContext, current: RunJob, reason: string): void {
  if (current.state === 'lost') return
  Object.assign(current, { state: 'lost', reason })
  emit({ type: 'lost', jobId: current.jobId, reason })
}
