import {
  captureSeed,
  commitResult,
  getGroup,
  getJob,
  getSeat,
  type Job,
  type ReplicationGroup,
  type ReplicationSeat,
  resolveGroup,
  revealResult,
  seatCommitment,
  seatTimes,
  votersOf,
} from 'assay'
import type { Hex } from 'viem'
import { hasSpoken, nextSeatMove } from '../core/seats.ts'
import { factsOf } from '../errors.ts'
import { Backoff } from './backoff.ts'
import { pause, persist } from './chain.ts'
import type { PreparedJob, ProviderContext } from './context.ts'
import { forgetDistrusted } from './interpreted.ts'
import { execute, isPassing } from './work.ts'

/** Seconds between looks at a group that is not decided yet. */
const LOOK_SECONDS = 2
/** Seconds that each seat leaves to those before it to resolve the group, so that not all of them send it. */
const TURN_SECONDS = 6

/** A seat, and the group it belongs to, as the chain says now. */
export type SeatState = { seat: ReplicationSeat; group: ReplicationGroup }

/** Reads the seat that a job is, and its group. */
export async function readSeat({ client }: Pick<ProviderContext, 'client'>, jobId: Hex): Promise<SeatState> {
  const seat = await getSeat(client, { jobId })
  const { groupId, replication } = seat
  return { seat, group: await getGroup(client, { groupId, replication }) }
}

/**
 * Brings a seat of this provider to its revealed result, from wherever the journal and the chain say it is; safe to call
 * again after a crash at any point. Result and salt are in the journal before the commitment is sent: without them nothing
 * could be revealed.
 *
 * @param options.onExecuted called when the machine is free for other work
 * @param options.pollingInterval milliseconds between looks at what the other seats do
 */
export async function completeSeat(
  context: ProviderContext,
  job: Job,
  options: { prepared?: PreparedJob | undefined; onExecuted: () => void; pollingInterval: number },
): Promise<void> {
  const { journal, log, signal, chainTime } = context
  const { jobId } = job
  const read = () => persist(context, 'reading the seat', () => readSeat(context, jobId))
  let { seat, group } = await read()
  if (seat.commitment === null) await forgetDistrusted(context, jobId)
  const isDone = () => hasSpoken(group, seat, chainTime())
  if (resultOf(context, jobId) === null && seat.commitment === null && !isDone()) {
    journal.setPhase(jobId, 'claimed')
    // A seat cannot be given back: there is no moment to decide at.
    const decideAt = Number.POSITIVE_INFINITY
    await execute(context, job, { until: seatTimes(group).commitBy, decideAt }, options.prepared)
  }
  options.onExecuted()
  for (;;) {
    ;({ seat, group } = await read())
    if (isDone()) break
    if (seat.commitment !== null && (resultOf(context, jobId) === null || journal.salt(jobId) === null)) {
      log.error({ event: 'seat-forgotten', jobId }, 'the journal does not know what this seat committed to')
      break
    }
    const move = nextSeatMove(group, seat, chainTime())
    if (move === 'resolve' || move === 'over') break
    const { commitBy, revealBy } = seatTimes(group)
    const until = move === 'commit' ? commitBy : revealBy
    const isSaid = move !== 'wait' && (await speak(context, seat, { move, until }))
    if (!isSaid) await pause(options.pollingInterval, signal)
    signal.throwIfAborted()
  }
  if (seat.vote !== null) journal.setPhase(jobId, 'revealed')
  else if (group.claimed === votersOf(group)) {
    log.warn({ event: 'seat-missed', jobId }, 'this seat did not vote in time, a part of its bond is lost')
  }
}

/** Commits or reveals; false where that did not go through. */
async function speak(
  context: ProviderContext,
  { jobId, replication }: ReplicationSeat,
  { move, until }: { move: 'commit' | 'reveal'; until: number },
): Promise<boolean> {
  const { client, address: provider, journal, log, transactions } = context
  const { market } = client
  const result = resultOf(context, jobId)
  if (result === null) return false
  const salted = { ...result, salt: journal.drawSalt(jobId) }
  const chainId = await persist(context, 'reading the chain', () => client.getChainId())
  const call =
    move === 'reveal'
      ? revealResult.call({ replication, market, jobId, ...salted })
      : commitResult.call({
          ...{ replication, market, jobId },
          commitment: seatCommitment({ chainId, market, jobId, provider }, salted),
        })
  if (move === 'commit') journal.setPhase(jobId, 'committing')
  try {
    await persist(context, `the seat's ${move}`, () => transactions.send(`${move}:${jobId}`, call), {
      until,
      retryIf: isPassing,
    })
    journal.setPhase(jobId, move === 'commit' ? 'committed' : 'revealed')
    log.info({ event: move === 'commit' ? 'committed' : 'revealed', jobId }, `${move} went through`)
    return true
  } catch (error) {
    if (context.signal.aborted) throw error
    log.warn({ event: `${move}-failed`, jobId, ...factsOf(error) }, `the ${move} did not go through`)
    return false
  }
}

function resultOf({ journal }: Pick<ProviderContext, 'journal'>, jobId: Hex) {
  const { resultRoot, totalSteps } = journal.job(jobId) ?? { resultRoot: null, totalSteps: null }
  return resultRoot === null || totalSteps === null ? null : { resultRoot, totalSteps }
}

/** This provider's seats that have said what they can, resolved with their groups once that is due. */
export class Seats {
  readonly #context: ProviderContext
  /** When each is looked at next, and since when its group could be resolved. */
  readonly #looks = new Map<Hex, { at: number; dueSince: number | null }>()
  readonly #backoff = new Backoff()

  constructor(context: ProviderContext) {
    this.#context = context
  }

  has(jobId: Hex): boolean {
    return this.#looks.has(jobId)
  }

  /** Takes the seat up, or lets go of it, as its status says. */
  follow({ jobId, status }: Pick<Job, 'jobId' | 'status'>): void {
    if (status !== 'seated') this.#looks.delete(jobId)
    else if (!this.has(jobId)) this.#looks.set(jobId, { at: 0, dueSince: null })
  }

  /** Resolves groups that can be at `time`, in the turn of their seats, and hands jobs that are over to `onJob`. */
  async resolveDue(time: number, onJob: (job: Job) => Promise<void>): Promise<void> {
    const { client, log, signal } = this.#context
    if (this.#backoff.isPausing) return
    for (const [jobId, look] of this.#looks) {
      if (look.at > time) continue
      look.at = time + LOOK_SECONDS
      try {
        if (await this.#resolve(jobId, look, time)) await onJob(await getJob(client, { jobId }))
        this.#backoff.succeeded()
      } catch (error) {
        if (signal.aborted) return
        this.#backoff.failed()
        log.warn({ event: 'resolve-failed', jobId, ...factsOf(error) }, 'the group is not resolved yet')
      }
    }
  }

  /** Brings the group on if that is due; whether its jobs may have changed by that. */
  async #resolve(jobId: Hex, look: { dueSince: number | null }, time: number): Promise<boolean> {
    const { client, log, transactions } = this.#context
    const { seat, group } = await readSeat(this.#context, jobId)
    const { groupId, replication } = seat
    const move = nextSeatMove(group, seat, time)
    if (move === 'over') return true
    const isUndrawn = group.phase === 'escalated' && group.seed === null
    if (move !== 'resolve' && !isUndrawn) {
      look.dueSince = null
      return false
    }
    look.dueSince ??= time
    if (time < look.dueSince + (seat.index % group.terms.seats) * TURN_SECONDS) return false
    look.dueSince = null
    if (move === 'resolve') {
      const call = resolveGroup.call({ replication, groupId })
      await transactions.send(`resolve:${groupId}:${group.phase}`, call)
      log.info({ event: 'resolved', jobId, groupId }, 'resolved the group')
      return true
    }
    const newest = await client.getBlockNumber({ cacheTime: 0 })
    if (group.targetBlock === null || newest <= group.targetBlock) return false
    const call = captureSeed.call({ replication, groupId })
    await transactions.send(`draw:${groupId}:${group.targetBlock}`, call)
    log.info({ event: 'drawn', jobId, groupId }, 'drew the spare seats')
    return false
  }
}
