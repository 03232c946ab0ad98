import type { Log } from 'viem'
import type { MarketEvent } from '../types/event.ts'
import type { MarketLevel, MarketRules } from '../types/parameters.ts'
import { extractEvent } from '../utils/events.ts'
import { type MarketCallParameters, marketCall } from '../utils/writeMarket.ts'

export type AddParametersArgs = {
  rules: MarketRules
  /**
   * Who decides each assurance level, from 0 on; the zero address where a level is not offered.
   * @default none
   */
  levels?: readonly MarketLevel[] | undefined
}

/**
 * Adds a parameter set and makes it that of jobs posted from now on; only the timelock, so it is scheduled.
 *
 * @example
 * const call = addParameters.call({ market: client.market, rules: { ...rules, feeBps: 50 }, levels })
 * await client.scheduleCallSync({ call })
 */
export const addParameters = {
  /** The call, for `scheduleCall` and `executeCall`. */
  call: ({ market, rules, levels = [] }: MarketCallParameters<AddParametersArgs>) =>
    marketCall(market, 'addParameters', [rules, levels]),

  /** The event among the logs of the execution. */
  extractEvent: (logs: readonly Log[]): MarketEvent<'ParametersAdded'> =>
    extractEvent('ParametersAdded', logs),
}
