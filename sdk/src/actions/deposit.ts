import type { Hash, Log, TransactionReceipt } from 'viem'
import type { ERC20InsufficientBalanceError } from '../errors/token.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventArgs } from '../types/event.ts'
import { extractEvent } from '../utils/events.ts'
import { getAccountOf } from '../utils/market.ts'
import { ensureAllowance } from '../utils/token.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeMarketSync,
} from '../utils/writeMarket.ts'

export type DepositArgs = {
  /** In units. */
  amount: bigint
}

export type DepositParameters = WriteParameters & DepositArgs
export type DepositSyncParameters = WriteSyncParameters & DepositArgs

export type DepositReturnType = Hash
export type DepositSyncReturnType = MarketEventArgs<'Deposited'> & { receipt: TransactionReceipt }

export type DepositErrorType = WriteMarketSyncErrorType | ERC20InsufficientBalanceError
export type DepositSyncErrorType = DepositErrorType

/**
 * Moves tokens of the account into its balance in the market. Where the market may not take so many yet, it is approved
 * for exactly this amount first, in a transaction that is waited for; in two, by way of zero, where the token refuses to
 * change an allowance otherwise.
 *
 * @example
 * const hash = await client.deposit({ amount: parseUnits('10', 6) })
 */
export async function deposit(
  client: ClientWithMarket,
  parameters: DepositParameters,
): Promise<DepositReturnType> {
  await allow(client, parameters)
  return writeCall(client, deposit.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching; the approval is the caller's then. */
deposit.call = ({ market, amount }: MarketCallParameters<DepositArgs>) =>
  marketCall(market, 'deposit', [amount])

/** The event among a receipt's logs. */
deposit.extractEvent = (logs: readonly Log[]): MarketEvent<'Deposited'> => extractEvent('Deposited', logs)

/**
 * {@link deposit}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.depositSync({ amount: parseUnits('10', 6) })
 */
export async function depositSync(
  client: ClientWithMarket,
  parameters: DepositSyncParameters,
): Promise<DepositSyncReturnType> {
  await allow(client, parameters)
  return writeMarketSync(
    client,
    deposit.call(withMarket(client, parameters)),
    parameters,
    deposit.extractEvent,
  )
}

function allow(client: ClientWithMarket, parameters: DepositSyncParameters): Promise<void> {
  const account = getAccountOf(client, { account: parameters.account, action: 'deposit' })
  return ensureAllowance(client, { amount: parameters.amount, account }, parameters)
}
