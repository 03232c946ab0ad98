import type { Address, Hash, Hex, Log, TransactionReceipt } from 'viem'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventArgs } from '../types/event.ts'
import { extractEvent } from '../utils/events.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeMarketSync,
} from '../utils/writeMarket.ts'

export type TransferArgs = {
  /** Whose balance receives; the market's own address stands for its insurance reserve. */
  to: Address
  /** In units. */
  amount: bigint
  /**
   * What a receiving contract is told in the same transaction, by `ledgerTransferReceived`; it may refuse.
   * @default none: nobody is called
   */
  data?: Hex | undefined
}

export type TransferParameters = WriteParameters & TransferArgs
export type TransferSyncParameters = WriteSyncParameters & TransferArgs

export type TransferReturnType = Hash
export type TransferSyncReturnType = MarketEventArgs<'Transferred'> & { receipt: TransactionReceipt }

export type TransferErrorType = WriteMarketErrorType
export type TransferSyncErrorType = WriteMarketSyncErrorType

/**
 * Moves units of the balance to another account's inside the market; no tokens move.
 *
 * @example
 * const hash = await client.transfer({ to: colleague, amount: parseUnits('10', 6) })
 */
export async function transfer(
  client: ClientWithMarket,
  parameters: TransferParameters,
): Promise<TransferReturnType> {
  return writeCall(client, transfer.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
transfer.call = ({ market, to, amount, data = '0x' }: MarketCallParameters<TransferArgs>) =>
  marketCall(market, 'transfer', [to, amount, data])

/** The event among a receipt's logs. */
transfer.extractEvent = (logs: readonly Log[]): MarketEvent<'Transferred'> =>
  extractEvent('Transferred', logs)

/**
 * {@link transfer}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.transferSync({ to: colleague, amount: parseUnits('10', 6) })
 */
export async function transferSync(
  client: ClientWithMarket,
  parameters: TransferSyncParameters,
): Promise<TransferSyncReturnType> {
  return writeMarketSync(
    client,
    transfer.call(withMarket(client, parameters)),
    parameters,
    transfer.extractEvent,
  )
}
