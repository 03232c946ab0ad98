import type { Hex } from 'viem'
import { depositSync } from '../actions/deposit.ts'
import { getAccount } from '../actions/getAccount.ts'
import { getJob } from '../actions/getJob.ts'
import { getJobId } from '../actions/getJobId.ts'
import { postManySync } from '../actions/postMany.ts'
import { isRetryable } from '../errors/decode.ts'
import { UnknownJobError } from '../errors/jobs.ts'
import { JobMarketJobExistsError } from '../errors/market.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { JobTerms } from '../types/terms.ts'
import { sleep } from '../utils/sleep.ts'
import { reading } from './retry.ts'

export type PostingContext = {
  client: ClientWithMarket
  signal: AbortSignal
  pollingInterval: number
}

const MAX_ATTEMPTS = 10

/** Deposits what the balance lacks to `total` units. */
export async function fund(context: PostingContext, total: bigint): Promise<void> {
  const { client } = context
  await trying(context, async () => {
    const { balance } = await getAccount(client, {})
    if (balance < total) await depositSync(client, { amount: total - balance })
  })
}

/**
 * Posts jobs in one transaction, and finds out whether it landed where the node did not say: the terms name the jobs, so
 * that the same ones cannot be posted twice.
 *
 * @param terms with their nonces
 */
export async function postOnce(context: PostingContext, terms: readonly JobTerms[]): Promise<Hex[]> {
  const { client } = context
  const jobIds = await reading(context, () =>
    Promise.all(terms.map((each) => getJobId(client, { terms: each }))),
  )
  const [first] = jobIds as [Hex]
  // Where they exist but cannot be read yet, an earlier attempt waits in the node's pool.
  const mayBeLanding = (error: unknown) => isRetryable(error) || error instanceof JobMarketJobExistsError
  const post = async () => {
    try {
      await postManySync(client, { terms })
    } catch (error) {
      if (!(await isPosted(context, first))) throw error
    }
  }
  await trying(context, post, mayBeLanding)
  return jobIds
}

async function isPosted(context: PostingContext, jobId: Hex): Promise<boolean> {
  return trying(context, async () => {
    try {
      await getJob(context.client, { jobId })
      return true
    } catch (error) {
      if (error instanceof UnknownJobError) return false
      throw error
    }
  })
}

/** Repeats a step that changes nothing more when it is done twice, while what stops it may pass: a node that does not answer. */
async function trying<T>(
  { signal, pollingInterval }: PostingContext,
  step: () => Promise<T>,
  isPassing: (error: unknown) => boolean = isRetryable,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await step()
    } catch (error) {
      if (!isPassing(error) || attempt >= MAX_ATTEMPTS) throw error
      await sleep(pollingInterval * attempt, signal)
    }
  }
}
