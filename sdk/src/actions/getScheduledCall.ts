import type { Hex } from 'viem'
import { timelockAbi } from '../abis.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { readMarket } from '../utils/market.ts'
import { readCall } from '../utils/readCall.ts'
import { type ScheduledCall, timelockArguments } from '../utils/timelock.ts'

export type GetScheduledCallParameters = MarketParameter & ScheduledCall

export type ScheduledCallState = (typeof states)[number]

export type GetScheduledCallReturnType = {
  /** Of the operation, as the timelock names it. */
  id: Hex
  state: ScheduledCallState
  /** Unix time from which on it may be executed; null unless it waits or is ready. */
  readyAt: number | null
}

export type GetScheduledCallErrorType = ReadMarketErrorType

// OpenZeppelin's OperationState, in its order
const states = ['unscheduled', 'waiting', 'ready', 'done'] as const

/**
 * Reads where a call of the timelock stands.
 *
 * @example
 * const { state, readyAt } = await client.getScheduledCall({ call })
 */
export async function getScheduledCall(
  client: ClientWithMarket,
  parameters: GetScheduledCallParameters,
): Promise<GetScheduledCallReturnType> {
  const { call, salt, predecessor, market } = parameters
  const address = await readMarket(client, { market }, 'timelock', [])
  const timelock = { abi: timelockAbi, address }
  const args = timelockArguments({ call, salt, predecessor })
  const id = await readCall(client, timelock, 'hashOperation', args)
  const [state, timestamp] = await Promise.all([
    readCall(client, timelock, 'getOperationState', [id]),
    readCall(client, timelock, 'getTimestamp', [id]),
  ])
  // one second stands for done
  return { id, state: states[state] ?? 'unscheduled', readyAt: timestamp > 1n ? Number(timestamp) : null }
}
