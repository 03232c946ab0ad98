import type { Hex } from 'viem'
import { cancelGroupSync } from '../actions/cancelGroup.ts'
import { getGroup } from '../actions/getGroup.ts'
import { getSeat } from '../actions/getSeat.ts'
import type { ReplicationTerms } from '../types/replication.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import { replicate } from '../utils/replicationTerms.ts'
import { sleep } from '../utils/sleep.ts'
import { isFinalStatus } from '../utils/status.ts'
import type { RunContext } from './context.ts'
import { OutputsDownload, Patience } from './download.ts'
import { groupMover } from './groupMover.ts'
import type { Kind } from './kind.ts'
import type { Shard } from './plan.ts'
import { reading, trying } from './retry.ts'
import { readSeats, recordSeat, type SeatView, undecidedReason } from './seats.ts'
import type { RunJob } from './types.ts'

/** Parts that are groups of seats, each done by another provider; the result is what most of them found. */
export function replicated(replication: Omit<ReplicationTerms, 'index' | 'tag'>): Kind {
  const size = replication.seats + replication.spares
  return {
    jobsPerShard: size,
    // A group that is complete waits for its providers until claiming ends.
    isRevocable: false,
    jobsOf: (terms) => groupTerms(terms, replication, BigInt(size)),
    takeBack: async (context, [jobId]) => {
      const { client } = context
      const seat = await reading(context, () => getSeat(client, { jobId: jobId as Hex }))
      const named = { groupId: seat.groupId, replication: seat.replication }
      await trying(context, () => cancelGroupSync(client, named))
    },
    follow: followGroup,
    // It is settled before its outputs are served.
    settle: async () => undefined,
  }
}

/** What each job of a group may cost: an even share of its part's price, because each may have to be paid. */
function groupTerms(
  { level: _, assurance: __, ...terms }: NamedJobTerms,
  replication: Omit<ReplicationTerms, 'index' | 'tag'>,
  size: bigint,
): NamedJobTerms[] {
  const { maxPrice, minPrice } = terms
  return replicate({ ...terms, maxPrice: maxPrice / size, minPrice: minPrice / size }, replication)
}

/** Follows a group until its outputs are verified; null, or why nothing was decided. */
async function followGroup(
  context: RunContext,
  shard: Shard,
  jobs: readonly RunJob[],
): Promise<string | null> {
  const { client, signal, halted, pollingInterval } = context
  // Money comes back when the group is resolved; that is not broken off, not even by the caller.
  const unstoppable = { pollingInterval, signal: new AbortController().signal }
  const { jobId } = jobs[0] as RunJob
  const { groupId, replication } = await reading(unstoppable, () => getSeat(client, { jobId }))
  const move = groupMover(context, { groupId, replication })
  for (let seen = ''; ; ) {
    const group = await reading(unstoppable, () => getGroup(client, { groupId, replication }))
    const { phase, claimed, revealed, terms } = group
    const isFilled = phase !== 'first' || claimed === terms.seats
    const progress = `${phase} ${claimed} ${revealed}`
    if (progress !== seen) {
      const seats = await readSeats(client, unstoppable, jobs)
      for (const each of seats) recordSeat(context, terms, each)
      seen = progress
      // A node behind a balancer may know of the end of the group, and not yet of the end of its jobs.
      if (phase === 'closed' && seats.every(({ job }) => isFinalStatus(job.status))) {
        const majority = seats.filter(({ job }) => job.status === 'settled')
        if (majority.length === 0) return undecidedReason(terms, seats)
        await download(context, shard, majority)
        return null
      }
      if (phase === 'closed') seen = ''
    }
    if (isFilled) signal.throwIfAborted()
    await move(group)
    const patience = isFilled ? signal : unstoppable.signal
    await sleep(pollingInterval, halted.aborted ? patience : halted)
  }
}

/**
 * Downloads the outputs from whoever of the majority serves them.
 * @throws OutputsWithheldError where nobody does
 */
async function download(context: RunContext, shard: Shard, majority: readonly SeatView[]): Promise<void> {
  const { signal, pollingInterval } = context
  const sources = majority.map(({ job }) => ({ job, outputs: new OutputsDownload(context, shard) }))
  const patience = new Patience(context.patience)
  for (;;) {
    let withheld = null
    for (const { job, outputs } of sources) {
      withheld = await outputs.attempt(job)
      if (withheld === null) return
    }
    if (withheld !== null && patience.isOver()) throw withheld
    await sleep(pollingInterval, signal)
  }
}
