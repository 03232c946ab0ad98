import type { ReplicationTerms } from '../types/replication.ts'
import type { RunParameters } from './types.ts'

/** What the groups of a run agree to, with the defaults in place. */
export function replicationTermsOf({
  run = 600,
  replication = {},
}: Pick<RunParameters<unknown>, 'run' | 'replication'>): Omit<ReplicationTerms, 'index' | 'tag'> {
  return {
    seats: replication.seats ?? 3,
    spares: replication.spares ?? 0,
    drawBits: replication.drawBits ?? 0,
    baseBps: replication.baseBps ?? 1_000,
    commitTime: replication.commitTime ?? run,
    revealTime: replication.revealTime ?? 300,
    drawTime: replication.drawTime ?? 300,
  }
}

/** How many jobs a part of a run is: seats and spares of a group, else one. */
export function jobsPerShard(parameters: RunParameters<unknown>): number {
  if (parameters.level !== 'replicated') return 1
  const { seats, spares } = replicationTermsOf(parameters)
  return seats + spares
}
