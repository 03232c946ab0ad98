import type { Address, Hash, Hex, Log, TransactionReceipt } from 'viem'
import { getChainId } from 'viem/actions'
import { replicationAbi } from '../abis.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { jobAtLevel } from '../utils/levels.ts'
import { getAccountOf } from '../utils/market.ts'
import { type SaltedResult, seatCommitment } from '../utils/seats.ts'
import { withMarket, writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type CommitResultArgs = SaltedResult & {
  jobId: Hex
}

export type CommitResultParameters = WriteParameters & CommitResultArgs
export type CommitResultSyncParameters = WriteSyncParameters & CommitResultArgs

export type CommitResultReturnType = Hash
export type CommitResultSyncReturnType = { groupId: Hex; commitment: Hex; receipt: TransactionReceipt }

export type CommitResultErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type CommitResultSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Commits a seat of a replicated group to its result, which nobody can read before it is revealed; only the seat's provider,
 * once, until the group's time for it ends. Keep the salt: without it the seat cannot reveal, and loses its bond.
 *
 * @example
 * const hash = await client.commitResult({ jobId, resultRoot, totalSteps, salt: randomSalt() })
 *
 * @throws {ReplicationNotProviderError | ReplicationCommittedError | ReplicationDeadlinePassedError}
 */
export async function commitResult(
  client: ClientWithMarket,
  parameters: CommitResultParameters,
): Promise<CommitResultReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the level's contract alone, for simulating and batching. */
commitResult.call = ({
  replication,
  market,
  jobId,
  commitment,
}: {
  replication: Address
  market: Address
  jobId: Hex
  commitment: Hex
}) => ({
  abi: replicationAbi,
  address: replication,
  functionName: 'commit' as const,
  args: [market, jobId, commitment] as const,
})

/** The event among a receipt's logs. */
commitResult.extractEvent = (logs: readonly Log[]) =>
  extractContractEvent(replicationAbi, 'ResultCommitted', logs)

/**
 * {@link commitResult}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.commitResultSync({ jobId, resultRoot, totalSteps, salt: randomSalt() })
 */
export async function commitResultSync(
  client: ClientWithMarket,
  parameters: CommitResultSyncParameters,
): Promise<CommitResultSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  const { groupId, commitment } = commitResult.extractEvent(receipt.logs)
  return { groupId, commitment, receipt }
}

async function prepare(client: ClientWithMarket, parameters: CommitResultParameters) {
  const { jobId } = parameters
  const { market } = withMarket(client, parameters)
  const { address: provider } = getAccountOf(client, { account: parameters.account, action: 'commitResult' })
  const { hook: replication } = await jobAtLevel(client, 'replicated', { jobId, market })
  const chainId = client.chain?.id ?? (await getChainId(client))
  const commitment = seatCommitment({ chainId, market, jobId, provider }, parameters)
  return commitResult.call({ replication, market, jobId, commitment })
}
