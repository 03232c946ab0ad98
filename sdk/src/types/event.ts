import type { ContractEventName, GetEventArgs, Hash, Hex } from 'viem'
import type { jobMarketAbi } from '../abis.ts'

export type MarketEventName = ContractEventName<typeof jobMarketAbi>

/** Arguments of an event, all present. */
export type MarketEventArgs<name extends MarketEventName> = GetEventArgs<
  typeof jobMarketAbi,
  name,
  { EnableUnion: false; IndexedOnly: false; Required: true }
>

/** A decoded event of the market, a union discriminated by `eventName`. */
export type MarketEvent<name extends MarketEventName = MarketEventName> = {
  [key in name]: {
    eventName: key
    args: MarketEventArgs<key>
    blockNumber: bigint
    blockHash: Hash
    transactionHash: Hex
    logIndex: number
  }
}[name]

/** Events that belong to one job. */
export const jobEventNames = [
  'JobPosted',
  'JobCancelled',
  'JobClaimed',
  'KeyDelivered',
  'JobReleased',
  'ResultSubmitted',
  'JobSettled',
  'SettleSkipped',
  'JobFailed',
  'FailSkipped',
  'ChallengeCountChanged',
  'JobRejected',
  'BondFrozen',
  'SeatConcluded',
] as const satisfies readonly MarketEventName[]

/** An event that belongs to one job: `args.jobId` says which. */
export type JobEvent = MarketEvent<(typeof jobEventNames)[number]>
