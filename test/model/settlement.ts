/** How a job ends: taken back, given back, late, paid, or by what the hooks of assurance levels may do to it. */
import { type Hex, size, zeroHash } from 'viem'
import * as formulas from './formulas.ts'
import { Jobs } from './jobs.ts'
import type { Address } from './terms.ts'
import { type Job, need, releaseBy, stepBudget, windowEnd } from './types.ts'

export abstract class Settlement extends Jobs {
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
    this.opening(from, id)()
  }

  /** The game takes a challenge together with its bond: the data of the transfer is the job. */
  protected override transferReceived(to: Address, data: Hex): () => void {
    need(this.receivers.includes(to), 'LedgerTransferRefused')
    return size(data) === 32 ? this.opening(to, data) : () => {}
  }

  /** Refuses a challenge, or returns what opens it. */
  protected opening(from: Address, id: Hex): () => void {
    const job = this.jobIn(id, 'Submitted')
    need(this.challengersOf(job).includes(from), 'JobMarketNotHook')
    need(this.now <= windowEnd(job), 'JobMarketDeadlinePassed')
    return () => {
      job.openChallenges += 1
      this.emit('ChallengeCountChanged', { jobId: id, openChallenges: job.openChallenges })
    }
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

  private pay(job: Job): void {
    const { meteredBps } = job.terms
    const budget = stepBudget(job.terms)
    const due = meteredBps > 0 ? formulas.meteredPay(job.price, meteredBps, job.steps, budget) : job.price
    this.finish(job, 'Settled', 0n)
    this.emit('JobSettled', { jobId: job.id, provider: job.provider, ...this.reward(job, due) })
  }
}
