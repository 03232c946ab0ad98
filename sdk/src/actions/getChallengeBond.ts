import type { Hex } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { disputeGameOf, type GameParameter } from '../utils/disputes.ts'
import { readCall } from '../utils/readCall.ts'
import { getJob } from './getJob.ts'
import { getJobTerms } from './getJobTerms.ts'

export type GetChallengeBondParameters = MarketParameter &
  GameParameter & {
    jobId: Hex
    /**
     * How many others may open a challenge first: each raises the bond by a sixteenth.
     * @default 2
     */
    spare?: number | undefined
  }

/** In units. */
export type GetChallengeBondReturnType = bigint

export type GetChallengeBondErrorType = UnknownJobError | WrongLevelError | ReadMarketErrorType

/**
 * Reads what a challenge of a job's result needs as a bond. It comes back unless the game is lost.
 *
 * @example
 * const bond = await client.getChallengeBond({ jobId })
 *
 * @throws {UnknownJobError | WrongLevelError}
 */
export async function getChallengeBond(
  client: ClientWithMarket,
  parameters: GetChallengeBondParameters,
): Promise<GetChallengeBondReturnType> {
  const { jobId, market, spare = 2 } = parameters
  const address = await disputeGameOf(client, parameters)
  const [{ openChallenges }, { tasks, stepLimit }] = await Promise.all([
    getJob(client, { jobId, market }),
    getJobTerms(client, { jobId, market }),
  ])
  const open = BigInt(openChallenges + spare)
  return readCall(client, { abi: disputeGameAbi, address }, 'bondFor', [BigInt(tasks), stepLimit, open])
}
