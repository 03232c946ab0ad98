import { type Address, encodeFunctionData, type Hex, zeroHash } from 'viem'
import type { ContractCall } from './writeMarket.ts'

/** A call that the timelock makes, and what tells it from an equal one. */
export type ScheduledCall = {
  /** A call as `addParameters.call` and the like make it; of any contract. */
  call: ContractCall
  /**
   * Tells the call from an equal one: each may be executed once.
   * @default zero
   */
  salt?: Hex | undefined
  /**
   * Id of a scheduled call that has to be executed before.
   * @default none
   */
  predecessor?: Hex | undefined
}

/** The call as the functions of OpenZeppelin's TimelockController take it: target, value, data, predecessor, salt. */
export function timelockArguments({
  call: { address, abi, functionName, args },
  salt = zeroHash,
  predecessor = zeroHash,
}: ScheduledCall): readonly [Address, bigint, Hex, Hex, Hex] {
  const data = encodeFunctionData({ abi, functionName, args } as never)
  return [address, 0n, data, predecessor, salt]
}
