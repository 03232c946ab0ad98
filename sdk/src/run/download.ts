import type { Address, Hex } from 'viem'
import { getProvider } from '../actions/getProvider.ts'
import { getResult } from '../actions/getResult.ts'
import { fetchLeaves, fetchOutputs } from '../content/index.ts'
import { OutputsWithheldError } from '../errors/run.ts'
import type { Job } from '../types/job.ts'
import type { RunContext } from './context.ts'
import type { Shard } from './plan.ts'
import { reading } from './retry.ts'

/** Getting the outputs of one submitted job, in as many attempts as it takes. */
export class OutputsDownload {
  readonly #context: RunContext
  readonly #shard: Shard
  readonly #jobId: Hex
  /** Outputs that are in, from the first on. */
  #received = 0
  #patientUntil: number | undefined

  constructor(context: RunContext, shard: Shard, jobId: Hex) {
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
