import type { Address, Hash, Hex } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import type { DisputePosition } from '../dispute/types.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { disputeGameOf, type GameParameter, type MoveOutcome, outcomeOf } from '../utils/disputes.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type ProveStepArgs = GameParameter & {
  gameId: Hex
  position: DisputePosition
  /** Of the state at which the step begins. */
  witness: Hex
}

export type ProveStepParameters = WriteParameters & ProveStepArgs
export type ProveStepSyncParameters = WriteSyncParameters & ProveStepArgs

export type ProveStepReturnType = Hash
export type ProveStepSyncReturnType = MoveOutcome

export type ProveStepErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type ProveStepSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Has the chain execute the one step that a game came to: if it leads elsewhere than claimed the game is won, else lost.
 * Anyone may do it.
 *
 * @example
 * const hash = await client.proveStep({ gameId, position, witness })
 *
 * @throws {DisputeWrongNodeError | DisputeChallengerLateError}
 */
export async function proveStep(
  client: ClientWithMarket,
  parameters: ProveStepParameters,
): Promise<ProveStepReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the game's contract alone, for simulating and batching. */
proveStep.call = ({ game, gameId, position, witness }: ProveStepArgs & { game: Address }) => ({
  abi: disputeGameAbi,
  address: game,
  functionName: 'prove' as const,
  args: [gameId, position, witness] as const,
})

/**
 * {@link proveStep}, then waits for the receipt.
 *
 * @example
 * const { position, reason } = await client.proveStepSync({ gameId, position, witness })
 */
export async function proveStepSync(
  client: ClientWithMarket,
  parameters: ProveStepSyncParameters,
): Promise<ProveStepSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  return outcomeOf(receipt)
}

async function prepare(client: ClientWithMarket, parameters: ProveStepParameters) {
  const jobId = parameters.position.claim.jobId
  const game = await disputeGameOf(client, { ...parameters, jobId })
  return proveStep.call({ ...parameters, game })
}
