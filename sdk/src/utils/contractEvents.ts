import { type Abi, type ContractEventName, type GetEventArgs, type Log, parseEventLogs } from 'viem'
import { EventNotFoundError } from '../errors/events.ts'

/** Arguments of an event of a contract, all present. */
export type ContractEventArgs<abi extends Abi, name extends ContractEventName<abi>> = GetEventArgs<
  abi,
  name,
  { EnableUnion: false; IndexedOnly: false; Required: true }
>

/**
 * The arguments of the first event of one name of a contract other than the market, among the logs of a receipt.
 * @throws {EventNotFoundError}
 */
export function extractContractEvent<const abi extends Abi, const name extends ContractEventName<abi>>(
  abi: abi,
  eventName: name,
  logs: readonly Log[],
): ContractEventArgs<abi, name> {
  const [event] = parseEventLogs({ abi, eventName, logs: [...logs], strict: true } as never) as unknown as {
    args: ContractEventArgs<abi, name>
  }[]
  if (event === undefined) throw new EventNotFoundError({ eventName })
  return event.args
}
