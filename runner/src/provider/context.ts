import type { Job, JobTerms, MarketClient, Resources } from 'assay'
import type { Logger } from 'pino'
import type { Address, Hex } from 'viem'
import type { Policy } from '../core/match.ts'
import type { Executor } from '../executor/types.ts'
import type { DiskStore } from '../store/disk.ts'
import type { EncryptionKey } from './encryptionKey.ts'
import type { Journal } from './journal.ts'
import type { Results } from './results.ts'
import type { Transactions } from './transactions.ts'

/** Bounds the operator sets on what one job may make this machine do. */
export type Limits = {
  /** Milliseconds of wall time for one task. */
  taskWallTime: number
  /** Steps a second that tasks are expected to do. */
  stepRate: bigint
  /** One task in so many, drawn at random, is run again on the interpreter. */
  recheckOneIn: number
  /** Bytes of a program, of a shared input, and of all inputs of a job. */
  maxProgram: number
  maxShared: number
  maxInputs: number
}

/** What every part of the provider works with. */
export type ProviderContext = {
  client: MarketClient
  address: Address
  journal: Journal
  transactions: Transactions
  results: Results
  inputs: DiskStore
  executor: Executor
  encryptionKey: EncryptionKey
  log: Logger
  policy: Policy
  limits: Limits
  resources: Resources
  /** Jobs that are worked on at once. */
  jobs: number
  /** Aborted when the provider stops at once. */
  signal: AbortSignal
  /** Timestamp of the newest block seen, in seconds. */
  chainTime: () => number
}

/** A job whose program and inputs are in hand and verified against the chain. */
export type PreparedJob = {
  jobId: Hex
  job: Job
  terms: JobTerms
  program: Uint8Array
  shared: Uint8Array
  inputs: readonly Uint8Array[]
  /** Of a private job: its results are sealed with it. */
  jobKey: Uint8Array | null
}
