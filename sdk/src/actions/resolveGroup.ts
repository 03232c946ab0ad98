import {
  type Address,
  type Hash,
  type Hex,
  type Log,
  parseEventLogs,
  type TransactionReceipt,
  zeroHash,
} from 'viem'
import { replicationAbi } from '../abis.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { replicationOf } from '../utils/levels.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type ResolveGroupArgs = {
  /** As `getSeat` tells it. */
  groupId: Hex
  /**
   * The contract that keeps the group.
   * @default that behind `replicated` under the current parameters
   */
  replication?: Address | undefined
}

export type ResolveGroupParameters = WriteParameters & ResolveGroupArgs
export type ResolveGroupSyncParameters = WriteSyncParameters & ResolveGroupArgs

export type ResolveGroupReturnType = Hash
export type ResolveGroupSyncReturnType = {
  /** What the group came to: `escalated` means that drawn spares decide. */
  phase: 'escalated' | 'closed'
  /** The majority's result; null where there is none. */
  resultCommitment: Hex | null
  receipt: TransactionReceipt
}

export type ResolveGroupErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type ResolveGroupSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Ends the phase of a replicated group that is over: closes it, which pays and slashes its seats, or escalates it to the
 * spares; anyone may do it.
 *
 * @example
 * const hash = await client.resolveGroup({ groupId })
 *
 * @throws {ReplicationTooEarlyError | ReplicationWrongPhaseError | ReplicationUnknownGroupError}
 */
export async function resolveGroup(
  client: ClientWithMarket,
  parameters: ResolveGroupParameters,
): Promise<ResolveGroupReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the level's contract alone, for simulating and batching. */
resolveGroup.call = ({ replication, groupId }: { replication: Address; groupId: Hex }) => ({
  abi: replicationAbi,
  address: replication,
  functionName: 'resolve' as const,
  args: [groupId] as const,
})

/** What the events among a receipt's logs say. */
resolveGroup.extractOutcome = (logs: readonly Log[]): Omit<ResolveGroupSyncReturnType, 'receipt'> => {
  const [closed] = parseEventLogs({ abi: replicationAbi, eventName: 'GroupClosed', logs: [...logs] })
  if (closed === undefined) {
    extractContractEvent(replicationAbi, 'GroupEscalated', logs)
    return { phase: 'escalated', resultCommitment: null }
  }
  const { resultCommitment } = closed.args
  return { phase: 'closed', resultCommitment: resultCommitment === zeroHash ? null : resultCommitment }
}

/**
 * {@link resolveGroup}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.resolveGroupSync({ groupId })
 */
export async function resolveGroupSync(
  client: ClientWithMarket,
  parameters: ResolveGroupSyncParameters,
): Promise<ResolveGroupSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  return { ...resolveGroup.extractOutcome(receipt.logs), receipt }
}

async function prepare(client: ClientWithMarket, parameters: ResolveGroupParameters) {
  const replication = await replicationOf(client, parameters)
  return resolveGroup.call({ replication, groupId: parameters.groupId })
}
