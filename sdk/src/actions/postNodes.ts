import { type Address, type Hash, type Hex, parseEventLogs, type TransactionReceipt } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import type { Answer } from '../dispute/types.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { disputeGameOf, type GameParameter } from '../utils/disputes.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type PostNodesArgs = GameParameter & {
  answers: readonly Answer[]
}

export type PostNodesParameters = WriteParameters & PostNodesArgs
export type PostNodesSyncParameters = WriteSyncParameters & PostNodesArgs

export type PostNodesReturnType = Hash
export type PostNodesSyncReturnType = { nodeIds: readonly Hex[]; receipt: TransactionReceipt }

export type PostNodesErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type PostNodesSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * `postNode` for each of several games that it is not too late for; the others are passed over.
 *
 * @example
 * const hash = await client.postNodes({ answers })
 *
 * @throws {DisputeNotProviderError | DisputeWrongDataError}
 */
export async function postNodes(
  client: ClientWithMarket,
  parameters: PostNodesParameters,
): Promise<PostNodesReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the game's contract alone, for simulating and batching. */
postNodes.call = ({ game, answers }: PostNodesArgs & { game: Address }) => ({
  abi: disputeGameAbi,
  address: game,
  functionName: 'postMany' as const,
  args: [answers] as const,
})

/**
 * {@link postNodes}, then waits for the receipt.
 *
 * @example
 * const { nodeIds } = await client.postNodesSync({ answers })
 */
export async function postNodesSync(
  client: ClientWithMarket,
  parameters: PostNodesSyncParameters,
): Promise<PostNodesSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  const posted = parseEventLogs({ abi: disputeGameAbi, eventName: 'NodePosted', logs: receipt.logs })
  return { nodeIds: posted.map(({ args }) => args.nodeId), receipt }
}

async function prepare(client: ClientWithMarket, parameters: PostNodesParameters) {
  const jobId = parameters.answers[0]!.position.claim.jobId
  const game = await disputeGameOf(client, { ...parameters, jobId })
  return postNodes.call({ ...parameters, game })
}
