import type { Address, Hash, Log, TransactionReceipt } from 'viem'
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

export type SetFeeRecipientArgs = {
  recipient: Address
}

export type SetFeeRecipientParameters = WriteParameters & SetFeeRecipientArgs
export type SetFeeRecipientSyncParameters = WriteSyncParameters & SetFeeRecipientArgs

export type SetFeeRecipientReturnType = Hash
export type SetFeeRecipientSyncReturnType = MarketEventArgs<'FeeRecipientChanged'> & {
  receipt: TransactionReceipt
}

export type SetFeeRecipientErrorType = WriteMarketErrorType
export type SetFeeRecipientSyncErrorType = WriteMarketSyncErrorType

/**
 * Names who receives fees from now on; only the owner.
 *
 * @example
 * const hash = await client.setFeeRecipient({ recipient })
 */
export async function setFeeRecipient(
  client: ClientWithMarket,
  parameters: SetFeeRecipientParameters,
): Promise<SetFeeRecipientReturnType> {
  return writeCall(client, setFeeRecipient.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
setFeeRecipient.call = ({ market, recipient }: MarketCallParameters<SetFeeRecipientArgs>) =>
  marketCall(market, 'setFeeRecipient', [recipient])

/** The event among a receipt's logs. */
setFeeRecipient.extractEvent = (logs: readonly Log[]): MarketEvent<'FeeRecipientChanged'> =>
  extractEvent('FeeRecipientChanged', logs)

/**
 * {@link setFeeRecipient}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.setFeeRecipientSync({ recipient })
 */
export async function setFeeRecipientSync(
  client: ClientWithMarket,
  parameters: SetFeeRecipientSyncParameters,
): Promise<SetFeeRecipientSyncReturnType> {
  return writeMarketSync(
    client,
    setFeeRecipient.call(withMarket(client, parameters)),
    parameters,
    setFeeRecipient.extractEvent,
  )
}
