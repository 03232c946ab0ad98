import type { Address, Hash } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import { type Descent, type DisputePosition, type NodePosting, nothingPosted } from '../dispute/types.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { disputeGameOf, type GameParameter, type MoveOutcome, outcomeOf } from '../utils/disputes.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type DescendArgs = GameParameter & {
  position: DisputePosition
  /** @default nothing was posted about the node */
  posting?: NodePosting | undefined
  to: Descent
}

export type DescendParameters = WriteParameters & DescendArgs
export type DescendSyncParameters = WriteSyncParameters & DescendArgs

export type DescendReturnType = Hash
export type DescendSyncReturnType = MoveOutcome

export type DescendErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type DescendSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Goes down the result tree to a node that is not one's own; only the game's challenger, in its turn. Sums that do not add
 * up win at once.
 *
 * @example
 * const hash = await client.descend({ position, to })
 *
 * @throws {DisputeWrongPositionError | DisputeWrongLevelError | DisputeWrongProofError}
 */
export async function descend(
  client: ClientWithMarket,
  parameters: DescendParameters,
): Promise<DescendReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the game's contract alone, for simulating and batching. */
descend.call = ({ game, position, posting = nothingPosted, to }: DescendArgs & { game: Address }) => ({
  abi: disputeGameAbi,
  address: game,
  functionName: 'descend' as const,
  args: [position, posting, to] as const,
})

/**
 * {@link descend}, then waits for the receipt.
 *
 * @example
 * const { position, reason } = await client.descendSync({ position, to })
 */
export async function descendSync(
  client: ClientWithMarket,
  parameters: DescendSyncParameters,
): Promise<DescendSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  return outcomeOf(receipt)
}

async function prepare(client: ClientWithMarket, parameters: DescendParameters) {
  const jobId = parameters.position.claim.jobId
  const game = await disputeGameOf(client, { ...parameters, jobId })
  return descend.call({ ...parameters, game })
}
