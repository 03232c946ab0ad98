import { type Address, type Hash, type Hex, type Log, parseEventLogs, type TransactionReceipt } from 'viem'
import { replicationAbi } from '../abis.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import { replicationOf } from '../utils/levels.ts'
import { writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type CaptureSeedArgs = {
  /** As `getSeat` tells it. */
  groupId: Hex
  /**
   * The contract that keeps the group.
   * @default that behind `replicated` under the current parameters
   */
  replication?: Address | undefined
}

export type CaptureSeedParameters = WriteParameters & CaptureSeedArgs
export type CaptureSeedSyncParameters = WriteSyncParameters & CaptureSeedArgs

export type CaptureSeedReturnType = Hash
export type CaptureSeedSyncReturnType = {
  /** Null where there is none yet. */
  seed: Hex | null
  receipt: TransactionReceipt
}

export type CaptureSeedErrorType = WriteMarketErrorType | UnknownJobError | WrongLevelError
export type CaptureSeedSyncErrorType = WriteMarketSyncErrorType | UnknownJobError | WrongLevelError

/**
 * Keeps the block hash that draws a group's spares: the chain forgets it after 256 blocks. Revealing does it too; anyone may
 * do it. Where the block was missed, another one is named, once.
 *
 * @example
 * const hash = await client.captureSeed({ groupId })
 *
 * @throws {ReplicationUnknownGroupError}
 */
export async function captureSeed(
  client: ClientWithMarket,
  parameters: CaptureSeedParameters,
): Promise<CaptureSeedReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the level's contract alone, for simulating and batching. */
captureSeed.call = ({ replication, groupId }: { replication: Address; groupId: Hex }) => ({
  abi: replicationAbi,
  address: replication,
  functionName: 'captureSeed' as const,
  args: [groupId] as const,
})

/** The seed among a receipt's logs; null where there was none to capture. */
captureSeed.extractSeed = (logs: readonly Log[]): Hex | null => {
  const [event] = parseEventLogs({ abi: replicationAbi, eventName: 'SeedCaptured', logs: [...logs] })
  return event?.args.seed ?? null
}

/**
 * {@link captureSeed}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.captureSeedSync({ groupId })
 */
export async function captureSeedSync(
  client: ClientWithMarket,
  parameters: CaptureSeedSyncParameters,
): Promise<CaptureSeedSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  return { seed: captureSeed.extractSeed(receipt.logs), receipt }
}

async function prepare(client: ClientWithMarket, parameters: CaptureSeedParameters) {
  const replication = await replicationOf(client, parameters)
  return captureSeed.call({ replication, groupId: parameters.groupId })
}
