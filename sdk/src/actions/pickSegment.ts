import type { Address, Hash } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import type { DisputePosition, NodePosting, Pick } from '../dispute/types.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { disputeGameOf, type GameParameter, type MoveOutcome, outcomeOf } from '../utils/disputes.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type PickSegmentArgs = GameParameter & {
  position: DisputePosition
  posting: NodePosting
  to: Pick
}

export type PickSegmentParameters = WriteParameters & PickSegmentArgs
export type PickSegmentSyncParameters = WriteSyncParameters & PickSegmentArgs

export type PickSegmentReturnType = Hash
export type PickSegmentSyncReturnType = MoveOutcome

export type PickSegmentErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type PickSegmentSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Goes into one segment of a stretch that the provider has posted; only the game's challenger, in its turn.
 *
 * @example
 * const hash = await client.pickSegment({ position, posting, to })
 *
 * @throws {DisputeNodeNotPostedError | DisputeWrongPostingError | DisputeChallengerLateError}
 */
export async function pickSegment(
  client: ClientWithMarket,
  parameters: PickSegmentParameters,
): Promise<PickSegmentReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the game's contract alone, for simulating and batching. */
pickSegment.call = ({ game, position, posting, to }: PickSegmentArgs & { game: Address }) => ({
  abi: disputeGameAbi,
  address: game,
  functionName: 'pick' as const,
  args: [position, posting, to] as const,
})

/**
 * {@link pickSegment}, then waits for the receipt.
 *
 * @example
 * const { position, reason } = await client.pickSegmentSync({ position, posting, to })
 */
export async function pickSegmentSync(
  client: ClientWithMarket,
  parameters: PickSegmentSyncParameters,
): Promise<PickSegmentSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  return outcomeOf(receipt)
}

async function prepare(client: ClientWithMarket, parameters: PickSegmentParameters) {
  const jobId = parameters.position.claim.jobId
  const game = await disputeGameOf(client, { ...parameters, jobId })
  return pickSegment.call({ ...parameters, game })
}
