import type { Address, Hash, Log, TransactionReceipt } from 'viem'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { MarketEvent } from '../types/event.ts'
import type { MarketRules } from '../types/parameters.ts'
import { extractEvent } from '../utils/events.ts'
import {
  type MarketCallParameters,
  marketCall,
  withMarket,
  writeCall,
  writeCallSync,
} from '../utils/writeMarket.ts'

export type AddParametersArgs = {
  rules: MarketRules
  /**
   * The hook of each assurance level, from 0 on; the zero address where the level is not offered.
   * @default none
   */
  hooks?: readonly Address[] | undefined
}

export type AddParametersParameters = WriteParameters & AddParametersArgs
export type AddParametersSyncParameters = WriteSyncParameters & AddParametersArgs

export type AddParametersReturnType = Hash
export type AddParametersSyncReturnType = { id: number; receipt: TransactionReceipt }

export type AddParametersErrorType = WriteMarketErrorType
export type AddParametersSyncErrorType = WriteMarketSyncErrorType

/**
 * Adds a parameter set and makes it that of jobs posted from now on; only the owner.
 *
 * @example
 * const { id, current, paused, ...rules } = await client.getParameters()
 * const hash = await client.addParameters({ rules: { ...rules, feeBps: 50 } })
 */
export async function addParameters(
  client: ClientWithMarket,
  parameters: AddParametersParameters,
): Promise<AddParametersReturnType> {
  return writeCall(client, addParameters.call(withMarket(client, parameters)), parameters)
}

/** The call alone, for simulating and batching. */
addParameters.call = ({ market, rules, hooks = [] }: MarketCallParameters<AddParametersArgs>) =>
  marketCall(market, 'addParameters', [rules, hooks])

/** The event among a receipt's logs. */
addParameters.extractEvent = (logs: readonly Log[]): MarketEvent<'ParametersAdded'> =>
  extractEvent('ParametersAdded', logs)

/**
 * {@link addParameters}, then waits for the receipt.
 *
 * @example
 * const { id } = await client.addParametersSync({ rules })
 */
export async function addParametersSync(
  client: ClientWithMarket,
  parameters: AddParametersSyncParameters,
): Promise<AddParametersSyncReturnType> {
  const receipt = await writeCallSync(client, addParameters.call(withMarket(client, parameters)), parameters)
  return { id: Number(addParameters.extractEvent(receipt.logs).args.id), receipt }
}
