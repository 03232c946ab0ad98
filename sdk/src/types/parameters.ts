import type { Address } from 'viem'

/** One immutable set of the market's rules. Amounts in units, shares in basis points, times in seconds. */
export type MarketRules = {
  /** Protocol fee, of the price paid. */
  feeBps: number
  /** Bond, of the price. */
  bondBps: number
  /** What a provider without reputation adds to its bond. */
  surchargeBps: number
  /** Most of a bond that lateness costs. */
  latenessBps: number
  /** Least bond, before the surcharge. */
  minBond: bigint
  /** How much a provider without reputation may have locked at once. */
  baseExposure: bigint
  /** Shortest `run` of a job. */
  minRun: number
  /** Shortest `window` of a job. */
  minWindow: number
  /** What a late provider pays towards the requester's transactions. */
  lateRequesterGas: bigint
  /** What a late provider pays to who called `fail`. */
  lateKeeperGas: bigint
  /** How long the requester of a private job may take to deliver its key. */
  keyTime: number
}

/** Who decides the jobs of an assurance level. */
export type MarketLevel = {
  /** The zero address where the level is not offered. */
  hook: Address
  /** Whether the hook opens and ends claims itself, or is only asked what is final. */
  isMediated: boolean
}
