import type { Address, Hex } from 'viem'

/** What a seat of a replicated group agrees to. Times in seconds. */
export type ReplicationTerms = {
  /** Place among the group's jobs: 0 to `seats − 1` for the seats, from `seats` on for the spares. */
  index: number
  /** How many seats vote first: odd, 3 to 15; a majority is more than half of them, whoever reveals. */
  seats: number
  /** How many drawn seats decide where the first found no majority: odd, 3 to 15; zero for no escalation. */
  spares: number
  /** One provider in `2^drawBits` may take a spare; at most 64. */
  drawBits: number
  /** Base fee of a seat whose work decided nothing, in basis points of its price. */
  baseBps: number
  /** From the end of claiming to that of committing, 1 s to 7 days. */
  commitTime: number
  /** From the end of committing to that of revealing, 1 s to 7 days. */
  revealTime: number
  /** From the end of revealing to that of claiming spares, 1 s to 7 days. */
  drawTime: number
  /**
   * 136 bits, free to tell groups apart.
   * @default 0n
   */
  tag?: bigint | undefined
}

/** Where a group stands, in the order of the contract's enum. */
export const groupPhases = ['none', 'first', 'escalated', 'closed'] as const

export type GroupPhase = (typeof groupPhases)[number]

/** A group of sibling jobs that compute the same. */
export type ReplicationGroup = {
  groupId: Hex
  phase: GroupPhase
  /** What its seats agreed to. */
  terms: Omit<Required<ReplicationTerms>, 'index'>
  /** Last second in which its seats may be claimed, unix time. */
  claimBy: number
  /** Jobs posted, of `seats + spares`; claims are refused until all are. */
  posted: number
  /** Of the seats of this phase, as the next two. */
  claimed: number
  committed: number
  revealed: number
  /** Block whose hash draws the spares, null before the first commitment. */
  targetBlock: bigint | null
  /** That hash, null until captured. */
  seed: Hex | null
  /** Its jobs by index, the seats and then the spares; null where not posted yet. */
  jobIds: (Hex | null)[]
}

/** One job of a group. */
export type ReplicationSeat = {
  jobId: Hex
  /** The contract that keeps its group. */
  replication: Address
  groupId: Hex
  index: number
  /** Null until claimed. */
  provider: Address | null
  /** Null until committed. */
  commitment: Hex | null
  /** The result commitment that was revealed, null before. */
  vote: Hex | null
}
