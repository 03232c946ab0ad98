/** The money of one address inside the market, in units. */
export type Account = {
  /** May be withdrawn or pay for jobs. */
  balance: bigint
  /** Stands behind claims. */
  stake: bigint
  /** The part of `stake` bound to claims that are not final. */
  locked: bigint
  /** `stake − locked`: may be unstaked, or locked by further claims. */
  free: bigint
  /** Number of claims that are not final. */
  active: number
}
