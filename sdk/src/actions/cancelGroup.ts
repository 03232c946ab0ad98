import { type Address, type Hash, type Hex, type Log, parseEventLogs, type TransactionReceipt } from 'viem'
import { jobMarketAbi, replicationAbi } from '../abis.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { replicationOf } from '../utils/levels.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type CancelGroupArgs = {
  /** As `getSeat` tells it. */
  groupId: Hex
  /**
   * The contract that keeps the group.
   * @default that behind `replicated` under the current parameters
   */
  replication?: Address | undefined
}

export type CancelGroupParameters = WriteParameters & CancelGroupArgs
export type CancelGroupSyncParameters = WriteSyncParameters & CancelGroupArgs

export type CancelGroupReturnType = Hash
export type CancelGroupSyncReturnType = {
  /** The jobs that were taken back, and what of their prices came back by that. */
  jobIds: Hex[]
  refund: bigint
  receipt: TransactionReceipt
}

export type CancelGroupErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type CancelGroupSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Takes back what was posted of a replicated group that is not complete, at any time; only its requester. No more of it can be
 * posted then: post it again with another `nonce` or `tag`.
 *
 * @example
 * const { outcomes } = await client.postManySync({ terms: replicate(terms, replication) })
 * const [posted] = outcomes.filter(({ jobId }) => jobId !== null)
 * if (posted && outcomes.some(({ jobId }) => jobId === null)) await client.cancelGroup(await client.getSeat(posted))
 *
 * @throws {ReplicationPostedError | ReplicationNotRequesterError | ReplicationWrongPhaseError | ReplicationUnknownGroupError}
 */
export async function cancelGroup(
  client: ClientWithMarket,
  parameters: CancelGroupParameters,
): Promise<CancelGroupReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the level's contract alone, for simulating and batching. */
cancelGroup.call = ({ replication, groupId }: { replication: Address; groupId: Hex }) => ({
  abi: replicationAbi,
  address: replication,
  functionName: 'cancelGroup' as const,
  args: [groupId] as const,
})

/** What the events among a receipt's logs say. */
cancelGroup.extractOutcome = (logs: readonly Log[]): Omit<CancelGroupSyncReturnType, 'receipt'> => {
  extractContractEvent(replicationAbi, 'GroupClosed', logs)
  const jobs = parseEventLogs({ abi: jobMarketAbi, eventName: 'JobCancelled', logs: [...logs] })
  return {
    jobIds: jobs.map(({ args }) => args.jobId),
    refund: jobs.reduce((sum, { args }) => sum + args.refund, 0n),
  }
}

/**
 * {@link cancelGroup}, then waits for the receipt.
 *
 * @example
 * const { refund } = await client.cancelGroupSync({ groupId })
 */
export async function cancelGroupSync(
  client: ClientWithMarket,
  parameters: CancelGroupSyncParameters,
): Promise<CancelGroupSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  return { ...cancelGroup.extractOutcome(receipt.logs), receipt }
}

async function prepare(client: ClientWithMarket, parameters: CancelGroupParameters) {
  const replication = await replicationOf(client, parameters)
  return cancelGroup.call({ replication, groupId: parameters.groupId })
}
