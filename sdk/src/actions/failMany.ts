import type { Hash, Hex, Log, TransactionReceipt } from 'viem'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEventArgs } from '../types/event.ts'
import type { JobStatus } from '../types/job.ts'
import { extractEvents } from '../utils/events.ts'
import { decodeJobStatus } from '../utils/status.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeCallSync,
} from '../utils/writeMarket.ts'

export type FailManyArgs = {
  jobIds: readonly Hex[]
}

export type FailManyParameters = WriteParameters & FailManyArgs
export type FailManySyncParameters = WriteSyncParameters & FailManyArgs

export type FailManyOutcome = {
  failed: MarketEventArgs<'JobFailed'>[]
  /** Jobs that could not be ended so, with the status that each had. */
  skipped: { jobId: Hex; status: JobStatus }[]
}

export type FailManyReturnType = Hash
export type FailManySyncReturnType = FailManyOutcome & { receipt: TransactionReceipt }

export type FailManyErrorType = WriteMarketErrorType
export type FailManySyncErrorType = WriteMarketSyncErrorType

/**
 * Ends each of the claims that are overdue and passes over the others; anyone may do it.
 *
 * @example
 * const hash = await client.failMany({ jobIds })
 */
export async function failMany(
  client: ClientWithMarket,
  parameters: FailManyParameters,
): Promise<FailManyReturnType> {
  return writeCall(client, failMany.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
failMany.call = ({ market, jobIds }: MarketCallParameters<FailManyArgs>) =>
  marketCall(market, 'failMany', [jobIds])

/** What the events among a receipt's logs say. */
failMany.extractOutcome = (logs: readonly Log[]): FailManyOutcome => ({
  failed: extractEvents('JobFailed', logs).map(({ args }) => args),
  skipped: extractEvents('FailSkipped', logs).map(({ args: { jobId, status } }) => ({
    jobId,
    status: decodeJobStatus(status),
  })),
})

/**
 * {@link failMany}, then waits for the receipt.
 *
 * @example
 * const { failed, skipped } = await client.failManySync({ jobIds })
 */
export async function failManySync(
  client: ClientWithMarket,
  parameters: FailManySyncParameters,
): Promise<FailManySyncReturnType> {
  const receipt = await writeCallSync(client, failMany.call(withMarket(client, parameters)), parameters)
  return { ...failMany.extractOutcome(receipt.logs), receipt }
}
