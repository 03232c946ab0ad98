import type { ReplicationGroup } from '../types/replication.ts'

type Phase = Pick<ReplicationGroup, 'phase' | 'claimBy' | 'terms'>
type Counts = Pick<ReplicationGroup, 'claimed' | 'committed' | 'revealed'>

/** The last seconds of a phase of a replicated group, unix time. */
export type SeatTimes = { claimBy: number; commitBy: number; revealBy: number }

/**
 * The last seconds of claiming, committing and revealing in a group's phase: of its seats, and of its spares once it has
 * escalated; as contracts/verification/Replication.sol.
 *
 * @example
 * const { revealBy } = seatTimes(await client.getGroup({ groupId }))
 */
export function seatTimes({ phase, claimBy: first, terms }: Phase): SeatTimes {
  const round = terms.commitTime + terms.revealTime
  const claimBy = phase === 'escalated' ? first + round + terms.drawTime : first
  return { claimBy, commitBy: claimBy + terms.commitTime, revealBy: claimBy + round }
}

/** How many seats vote in the group's phase. */
export function votersOf({ phase, terms }: Pick<ReplicationGroup, 'phase' | 'terms'>): number {
  return phase === 'escalated' ? terms.spares : terms.seats
}

/** Whether a group's seats may reveal at `time`, unix time: all are taken, and have committed or may not any more. */
export function canReveal(group: Phase & Counts, time: number): boolean {
  const { phase, claimed, committed } = group
  if (phase === 'none' || phase === 'closed') return false
  const { commitBy, revealBy } = seatTimes(group)
  const voters = votersOf(group)
  return claimed === voters && (committed === voters || time > commitBy) && time <= revealBy
}

/** Whether the group's phase is over at `time`, unix time: anyone may `resolveGroup`. */
export function canResolve(group: Phase & Counts, time: number): boolean {
  if (group.phase === 'none' || group.phase === 'closed') return false
  const { claimBy, revealBy } = seatTimes(group)
  if (group.claimed < votersOf(group)) return time > claimBy
  return time > revealBy || (canReveal(group, time) && group.revealed === group.committed)
}
