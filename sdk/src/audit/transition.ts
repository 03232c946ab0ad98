import type { Address, Hex } from 'viem'
import type { Checks } from './checks.ts'
import type { AuditEventArgs, AuditEventName } from './events.ts'
import { accountOf, type MarketState } from './state.ts'

/** What an event is applied to, and where it stands. */
export type Replay = {
  chainId: number
  market: Address
  /** Governs the market, for ever. */
  timelock: Address
  state: MarketState
  checks: Checks
  /** Time of the event's block, in seconds. */
  time: bigint
  /** Place of the event, for findings. */
  place: string
  /** Place of the event among its transaction's. */
  transactionHash: Hex
  logIndex: number
}

export type Handlers<names extends AuditEventName> = {
  [name in names]: (replay: Replay, args: AuditEventArgs<name>) => void
}

/** Takes from a balance; a balance below the amount is a finding. */
export function debit({ state, checks, place }: Replay, address: Address, amount: bigint): void {
  const account = accountOf(state, address)
  checks.that('rules', account.balance >= amount, () => ({
    subject: `${place}: balance of ${address}`,
    expected: `at least ${amount}`,
    actual: `${account.balance}`,
  }))
  account.balance -= amount
}

/** Requires a value between bounds. */
export function within(
  { checks, place }: Replay,
  what: string,
  value: bigint,
  low: bigint,
  high: bigint,
): void {
  checks.that('rules', value >= low && value <= high, () => ({
    subject: `${place}: ${what}`,
    expected: `${low} to ${high}`,
    actual: `${value}`,
  }))
}
