import type { Address, Hash, Hex, Log, TransactionReceipt } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import type { DisputePosition } from '../dispute/types.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { disputeGameOf, type GameParameter } from '../utils/disputes.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type CollectRewardArgs = GameParameter & {
  gameId: Hex
  position: DisputePosition
}

export type CollectRewardParameters = WriteParameters & CollectRewardArgs
export type CollectRewardSyncParameters = WriteSyncParameters & CollectRewardArgs

export type CollectRewardReturnType = Hash
export type CollectRewardSyncReturnType = {
  gameId: Hex
  bond: bigint
  reward: bigint
  receipt: TransactionReceipt
}

export type CollectRewardErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type CollectRewardSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Credits a challenger whose game was open when another one was won with its bond and its part of the slash; anyone may do
 * it.
 *
 * @example
 * const hash = await client.collectReward({ gameId, position })
 *
 * @throws {DisputeClaimNotRejectedError | DisputeWrongPositionError}
 */
export async function collectReward(
  client: ClientWithMarket,
  parameters: CollectRewardParameters,
): Promise<CollectRewardReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the game's contract alone, for simulating and batching. */
collectReward.call = ({ game, gameId, position }: CollectRewardArgs & { game: Address }) => ({
  abi: disputeGameAbi,
  address: game,
  functionName: 'collect' as const,
  args: [gameId, position] as const,
})

/** The event among a receipt's logs. */
collectReward.extractEvent = (logs: readonly Log[]) =>
  extractContractEvent(disputeGameAbi, 'GameCollected', logs)

/**
 * {@link collectReward}, then waits for the receipt.
 *
 * @example
 * const { reward } = await client.collectRewardSync({ gameId, position })
 */
export async function collectRewardSync(
  client: ClientWithMarket,
  parameters: CollectRewardSyncParameters,
): Promise<CollectRewardSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  const { gameId, bond, reward } = collectReward.extractEvent(receipt.logs)
  return { gameId, bond, reward, receipt }
}

async function prepare(client: ClientWithMarket, parameters: CollectRewardParameters) {
  const jobId = parameters.position.claim.jobId
  const game = await disputeGameOf(client, { ...parameters, jobId })
  return collectReward.call({ ...parameters, game })
}
