import {
  type ContractCall,
  decodeContractError,
  decodeReplicationTerms,
  groupPhases,
  jobMarketAbi,
  type MarketClient,
  type ReplicationGroup,
  type ReplicationSeat,
  replicationAbi,
} from 'assay'
import { type Address, type Hex, zeroAddress, zeroHash } from 'viem'

/** The hook that mediates the job's level, by the rules of its posting. */
export async function hookOf(client: MarketClient, jobId: Hex): Promise<Address> {
  const market = { address: client.market, abi: jobMarketAbi } as const
  try {
    const { parametersId, level } = await client.readContract({
      ...market,
      functionName: 'getJob',
      args: [jobId],
    })
    const args = [BigInt(parametersId), BigInt(level)] as const
    const [hook] = await client.readContract({ ...market, functionName: 'levelOf', args })
    return hook
  } catch (error) {
    throw decodeContractError(error, { functionName: 'levelOf' })
  }
}

/** A seat and its group, as the hook keeps them. */
export async function readSeatOf(
  client: MarketClient,
  hook: Address,
  jobId: Hex,
): Promise<{ seat: ReplicationSeat; group: ReplicationGroup }> {
  const contract = { address: hook, abi: replicationAbi } as const
  try {
    const args = [client.market, jobId] as const
    const seat = await client.readContract({ ...contract, functionName: 'seatOf', args })
    const { groupId } = seat
    const [group, jobIds] = await Promise.all([
      client.readContract({ ...contract, functionName: 'groupOf', args: [groupId] }),
      client.readContract({ ...contract, functionName: 'jobsOf', args: [groupId] }),
    ])
    const { index: _, ...terms } = decodeReplicationTerms(group.terms)
    return {
      seat: {
        jobId,
        groupId,
        index: Number(seat.index),
        provider: seat.provider === zeroAddress ? null : seat.provider,
        commitment: orNull(seat.commitment),
        vote: orNull(seat.vote),
      },
      group: {
        groupId,
        terms,
        phase: groupPhases[group.phase] ?? 'none',
        claimBy: Number(group.claimBy),
        posted: Number(group.posted),
        claimed: Number(group.claimed),
        committed: Number(group.committed),
        revealed: Number(group.revealed),
        targetBlock: group.targetBlock === 0n ? null : group.targetBlock,
        seed: orNull(group.seed),
        jobIds: jobIds.map(orNull),
      },
    }
  } catch (error) {
    throw decodeContractError(error, { functionName: 'seatOf', address: hook })
  }
}

/** What a provider calls of the hook, for its transactions. */
export const seatCalls = {
  commit: (hook: Address, args: readonly [market: Address, jobId: Hex, commitment: Hex]): ContractCall => ({
    abi: replicationAbi,
    address: hook,
    functionName: 'commit',
    args,
  }),
  reveal: (
    hook: Address,
    args: readonly [market: Address, jobId: Hex, resultRoot: Hex, totalSteps: bigint, salt: Hex],
  ): ContractCall => ({ abi: replicationAbi, address: hook, functionName: 'reveal', args }),
  resolve: (hook: Address, args: readonly [groupId: Hex]): ContractCall => ({
    abi: replicationAbi,
    address: hook,
    functionName: 'resolve',
    args,
  }),
}

function orNull(word: Hex): Hex | null {
  return word === zeroHash ? null : word
}
