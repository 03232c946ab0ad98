/** What the market keeps: rules and jobs, where a job stands, and the steps that its calls share. */
import { type Hex, zeroAddress } from 'viem'
import { checkRules, OPTIMISTIC } from './bounds.ts'
import { Ledger } from './ledger.ts'
import { type Address, jobIdOf, type Terms } from './terms.ts'
import { isLive, type Job, need, type RuleSet, type Stage, type Status, windowEnd } from './types.ts'

export abstract class Jobs extends Ledger {
  readonly jobs = new Map<Hex, Job>()
  /** The last one is current. A set never changes, and a job keeps that of its posting. */
  readonly sets: RuleSet[] = []
  paused = false
  /** Accounts without code, so far as anybody might name them as a hook. */
  readonly codeless = new Set<Address>()

  // What hooks answer

  /** Whether the hook finds the result final, of a job of a level other than Optimistic. */
  protected abstract isFinalFor(hook: Address, job: Job): boolean
  /** The hook of a mediated level hears of a new job: it refuses, or says what it does then. */
  abstract jobPosted(job: Job): () => void
  /** And of a claim. */
  abstract jobClaimed(job: Job, provider: Address): () => void

  // Governing: new rules bind only jobs posted after them

  addParameters(from: Address, set: RuleSet): void {
    need(from === this.timelock, 'GovernedNotTimelock')
    checkRules(set)
    need(!set.levels.some(({ hook }) => this.codeless.has(hook)), 'ParameterSetHookWithoutCode')
    this.sets.push(set)
    const { levels, ...parameters } = set
    this.emit('ParametersAdded', { id: this.sets.length - 1, parameters, levels })
  }

  setGuardian(from: Address, guardian: Address): void {
    need(from === this.timelock, 'GovernedNotTimelock')
    this.guardian = guardian
    this.emit('GuardianChanged', { guardian })
  }

  pausePosting(from: Address): void {
    need(from === this.guardian || from === this.timelock, 'GovernedNotGuardian')
    this.paused = true
    this.emit('PostingPaused', { by: from })
  }

  resumePosting(from: Address): void {
    need(from === this.guardian || from === this.timelock, 'GovernedNotGuardian')
    this.paused = false
    this.emit('PostingResumed', { by: from })
  }

  // Questions

  /** Where the job stands now: what a call has moved it to, and what time makes of that. */
  statusOf(id: Hex): Status {
    const job = this.jobs.get(id)
    if (!job) return 'None'
    if (job.stage === 'Open' && this.now > job.terms.claimBy) return 'Expired'
    if (job.stage === 'AwaitingKey' && this.now > job.keyBy) return 'Keyless'
    if (job.stage === 'Claimed' && this.now > job.runBy) return 'Overdue'
    if (job.stage === 'Submitted' && job.openChallenges > 0) return 'Disputed'
    if (job.stage === 'Submitted' && this.isFinal(job)) return 'Settleable'
    return job.stage
  }

  idOf(requester: Address, terms: Terms): Hex {
    return jobIdOf(this.chainId, this.address, requester, terms)
  }

  liveJobs(): Job[] {
    return [...this.jobs.values()].filter(isLive)
  }

  hookOf(job: Job): Address {
    return this.sets[job.setId]!.levels[job.terms.level]?.hook ?? zeroAddress
  }

  isMediated(job: Job): boolean {
    return this.sets[job.setId]!.levels[job.terms.level]?.isMediated ?? false
  }

  /** Who may say that a result is disputed: the job's own hook, and the dispute game of its rules. */
  challengersOf(job: Job): Address[] {
    const game = this.sets[job.setId]!.levels[OPTIMISTIC]?.hook ?? zeroAddress
    return [this.hookOf(job), game].filter((hook) => hook !== zeroAddress)
  }

  /** The same once more, to try something out. */
  copy(): this {
    return Object.assign(Object.create(Object.getPrototypeOf(this)), structuredClone({ ...this }))
  }

  // Steps that several calls share

  protected jobIn(id: Hex, stage: Stage): Job {
    const job = this.jobs.get(id)
    need(job?.stage === stage, 'JobMarketWrongStatus')
    return job
  }

  protected isFinal(job: Job): boolean {
    return job.terms.level === OPTIMISTIC ? this.now > windowEnd(job) : this.isFinalFor(this.hookOf(job), job)
  }

  /** The provider gets what is due without the fee, the requester what is not. */
  protected reward(job: Job, due: bigint): { pay: bigint; fee: bigint } {
    const fee = (due * BigInt(this.sets[job.setId]!.feeBps)) / 10_000n
    this.account(job.provider).balance += due - fee
    this.recordFee(job.provider, fee)
    this.account(job.requester).balance += job.price - due
    return { pay: due - fee, fee }
  }

  /** Ends a claim: its bond is free again, but for the slash. */
  protected finish(job: Job, stage: Stage, slash: bigint): void {
    const account = this.account(job.provider)
    Object.assign(job, { stage, keyBy: 0, runBy: 0 })
    account.locked -= job.bond
    account.active -= 1
    account.stake -= slash
  }
}
