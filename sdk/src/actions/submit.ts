import type { Hash, Hex, Log, TransactionReceipt } from 'viem'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventArgs } from '../types/event.ts'
import { extractEvent } from '../utils/events.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeMarketSync,
} from '../utils/writeMarket.ts'

export type SubmitArgs = {
  jobId: Hex
  /** Root of the result sum tree. */
  resultRoot: Hex
  /** Sum of the steps of all tasks. */
  totalSteps: bigint
}

export type SubmitParameters = WriteParameters & SubmitArgs
export type SubmitSyncParameters = WriteSyncParameters & SubmitArgs

export type SubmitReturnType = Hash
export type SubmitSyncReturnType = MarketEventArgs<'ResultSubmitted'> & { receipt: TransactionReceipt }

export type SubmitErrorType = WriteMarketErrorType
export type SubmitSyncErrorType = WriteMarketSyncErrorType

/**
 * Submits the root over all task results, which starts the challenge window; only the provider, once.
 *
 * @example
 * const hash = await client.submit({ jobId, resultRoot, totalSteps })
 */
export async function submit(
  client: ClientWithMarket,
  parameters: SubmitParameters,
): Promise<SubmitReturnType> {
  return writeCall(client, submit.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
submit.call = ({ market, jobId, resultRoot, totalSteps }: MarketCallParameters<SubmitArgs>) =>
  marketCall(market, 'submit', [jobId, resultRoot, totalSteps])

/** The event among a receipt's logs. */
submit.extractEvent = (logs: readonly Log[]): MarketEvent<'ResultSubmitted'> =>
  extractEvent('ResultSubmitted', logs)

/**
 * {@link submit}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.submitSync({ jobId, resultRoot, totalSteps })
 */
export async function submitSync(
  client: ClientWithMarket,
  parameters: SubmitSyncParameters,
): Promise<SubmitSyncReturnType> {
  return writeMarketSync(client, submit.call(withMarket(client, parameters)), parameters, submit.extractEvent)
}
