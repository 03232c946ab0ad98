import type { Address, Hex } from 'viem'
import type { TaskStatus } from '../trees/index.ts'
import type { MarketParameter } from '../types/client.ts'
import type { Resources } from '../types/resources.ts'

/** What a requester wants computed, and on which terms. Amounts in units, times in seconds. */
export type RunParameters<reduced = never> = MarketParameter & {
  /** The WebAssembly module. */
  program: Uint8Array
  /** One input for each task. */
  inputs: readonly Uint8Array[]
  /** An input that all tasks share. @default none */
  shared?: Uint8Array | undefined
  /** Base URL of the content store that takes the data and serves it to providers. */
  store: string
  /** The most the whole run may cost; split over the jobs by their tasks. */
  maxPrice: bigint
  /** Where each auction starts, of the whole. @default half of maxPrice */
  minPrice?: bigint | undefined
  /** Seconds in which the price climbs. @default 30 */
  ramp?: number | undefined
  /** Seconds a provider has to run a job. @default 600 */
  run?: number | undefined
  /** Seconds in which a result may be challenged. @default 120 */
  window?: number | undefined
  /** Seconds in which a job may be claimed. @default 600 */
  claimFor?: number | undefined
  /** The most tasks in one job. @default a quarter of the inputs */
  tasksPerJob?: number | undefined
  /** @default 2^36 */
  stepLimit?: bigint | undefined
  /** The most bytes a task may write. @default 1 MiB */
  maxOutput?: number | undefined
  /** @default one core and the program's memory */
  floor?: Resources | undefined
  /** @default 0 */
  minReputation?: bigint | undefined
  /** How often each part is posted before the run fails. A new post follows a refund, so it costs nothing more. @default 3 */
  attempts?: number | undefined
  /** Accept each result once its outputs are verified, instead of leaving the challenge window to run. @default false */
  accept?: boolean | undefined
  /** Deposits what the balance lacks from the account's tokens. @default true */
  deposit?: boolean | undefined
  /** Combines all outputs, in task order, for {@link Run.reduced}. */
  reduce?: ((outputs: readonly RunOutput[]) => reduced | Promise<reduced>) | undefined
  onProgress?: ((event: RunEvent) => void) | undefined
  /** Ends the run: jobs nobody claimed are cancelled, the rest is left to the chain. */
  signal?: AbortSignal | undefined
  /** Seconds for which a provider is asked for outputs once its job is paid for. @default 30 */
  outputsTimeout?: number | undefined
  /** Milliseconds between looks at the chain. @default the client's */
  pollingInterval?: number | undefined
}

/** A task's output, verified against the result root on the chain. */
export type RunOutput = {
  /** Place of the task in `inputs`. */
  index: number
  status: TaskStatus
  exitCode: number
  /** Empty unless the status is `halted`. */
  bytes: Uint8Array
  jobId: Hex
  provider: Address
}

export type RunEvent =
  | { type: 'stored'; bytes: number }
  | { type: 'posted'; jobId: Hex; tasks: number; attempt: number }
  | { type: 'claimed'; jobId: Hex; provider: Address; price: bigint }
  | { type: 'submitted'; jobId: Hex; provider: Address }
  | { type: 'verified'; jobId: Hex; provider: Address; tasks: number; done: number; of: number }
  | { type: 'settled'; jobId: Hex }
  | { type: 'lost'; jobId: Hex; reason: string }

/** A run that was posted. */
export type Run<reduced = never> = {
  /** Every job posted so far, re-posted ones included. */
  jobs(): readonly RunJob[]
  /** Verified outputs as they arrive, in no particular order; each call starts from the first. */
  outputs(): AsyncIterable<RunOutput>
  /** All outputs in task order. */
  result(): Promise<readonly RunOutput[]>
  /** What `reduce` made of them. */
  reduced(): Promise<reduced>
  /** Resolves when every job of the run has reached its end on the chain. */
  settled(): Promise<readonly RunJob[]>
}

/** One job of a run: the tasks `first … first + tasks − 1` of the inputs. */
export type RunJob = {
  jobId: Hex
  first: number
  tasks: number
  attempt: number
  state: 'open' | 'claimed' | 'submitted' | 'verified' | 'settled' | 'lost'
  provider: Address | null
  price: bigint | null
  /** Why it was lost. */
  reason: string | null
}
