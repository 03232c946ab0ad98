import type { Address, Hash, Log, TransactionReceipt } from 'viem'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventArgs } from '../types/event.ts'
import { extractEvent } from '../utils/events.ts'
import { getAccountOf } from '../utils/market.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeMarketSync,
} from '../utils/writeMarket.ts'

export type WithdrawArgs = {
  /**
   * Who receives the tokens.
   * @default the account itself
   */
  to?: Address | undefined
  /** In units. */
  amount: bigint
}

export type WithdrawParameters = WriteParameters & WithdrawArgs
export type WithdrawSyncParameters = WriteSyncParameters & WithdrawArgs

export type WithdrawReturnType = Hash
export type WithdrawSyncReturnType = MarketEventArgs<'Withdrawn'> & { receipt: TransactionReceipt }

export type WithdrawErrorType = WriteMarketErrorType
export type WithdrawSyncErrorType = WriteMarketSyncErrorType

/**
 * Moves units of the balance out of the market as tokens.
 *
 * @example
 * const hash = await client.withdraw({ amount: parseUnits('10', 6) })
 */
export async function withdraw(
  client: ClientWithMarket,
  parameters: WithdrawParameters,
): Promise<WithdrawReturnType> {
  return writeCall(client, withdraw.call(withRecipient(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
withdraw.call = ({ market, to, amount }: MarketCallParameters<WithdrawArgs & { to: Address }>) =>
  marketCall(market, 'withdraw', [to, amount])

/** The event among a receipt's logs. */
withdraw.extractEvent = (logs: readonly Log[]): MarketEvent<'Withdrawn'> => extractEvent('Withdrawn', logs)

/**
 * {@link withdraw}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.withdrawSync({ amount: parseUnits('10', 6) })
 */
export async function withdrawSync(
  client: ClientWithMarket,
  parameters: WithdrawSyncParameters,
): Promise<WithdrawSyncReturnType> {
  return writeMarketSync(
    client,
    withdraw.call(withRecipient(client, parameters)),
    parameters,
    withdraw.extractEvent,
  )
}

function withRecipient(client: ClientWithMarket, parameters: WithdrawParameters) {
  const self = getAccountOf(client, { account: parameters.account, action: 'withdraw' }).address
  return { ...withMarket(client, parameters), to: parameters.to ?? self }
}
