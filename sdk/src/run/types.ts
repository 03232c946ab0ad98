import type { Address, Hex } from 'viem'
import type { TaskStatus } from '../trees/index.ts'
import type { MarketParameter } from '../types/client.ts'
import type { assuranceLevels } from '../types/job.ts'
import type { Resources } from '../types/resources.ts'

/** What a requester wants computed, and on which terms. Amounts in units, times in seconds. */
export type RunParameters<reduced = never> = MarketParameter & {
  /** The WebAssembly module. */
  program: Uint8Array
  /** One input for each task. */
  inputs: readonly Uint8Array[]
  /** An input that all tasks share. @default none */
  shared?: Uint8Array | undefined
  /**
   * Seals inputs, shared input and outputs: only the providers that claim the jobs can read them. The program is public, and
   * must read its inputs by `input_read`. The run delivers the keys, so it has to go on while jobs are claimed; not with
   * `replicated`.
   * @default false
   */
  private?: boolean | undefined
  /**
   * Called with the key of each private job before it is posted. Who has the key can read the job's inputs and outputs:
   * without it, outputs that this run did not fetch are lost.
   */
  keepKey?: ((job: { jobId: Hex; jobKey: Uint8Array }) => void | Promise<void>) | undefined
  /** Base URL of the content store that takes the data and serves it to providers. */
  store: string
  /**
   * The most the whole run may cost; split over the jobs by their tasks, and of the level `replicated` evenly over all seats
   * and spares of a group, because each of them may be paid.
   */
  maxPrice: bigint
  /** Where each auction starts, of the whole. @default half of maxPrice */
  minPrice?: bigint | undefined
  /** Seconds in which the price climbs. @default 30 */
  ramp?: number | undefined
  /**
   * How a result becomes final: `optimistic` after its window, `attested` also by the signature of one of the `attesters`,
   * `replicated` by the majority of a group's seats, which is trusted with it.
   * @default 'optimistic'
   */
  level?: RunLevel | undefined
  /** Whose signature ends the window of a result, any one of them; with the level `attested` only, and never none. */
  attesters?: readonly Address[] | undefined
  /** What a group is; with the level `replicated` only. */
  replication?: RunReplication | undefined
  /**
   * Share of the price that is paid by step, of `tasks × stepLimit` steps, in basis points; not with `replicated`.
   * @default 0
   */
  meteredBps?: number | undefined
  /** Seconds a provider has to run a job. @default 600 */
  run?: number | undefined
  /** Seconds in which a result may be challenged. @default 120 unless replicated */
  window?: number | undefined
  /** Seconds in which a job may be claimed. @default 600 */
  claimFor?: number | undefined
  /** The most tasks in one job. @default a quarter of the inputs */
  tasksPerJob?: number | undefined
  /**
   * The most steps a task may take. @default 2^36, but no more than 2^27 for each second of `run`: providers pass over jobs that
   * an interpreter might not finish in time
   */
  stepLimit?: bigint | undefined
  /** The most bytes a task may write. @default 1 MiB */
  maxOutput?: number | undefined
  /** @default one core and the program's memory */
  floor?: Resources | undefined
  /** @default 0 */
  minReputation?: bigint | undefined
  /** How often each part is posted before the run fails. A new post follows a refund, so it costs nothing more. @default 3 */
  attempts?: number | undefined
  /**
   * Accept each result once its outputs are verified, instead of leaving the challenge window to run; not with `replicated`.
   * @default false
   */
  accept?: boolean | undefined
  /**
   * Waits until results can be challenged no more before `outputs` ends and `result` resolves: what is proven wrong in its window
   * is posted again, and its outputs come anew. Otherwise outputs are handed out once they are verified against what was
   * submitted, and `settled` tells.
   * @default false
   */
  untilFinal?: boolean | undefined
  /** Deposits what the balance lacks from the account's tokens. @default true */
  deposit?: boolean | undefined
  /** Combines all outputs, in task order, for {@link Run.reduced}. */
  reduce?: ((outputs: readonly RunOutput[]) => reduced | Promise<reduced>) | undefined
  onProgress?: ((event: RunEvent) => void) | undefined
  /**
   * Ends the run: jobs nobody claimed are cancelled, the rest is left to the chain. Seats cannot be cancelled: a group is
   * given up when it was not filled in time.
   */
  signal?: AbortSignal | undefined
  /** Seconds for which a provider is asked for outputs once its job is paid for. @default 30 */
  outputsTimeout?: number | undefined
  /** Milliseconds between looks at the chain. @default the client's */
  pollingInterval?: number | undefined
}

/** The levels of the product. */
export type RunLevel = (typeof assuranceLevels)[number]

/** What a replicated group of a run is. Times in seconds. */
export type RunReplication = {
  /** How many seats vote, each another provider's: odd, 3 to 15; the result is what more than half of them reveal. @default 3 */
  seats?: number | undefined
  /**
   * How many drawn seats decide where the first find no majority: odd, 3 to 15, or none. A run posts an undecided part again
   * either way.
   * @default 0
   */
  spares?: number | undefined
  /** One provider in `2^drawBits` may take a spare, at most 64. @default 0 */
  drawBits?: number | undefined
  /** Base fee of a seat whose work decided nothing, in basis points of its price. @default 1_000 */
  baseBps?: number | undefined
  /** From the end of claiming to that of committing to a result, up to 7 days. @default the `run` time */
  commitTime?: number | undefined
  /** From the end of committing to that of revealing, up to 7 days. @default 300 */
  revealTime?: number | undefined
  /** From the end of revealing to that of claiming spares, up to 7 days. @default 300 */
  drawTime?: number | undefined
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
  | { type: 'keyDelivered'; jobId: Hex; provider: Address }
  | { type: 'submitted'; jobId: Hex; provider: Address }
  | { type: 'verified'; jobId: Hex; provider: Address; tasks: number; done: number; of: number }
  | { type: 'settled'; jobId: Hex }
  | { type: 'lost'; jobId: Hex; reason: string }

/** A run that was posted. */
export type Run<reduced = never> = {
  /** Every job posted so far, re-posted ones included. */
  jobs(): readonly RunJob[]
  /**
   * Verified outputs as they arrive, in no particular order; each call starts from the first. An index comes a second time, from
   * another job, where the first was proven wrong before all of its outputs were in: the later one counts.
   */
  outputs(): AsyncIterable<RunOutput>
  /** All outputs in task order. */
  result(): Promise<readonly RunOutput[]>
  /** What `reduce` made of them. */
  reduced(): Promise<reduced>
  /**
   * Resolves when every job of the run has reached its end on the chain.
   * @throws ResultRefutedError where a result was proven wrong after its outputs were handed out
   */
  settled(): Promise<readonly RunJob[]>
  /** What the run costs by what is known so far: the sum of its jobs' costs; what was paid, once it is settled. */
  cost(): bigint
}

/** One job of a run: the tasks `first … first + tasks − 1` of the inputs. */
export type RunJob = {
  jobId: Hex
  first: number
  tasks: number
  attempt: number
  /** Place in its group, the seats before the spares; null unless it is replicated. */
  seat: number | null
  /**
   * How far it got. `lost`: refunded, but for the base fee of a seat; `unused`: a spare that was not needed. Outputs of a
   * group are fetched once its seats are `settled`.
   */
  state: 'open' | 'claimed' | 'submitted' | 'verified' | 'settled' | 'lost' | 'unused'
  provider: Address | null
  price: bigint | null
  /**
   * What the requester pays for it, by what is known so far: nothing until it is claimed and after a refund, the price, of a
   * metered job what its steps are worth, of a seat whose work decided nothing the base fee.
   */
  cost: bigint
  /** Why it was lost. */
  reason: string | null
}
