import type { ClientWithMarket } from '../types/client.ts'
import type { Collector } from './collector.ts'
import type { Shard } from './plan.ts'
import type { RunEvent, RunJob } from './types.ts'

/** What the parts of a run share. */
export type RunContext = {
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
  /** Posts a part again and records its new jobs. */
  repost: (shard: Shard, attempt: number) => Promise<readonly RunJob[]>
}

/** Marks a job whose price was refunded. */
export function lose({ emit }: Pick<RunContext, 'emit'>, job: RunJob, reason: string): void {
  Object.assign(job, { state: 'lost', reason })
  emit({ type: 'lost', jobId: job.jobId, reason })
}
