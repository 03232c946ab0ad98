import type { Address, Hash, Hex, Log, TransactionReceipt } from 'viem'
import { timelockAbi } from '../abis.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { type ScheduledCall, timelockArguments } from '../utils/timelock.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'
import { getGovernance } from './getGovernance.ts'

export type ScheduleCallArgs = ScheduledCall & {
  /**
   * Seconds until it may be executed.
   * @default the least that the timelock asks for
   */
  delay?: bigint | undefined
}

export type ScheduleCallParameters = WriteParameters & ScheduleCallArgs
export type ScheduleCallSyncParameters = WriteSyncParameters & ScheduleCallArgs

export type ScheduleCallReturnType = Hash
export type ScheduleCallSyncReturnType = {
  /** Of the operation, as the timelock names it. */
  id: Hex
  /** Seconds from the transaction's block until it may be executed. */
  delay: bigint
  receipt: TransactionReceipt
}

export type ScheduleCallErrorType = WriteMarketErrorType
export type ScheduleCallSyncErrorType = WriteMarketSyncErrorType

/**
 * Announces a call that the market's timelock makes; only its proposers. Once the delay has passed it may be executed.
 *
 * @example
 * const hash = await client.scheduleCall({ call: setFeeRecipient.call({ market: client.market, recipient }) })
 */
export async function scheduleCall(
  client: ClientWithMarket,
  parameters: ScheduleCallParameters,
): Promise<ScheduleCallReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the timelock alone, for simulating and batching. */
scheduleCall.call = ({ timelock, delay, ...call }: ScheduledCall & { timelock: Address; delay: bigint }) => ({
  abi: timelockAbi,
  address: timelock,
  functionName: 'schedule' as const,
  args: [...timelockArguments(call), delay] as const,
})

/** The event among a receipt's logs. */
scheduleCall.extractEvent = (logs: readonly Log[]) => extractContractEvent(timelockAbi, 'CallScheduled', logs)

/**
 * {@link scheduleCall}, then waits for the receipt.
 *
 * @example
 * const { id, delay } = await client.scheduleCallSync({ call })
 */
export async function scheduleCallSync(
  client: ClientWithMarket,
  parameters: ScheduleCallSyncParameters,
): Promise<ScheduleCallSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  const { id, delay } = scheduleCall.extractEvent(receipt.logs)
  return { id, delay, receipt }
}

async function prepare(client: ClientWithMarket, parameters: ScheduleCallParameters) {
  const { call, salt, predecessor } = parameters
  const { timelock, minDelay } = await getGovernance(client, { market: parameters.market })
  return scheduleCall.call({ timelock, delay: parameters.delay ?? minDelay, call, salt, predecessor })
}
