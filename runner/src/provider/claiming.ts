import { getJob, getProvider, isDrawn, isRetryable, type Job, quoteClaim } from 'assay'
import type { Hex } from 'viem'
import { type Capacity, gasFor, matchJob } from '../core/match.ts'
import { isCurrent, preferredSeat, shortTime } from '../core/seats.ts'
import { factsOf } from '../errors.ts'
import type { AwaitedKeys } from './awaitedKeys.ts'
import type { PreparedJob, ProviderContext } from './context.ts'
import type { JobsAtWork } from './jobsAtWork.ts'
import { type OpenJob, OpenJobs } from './openJobs.ts'
import { mayComeBack, prepareJob } from './prepare.ts'
import { readSeat } from './seats.ts'
import { claimJob } from './work.ts'

/** A job whose data takes longer to arrive does not keep other jobs waiting. */
const PATIENCE_MS = 2_000
/** Slow downloads beside the jobs that are worked on. */
const SLOW_DOWNLOADS = 2
/** Open jobs that are looked at before the chain is looked at again: there may be very many. */
const CONSIDERED_AT_ONCE = 32
/** Seconds after which a job is looked at again that needs more reputation. */
const CAPACITY_SECONDS = 30
/** Seconds after which a job is looked at again that another one, or a claim that waits for its key, stands before. */
const RECHECK_SECONDS = 2
/** Bytes that are left on the disk for the results of what is claimed. */
const RESULTS_ROOM = 512 * 2 ** 20

export type ClaimingOptions = {
  /** Jobs worked on at once. */
  jobs: number
  /** Called when a job that was being prepared is claimed or let go. */
  onPrepared: () => void
  onError: (error: unknown) => void
}

/** Chooses among the jobs that are posted, gets their data, and claims what suits. */
export class Claiming {
  readonly #context: ProviderContext
  readonly #atWork: JobsAtWork
  readonly #awaited: AwaitedKeys
  readonly #options: ClaimingOptions
  readonly #open = new OpenJobs()
  /** Jobs whose data is on its way, since when. */
  readonly #preparing = new Map<Hex, number>()
  #stopped = false
  #lowOnGas = false
  #lowOnDisk = false

  constructor(
    context: ProviderContext,
    { atWork, awaited }: { atWork: JobsAtWork; awaited: AwaitedKeys },
    options: ClaimingOptions,
  ) {
    this.#context = context
    this.#atWork = atWork
    this.#awaited = awaited
    this.#options = options
  }

  /** Takes note of a job that was posted. */
  add(jobId: Hex): void {
    this.#open.add(jobId)
  }

  /** Lets go of a job that is not open any more. */
  remove(jobId: Hex): void {
    this.#open.remove(jobId)
  }

  /** Claims nothing more, not even what is being prepared. */
  stop(): void {
    this.#stopped = true
  }

  /** Begins work on jobs that suit, as many as there is room for. */
  async claimSome(): Promise<void> {
    const { client, address, resources, chainTime } = this.#context
    if (this.#stopped || this.#freeSlots() < 1 || this.#open.size === 0) return
    const gasPrice = await client.getGasPrice()
    const coin = await this.#freeCoin(gasPrice)
    if (!this.#canPayGas(coin, gasPrice) || !(await this.#hasRoom())) return
    const { reputation } = await getProvider(client, { address })
    for (const open of this.#open.due(chainTime()).slice(0, CONSIDERED_AT_ONCE)) {
      const freeSlots = this.#freeSlots()
      if (freeSlots < 1) return
      open.looks++
      await this.#consider(open, { resources, reputation, freeSlots, gasPrice, coin })
    }
  }

  /** How many more jobs may be begun. Those that wait for a slow store do not count, up to a limit. */
  #freeSlots(): number {
    const now = performance.now()
    const downloads = [...this.#preparing.values()]
    const quick = downloads.filter((since) => now - since < PATIENCE_MS).length
    const slow = downloads.length - quick
    return this.#options.jobs - this.#atWork.busy - quick - Math.max(0, slow - SLOW_DOWNLOADS)
  }

  /**
   * Whether as many claims wait for keys as jobs may be worked on. They take up no machine until then, and must not keep it
   * idle: whoever withholds keys would only have to post enough private jobs.
   */
  #awaitsEnough({ isPrivate }: Job): boolean {
    return isPrivate && this.#awaited.size >= this.#options.jobs
  }

  /** Starts work on the job if it suits. */
  async #consider(open: OpenJob, capacity: Capacity): Promise<void> {
    const { client, address, policy, chainTime } = this.#context
    const { jobId } = open
    const time = chainTime()
    if (this.#preparing.has(jobId) || this.#atWork.has(jobId)) return
    open.job ??= await getJob(client, { jobId })
    if (open.job.status !== 'open') return this.#open.remove(jobId)
    const verdict = matchJob(open.job, capacity, policy, time)
    if (!verdict.claim) {
      this.#say(open, 'passed-over', { reason: verdict.reason })
      if (verdict.at === null) this.#open.remove(jobId)
      else open.notBefore = typeof verdict.at === 'number' ? verdict.at : time + CAPACITY_SECONDS
      return
    }
    if (this.#awaitsEnough(open.job)) {
      this.#say(open, 'passed-over', { reason: 'enough claims wait for their keys' })
      open.notBefore = time + RECHECK_SECONDS
      return
    }
    const distrusted = open.job.isPrivate ? this.#context.journal.distrustOf(open.job.requester, time) : null
    if (distrusted !== null) {
      this.#say(open, 'passed-over', { reason: `its requester is not trusted: ${distrusted}` })
      return this.#open.remove(jobId)
    }
    try {
      await quoteClaim(client, { jobId, provider: address })
      if (open.job.level === 'replicated' && !(await this.#mayTakeSeat(open, time))) return
    } catch (error) {
      if (isRetryable(error)) throw error
      this.#say(open, 'not-eligible', factsOf(error))
      this.#open.postpone(open, time)
      return
    }
    if (!(await this.#hasRoom())) return
    this.#preparing.set(jobId, performance.now())
    void this.#prepareAndClaim(open, open.job)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#preparing.delete(jobId)
        this.#options.onPrepared()
      })
  }

  /** Whether to try for this seat now: for one of its group at most, and not for the one that all others try for. */
  async #mayTakeSeat(open: OpenJob, time: number): Promise<boolean> {
    const { address, client, policy } = this.#context
    const { seat, group } = await readSeat(this.#context, open.jobId)
    const { seats } = group.terms
    const isSpare = seat.index >= seats
    const pass = (reason: string, forGood = true) => {
      this.#say(open, 'passed-over', { reason })
      if (forGood) this.#open.remove(open.jobId)
      else open.notBefore = time + RECHECK_SECONDS
      return false
    }
    if (isSpare && group.phase === 'first') return pass('it is a spare seat, not needed yet', false)
    if (!isCurrent(seat, group)) return pass(`its group is ${group.phase}`)
    const short = shortTime(group.terms, policy.minRun)
    if (short !== undefined) return pass(short)
    const siblings = group.jobIds.filter((id) => id !== null)
    if (siblings.length < group.jobIds.length) {
      pass('its group is not complete', false)
      this.#open.postpone(open, time)
      return false
    }
    if (siblings.some((id) => this.#isTaken(id))) return pass('another seat of its group is ours', false)
    if (isSpare && !(await isDrawn(client, { ...seat, provider: address }))) {
      return pass('it is a spare seat, and another one is drawn', group.seed !== null)
    }
    const voters = isSpare ? siblings.slice(seats) : siblings.slice(0, seats)
    const preferred = preferredSeat(voters, address, (id) => this.#open.has(id))
    if (preferred !== open.jobId) open.notBefore = time + RECHECK_SECONDS
    return preferred === open.jobId
  }

  /** Whether this provider holds a job, or is about to. */
  #isTaken(jobId: Hex): boolean {
    const { phase, end } = this.#context.journal.job(jobId) ?? { phase: null, end: null }
    const isHeld = phase !== null && (phase !== 'done' || end === 'settled')
    return this.#preparing.has(jobId) || this.#atWork.has(jobId) || isHeld
  }

  async #prepareAndClaim(open: OpenJob, job: Job): Promise<void> {
    const { signal, chainTime } = this.#context
    const { jobId } = job
    let prepared: PreparedJob | null
    try {
      prepared = await prepareJob(this.#context, job)
    } catch (error) {
      if (signal.aborted) return
      const again = mayComeBack(error)
      this.#say(open, again ? 'not-ready' : 'refused', factsOf(error))
      if (again) this.#open.postpone(open, chainTime())
      else this.#open.remove(jobId)
      return
    }
    this.#preparing.delete(jobId)
    // All that came is kept: the next look at this job needs no store.
    if (this.#stopped || this.#atWork.busy >= this.#options.jobs || this.#awaitsEnough(job)) return
    this.#atWork.start(jobId, async () => {
      const claimed = await claimJob(this.#context, job)
      if (claimed === 'open') this.#open.postpone(open, chainTime())
      else this.#open.remove(jobId)
      return claimed === 'ours' ? (prepared ?? undefined) : null
    })
  }

  /** Says why a job is not claimed, once for each reason. */
  #say(open: OpenJob, event: string, facts: { reason: string; error?: string }): void {
    if (open.said === facts.reason) return
    open.said = facts.reason
    const { jobId } = open
    const level = event === 'passed-over' ? 'info' : 'warn'
    this.#context.log[level]({ event, jobId, ...facts }, NOT_CLAIMED[event])
  }

  /** Wei of the account that no job at work may need, whatever its level. */
  async #freeCoin(gasPrice: bigint): Promise<bigint> {
    const { client, address } = this.#context
    const balance = await client.getBalance({ address })
    return balance - gasPrice * gasFor('replicated') * BigInt(this.#atWork.size)
  }

  /** Whether there is money for the gas of one more job, if it is of the cheapest level. */
  #canPayGas(coin: bigint, gasPrice: bigint): boolean {
    const { address, log } = this.#context
    const enough = coin >= gasPrice * gasFor('optimistic')
    if (!enough && !this.#lowOnGas) {
      const text = 'no money for gas: no more jobs are claimed until it is topped up'
      log.error({ event: 'out-of-gas-money', address, coin }, text)
    }
    if (enough && this.#lowOnGas)
      log.info({ event: 'gas-money', address, coin }, 'there is money for gas again')
    this.#lowOnGas = !enough
    return enough
  }

  /**
   * Whether the data of one more job, and of those on their way, finds room. Anybody can have a provider fetch data, and what
   * is claimed when the disk is full costs its bond.
   */
  async #hasRoom(): Promise<boolean> {
    const { inputs, limits, log } = this.#context
    const dataOfJob = limits.maxProgram + limits.maxShared + limits.maxInputs
    const needed = RESULTS_ROOM + (this.#preparing.size + 1) * dataOfJob
    const free = await inputs.freeBytes()
    const enough = free >= needed
    if (!enough && !this.#lowOnDisk) {
      const text = 'the disk is nearly full: no more jobs are claimed until there is room'
      log.error({ event: 'out-of-disk', folder: inputs.folder, free, needed }, text)
    }
    if (enough && this.#lowOnDisk)
      log.info({ event: 'disk-room', folder: inputs.folder, free }, 'there is room on the disk again')
    this.#lowOnDisk = !enough
    return enough
  }
}

const NOT_CLAIMED: Record<string, string> = {
  'passed-over': 'passed over',
  'not-eligible': 'cannot claim now',
  'not-ready': 'its data cannot be had now',
  refused: 'refused',
}
