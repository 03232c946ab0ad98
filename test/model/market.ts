/**
 * The job market as a model: accounts and jobs are plain objects, and every call says in a few lines who may make it, when,
 * and where the money goes. It is written from the interfaces in `contracts/interfaces` and from the design, and
 * `lockstep.test.ts` holds the contracts against it. To learn the protocol, read from top to bottom this file (how a job
 * begins), `settlement.ts` (how it ends) and `jobs.ts` (where it stands); `ledger.ts` has the money, `formulas.ts` the
 * arithmetic, `bounds.ts` what may be asked for, `disputes.ts`, `attestation.ts` and `replication.ts` the hooks of the levels.
 *
 * A call at `now ≤ deadline` is in time, at `now > deadline` it is late. Every call checks everything before it changes
 * anything, and refuses with the name of the contract's error. The first argument of a call is the caller.
 */
import { type Hex, zeroAddress } from 'viem'
import { checkAgreement, checkKey, checkTerms } from './bounds.ts'
import { Disputes } from './disputes.ts'
import * as formulas from './formulas.ts'
import type { Address, Resources, Terms } from './terms.ts'
import { type Job, need, newJob, Refusal, resultCommitmentOf, stepBudget } from './types.ts'

export abstract class Market extends Disputes {
  /** The nonces of signed requests and offers that no longer count. */
  readonly spent = new Map<Address, Set<bigint>>()

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
    job.result = { root: resultRoot, steps: totalSteps }
    if (job.terms.meteredBps > 0) job.steps = formulas.min(totalSteps, stepBudget(job.terms))
    this.emit('ResultSubmitted', { jobId: id, provider: from, resultRoot, totalSteps })
  }

  spentBy(signer: Address): Set<bigint> {
    const spent = this.spent.get(signer) ?? new Set()
    this.spent.set(signer, spent)
    return spent
  }

  // Steps that several calls share

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
}

/** Whom a signature names as the other side: somebody, zero for anybody; null where it is no signature of these terms. */
export type SignedFor = Address | null

const nothing = () => {}

function covers(offered: Resources, floor: Resources): boolean {
  return offered.cores >= floor.cores && offered.memory >= floor.memory && offered.disk >= floor.disk
}
