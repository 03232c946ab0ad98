import { type Hex, zeroAddress, zeroHash } from 'viem'
import { replicationAbi } from '../abis.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { ReplicationSeat } from '../types/replication.ts'
import { jobAtLevel } from '../utils/levels.ts'
import { getMarketAddress } from '../utils/market.ts'
import { readCall } from '../utils/readCall.ts'

export type GetSeatParameters = MarketParameter & {
  jobId: Hex
}

export type GetSeatReturnType = ReplicationSeat

export type GetSeatErrorType = UnknownJobError | WrongLevelError | ReadMarketErrorType

/**
 * Reads which seat of which group a job of the level `replicated` is.
 *
 * @example
 * const { groupId, vote } = await client.getSeat({ jobId })
 *
 * @throws {UnknownJobError | WrongLevelError}
 */
export async function getSeat(
  client: ClientWithMarket,
  parameters: GetSeatParameters,
): Promise<GetSeatReturnType> {
  const { jobId } = parameters
  const { hook: replication } = await jobAtLevel(client, 'replicated', parameters)
  const market = getMarketAddress(client, parameters)
  const seat = await readCall(client, { abi: replicationAbi, address: replication }, 'seatOf', [
    market,
    jobId,
  ])
  return {
    jobId,
    replication,
    groupId: seat.groupId,
    index: Number(seat.index),
    provider: seat.provider === zeroAddress ? null : seat.provider,
    commitment: seat.commitment === zeroHash ? null : seat.commitment,
    vote: seat.vote === zeroHash ? null : seat.vote,
  }
}
