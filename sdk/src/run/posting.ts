import type { Hex } from 'viem'
import { cancelSync } from '../actions/cancel.ts'
import { depositSync } from '../actions/deposit.ts'
import { getAccount } from '../actions/getAccount.ts'
import { getJob } from '../actions/getJob.ts'
import { getJobId } from '../actions/getJobId.ts'
import { postManySync } from '../actions/postMany.ts'
import type { AssayError } from '../errors/base.ts'
import { isRetryable } from '../errors/decode.ts'
import { UnknownJobError } from '../errors/jobs.ts'
import { JobMarketJobExistsError, JobMarketWrongStatusError } from '../errors/market.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { NamedJobTerms } from '../types/terms.ts'
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
 * All or none: where one is refused, the others are taken back, but for what a provider has claimed meanwhile.
 *
 * @param terms with their nonces
 * @throws the first refusal, as the class of the contract's error; errors of the node
 */
export async function postOnce(context: PostingContext, terms: readonly NamedJobTerms[]): Promise<Hex[]> {
  const { client } = context
  const jobIds = await reading(context, () =>
    Promise.all(terms.map((each) => getJobId(client, { terms: each }))),
  )
  let missing = jobIds
  const post = async (): Promise<AssayError | undefined> => {
    const asked = missing
    try {
      const named = asked.map((jobId) => terms[jobIds.indexOf(jobId)] as NamedJobTerms)
      const { outcomes } = await postManySync(client, { terms: named })
      // What exists is of an earlier attempt whose answer was lost.
      return (
        outcomes.find(({ error }) => error !== null && !(error instanceof JobMarketJobExistsError))?.error ??
        undefined
      )
    } catch (error) {
      missing = await findMissing(context, asked)
      if (missing.length === 0) return undefined
      if (missing.length === asked.length) throw error
      // A transaction landed that refused these: asked for again, the market says why.
      return post()
    }
  }
  const refusal = await trying(context, post)
  if (refusal === undefined) return jobIds
  const posted = new Set(jobIds)
  for (const jobId of await findMissing(context, jobIds)) posted.delete(jobId)
  for (const jobId of posted) await takeBack(context, jobId)
  throw refusal
}

/** Cancels a job that nobody has claimed; one that was claimed goes on. */
async function takeBack(context: PostingContext, jobId: Hex): Promise<void> {
  await trying(context, async () => {
    try {
      await cancelSync(context.client, { jobId })
    } catch (error) {
      if (!(error instanceof JobMarketWrongStatusError)) throw error
    }
  })
}

/** The jobs that are not on the chain. */
async function findMissing(context: PostingContext, jobIds: readonly Hex[]): Promise<Hex[]> {
  const missing: Hex[] = []
  for (const jobId of jobIds) if (!(await isPosted(context, jobId))) missing.push(jobId)
  return missing
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
async function trying<T>({ signal, pollingInterval }: PostingContext, step: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await step()
    } catch (error) {
      if (!isRetryable(error) || attempt >= MAX_ATTEMPTS) throw error
      await sleep(pollingInterval * attempt, signal)
    }
  }
}
