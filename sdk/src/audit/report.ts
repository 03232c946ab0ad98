import type { Address, Hex } from 'viem'
import type { CheckResult, Finding } from './checks.ts'
import type { Executions } from './executions.ts'
import type { StoredStatus } from './layout.ts'
import type { NotServed } from './results.ts'
import type { Solvency } from './solvency.ts'

/**
 * `solvent`: every comparison held. `insolvent`: the market owes more than it has. `differences`: it has what it owes,
 * but something is not as the events say it must be.
 */
export type AuditVerdict = 'solvent' | 'insolvent' | 'differences'

/** What an audit found. Plain JSON: amounts are decimal strings, in token base units. */
export type AuditReport = {
  chainId: number
  market: Address
  token: Address
  /** Decimals of the token, to show the amounts. */
  decimals: number
  /** The block whose state was compared. */
  block: { number: string; hash: Hex; timestamp: number }
  fromBlock: string
  verdict: AuditVerdict
  checks: CheckResult[]
  solvency: { [amount in keyof Solvency]: string }
  counts: { events: number; accounts: number; providers: number; jobs: Partial<Record<StoredStatus, number>> }
  /** What of the published results was verified; absent where no contents were asked for. */
  results?: {
    /** Jobs that have a result. */
    jobs: number
    /** Those whose leaves were served and have the root on-chain. */
    verified: number
    /** Tasks of those. */
    tasks: number
    /** Tasks whose outputs were served and are those of their leaves. */
    outputs: number
  }
  /** Which tasks were executed again; absent where none were to be. */
  executions?: Executions
  /** Contents that nobody serves any more. Not a difference: nothing can be said about them. */
  notServed: NotServed[]
  findings: Finding[]
}

/** The verdict that follows from solvency and findings. */
export function verdictOf(
  { surplus }: Pick<Solvency, 'surplus'>,
  findings: readonly Finding[],
): AuditVerdict {
  if (surplus < 0n) return 'insolvent'
  return findings.length > 0 ? 'differences' : 'solvent'
}
