import type { Address, Hash, Hex, Log, TransactionReceipt } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import type { DisputePosition } from '../dispute/types.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { disputeGameOf, type GameParameter } from '../utils/disputes.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type PostNodeArgs = GameParameter & {
  gameId: Hex
  position: DisputePosition
  /** `providerMove` computes it. */
  data: Hex
}

export type PostNodeParameters = WriteParameters & PostNodeArgs
export type PostNodeSyncParameters = WriteSyncParameters & PostNodeArgs

export type PostNodeReturnType = Hash
export type PostNodeSyncReturnType = {
  nodeId: Hex
  gameId: Hex
  postedAt: bigint
  receipt: TransactionReceipt
}

export type PostNodeErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type PostNodeSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Posts what is below the node in dispute, for good and for every game that comes there; only the claim's provider, in its
 * turn. Where the game's challenger loses, its bond pays for it.
 *
 * @example
 * const hash = await client.postNode({ gameId, position, data })
 *
 * @throws {DisputeNotProviderError | DisputeNodePostedError | DisputeProviderLateError | DisputeWrongDataError}
 */
export async function postNode(
  client: ClientWithMarket,
  parameters: PostNodeParameters,
): Promise<PostNodeReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the game's contract alone, for simulating and batching. */
postNode.call = ({ game, gameId, position, data }: PostNodeArgs & { game: Address }) => ({
  abi: disputeGameAbi,
  address: game,
  functionName: 'post' as const,
  args: [gameId, position, data] as const,
})

/** The event among a receipt's logs. */
postNode.extractEvent = (logs: readonly Log[]) => extractContractEvent(disputeGameAbi, 'NodePosted', logs)

/**
 * {@link postNode}, then waits for the receipt.
 *
 * @example
 * const { postedAt } = await client.postNodeSync({ gameId, position, data })
 */
export async function postNodeSync(
  client: ClientWithMarket,
  parameters: PostNodeSyncParameters,
): Promise<PostNodeSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  const { nodeId, gameId, postedAt } = postNode.extractEvent(receipt.logs)
  return { nodeId, gameId, postedAt, receipt }
}

async function prepare(client: ClientWithMarket, parameters: PostNodeParameters) {
  const jobId = parameters.position.claim.jobId
  const game = await disputeGameOf(client, { ...parameters, jobId })
  return postNode.call({ ...parameters, game })
}
