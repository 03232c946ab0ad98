import type { Address, Hash, Hex, Log, TransactionReceipt } from 'viem'
import { timelockAbi } from '../abis.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { readMarket } from '../utils/market.ts'
import { type ScheduledCall, timelockArguments } from '../utils/timelock.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type ExecuteCallArgs = ScheduledCall

export type ExecuteCallParameters = WriteParameters & ExecuteCallArgs
export type ExecuteCallSyncParameters = WriteSyncParameters & ExecuteCallArgs

export type ExecuteCallReturnType = Hash
export type ExecuteCallSyncReturnType = {
  /** Of the operation, as the timelock names it. */
  id: Hex
  /** Its logs have the events of what was called. */
  receipt: TransactionReceipt
}

export type ExecuteCallErrorType = WriteMarketErrorType
export type ExecuteCallSyncErrorType = WriteMarketSyncErrorType

/**
 * Has the market's timelock make a call that was scheduled and whose delay has passed; only its executors. The call, the
 * salt and the predecessor must be those of the announcement.
 *
 * @example
 * const hash = await client.executeCall({ call: setFeeRecipient.call({ market: client.market, recipient }) })
 *
 * @throws {TimelockUnexpectedOperationStateError} not scheduled, not due or executed before; what the call itself throws
 */
export async function executeCall(
  client: ClientWithMarket,
  parameters: ExecuteCallParameters,
): Promise<ExecuteCallReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the timelock alone, for simulating and batching. */
executeCall.call = ({ timelock, ...call }: ScheduledCall & { timelock: Address }) => ({
  abi: timelockAbi,
  address: timelock,
  functionName: 'execute' as const,
  args: timelockArguments(call),
})

/** The event among a receipt's logs. */
executeCall.extractEvent = (logs: readonly Log[]) => extractContractEvent(timelockAbi, 'CallExecuted', logs)

/**
 * {@link executeCall}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.executeCallSync({ call })
 */
export async function executeCallSync(
  client: ClientWithMarket,
  parameters: ExecuteCallSyncParameters,
): Promise<ExecuteCallSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  return { id: executeCall.extractEvent(receipt.logs).id, receipt }
}

async function prepare(client: ClientWithMarket, parameters: ExecuteCallParameters) {
  const { call, salt, predecessor } = parameters
  const timelock = await readMarket(client, { market: parameters.market }, 'timelock', [])
  return executeCall.call({ timelock, call, salt, predecessor })
}
