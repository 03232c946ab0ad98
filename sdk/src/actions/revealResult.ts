import type { Address, Hash, Hex, Log, TransactionReceipt } from 'viem'
import { replicationAbi } from '../abis.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { jobAtLevel } from '../utils/levels.ts'
import type { SaltedResult } from '../utils/seats.ts'
import { withMarket, writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type RevealResultArgs = SaltedResult & {
  jobId: Hex
}

export type RevealResultParameters = WriteParameters & RevealResultArgs
export type RevealResultSyncParameters = WriteSyncParameters & RevealResultArgs

export type RevealResultReturnType = Hash
export type RevealResultSyncReturnType = {
  groupId: Hex
  resultRoot: Hex
  totalSteps: bigint
  receipt: TransactionReceipt
}

export type RevealResultErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type RevealResultSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Reveals what a seat of a replicated group has committed to; only the seat's provider, once, from the last commitment of
 * the group on. A seat that does not reveal loses its bond.
 *
 * @example
 * const hash = await client.revealResult({ jobId, resultRoot, totalSteps, salt })
 *
 * @throws {ReplicationTooEarlyError | ReplicationWrongRevealError | ReplicationDeadlinePassedError}
 */
export async function revealResult(
  client: ClientWithMarket,
  parameters: RevealResultParameters,
): Promise<RevealResultReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the level's contract alone, for simulating and batching. */
revealResult.call = ({
  replication,
  market,
  jobId,
  resultRoot,
  totalSteps,
  salt,
}: SaltedResult & { replication: Address; market: Address; jobId: Hex }) => ({
  abi: replicationAbi,
  address: replication,
  functionName: 'reveal' as const,
  args: [market, jobId, resultRoot, totalSteps, salt] as const,
})

/** The event among a receipt's logs. */
revealResult.extractEvent = (logs: readonly Log[]) =>
  extractContractEvent(replicationAbi, 'ResultRevealed', logs)

/**
 * {@link revealResult}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.revealResultSync({ jobId, resultRoot, totalSteps, salt })
 */
export async function revealResultSync(
  client: ClientWithMarket,
  parameters: RevealResultSyncParameters,
): Promise<RevealResultSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  const { groupId, resultRoot, totalSteps } = revealResult.extractEvent(receipt.logs)
  return { groupId, resultRoot, totalSteps, receipt }
}

async function prepare(client: ClientWithMarket, parameters: RevealResultParameters) {
  const { jobId, resultRoot, totalSteps, salt } = parameters
  const { market } = withMarket(client, parameters)
  const { hook: replication } = await jobAtLevel(client, 'replicated', { jobId, market })
  return revealResult.call({ replication, market, jobId, resultRoot, totalSteps, salt })
}
