/**
 * The job market as a model: accounts and jobs are plain objects, and every call says in a few lines who may make it, when,
 * and where the money goes. It is written from the interfaces in `contracts/interfaces` and from the design, and
 * `lockstep.test.ts` holds the contracts against it. To learn the protocol, read this file from top to bottom; `ledger.ts`
 * has the money, `formulas.ts` the arithmetic, `bounds.ts` what may be asked for.
 *
 * A call at `now ≤ deadline` is in time, at `now > deadline` it is late. Every call checks everything before it changes
 * anything, and refuses with the name of the contract's error. The first argument of a call is the caller.
 */
import { encodePacked, type Hex, keccak256, zeroAddress } from 'viem'
import { checkRules, checkTerms, OPTIMISTIC } from './bounds.ts'
import * as formulas from './formulas.ts'
import { Ledger } from './ledger.ts'
import { type Address, jobIdOf, type Resources, type Terms } from './terms.ts'
import {
  type Job,
  need,
  newJob,
  type RuleSet,
  releaseBy,
  type Stage,
  type Status,
  windowEnd,
} from './types.ts'

export class Market extends Ledger {
  readonly jobs = new Map<Hex, Job>()
  /** The last one is current. A set never changes, and a job keeps that of its posting. */
  readonly sets: RuleSet[] = []
  paused = false
  /** The jobs whose result a hook has found final. */
  readonly decided = new Map<Address, Set<Hex>>()

  post(from: Address, terms: Terms): void {
    this.postMany(from, [terms])
  }

  /** All or none. The highest price of each leaves the balance; until the claim it is the job's escrow. */
  postMany(from: Address, many: readonly Terms[]): void {
    const posted = new Map<Hex, Job>()
    for (const terms of many) {
      const id = jobIdOf(this.chainId, this.address, from, terms)
      need(!this.paused, 'JobMarketPostingPaused')
      checkTerms(terms, this.sets.at(-1)!, this.now)
      need(!this.jobs.has(id) && !posted.has(id), 'JobMarketJobExists')
      posted.set(id, newJob(id, from, terms, this.sets.length - 1, this.now))
    }
    const total = many.reduce((sum, terms) => sum + terms.maxPrice, 0n)
    this.debit(from, total)
    for (const job of posted.values()) {
      this.jobs.set(job.id, job)
      this.emit('JobPosted', { jobId: job.id, requester: from, terms: job.terms })
    }
  }

  /** The requester may change its mind until somebody claims; when nobody may any more, anyone may clear the job away. */
  cancel(from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Open')
    need(from === job.requester || this.now > job.terms.claimBy, 'JobMarketNotRequester')
    job.stage = 'Cancelled'
    this.account(job.requester).balance += job.terms.maxPrice
    this.emit('JobCancelled', { jobId: id, requester: job.requester, refund: job.terms.maxPrice })
  }

  /** What a claim would get and lock now, if the provider is eligible. */
  quoteClaim(id: Hex, provider: Address): { price: bigint; bond: bigint } {
    const job = this.jobIn(id, 'Open')
    const set = this.sets[job.setId]!
    const { resources, concurrency } = this.provider(provider)
    const { stake, locked, active } = this.account(provider)
    const reputation = this.reputationOf(provider)
    need(this.now <= job.terms.claimBy, 'JobMarketDeadlinePassed')
    need(active < concurrency, 'ProvidersConcurrencyReached')
    need(covers(resources, job.terms.floor), 'ProvidersResourcesTooLow')
    need(reputation >= job.terms.minReputation, 'ProvidersReputationTooLow')
    const price = formulas.auctionPrice(job.terms, this.now - job.postedAt)
    const bond = formulas.bondFor(set, price, reputation)
    need(locked + bond <= formulas.exposureLimit(set, reputation), 'ProvidersExposureExceeded')
    need(stake - locked >= bond, 'AccountInsufficientStake')
    return { price, bond }
  }

  /** The first eligible provider gets the job at the auction's price of this moment; the escrow above it goes back. */
  claim(from: Address, id: Hex): void {
    const { price, bond } = this.quoteClaim(id, from)
    const job = this.jobs.get(id)!
    Object.assign(job, { stage: 'Claimed', provider: from, price, bond, runBy: this.now + job.terms.run })
    this.account(from).locked += bond
    this.account(from).active += 1
    this.account(job.requester).balance += job.terms.maxPrice - price
    this.emit('JobClaimed', { jobId: id, provider: from, price, bond })
  }

  /** In the first quarter of the run time a provider may give the job back, for a small part of its price. */
  release(from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Claimed')
    need(from === job.provider, 'JobMarketNotProvider')
    need(this.now <= releaseBy(job), 'JobMarketDeadlinePassed')
    const penalty = formulas.releasePenalty(job.price, job.bond)
    this.finish(job, 'Released', penalty)
    this.reserve += penalty
    this.account(job.requester).balance += job.price
    this.emit('JobReleased', { jobId: id, provider: from, penalty })
  }

  submit(from: Address, id: Hex, resultRoot: Hex, totalSteps: bigint): void {
    const job = this.jobIn(id, 'Claimed')
    need(from === job.provider, 'JobMarketNotProvider')
    need(this.now <= job.runBy, 'JobMarketDeadlinePassed')
    const resultCommitment = keccak256(encodePacked(['bytes32', 'uint128'], [resultRoot, totalSteps]))
    Object.assign(job, { stage: 'Submitted', submittedAt: this.now, runBy: 0, resultCommitment })
    this.emit('ResultSubmitted', { jobId: id, provider: from, resultRoot, totalSteps })
  }

  /** The requester is content before the window ends. It cannot overrule a challenge. */
  accept(from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Submitted')
    need(from === job.requester, 'JobMarketNotRequester')
    need(job.openChallenges === 0, 'JobMarketChallengeOpen')
    this.pay(job)
  }

  /** Silence pays the worker: after the window anyone may have it paid. */
  settle(_from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Submitted')
    need(job.openChallenges === 0, 'JobMarketChallengeOpen')
    need(this.now > windowEnd(job), 'JobMarketTooEarly')
    need(this.isFinal(job), 'JobMarketNotFinal')
    this.pay(job)
  }

  /** One job that cannot be settled does not keep the others from it. */
  settleMany(_from: Address, ids: readonly Hex[]): void {
    for (const id of ids) {
      const status = this.statusOf(id)
      if (status === 'Settleable') this.pay(this.jobs.get(id)!)
      else this.emit('SettleSkipped', { jobId: id, status })
    }
  }

  /** A provider that submitted nothing in time pays for lateness out of its bond; whoever says so gets its gas back. */
  fail(from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Claimed')
    need(this.now > job.runBy, 'JobMarketTooEarly')
    const { total, toRequester, toKeeper, toReserve } = formulas.latenessSlash(
      this.sets[job.setId]!,
      job.bond,
    )
    this.finish(job, 'Failed', total)
    this.recordFault(job.provider, false)
    this.reserve += toReserve
    this.account(job.requester).balance += job.price + toRequester
    this.account(from).balance += toKeeper
    const parts = { toRequester, toKeeper, toReserve }
    this.emit('JobFailed', { jobId: id, provider: job.provider, keeper: from, ...parts })
  }

  // The part of the hook that decides a job's assurance level

  /** The result is final. Levels other than Optimistic wait for it. */
  decide(hook: Address, id: Hex): void {
    this.decided.set(hook, new Set(this.decided.get(hook)).add(id))
  }

  challengeOpened(from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Submitted')
    need(from === this.hookOf(job), 'JobMarketNotHook')
    need(this.now <= windowEnd(job), 'JobMarketDeadlinePassed')
    job.openChallenges += 1
    this.emit('ChallengeCountChanged', { jobId: id, openChallenges: job.openChallenges })
  }

  challengeClosed(from: Address, id: Hex): void {
    const job = this.challengedJob(from, id)
    job.openChallenges -= 1
    this.emit('ChallengeCountChanged', { jobId: id, openChallenges: job.openChallenges })
  }

  /** The result was proven wrong: the whole bond is lost, `moves` is what proving it cost. */
  reject(from: Address, id: Hex, moves: bigint): void {
    const job = this.challengedJob(from, id)
    const { toRequester, toHook, toReserve } = formulas.fraudSlash(job.bond, job.price, moves)
    this.finish(job, 'Rejected', job.bond)
    this.recordFault(job.provider, true)
    this.reserve += toReserve
    this.account(job.requester).balance += job.price + toRequester
    this.account(from).balance += toHook
    this.emit('JobRejected', {
      jobId: id,
      provider: job.provider,
      hook: from,
      toRequester,
      toHook,
      toReserve,
    })
  }

  // The owner's part: rules for jobs to come, and nothing about those that exist

  addParameters(from: Address, set: RuleSet): void {
    need(from === this.owner, 'OwnableUnauthorizedAccount')
    checkRules(set)
    this.sets.push(set)
    const { hooks, ...parameters } = set
    this.emit('ParametersAdded', { id: this.sets.length - 1, parameters, hooks })
  }

  pausePosting(from: Address): void {
    need(from === this.owner, 'OwnableUnauthorizedAccount')
    this.paused = true
    this.emit('PostingPaused', { by: from })
  }

  resumePosting(from: Address): void {
    need(from === this.owner, 'OwnableUnauthorizedAccount')
    this.paused = false
    this.emit('PostingResumed', { by: from })
  }

  // Questions

  /** Where the job stands now: what a call has moved it to, and what time makes of that. */
  statusOf(id: Hex): Status {
    const job = this.jobs.get(id)
    if (!job) return 'None'
    if (job.stage === 'Open' && this.now > job.terms.claimBy) return 'Expired'
    if (job.stage === 'Claimed' && this.now > job.runBy) return 'Overdue'
    if (job.stage === 'Submitted' && job.openChallenges > 0) return 'Disputed'
    if (job.stage === 'Submitted' && this.now > windowEnd(job) && this.isFinal(job)) return 'Settleable'
    return job.stage
  }

  liveJobs(): Job[] {
    return [...this.jobs.values()].filter(({ stage }) => ['Open', 'Claimed', 'Submitted'].includes(stage))
  }

  hookOf(job: Job): Address {
    return this.sets[job.setId]!.hooks[job.terms.level] ?? zeroAddress
  }

  /** The same once more, to try something out. */
  copy(): Market {
    return Object.assign(Object.create(Market.prototype), structuredClone({ ...this }))
  }

  // Steps that several calls share

  private jobIn(id: Hex, stage: Stage): Job {
    const job = this.jobs.get(id)
    need(job?.stage === stage, 'JobMarketWrongStatus')
    return job
  }

  private challengedJob(hook: Address, id: Hex): Job {
    const job = this.jobIn(id, 'Submitted')
    need(hook === this.hookOf(job), 'JobMarketNotHook')
    need(job.openChallenges > 0, 'JobMarketWrongStatus')
    return job
  }

  private isFinal(job: Job): boolean {
    return job.terms.level === OPTIMISTIC || (this.decided.get(this.hookOf(job))?.has(job.id) ?? false)
  }

  /** The provider gets the price without the fee. */
  private pay(job: Job): void {
    const fee = (job.price * BigInt(this.sets[job.setId]!.feeBps)) / 10_000n
    this.finish(job, 'Settled', 0n)
    this.account(job.provider).balance += job.price - fee
    this.recordFee(job.provider, fee)
    this.emit('JobSettled', { jobId: job.id, provider: job.provider, pay: job.price - fee, fee })
  }

  /** Ends a claim: its bond is free again, but for the slash. */
  private finish(job: Job, stage: Stage, slash: bigint): void {
    const account = this.account(job.provider)
    job.stage = stage
    job.runBy = 0
    account.locked -= job.bond
    account.active -= 1
    account.stake -= slash
  }
}

function covers(offered: Resources, floor: Resources): boolean {
  return offered.cores >= floor.cores && offered.memory >= floor.memory && offered.disk >= floor.disk
}
