import { getJob, getJobTerms, isFinalStatus, isRetryable, type Job } from 'assay'
import type { Hex } from 'viem'
import { chanceOf, drawSize, drawsFor, drawTasks, drawTurn } from '../core/sample.ts'
import { factsOf } from '../errors.ts'
import { checkClaim } from './check.ts'
import type { WatchContext } from './context.ts'
import type { WatchedClaim } from './journal.ts'
import { loadClaim } from './load.ts'

/** Seconds after which a claim is looked at again whose data could not be had; twice as many each time. */
const FIRST_DELAY = 1
const LONGEST_DELAY = 60
/** What is left of a window for the transaction that opens a game: a part of it, and seconds at most. */
const OPENING_PART = 8
const LONGEST_OPENING = 300

type Waiting = { claim: WatchedClaim; job: Job; turn: number; notBefore: number; failures: number }

export type WatchingOptions = {
  /** Whether a dispute game decides the jobs of a parameter set. */
  hasGame: (parametersId: number) => Promise<boolean>
  /** Called with each claim that is wrong, again after a restart until {@link WatchJournal.setDone}. */
  onWrong: (jobId: Hex) => void
  /** Called when a claim is checked, so that the next one may begin. */
  onFree: () => void
  onError: (error: unknown) => void
}

/** Chooses among the claims in their windows, and checks them. */
export class Watching {
  readonly #context: WatchContext
  readonly #options: WatchingOptions
  readonly #waiting = new Map<Hex, Waiting>()
  readonly #atWork = new Map<Hex, Promise<void>>()
  /** Claims that are not watched, although they were asked for. */
  readonly #left = new Set<Hex>()

  constructor(context: WatchContext, options: WatchingOptions) {
    this.#context = context
    this.#options = options
  }

  /** Claims that are not decided yet. */
  get size(): number {
    return this.#waiting.size + this.#atWork.size
  }

  /** Whether a claim was looked at and left alone. */
  hasLeft(jobId: Hex): boolean {
    return this.#left.has(jobId)
  }

  /** Takes up what the journal says is not done. */
  async resume(): Promise<void> {
    const { client, watched } = this.#context
    for (const claim of watched.openClaims()) {
      if (claim.phase === 'wrong') this.#options.onWrong(claim.jobId)
      else this.#await(claim, await getJob(client, { jobId: claim.jobId }))
    }
  }

  /** Looks at a result that was submitted, and draws the sample of its tasks. */
  async consider(jobId: Hex): Promise<void> {
    const { client, log, policy, watched } = this.#context
    if (policy.jobs !== undefined && !policy.jobs.includes(jobId)) return
    if (watched.claim(jobId) !== null) return
    const job = await getJob(client, { jobId })
    const reason = await this.#whyNot(job)
    if (reason !== null) return this.#leave(jobId, reason)
    // A signed job keeps neither of them.
    const { tasks, isPrivate } = await getJobTerms(client, { jobId })
    if (isPrivate) return this.#leave(jobId, 'its inputs are private')
    const bond = job.bond as bigint
    const { draw } = this.#turnOf({ jobId, bond })
    const sample = drawSize(tasks, chanceOf(policy.share, { bond, tasks }, watched.seen()), draw)
    const windowEnd = (job.submittedAt as number) + job.window
    watched.add({ jobId, tasks, bond, windowEnd, sample })
    if (sample === 0) {
      watched.setDone(jobId, 'not sampled')
      log.info({ event: 'not-sampled', jobId, tasks }, 'no task is in the sample')
      return
    }
    this.#await(watched.claim(jobId) as WatchedClaim, job)
  }

  /** Begins with as many claims as there is room for, in the order of their turns. */
  checkSome(): void {
    const { policy, chainTime, log, watched } = this.#context
    const now = chainTime()
    for (const [jobId, { claim, job }] of this.#waiting) {
      if (now <= lastOpening(job)) continue
      this.#waiting.delete(jobId)
      watched.setDone(jobId, 'missed')
      log.warn({ event: 'missed', jobId, sample: claim.sample }, 'its window ends before it could be checked')
    }
    const due = [...this.#waiting.values()].filter(({ notBefore }) => notBefore <= now)
    for (const waiting of due.sort((a, b) => a.turn - b.turn)) {
      if (this.#atWork.size >= policy.claims) return
      this.#start(waiting)
    }
  }

  /** Resolves when the work that is under way has ended; never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#atWork.values())
  }

  #leave(jobId: Hex, reason: string): void {
    this.#left.add(jobId)
    this.#context.log.info({ event: 'not-watched', jobId, reason }, 'not watched')
  }

  #await(claim: WatchedClaim, job: Job): void {
    const { turn } = this.#turnOf(claim)
    this.#waiting.set(claim.jobId, { claim, job, turn, notBefore: 0, failures: 0 })
  }

  /** A claim's turn, and the draws that follow: of the sample's size, then of its tasks. */
  #turnOf({ jobId, bond }: Pick<WatchedClaim, 'jobId' | 'bond'>) {
    const draw = drawsFor(this.#context.watched.secret, jobId)
    return { turn: drawTurn(bond, draw), draw }
  }

  #start(waiting: Waiting): void {
    const { jobId } = waiting.claim
    this.#waiting.delete(jobId)
    const work = this.#check(waiting)
      .catch((error: unknown) => this.#onFailure(waiting, error))
      .finally(() => {
        this.#atWork.delete(jobId)
        this.#options.onFree()
      })
    this.#atWork.set(jobId, work)
  }

  async #check({ claim, job }: Waiting): Promise<void> {
    const { log, watched } = this.#context
    const { jobId } = claim
    const loaded = await loadClaim(this.#context, job)
    const sample = this.#sampleOf(claim)
    log.info({ event: 'checking', jobId, tasks: claim.tasks, sample: sample.length }, 'checking')
    const finding = await checkClaim(this.#context, loaded, sample, lastOpening(job))
    if (finding.verdict === 'wrong') {
      watched.setWrong(jobId)
      log.warn(
        { event: 'wrong', jobId, provider: loaded.provider, task: finding.task },
        'this result is wrong',
      )
      this.#options.onWrong(jobId)
      return
    }
    watched.setDone(jobId, finding.verdict)
    const unchecked = finding.verdict === 'unchecked' ? finding.tasks : 0
    log.info({ event: 'checked', jobId, sample: sample.length, unchecked }, 'nothing wrong in the sample')
  }

  /** The same tasks at every start. */
  #sampleOf(claim: WatchedClaim): number[] {
    const { draw } = this.#turnOf(claim)
    // The size was drawn once, with the average of that time.
    draw()
    return drawTasks(claim.tasks, claim.sample, draw)
  }

  #onFailure(waiting: Waiting, error: unknown): void {
    const { signal, log, chainTime, watched } = this.#context
    const { jobId } = waiting.claim
    if (signal.aborted) return
    if (isRetryable(error)) {
      const delay = Math.min(FIRST_DELAY * 2 ** waiting.failures, LONGEST_DELAY)
      this.#waiting.set(jobId, { ...waiting, failures: waiting.failures + 1, notBefore: chainTime() + delay })
      log.info({ event: 'not-ready', jobId, ...factsOf(error) }, 'it cannot be checked now')
    } else {
      watched.setDone(jobId, 'not checkable')
      log.warn({ event: 'not-checkable', jobId, ...factsOf(error) }, 'it cannot be checked here')
    }
  }

  /** Why a claim is left alone, if it is. */
  async #whyNot(job: Job): Promise<string | null> {
    const { address, policy, chainTime } = this.#context
    const { status, level, provider } = job
    if (job.submittedAt === null || isFinalStatus(status)) return `it is ${status}`
    if (provider?.toLowerCase() === address.toLowerCase()) return 'it is our own'
    if (!policy.levels.some((each) => each === level)) return `its level is ${level}`
    if (chainTime() > lastOpening(job)) return 'its window is over'
    if (!(await this.#options.hasGame(job.parametersId))) return 'no dispute game decides it'
    return null
  }
}

/** The last second to check a claim in, so that a game can still be opened about it. */
export function lastOpening({ submittedAt, window }: Pick<Job, 'submittedAt' | 'window'>): number {
  return (submittedAt ?? 0) + window - Math.min(LONGEST_OPENING, Math.floor(window / OPENING_PART))
}
