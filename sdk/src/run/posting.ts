import type { Hex } from 'viem'
import { depositSync } from '../actions/deposit.ts'
import { getAccount } from '../actions/getAccount.ts'
import { getJob } from '../actions/getJob.ts'
import { getJobId } from '../actions/getJobId.ts'
import { postManySync } from '../actions/postMany.ts'
import type { AssayError } from '../errors/base.ts'
import { UnknownJobError } from '../errors/jobs.ts'
import { JobMarketJobExistsError } from '../errors/market.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import type { Kind } from './kind.ts'
import { reading, trying } from './retry.ts'

export type PostingContext = {
  client: ClientWithMarket
  signal: AbortSignal
  pollingInterval: number
}

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
 * @param takeBack of the jobs' kind
 * @throws the first refusal, as the class of the contract's error; errors of the node
 */
export async function postOnce(
  context: PostingContext,
  terms: readonly NamedJobTerms[],
  takeBack: Kind['takeBack'],
): Promise<Hex[]> {
  const { client } = context
  // What was sent costs money, wanted or not: it is looked for, and taken back, also where the run was halted meanwhile.
  const unstoppable = { ...context, signal: new AbortController().signal }
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
      missing = await findMissing(unstoppable, asked)
      if (missing.length === 0) return undefined
      if (missing.length === asked.length) throw error
      // A transaction landed that refused these: asked for again, the market says why.
      return post()
    }
  }
  const refusal = await trying(context, post).catch((error: unknown) => error)
  if (refusal === undefined) return jobIds
  const posted = new Set(jobIds)
  for (const jobId of await findMissing(unstoppable, jobIds)) posted.delete(jobId)
  if (posted.size === jobIds.length) return jobIds
  if (posted.size > 0) await takeBack(unstoppable, [...posted])
  throw refusal
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
