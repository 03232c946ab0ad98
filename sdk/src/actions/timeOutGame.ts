import type { Address, Hash, Hex } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import { type DisputePosition, type NodePosting, nothingPosted } from '../dispute/types.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { disputeGameOf, type GameParameter, type MoveOutcome, outcomeOf } from '../utils/disputes.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type TimeOutGameArgs = GameParameter & {
  gameId: Hex
  position: DisputePosition
  /** @default nothing was posted about the node */
  posting?: NodePosting | undefined
}

export type TimeOutGameParameters = WriteParameters & TimeOutGameArgs
export type TimeOutGameSyncParameters = WriteSyncParameters & TimeOutGameArgs

export type TimeOutGameReturnType = Hash
export type TimeOutGameSyncReturnType = MoveOutcome

export type TimeOutGameErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type TimeOutGameSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Ends a game in which the provider or the challenger was late; anyone may do it.
 *
 * @example
 * const hash = await client.timeOutGame({ gameId, position })
 *
 * @throws {DisputeTooEarlyError | DisputeWrongPostingError}
 */
export async function timeOutGame(
  client: ClientWithMarket,
  parameters: TimeOutGameParameters,
): Promise<TimeOutGameReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the game's contract alone, for simulating and batching. */
timeOutGame.call = ({
  game,
  gameId,
  position,
  posting = nothingPosted,
}: TimeOutGameArgs & { game: Address }) => ({
  abi: disputeGameAbi,
  address: game,
  functionName: 'timeOut' as const,
  args: [gameId, position, posting] as const,
})

/**
 * {@link timeOutGame}, then waits for the receipt.
 *
 * @example
 * const { position, reason } = await client.timeOutGameSync({ gameId, position })
 */
export async function timeOutGameSync(
  client: ClientWithMarket,
  parameters: TimeOutGameSyncParameters,
): Promise<TimeOutGameSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  return outcomeOf(receipt)
}

async function prepare(client: ClientWithMarket, parameters: TimeOutGameParameters) {
  const jobId = parameters.position.claim.jobId
  const game = await disputeGameOf(client, { ...parameters, jobId })
  return timeOutGame.call({ ...parameters, game })
}
