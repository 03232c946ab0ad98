import { type Address, type Hex, zeroHash } from 'viem'
import { replicationAbi } from '../abis.ts'
import type { WrongLevelError } from '../errors/jobs.ts'
import { ReplicationUnknownGroupError } from '../errors/replication.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { groupPhases, type ReplicationGroup } from '../types/replication.ts'
import { replicationOf } from '../utils/levels.ts'
import { readCall } from '../utils/readCall.ts'
import { decodeReplicationTerms } from '../utils/replicationTerms.ts'

export type GetGroupParameters = MarketParameter & {
  /** As `getSeat` tells it. */
  groupId: Hex
  /**
   * The contract that keeps the group.
   * @default that behind `replicated` under the current parameters
   */
  replication?: Address | undefined
}

export type GetGroupReturnType = ReplicationGroup

export type GetGroupErrorType = ReplicationUnknownGroupError | WrongLevelError | ReadMarketErrorType

/**
 * Reads a group of sibling jobs and where it stands.
 *
 * @example
 * const { phase, jobIds } = await client.getGroup({ groupId })
 *
 * @throws {ReplicationUnknownGroupError | WrongLevelError}
 */
export async function getGroup(
  client: ClientWithMarket,
  parameters: GetGroupParameters,
): Promise<GetGroupReturnType> {
  const { groupId } = parameters
  const contract = { abi: replicationAbi, address: await replicationOf(client, parameters) }
  const view = await readCall(client, contract, 'groupOf', [groupId])
  const phase = groupPhases[view.phase] ?? 'none'
  if (phase === 'none') throw new ReplicationUnknownGroupError({ groupId })
  const jobIds = await readCall(client, contract, 'jobsOf', [groupId])
  const { index: _, ...terms } = decodeReplicationTerms(view.terms)
  return {
    groupId,
    phase,
    terms,
    claimBy: Number(view.claimBy),
    posted: Number(view.posted),
    claimed: Number(view.claimed),
    committed: Number(view.committed),
    revealed: Number(view.revealed),
    targetBlock: view.targetBlock === 0n ? null : view.targetBlock,
    seed: orNull(view.seed),
    jobIds: jobIds.map(orNull),
  }
}

function orNull(word: Hex): Hex | null {
  return word === zeroHash ? null : word
}
