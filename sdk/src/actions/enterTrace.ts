import type { Address, Hash } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import { type DisputePosition, type Entry, type NodePosting, nothingPosted } from '../dispute/types.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { disputeGameOf, type GameParameter, type MoveOutcome, outcomeOf } from '../utils/disputes.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type EnterTraceArgs = GameParameter & {
  position: DisputePosition
  /** @default nothing was posted about the leaf */
  posting?: NodePosting | undefined
  entry: Entry
}

export type EnterTraceParameters = WriteParameters & EnterTraceArgs
export type EnterTraceSyncParameters = WriteSyncParameters & EnterTraceArgs

export type EnterTraceReturnType = Hash
export type EnterTraceSyncReturnType = MoveOutcome

export type EnterTraceErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type EnterTraceSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Goes from a leaf of the result tree into the trace of its task; only the game's challenger, in its turn. A row that no task
 * of the job can have wins at once.
 *
 * @example
 * const hash = await client.enterTrace({ position, entry })
 *
 * @throws {DisputeWrongTermsError | DisputeWrongProgramError | DisputeWrongInputError}
 */
export async function enterTrace(
  client: ClientWithMarket,
  parameters: EnterTraceParameters,
): Promise<EnterTraceReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the game's contract alone, for simulating and batching. */
enterTrace.call = ({
  game,
  position,
  posting = nothingPosted,
  entry,
}: EnterTraceArgs & { game: Address }) => ({
  abi: disputeGameAbi,
  address: game,
  functionName: 'enter' as const,
  args: [position, posting, entry] as const,
})

/**
 * {@link enterTrace}, then waits for the receipt.
 *
 * @example
 * const { position, reason } = await client.enterTraceSync({ position, entry })
 */
export async function enterTraceSync(
  client: ClientWithMarket,
  parameters: EnterTraceSyncParameters,
): Promise<EnterTraceSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  return outcomeOf(receipt)
}

async function prepare(client: ClientWithMarket, parameters: EnterTraceParameters) {
  const jobId = parameters.position.claim.jobId
  const game = await disputeGameOf(client, { ...parameters, jobId })
  return enterTrace.call({ ...parameters, game })
}
