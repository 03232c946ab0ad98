import type { JobTerms, MarketClient } from 'assay'
import type { Logger } from 'pino'
import type { Address, Hex } from 'viem'
import type { Executor } from '../executor/types.ts'
import type { Journal } from '../provider/journal.ts'
import type { DiskStore } from '../store/disk.ts'
import type { WatchJournal } from './journal.ts'

/** What the operator wants to be watched, and at what cost at most. */
export type WatchPolicy = {
  /** Chance of each task to be executed again, 0 to 1; more for tasks with more than the average part of a bond. */
  share: number
  /** Only these jobs; all if not given. */
  jobs?: readonly Hex[] | undefined
  /** Only jobs of these levels. */
  levels: readonly ('optimistic' | 'attested')[]
  /** Claims looked at at once. */
  claims: number
  /** Most tasks of a claim. */
  maxTasks: number
  /** Milliseconds of wall time for one task. */
  taskWallTime: number
  /** Bytes of a program, of a shared input, and of all inputs of a job. */
  maxProgram: number
  maxShared: number
  maxInputs: number
}

/** What every part of the watcher works with. */
export type WatchContext = {
  client: MarketClient
  address: Address
  journal: Journal
  watched: WatchJournal
  executor: Executor
  /** Programs and inputs, kept until games about them are over. */
  contents: DiskStore
  log: Logger
  policy: WatchPolicy
  /** Aborted when the watcher stops. */
  signal: AbortSignal
  /** Timestamp of the newest block seen, in seconds. */
  chainTime: () => number
}

/** A claim whose program and inputs are in hand, verified against the chain. */
export type LoadedClaim = {
  jobId: Hex
  terms: JobTerms
  provider: Address
  resultRoot: Hex
  totalSteps: bigint
  program: Uint8Array
  shared: Uint8Array
  inputs: readonly Uint8Array[]
  /** The leaves file behind the claim: 53 bytes for each task. Null where its provider does not serve it. */
  rows: Uint8Array | null
}
