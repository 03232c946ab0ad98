import { getJob } from '../actions/getJob.ts'
import { getSeat } from '../actions/getSeat.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { Job } from '../types/job.ts'
import type { ReplicationSeat, ReplicationTerms } from '../types/replication.ts'
import { type RunContext, recordClaim, recordLoss, recordResult, recordSettlement } from './context.ts'
import { seatCostOf } from './cost.ts'
import { reading } from './retry.ts'
import type { RunJob } from './types.ts'

/** A job of a group, as the run, the market and the group know it. */
export type SeatView = { current: RunJob; job: Job; seat: ReplicationSeat }

/** Reads all jobs of a group. */
export async function readSeats(
  client: ClientWithMarket,
  reads: { signal: AbortSignal; pollingInterval: number },
  jobs: readonly RunJob[],
): Promise<SeatView[]> {
  const views: SeatView[] = []
  for (const current of jobs) {
    const { jobId } = current
    const seat = await reading(reads, () => getSeat(client, { jobId }))
    views.push({ current, seat, job: await reading(reads, () => getJob(client, { jobId })) })
  }
  return views
}

/** Brings the run's job up to what the chain says of its seat. */
export function recordSeat(
  context: RunContext,
  { seats, baseBps }: Pick<ReplicationTerms, 'seats' | 'baseBps'>,
  { current, job, seat }: SeatView,
): void {
  const hasRevealed = seat.vote !== null
  current.cost = seatCostOf(job, { hasRevealed, baseBps })
  recordClaim(context, current, job)
  if (hasRevealed) recordResult(context, current)
  const isUnused = job.status === 'cancelled' && seat.index >= seats
  if (isUnused) current.state = 'unused'
  else if (job.status === 'settled') recordSettlement(context, current)
  else {
    const loss = lossOf(job, hasRevealed)
    if (loss !== undefined) recordLoss(context, current, loss)
  }
}

function lossOf({ status, provider }: Job, hasRevealed: boolean): string | undefined {
  switch (status) {
    case 'cancelled':
      return 'nobody claimed it in time'
    case 'released':
      return hasRevealed ? 'its group found no majority' : 'its group was not filled'
    case 'rejected':
      return hasRevealed
        ? `provider ${provider} revealed another result than the majority`
        : `provider ${provider} did not reveal a result`
    default:
      return undefined
  }
}

/** Why a group that was given up has no result. */
export function undecidedReason(
  { seats }: Pick<ReplicationTerms, 'seats'>,
  views: readonly SeatView[],
): string {
  const claimed = views.filter(({ seat }) => seat.index < seats && seat.provider !== null).length
  if (claimed < seats) return `${claimed} of ${seats} seats were claimed in time`
  return `no result was revealed by more than half of ${seats} seats`
}
