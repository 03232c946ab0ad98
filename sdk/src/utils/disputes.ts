import { type Address, type Hex, type Log, type TransactionReceipt, zeroAddress } from 'viem'
import { getJob } from '../actions/getJob.ts'
import { getLevel } from '../actions/getLevel.ts'
import { decodeDisputeEvent } from '../dispute/games.ts'
import { type DisputePosition, type GameReason, gameReasons } from '../dispute/types.ts'
import { EventNotFoundError } from '../errors/events.ts'
import { WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'

export type GameParameter = {
  /**
   * Address of the dispute game.
   * @default the one behind the level `optimistic` under the job's rules
   */
  game?: Address | undefined
}

/** What a move led to: another position, or the end of the game. */
export type MoveOutcome = {
  gameId: Hex
  /** Where the game stands now; undefined when it is over. */
  position?: DisputePosition | undefined
  /** Why it is over. */
  reason?: GameReason | undefined
  receipt: TransactionReceipt
}

/**
 * The dispute game of a job.
 * @throws {WrongLevelError} where its rules have none
 * @throws {UnknownJobError}
 */
export async function disputeGameOf(
  client: ClientWithMarket,
  { game, jobId, market }: GameParameter & MarketParameter & { jobId: Hex },
): Promise<Address> {
  if (game !== undefined) return game
  const { parametersId } = await getJob(client, { jobId, market })
  const { hook } = await getLevel(client, { level: 'optimistic', parametersId, market })
  if (hook === zeroAddress) throw new WrongLevelError({ jobId, level: 'not offered', expected: 'optimistic' })
  return hook
}

/**
 * What the moves of a transaction led to, from the last event of a game among its logs.
 * @throws {EventNotFoundError}
 */
export function outcomeOf(receipt: TransactionReceipt): MoveOutcome {
  for (const log of receipt.logs.toReversed() as Log[]) {
    const event = decodeDisputeEvent(log)
    if (event === undefined || event.eventName === 'NodePosted') continue
    const { gameId } = event.args
    if (event.eventName === 'GameMoved' || event.eventName === 'GameOpened')
      return { gameId, position: event.args.position, receipt }
    if (event.eventName !== 'GameCollected')
      return { gameId, reason: gameReasons[event.args.reason], receipt }
  }
  throw new EventNotFoundError({ eventName: 'GameMoved' })
}
