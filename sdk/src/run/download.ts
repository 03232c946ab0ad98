import type { Address, Hex } from 'viem'
import { getProvider } from '../actions/getProvider.ts'
import { fetchLeaves, fetchOutputs } from '../content/index.ts'
import { OutputsWithheldError } from '../errors/run.ts'
import { unsaltOutput } from '../private/index.ts'
import type { Job } from '../types/job.ts'
import type { RunContext } from './context.ts'
import type { Shard } from './plan.ts'
import { reading } from './retry.ts'

/** Getting the outputs of one job that has a result, in as many attempts as it takes. */
export class OutputsDownload {
  readonly #context: RunContext
  readonly #shard: Shard
  /** Outputs that are in, from the first on. */
  #received = 0

  constructor(context: RunContext, shard: Shard) {
    this.#context = context
    this.#shard = shard
  }

  /**
   * Downloads what is missing, each output verified against the result on the chain.
   *
   * @returns null once all are there, else what stopped it
   * @throws the signal's reason, errors of the node
   */
  async attempt(job: Job): Promise<OutputsWithheldError | null> {
    const { client, collector, emit, signal } = this.#context
    const { jobId, tasks } = job
    const provider = job.provider as Address
    const reads = { ...this.#context, signal }
    const { endpoint } = await reading(reads, () => getProvider(client, { address: provider }))
    try {
      await this.#download(endpoint, job)
    } catch (cause) {
      signal.throwIfAborted()
      return new OutputsWithheldError({ jobId, provider, cause })
    }
    const { count: done, tasks: of } = collector
    emit({ type: 'verified', jobId, provider, tasks, done, of })
    return null
  }

  async #download(endpoint: string, { jobId, provider, resultCommitment }: Job): Promise<void> {
    const { collector, keys, signal, maxOutput } = this.#context
    const { first, tasks } = this.#shard
    const jobKey = keys.of(jobId)
    const source = { endpoint, jobId, jobKey, signal }
    const result = { resultCommitment: resultCommitment as Hex }
    const leaves = await fetchLeaves({ ...source, ...result, tasks, limits: { maxOutput } })
    for await (const output of fetchOutputs({ ...source, leaves, maxOutput, from: this.#received })) {
      const bytes = jobKey === undefined ? output.bytes : unsaltOutput(output.bytes)
      collector.add({ ...output, bytes, index: first + output.index, jobId, provider: provider as Address })
      this.#received = output.index + 1
    }
  }
}

/** How long something is waited for, from when it is first asked about. */
export class Patience {
  readonly #milliseconds: number
  #until: number | undefined

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds
  }

  isOver(): boolean {
    const now = performance.now()
    this.#until ??= now + this.#milliseconds
    return now >= this.#until
  }
}
