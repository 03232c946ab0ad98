/**
 * The job market as a model: accounts and jobs are plain objects, and every call says in a few lines who may make it, when,
 * and where the money goes. It is written from the interfaces in `contracts/interfaces` and from the design, and
 * `lockstep.test.ts` holds the contracts against it. To learn the protocol, read this file from top to bottom; `ledger.ts`
 * has the money, `formulas.ts` the arithmetic, `bounds.ts` what may be asked for, `attestation.ts` and `replication.ts` the
 * hooks of those assurance levels.
 *
 * A call at `now ≤ deadline` is in time, at `now > deadline` it is late. Every call checks everything before it changes
 * anything, and refuses with the name of the contract's error. The first argument of a call is the caller.
 */
import { encodePacked, type Hex, keccak256, zeroAddress, zeroHash } from 'viem'
import { checkAgreement, checkKey, checkRules, checkTerms, OPTIMISTIC } from './bounds.ts'
import * as formulas from './formulas.ts'
import { Ledger } from './ledger.ts'
import { type Address, jobIdOf, type Resources, type Terms } from './terms.ts'
import {
  isLive,
  type Job,
  need,
  newJob,
  Refusal,
  type RuleSet,
  releaseBy,
  type Stage,
  type Status,
  stepBudget,
  windowEnd,
} from './types.ts'

export abstract class Market extends Ledger {
  readonly jobs = new Map<Hex, Job>()
  /** The last one is current. A set never changes, and a job keeps that of its posting. */
  readonly sets: RuleSet[] = []
  paused = false
  /** The nonces of signed requests and offers that no longer count. */
  readonly spent = new Map<Address, Set<bigint>>()

  // What hooks answer

  /** Whether the hook finds the result final, of a job of a level other than Optimistic. */
  protected abstract isFinalFor(hook: Address, job: Job): boolean
  /** The hook of a mediated level hears of a new job: it refuses, or says what it does then. */
  abstract jobPosted(job: Job): () => void
  /** And of a claim. */
  abstract jobClaimed(job: Job, provider: Address): () => void

  // How a job begins

  /** The highest price leaves the balance; until the claim it is the job's escrow. */
  post(from: Address, terms: Terms): void {
    const job = this.draft(from, terms)
    need(this.account(from).balance >= terms.maxPrice, 'AccountInsufficientBalance')
    const tell = this.isMediated(job) ? this.jobPosted(job) : nothing
    this.open(job)
    tell()
  }

  /** One that is refused does not keep the others from being posted. */
  postMany(from: Address, many: readonly Terms[]): void {
    for (const [index, terms] of many.entries()) {
      try {
        this.post(from, terms)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        this.emit('PostRefused', { requester: from, index, reason: error.reason })
      }
    }
  }

  /** What a claim would get and lock now, if the provider is eligible. */
  quoteClaim(id: Hex, provider: Address): { price: bigint; bond: bigint } {
    const job = this.jobIn(id, 'Open')
    need(this.now <= job.terms.claimBy, 'JobMarketDeadlinePassed')
    const price = formulas.auctionPrice(job.terms, this.now - job.postedAt)
    const bond = this.bondOf(provider, job, price)
    need(this.freeStake(provider) >= bond, 'AccountInsufficientStake')
    return { price, bond }
  }

  /** The first eligible provider gets the job at the auction's price of this moment; the escrow above it goes back. */
  claim(from: Address, id: Hex): void {
    const { price, bond } = this.quoteClaim(id, from)
    const job = this.jobs.get(id)!
    const tell = this.isMediated(job) ? this.jobClaimed(job, from) : nothing
    this.account(job.requester).balance += job.terms.maxPrice - price
    this.give(job, from, price, bond)
    tell()
  }

  /** Without an auction: the requester has signed for one provider or, zero, for any, and the caller takes the job. */
  claimSigned(from: Address, requester: Address, isOpen: boolean, terms: Terms, signedFor: SignedFor): void {
    this.agree(requester, isOpen ? zeroAddress : from, signedFor, terms, requester, from)
  }

  /** The other way round: a provider has signed for one requester or for any. */
  acceptOffer(from: Address, provider: Address, isOpen: boolean, terms: Terms, signedFor: SignedFor): void {
    this.agree(provider, isOpen ? zeroAddress : from, signedFor, terms, from, provider)
  }

  /** Takes back what was signed: 256 nonces stand in one word. */
  cancelNonces(from: Address, index: bigint, nonces: bigint): void {
    for (let bit = 0n; bit < 256n; bit++) {
      if ((nonces >> bit) & 1n) this.spentBy(from).add(index * 256n + bit)
    }
    this.emit('NoncesCancelled', { signer: from, index, nonces })
  }

  /** The key of a private job comes after the claim, and the run time counts from then. */
  deliverKey(from: Address, id: Hex, key: Hex): void {
    const job = this.jobIn(id, 'AwaitingKey')
    need(from === job.requester, 'JobMarketNotRequester')
    need(this.now <= job.keyBy, 'JobMarketDeadlinePassed')
    checkKey(key)
    Object.assign(job, { stage: 'Claimed', keyBy: 0, runBy: this.now + job.terms.run })
    this.emit('KeyDelivered', { jobId: id, provider: job.provider, key })
  }

  submit(from: Address, id: Hex, resultRoot: Hex, totalSteps: bigint): void {
    const job = this.jobIn(id, 'Claimed')
    need(from === job.provider, 'JobMarketNotProvider')
    need(this.now <= job.runBy, 'JobMarketDeadlinePassed')
    Object.assign(job, { stage: 'Submitted', submittedAt: this.now, runBy: 0 })
    job.resultCommitment = resultCommitmentOf(resultRoot, totalSteps)
    if (job.terms.meteredBps > 0) job.steps = formulas.min(totalSteps, stepBudget(job.terms))
    this.emit('ResultSubmitted', { jobId: id, provider: from, resultRoot, totalSteps })
  }

  // How it ends without a verdict

  /**
   * The requester may change its mind until somebody claims; when nobody may any more, anyone may clear the job away. Before
   * that, a job of a mediated level is taken back by its hook only.
   */
  cancel(from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Open')
    if (this.now <= job.terms.claimBy) {
      if (this.isMediated(job)) need(from === this.hookOf(job), 'JobMarketNotHook')
      else need(from === job.requester, 'JobMarketNotRequester')
    }
    job.stage = 'Cancelled'
    this.account(job.requester).balance += job.terms.maxPrice
    this.emit('JobCancelled', { jobId: id, requester: job.requester, refund: job.terms.maxPrice })
  }

  /**
   * In the first quarter of the run time a provider may give the job back, for a small part of its price. Where no key came
   * in time anyone may end the claim, which costs nothing.
   */
  release(from: Address, id: Hex): void {
    const isKeyless = this.jobs.get(id)?.stage === 'AwaitingKey'
    const job = this.jobIn(id, isKeyless ? 'AwaitingKey' : 'Claimed')
    need(isKeyless || from === job.provider, 'JobMarketNotProvider')
    if (isKeyless) need(this.now > job.keyBy, 'JobMarketTooEarly')
    else need(this.now <= releaseBy(job), 'JobMarketDeadlinePassed')
    const penalty = isKeyless ? 0n : formulas.releasePenalty(job.price, job.bond)
    this.finish(job, 'Released', penalty)
    this.reserve += penalty
    this.account(job.requester).balance += job.price
    this.emit('JobReleased', { jobId: id, provider: job.provider, penalty })
  }

  /** The requester is content before the window ends. It cannot overrule a challenge. */
  accept(from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Submitted')
    need(from === job.requester, 'JobMarketNotRequester')
    need(job.openChallenges === 0, 'JobMarketChallengeOpen')
    this.pay(job)
  }

  /** Silence pays the worker: once the result stands for good anyone may have it paid. */
  settle(_from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Submitted')
    need(job.openChallenges === 0, 'JobMarketChallengeOpen')
    need(this.isFinal(job) || this.now > windowEnd(job), 'JobMarketTooEarly')
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
    const slash = formulas.latenessSlash(this.sets[job.setId]!, job.bond)
    const { total, toRequester, toKeeper, toReserve } = slash
    this.finish(job, 'Failed', total)
    this.recordFault(job.provider, false)
    this.reserve += toReserve
    this.account(job.requester).balance += job.price + toRequester
    this.account(from).balance += toKeeper
    const parts = { toRequester, toKeeper, toReserve }
    this.emit('JobFailed', { jobId: id, provider: job.provider, keeper: from, ...parts })
  }

  failMany(from: Address, ids: readonly Hex[]): void {
    for (const id of ids) {
      const status = this.statusOf(id)
      if (status === 'Overdue') this.fail(from, id)
      else this.emit('FailSkipped', { jobId: id, status })
    }
  }

  // What the hook of the job's level may do, and the dispute game (the hook of level 0) wherever there is a window

  challengeOpened(from: Address, id: Hex): void {
    const job = this.jobIn(id, 'Submitted')
    need(this.challengersOf(job).includes(from), 'JobMarketNotHook')
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
    const parts = { toRequester, toHook, toReserve }
    this.emit('JobRejected', { jobId: id, provider: job.provider, hook: from, ...parts })
  }

  /** A mediating hook ends a seat: pays a part of its price, and may take as much of its bond. */
  conclude(from: Address, id: Hex, resultCommitment: Hex, payBps: number, isSlashed: boolean): void {
    const job = this.seatedJob(from, id)
    need(payBps <= 10_000, 'JobMarketPayTooHigh')
    const hasResult = resultCommitment !== zeroHash
    const status = isSlashed ? 'Rejected' : hasResult ? 'Settled' : 'Released'
    const slash = isSlashed ? formulas.min(job.price, job.bond) : 0n
    const due = (job.price * BigInt(payBps)) / 10_000n
    if (hasResult) Object.assign(job, { resultCommitment, submittedAt: this.now })
    this.finish(job, status, slash)
    const paid = this.reward(job, due)
    if (isSlashed) this.recordFault(job.provider, false)
    this.reserve += slash
    this.emit('SeatConcluded', {
      jobId: id,
      provider: job.provider,
      status,
      resultCommitment,
      ...paid,
      slash,
    })
  }

  /** While others decide about a seat that has done its part, a tenth of its bond is enough. */
  freezeBond(from: Address, id: Hex): void {
    const job = this.seatedJob(from, id)
    const bond = formulas.floatUp(job.bond / 10n)
    this.account(job.provider).locked -= job.bond - bond
    job.bond = bond
    this.emit('BondFrozen', { jobId: id, provider: job.provider, bond })
  }

  // Governing: new rules bind only jobs posted after them

  addParameters(from: Address, set: RuleSet): void {
    need(from === this.timelock, 'GovernedNotTimelock')
    checkRules(set)
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

  spentBy(signer: Address): Set<bigint> {
    const spent = this.spent.get(signer) ?? new Set()
    this.spent.set(signer, spent)
    return spent
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

  private challengedJob(hook: Address, id: Hex): Job {
    const job = this.jobIn(id, 'Submitted')
    need(this.challengersOf(job).includes(hook), 'JobMarketNotHook')
    need(job.openChallenges > 0, 'JobMarketWrongStatus')
    return job
  }

  private seatedJob(hook: Address, id: Hex): Job {
    const job = this.jobIn(id, 'Seated')
    need(this.isMediated(job) && hook === this.hookOf(job), 'JobMarketNotHook')
    return job
  }

  private isFinal(job: Job): boolean {
    return job.terms.level === OPTIMISTIC ? this.now > windowEnd(job) : this.isFinalFor(this.hookOf(job), job)
  }

  /** A job that may be posted now, not posted yet. */
  private draft(requester: Address, terms: Terms, isSigned = false): Job {
    const id = this.idOf(requester, terms)
    const setId = this.sets.length - 1
    const set = this.sets[setId]!
    need(!this.paused, 'JobMarketPostingPaused')
    checkTerms(terms, set, setId, this.now)
    if (isSigned) checkAgreement(terms, set)
    need(!this.jobs.has(id), 'JobMarketJobExists')
    return { ...newJob(id, requester, terms, setId, this.now), isSigned }
  }

  private open(job: Job): void {
    this.debit(job.requester, job.terms.maxPrice)
    this.jobs.set(job.id, job)
    this.emit('JobPosted', { jobId: job.id, requester: job.requester, terms: job.terms })
  }

  /** What one side signed becomes a job, once: posted and claimed, for the whole price. */
  private agree(
    signer: Address,
    named: Address,
    signedFor: SignedFor,
    terms: Terms,
    requester: Address,
    provider: Address,
  ): void {
    const price = terms.maxPrice
    need(signedFor === named, 'AgreementWrongSignature')
    need(!this.spentBy(signer).has(terms.nonce), 'AgreementNonceSpent')
    const job = this.draft(requester, terms, true)
    const bond = this.bondOf(provider, job, price)
    need(formulas.isCoarse(price), 'JobAgreementPriceTooFine')
    need(this.account(requester).balance >= price, 'AccountInsufficientBalance')
    need(this.freeStake(provider) >= bond, 'AccountInsufficientStake')
    this.spentBy(signer).add(terms.nonce)
    this.open(job)
    this.give(job, provider, price, bond)
  }

  /** The bond that the provider needs for this job, if it is eligible otherwise. */
  private bondOf(provider: Address, job: Job, price: bigint): bigint {
    const set = this.sets[job.setId]!
    const { resources, concurrency } = this.provider(provider)
    const { locked, active } = this.account(provider)
    const reputation = this.reputationOf(provider)
    need(active < concurrency, 'ProvidersConcurrencyReached')
    need(covers(resources, job.terms.floor), 'ProvidersResourcesTooLow')
    need(reputation >= job.terms.minReputation, 'ProvidersReputationTooLow')
    const bond = formulas.bondFor(set, price, reputation)
    need(locked + bond <= formulas.exposureLimit(set, reputation), 'ProvidersExposureExceeded')
    return bond
  }

  private give(job: Job, provider: Address, price: bigint, bond: bigint): void {
    Object.assign(job, { provider, price, bond })
    if (this.isMediated(job)) job.stage = 'Seated'
    else if (job.terms.isPrivate)
      Object.assign(job, { stage: 'AwaitingKey', keyBy: this.now + this.sets[job.setId]!.keyTime })
    else Object.assign(job, { stage: 'Claimed', runBy: this.now + job.terms.run })
    this.account(provider).locked += bond
    this.account(provider).active += 1
    this.emit('JobClaimed', { jobId: job.id, provider, price, bond })
  }

  private pay(job: Job): void {
    const { meteredBps } = job.terms
    const budget = stepBudget(job.terms)
    const due = meteredBps > 0 ? formulas.meteredPay(job.price, meteredBps, job.steps, budget) : job.price
    this.finish(job, 'Settled', 0n)
    this.emit('JobSettled', { jobId: job.id, provider: job.provider, ...this.reward(job, due) })
  }

  /** The provider gets what is due without the fee, the requester what is not. */
  private reward(job: Job, due: bigint): { pay: bigint; fee: bigint } {
    const fee = (due * BigInt(this.sets[job.setId]!.feeBps)) / 10_000n
    this.account(job.provider).balance += due - fee
    this.recordFee(job.provider, fee)
    this.account(job.requester).balance += job.price - due
    return { pay: due - fee, fee }
  }

  /** Ends a claim: its bond is free again, but for the slash. */
  private finish(job: Job, stage: Stage, slash: bigint): void {
    const account = this.account(job.provider)
    Object.assign(job, { stage, keyBy: 0, runBy: 0 })
    account.locked -= job.bond
    account.active -= 1
    account.stake -= slash
  }
}

/** Whom a signature names as the other side: somebody, zero for anybody; null where it is no signature of these terms. */
export type SignedFor = Address | null

const nothing = () => {}

export function resultCommitmentOf(resultRoot: Hex, totalSteps: bigint): Hex {
  return keccak256(encodePacked(['bytes32', 'uint128'], [resultRoot, totalSteps]))
}

function covers(offered: Resources, floor: Resources): boolean {
  return offered.cores >= floor.cores && offered.memory >= floor.memory && offered.disk >= floor.disk
}
