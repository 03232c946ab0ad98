import type { Address, Log } from 'viem'
import type { MarketEvent } from '../types/event.ts'
import { extractEvent } from '../utils/events.ts'
import { type MarketCallParameters, marketCall } from '../utils/writeMarket.ts'

export type SetGuardianArgs = {
  guardian: Address
}

/**
 * Names who may pause posting, the zero address for nobody; only the timelock, so it is scheduled.
 *
 * @example
 * await client.scheduleCallSync({ call: setGuardian.call({ market: client.market, guardian }) })
 */
export const setGuardian = {
  /** The call, for `scheduleCall` and `executeCall`. */
  call: ({ market, guardian }: MarketCallParameters<SetGuardianArgs>) =>
    marketCall(market, 'setGuardian', [guardian]),

  /** The event among the logs of the execution. */
  extractEvent: (logs: readonly Log[]): MarketEvent<'GuardianChanged'> =>
    extractEvent('GuardianChanged', logs),
}
