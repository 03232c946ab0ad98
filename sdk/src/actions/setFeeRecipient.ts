import type { Address, Log } from 'viem'
import type { MarketEvent } from '../types/event.ts'
import { extractEvent } from '../utils/events.ts'
import { type MarketCallParameters, marketCall } from '../utils/writeMarket.ts'

export type SetFeeRecipientArgs = {
  recipient: Address
}

/**
 * Names who receives fees from now on; only the timelock, so it is scheduled.
 *
 * @example
 * await client.scheduleCallSync({ call: setFeeRecipient.call({ market: client.market, recipient }) })
 */
export const setFeeRecipient = {
  /** The call, for `scheduleCall` and `executeCall`. */
  call: ({ market, recipient }: MarketCallParameters<SetFeeRecipientArgs>) =>
    marketCall(market, 'setFeeRecipient', [recipient]),

  /** The event among the logs of the execution. */
  extractEvent: (logs: readonly Log[]): MarketEvent<'FeeRecipientChanged'> =>
    extractEvent('FeeRecipientChanged', logs),
}
