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

export type SettleManyArgs = {
  jobIds: readonly Hex[]
}

export type SettleManyParameters = WriteParameters & SettleManyArgs
export type SettleManySyncParameters = WriteSyncParameters & SettleManyArgs

export type SettleManyOutcome = {
  settled: MarketEventArgs<'JobSettled'>[]
  /** Jobs that could not be settled, with the status that each had. */
  skipped: { jobId: Hex; status: JobStatus }[]
}

export type SettleManyReturnType = Hash
export type SettleManySyncReturnType = SettleManyOutcome & { receipt: TransactionReceipt }

export type SettleManyErrorType = WriteMarketErrorType
export type SettleManySyncErrorType = WriteMarketSyncErrorType

/**
 * Settles each of the jobs that can be and passes over the others; anyone may do it.
 *
 * @example
 * const hash = await client.settleMany({ jobIds })
 */
export async function settleMany(
  client: ClientWithMarket,
  parameters: SettleManyParameters,
): Promise<SettleManyReturnType> {
  return writeCall(client, settleMany.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
settleMany.call = ({ market, jobIds }: MarketCallParameters<SettleManyArgs>) =>
  marketCall(market, 'settleMany', [jobIds])

/** What the events among a receipt's logs say. */
settleMany.extractOutcome = (logs: readonly Log[]): SettleManyOutcome => ({
  settled: extractEvents('JobSettled', logs).map(({ args }) => args),
  skipped: extractEvents('SettleSkipped', logs).map(({ args: { jobId, status } }) => ({
    jobId,
    status: decodeJobStatus(status),
  })),
})

/**
 * {@link settleMany}, then waits for the receipt.
 *
 * @example
 * const { settled, skipped } = await client.settleManySync({ jobIds })
 */
export async function settleManySync(
  client: ClientWithMarket,
  parameters: SettleManySyncParameters,
): Promise<SettleManySyncReturnType> {
  const receipt = await writeCallSync(client, settleMany.call(withMarket(client, parameters)), parameters)
  return { ...settleMany.extractOutcome(receipt.logs), receipt }
}
