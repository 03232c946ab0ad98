import type { Address, Hex } from 'viem'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { getGroup } from './getGroup.ts'
import { getJob } from './getJob.ts'
import { getSeat } from './getSeat.ts'

export type GetMajorityParameters = MarketParameter & {
  /** Any seat of the group. */
  jobId: Hex
}

export type GetMajorityReturnType = {
  /** What more than half of the seats revealed, `keccak(resultRoot ‖ totalSteps u128)`. */
  resultCommitment: Hex
  /** Who revealed it and was paid, by index. Each serves the outputs under its own job. */
  seats: { jobId: Hex; provider: Address }[]
} | null

export type GetMajorityErrorType = UnknownJobError | WrongLevelError | ReadMarketErrorType

/**
 * Reads the result of a replicated group and the seats it came from; null while the group is not decided, and where it never
 * was.
 *
 * @example
 * const majority = await client.getMajority({ jobId })
 *
 * @throws {UnknownJobError | WrongLevelError}
 */
export async function getMajority(
  client: ClientWithMarket,
  parameters: GetMajorityParameters,
): Promise<GetMajorityReturnType> {
  const { market } = parameters
  const { groupId, replication } = await getSeat(client, parameters)
  const { jobIds } = await getGroup(client, { groupId, replication, market })
  const posted = jobIds.filter((jobId) => jobId !== null)
  const jobs = await Promise.all(posted.map((jobId) => getJob(client, { jobId, market })))
  const seats = jobs.filter(({ status }) => status === 'settled')
  const resultCommitment = seats[0]?.resultCommitment ?? null
  if (resultCommitment === null) return null
  return {
    resultCommitment,
    seats: seats.map(({ jobId, provider }) => ({ jobId, provider: provider as Address })),
  }
}
