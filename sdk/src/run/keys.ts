import type { Hex } from 'viem'
import { deliverKeySync } from '../actions/deliverKey.ts'
import { EncryptionKeyError } from '../errors/private.ts'
import { keyForProvider } from '../private/keyForProvider.ts'
import type { Job } from '../types/job.ts'
import type { RunContext } from './context.ts'
import { attempt } from './retry.ts'
import type { RunParameters } from './types.ts'

/** The keys of a run's private jobs; those of other jobs are undefined. */
export class JobKeys {
  readonly #keys = new Map<Hex, Uint8Array>()
  readonly #keep: RunParameters<unknown>['keepKey']

  constructor(keep: RunParameters<unknown>['keepKey']) {
    this.#keep = keep
  }

  /** Takes the key of a job that is not posted yet, once the caller has it as well. */
  async add(jobId: Hex, jobKey: Uint8Array): Promise<void> {
    await this.#keep?.({ jobId, jobKey })
    this.#keys.set(jobId, jobKey)
  }

  of(jobId: Hex): Uint8Array | undefined {
    return this.#keys.get(jobId)
  }
}

/**
 * Delivers the key of a job that waits for it. Where that fails the job waits on, and this is called again.
 *
 * @returns false where the provider has registered no key: the claim runs out then
 */
export async function deliverJobKey(context: RunContext, { jobId, provider }: Job): Promise<boolean> {
  const { client, keys, emit } = context
  const jobKey = keys.of(jobId)
  if (jobKey === undefined || provider === null) return false
  const failure = await attempt(async () => {
    await deliverKeySync(client, { jobId, key: await keyForProvider(client, { jobId, jobKey }) })
  })
  if (failure === undefined) emit({ type: 'keyDelivered', jobId, provider })
  return !(failure instanceof EncryptionKeyError)
}
