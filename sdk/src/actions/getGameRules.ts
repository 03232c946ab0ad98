import type { Address } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import type { GameRules } from '../dispute/types.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { readCall } from '../utils/readCall.ts'

export type GetGameRulesParameters = {
  /** Address of the dispute game. */
  game: Address
}

export type GetGameRulesReturnType = GameRules

export type GetGameRulesErrorType = ReadMarketErrorType

/**
 * Reads the rules of a dispute game; they never change.
 *
 * @example
 * const { moveFee } = await client.getGameRules({ game })
 */
export async function getGameRules(
  client: ClientWithMarket,
  { game }: GetGameRulesParameters,
): Promise<GetGameRulesReturnType> {
  const contract = { abi: disputeGameAbi, address: game }
  const [moveFee, turnFloor, stepsPerSecond] = await Promise.all([
    readCall(client, contract, 'moveFee', []),
    readCall(client, contract, 'turnFloor', []),
    readCall(client, contract, 'stepsPerSecond', []),
  ])
  return { moveFee, turnFloor: Number(turnFloor), stepsPerSecond }
}
