import {
  getGroup,
  getSeat,
  type Job,
  type MarketClient,
  type ReplicationGroup,
  type ReplicationSeat,
  seatTimes,
  votersOf,
} from 'assay'
import { timestamp } from '../cli/output.ts'

/** A job's place in its group. */
export type GroupPlace = { seat: ReplicationSeat; group: ReplicationGroup }

/** Where a seat and its group stand; null for a job that is no seat. */
export async function readPlace(client: MarketClient, { jobId, level }: Job): Promise<GroupPlace | null> {
  if (level !== 'replicated') return null
  const seat = await getSeat(client, { jobId })
  const { groupId, replication } = seat
  return { seat, group: await getGroup(client, { groupId, replication }) }
}

/** The lines of `assay job show` about them. */
export function describePlace({ seat, group }: GroupPlace): [label: string, value: string][] {
  const { seats, spares } = group.terms
  const { claimBy, commitBy, revealBy } = seatTimes(group)
  const place =
    seat.index < seats
      ? `${seat.index + 1} of ${seats}`
      : `spare ${seat.index - seats + 1} of ${spares}, for a second round`
  const lines: [string, string][] = [
    ['Seat', place],
    ['Group', group.groupId],
    ['Phase', group.phase],
  ]
  if (group.phase !== 'closed') {
    const { claimed, committed, revealed } = group
    lines.push([
      'Of its seats',
      `${claimed} of ${votersOf(group)} claimed, ${committed} committed, ${revealed} revealed`,
    ])
    lines.push(['Seats until', timestamp(claimBy)])
    lines.push(['Commit by', timestamp(commitBy)], ['Reveal by', timestamp(revealBy)])
  }
  lines.push(['Vote', seat.vote ?? 'none'])
  return lines
}
