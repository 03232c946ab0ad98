import { concatHex, keccak256, size } from 'viem'
import type { AuditEventName } from './events.ts'
import { amountsOf, claimedIn, endClaim, fault, jobIn, levelOf, reward } from './jobAccess.ts'
import { claimWord, limitsWord, originWord, rulesWord, storedStatus } from './layout.ts'
import { jobIdOf, optimistic, requireLevel } from './postedJob.ts'
import * as rules from './rules.ts'
import { accountOf, type JobState, type ParameterSet, profileOf } from './state.ts'
import { debit, type Handlers, type Replay, within } from './transition.ts'
import { decodeWord, word } from './words.ts'

type JobEventName = Extract<
  AuditEventName,
  | `Job${string}`
  | 'PostRefused'
  | 'KeyDelivered'
  | 'ResultSubmitted'
  | `${string}Skipped`
  | 'ChallengeCountChanged'
>

const bps = 10_000n
const maxTime = 30n * 86_400n
const maxChallenges = (1n << 14n) - 1n

export const jobHandlers: Handlers<JobEventName> = {
  JobPosted(replay, { jobId, requester, terms }) {
    const { state, checks, time, place } = replay
    const fields = decodeWord(rulesWord, terms.rules)
    const limits = decodeWord(limitsWord, terms.limits)
    const parametersId = BigInt(state.sets.length - 1)
    const set = state.sets.at(-1)

    if (
      !checks.that('rules', set !== undefined, () => ({
        subject: place,
        expected: 'parameters',
        actual: 'none',
      })) ||
      !set
    )
      return
    checks.equal('rules', `${place}: id`, jobIdOf(replay, requester, terms), jobId)
    checks.equal('rules', `${place}: jobs before it with id ${jobId}`, false, state.jobs.has(jobId))
    checks.equal('rules', `${place}: posting paused`, false, state.paused)
    const snapshot = parametersId | (set.feeBps << 12n)
    if (terms.rules >> 228n !== 0n)
      checks.equal('rules', `${place}: snapshot that the terms expect`, snapshot, terms.rules >> 228n)
    checks.equal('rules', `${place}: isMetered in the terms`, 0n, fields.isMetered)
    within(replay, 'maxPrice', fields.maxPrice, 1n, (1n << 80n) - 1n)
    within(replay, 'minBps', fields.minBps, 0n, bps)
    within(replay, 'ramp', fields.ramp, 0n, maxTime)
    within(replay, 'run', fields.run, set.minRun, maxTime)
    within(replay, 'window', fields.window, set.minWindow, maxTime)
    within(replay, 'claimBy', limits.claimBy, time, time + maxTime)
    within(replay, 'tasks', limits.tasks, 1n, (1n << 32n) - 1n)
    within(replay, 'stepLimit', limits.stepLimit, 1n, 1n << 44n)
    within(replay, 'maxOutput', limits.maxOutput, 0n, 1n << 30n)
    within(replay, 'maxPages', limits.maxPages, 1n, 16_384n)
    within(replay, 'meteredBps', limits.meteredBps, 0n, bps)
    requireLevel(replay, { ...fields, parametersId }, limits.meteredBps, terms.assurance)

    const { tasks, claimBy, stepLimit, meteredBps } = limits
    const isMetered = meteredBps === 0n ? 0n : 1n
    state.jobs.set(jobId, {
      jobId,
      requester,
      terms,
      origin: { ...decodeWord(originWord, 0n), requester: BigInt(requester), postedAt: time, claimBy, tasks },
      rules: { ...fields, isMetered, parametersId, feeBps: set.feeBps },
      meter: { stepBudget: isMetered * tasks * stepLimit, steps: 0n, meteredBps },
      maybeSigned: false,
      postedIn: { transactionHash: replay.transactionHash, logIndex: replay.logIndex },
      claim: decodeWord(claimWord, 0n),
      resultCommitment: 0n,
      provider: undefined,
    })
    debit(replay, requester, fields.maxPrice)
  },

  // nothing of what was refused is left
  PostRefused() {},

  JobCancelled(replay, { jobId, requester, refund }) {
    const { state, checks, place } = replay
    const job = jobIn(replay, jobId, 'open')
    if (job === undefined) return
    checks.equal('rules', `${place}: requester`, job.requester, requester)
    checks.equal('rules', `${place}: refund`, job.rules.maxPrice, refund)
    job.claim.status = storedStatus.cancelled
    accountOf(state, job.requester).balance += job.rules.maxPrice
  },

  JobClaimed(replay, { jobId, provider, price, bond }) {
    const { state, checks, time, place } = replay
    const job = jobIn(replay, jobId, 'open')
    if (job === undefined) return
    const { maxPrice, floor, minReputation, parametersId, isMetered } = job.rules
    const set = state.sets[Number(parametersId)]!
    const account = accountOf(state, provider)
    const profile = profileOf(state, provider)
    const reputation = rules.decayedReputation(profile.reputation, profile.reputationAt, time)
    const share = rules.shareAt(job.rules, time - job.origin.postedAt)
    const due = rules.priceOf(maxPrice, share)
    const bondFloat = rules.bondFor(set, due, reputation)
    const locked = rules.decodeFloat(bondFloat)

    checks.equal('rules', `${place}: price`, due, price)
    checks.equal('rules', `${place}: bond`, locked, bond)
    checks.equal(
      'rules',
      `${place}: resources cover the floor`,
      true,
      rules.coversFloor(profile.resources, floor),
    )
    within(replay, 'time', time, job.origin.postedAt, job.origin.claimBy)
    within(replay, 'active claims', account.active + 1n, 1n, profile.concurrency)
    within(replay, 'locked stake', account.locked + locked, 0n, account.stake)
    within(replay, 'exposure', account.locked + locked, 0n, rules.exposureLimit(set, reputation))
    checks.that('rules', reputation >= rules.decodeFloat(minReputation), () => ({
      subject: `${place}: reputation of ${provider}`,
      expected: `at least ${rules.decodeFloat(minReputation)}`,
      actual: `${reputation}`,
    }))

    job.provider = provider
    job.claim = {
      provider: BigInt(provider),
      share,
      ...firstStep(replay, job, set),
      bond: bondFloat,
      openChallenges: 0n,
      isMetered,
      isSigned: 0n,
    }
    job.maybeSigned = maybeSigned(replay, job)
    account.locked += locked
    account.active += 1n
    accountOf(state, job.requester).balance += maxPrice - due
  },

  KeyDelivered(replay, { jobId, provider, key }) {
    const { time } = replay
    const job = claimedIn(replay, jobId, provider, 'awaitingKey')
    if (job === undefined) return
    within(replay, 'time', time, 0n, job.claim.mark)
    within(replay, 'key length', BigInt(size(key)), 1n, 512n)
    job.claim.status = storedStatus.claimed
    job.claim.mark = time + job.rules.run
  },

  JobReleased(replay, { jobId, provider, penalty }) {
    const { state, checks, time, place } = replay
    const job = claimedIn(replay, jobId, provider, 'claimed', 'awaitingKey')
    if (job === undefined) return
    const { price, bond } = amountsOf(job)
    const isKeyless = job.claim.status === storedStatus.awaitingKey
    const cost = isKeyless ? 0n : rules.releasePenalty(price, bond)
    const { run } = job.rules
    if (isKeyless) after(replay, job.claim.mark)
    else within(replay, 'time', time, job.claim.mark - run, job.claim.mark - run + run / 4n)
    checks.equal('rules', `${place}: penalty`, cost, penalty)
    job.claim.status = storedStatus.released
    endClaim(replay, provider, bond, cost)
    state.reserve += cost
    accountOf(state, job.requester).balance += price
  },

  ResultSubmitted(replay, { jobId, provider, resultRoot, totalSteps }) {
    const { time, place, checks } = replay
    const job = claimedIn(replay, jobId, provider, 'claimed')
    if (job === undefined) return
    within(replay, 'time', time, 0n, job.claim.mark)
    const steps = word(totalSteps)
    checks.equal('rules', `${place}: steps fit 128 bits`, true, totalSteps >> 128n === 0n)
    job.claim.status = storedStatus.submitted
    job.claim.mark = time
    if (job.rules.isMetered) job.meter.steps = min(totalSteps, job.meter.stepBudget)
    job.resultCommitment = BigInt(keccak256(concatHex([resultRoot, `0x${steps.slice(34)}`])))
  },

  JobSettled(replay, { jobId, provider, pay, fee }) {
    const { state, checks, place } = replay
    const job = claimedIn(replay, jobId, provider, 'submitted')
    if (job === undefined) return
    const { price, bond } = amountsOf(job)
    const due = job.rules.isMetered ? rules.meteredPay(price, job.meter) : price
    const cut = rules.feeOf(due, job.rules.feeBps)
    checks.equal('rules', `${place}: open challenges`, 0n, job.claim.openChallenges)
    checks.equal('rules', `${place}: pay`, due - cut, pay)
    checks.equal('rules', `${place}: fee`, cut, fee)
    job.claim.status = storedStatus.settled
    endClaim(replay, provider, bond, 0n)
    reward(replay, provider, due - cut, cut)
    accountOf(state, job.requester).balance += price - due
  },

  // these change nothing; their status was derived from the time
  SettleSkipped() {},
  FailSkipped() {},

  JobFailed(replay, { jobId, provider, keeper, ...stated }) {
    const { state, checks, place } = replay
    const job = claimedIn(replay, jobId, provider, 'claimed')
    if (job === undefined) return
    const { price, bond } = amountsOf(job)
    const slash = rules.splitLateness(state.sets[Number(job.rules.parametersId)]!, bond)
    after(replay, job.claim.mark)
    for (const part of ['toRequester', 'toKeeper', 'toReserve'] as const)
      checks.equal('rules', `${place}: ${part}`, slash[part], stated[part])
    job.claim.status = storedStatus.failed
    endClaim(replay, provider, bond, slash.total)
    fault(replay, provider, rules.afterLateness)
    state.reserve += slash.toReserve
    accountOf(state, job.requester).balance += price + slash.toRequester
    accountOf(state, keeper).balance += slash.toKeeper
  },

  ChallengeCountChanged(replay, { jobId, openChallenges }) {
    const { checks, time, place } = replay
    const job = jobIn(replay, jobId, 'submitted')
    if (job === undefined) return
    const before = job.claim.openChallenges
    const opened = openChallenges > before
    checks.equal('rules', `${place}: open challenges`, opened ? before + 1n : before - 1n, openChallenges)
    if (opened) within(replay, 'time', time, job.claim.mark, job.claim.mark + job.rules.window)
    within(replay, 'openChallenges', openChallenges, 0n, maxChallenges)
    job.claim.openChallenges = openChallenges
  },

  JobRejected(replay, { jobId, provider, hook, toRequester, toHook, toReserve }) {
    const { state, checks, place } = replay
    const job = claimedIn(replay, jobId, provider, 'submitted')
    if (job === undefined) return
    const { price, bond } = amountsOf(job)
    const { parametersId, level } = job.rules
    const slash = rules.splitFraud(bond, price)
    const deciders = [
      levelOf(replay, parametersId, level)?.hook,
      levelOf(replay, parametersId, optimistic)?.hook,
    ]
    checks.that('rules', deciders.includes(hook), () => ({
      subject: `${place}: hook`,
      expected: deciders.map((decider) => decider ?? 'none').join(' or '),
      actual: hook,
    }))
    within(replay, 'open challenges', job.claim.openChallenges, 1n, maxChallenges)
    within(replay, 'toRequester', toRequester, 0n, slash.mostToRequester)
    checks.equal(
      'rules',
      `${place}: toRequester + toHook`,
      slash.mostToRequester + slash.leastToHook,
      toRequester + toHook,
    )
    checks.equal('rules', `${place}: toReserve`, slash.toReserve, toReserve)
    job.claim.status = storedStatus.rejected
    endClaim(replay, provider, bond, bond)
    fault(replay, provider, rules.afterFraud)
    state.reserve += slash.toReserve
    accountOf(state, job.requester).balance += price + toRequester
    accountOf(state, hook).balance += bond - slash.toReserve - toRequester
  },
}

/** What a claim waits for first, and until when. */
function firstStep(
  replay: Replay,
  { rules: { parametersId, level, isPrivate, run } }: JobState,
  { keyTime }: ParameterSet,
): { status: bigint; mark: bigint } {
  const isSeat = level !== optimistic && levelOf(replay, parametersId, level)?.isMediated
  if (isSeat) return { status: storedStatus.seated, mark: replay.time + run }
  if (isPrivate) return { status: storedStatus.awaitingKey, mark: replay.time + keyTime }
  return { status: storedStatus.claimed, mark: replay.time + run }
}

function maybeSigned(
  { transactionHash, logIndex }: Replay,
  { rules: r, postedIn, claim }: JobState,
): boolean {
  const isNext = postedIn.transactionHash === transactionHash && postedIn.logIndex + 1 === logIndex
  const exponent = BigInt(Math.max(0, r.maxPrice.toString(2).length - 40))
  const isCoarse = (r.maxPrice >> exponent) << exponent === r.maxPrice
  return isNext && r.minBps === bps && isCoarse && r.level < 16n && claim.status !== storedStatus.seated
}

function after({ checks, time, place }: Replay, deadline: bigint): void {
  checks.that('rules', time > deadline, () => ({
    subject: `${place}: time`,
    expected: `after ${deadline}`,
    actual: `${time}`,
  }))
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
