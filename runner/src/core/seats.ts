import {
  canResolve,
  canReveal,
  type ReplicationGroup,
  type ReplicationSeat,
  seatTimes,
  votersOf,
} from 'assay'

type Times = Pick<ReplicationGroup, 'phase' | 'claimBy' | 'terms'>
type Counts = Pick<ReplicationGroup, 'claimed' | 'committed' | 'revealed'>
type Seat = Pick<ReplicationSeat, 'index' | 'commitment' | 'vote'>

/** What a seat's provider can do now: `wait` where it is others' turn, `over` where nothing is left to do. */
export type SeatMove = 'wait' | 'commit' | 'reveal' | 'resolve' | 'over'

/** Whether a seat has a say in the group's phase. */
export function isCurrent({ index }: Pick<Seat, 'index'>, { phase, terms }: Times): boolean {
  return phase === (index < terms.seats ? 'first' : 'escalated')
}

/**
 * The move of a seat at `time`. A commitment waits until every seat is taken: where that does not happen, none is needed.
 */
export function nextSeatMove(group: Times & Counts, seat: Seat, time: number): SeatMove {
  if (group.phase === 'none' || group.phase === 'closed') return 'over'
  if (canResolve(group, time)) return 'resolve'
  if (group.claimed < votersOf(group) || !isCurrent(seat, group) || seat.vote !== null) return 'wait'
  if (seat.commitment === null) return time <= seatTimes(group).commitBy ? 'commit' : 'wait'
  return canReveal(group, time) ? 'reveal' : 'wait'
}

/**
 * Why a group's times are too short, if they are. The time to reveal counts like that to compute: a seat that never commits
 * keeps the others from revealing before it begins, and whoever has not revealed when it ends loses up to its price.
 */
export function shortTime({ commitTime, revealTime }: Times['terms'], minRun: number): string | undefined {
  const needs = `the policy needs ${minRun} s`
  if (commitTime < minRun) return `${commitTime} s to run, ${needs}`
  return revealTime < minRun ? `${revealTime} s to reveal, ${needs}` : undefined
}

/** Whether nothing is left to do for a seat but to see its group resolved: it has revealed, or may not any more. */
export function hasSpoken(group: Times, seat: Seat, time: number): boolean {
  if (seat.vote !== null || !isCurrent(seat, group)) return true
  const { commitBy, revealBy } = seatTimes(group)
  return time > (seat.commitment === null ? commitBy : revealBy)
}

/**
 * Which of a group's open seats a provider tries for. Each begins elsewhere, so that they do not all send a claim for the
 * same one.
 *
 * @param jobIds jobs of the group's phase, by seat
 */
export function preferredSeat<Id>(
  jobIds: readonly Id[],
  address: string,
  isOpen: (jobId: Id) => boolean,
): Id | undefined {
  const start = Number(BigInt(address) % BigInt(Math.max(1, jobIds.length)))
  return [...jobIds.slice(start), ...jobIds.slice(0, start)].find(isOpen)
}
