import type { Hash, Log, Signature, TransactionReceipt } from 'viem'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent, MarketEventArgs } from '../types/event.ts'
import { getBlockTime } from '../utils/blocks.ts'
import { extractEvent } from '../utils/events.ts'
import { getAccountOf, readMarket } from '../utils/market.ts'
import { signPermit } from '../utils/signPermit.ts'
import { getTokenAddress } from '../utils/token.ts'
import {
  type MarketCall,
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeMarketSync,
} from '../utils/writeMarket.ts'

const permitLifetime = 3_600

export type DepositWithPermitArgs = {
  /** In units. */
  amount: bigint
  /**
   * Until when the permit is valid, unix seconds.
   * @default an hour from now
   */
  deadline?: number | undefined
}

export type DepositWithPermitParameters = WriteParameters & DepositWithPermitArgs
export type DepositWithPermitSyncParameters = WriteSyncParameters & DepositWithPermitArgs

export type DepositWithPermitReturnType = Hash
export type DepositWithPermitSyncReturnType = MarketEventArgs<'Deposited'> & { receipt: TransactionReceipt }

export type DepositWithPermitErrorType = WriteMarketErrorType
export type DepositWithPermitSyncErrorType = WriteMarketSyncErrorType

/**
 * Moves tokens of the account into its balance in one transaction: the approval is a signature. The token must know
 * ERC-2612 permits.
 *
 * @example
 * const hash = await client.depositWithPermit({ amount: parseUnits('10', 6) })
 */
export async function depositWithPermit(
  client: ClientWithMarket,
  parameters: DepositWithPermitParameters,
): Promise<DepositWithPermitReturnType> {
  return writeCall(client, await signedCall(client, parameters), parameters)
}

/** The call alone, with a permit that was signed already. */
depositWithPermit.call = (
  parameters: MarketCallParameters<DepositWithPermitArgs & { deadline: number; signature: Signature }>,
) => {
  const { market, amount, deadline, signature } = parameters
  const { r, s, yParity } = signature
  return marketCall(market, 'depositWithPermit', [amount, BigInt(deadline), 27 + (yParity ?? 0), r, s])
}

/** The event among a receipt's logs. */
depositWithPermit.extractEvent = (logs: readonly Log[]): MarketEvent<'Deposited'> =>
  extractEvent('Deposited', logs)

/**
 * {@link depositWithPermit}, then waits for the receipt.
 *
 * @example
 * const { receipt } = await client.depositWithPermitSync({ amount: parseUnits('10', 6) })
 */
export async function depositWithPermitSync(
  client: ClientWithMarket,
  parameters: DepositWithPermitSyncParameters,
): Promise<DepositWithPermitSyncReturnType> {
  const call = await signedCall(client, parameters)
  return writeMarketSync(client, call, parameters, depositWithPermit.extractEvent)
}

async function signedCall(
  client: ClientWithMarket,
  parameters: DepositWithPermitParameters,
): Promise<MarketCall<'depositWithPermit'>> {
  const { amount, market } = withMarket(client, parameters)
  const account = getAccountOf(client, { account: parameters.account, action: 'depositWithPermit' })
  const [token, unit, deadline] = await Promise.all([
    getTokenAddress(client, parameters),
    readMarket(client, parameters, 'unit', []),
    parameters.deadline ?? getBlockTime(client).then((now) => now + permitLifetime),
  ])
  const permit = { account, token, spender: market, value: amount * unit, deadline }
  const signature = await signPermit(client, permit)
  return depositWithPermit.call({ market, amount, deadline, signature })
}
