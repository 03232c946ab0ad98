import { type Address, concatHex, type Hex, keccak256, pad, stringToHex } from 'viem'
import type { AuditEventName } from './events.ts'
import {
  claimWord,
  limitsWord,
  originWord,
  rulesWord,
  type StoredStatus,
  statusOf,
  storedStatus,
} from './layout.ts'
import * as rules from './rules.ts'
import { accountOf, type JobState, type PostedTerms, profileOf } from './state.ts'
import { debit, type Handlers, type Replay, within } from './transition.ts'
import { decodeWord, word } from './words.ts'

type JobEventName = Extract<
  AuditEventName,
  `Job${string}` | 'ResultSubmitted' | 'SettleSkipped' | 'ChallengeCountChanged'
>

const optimistic = 0n
const bps = 10_000n
const maxTime = 30n * 86_400n

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
    checks.equal('rules', `${place}: snapshot bits of the terms`, 0n, terms.rules >> 228n)
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
    if (fields.level !== optimistic)
      checks.equal(
        'rules',
        `${place}: level ${fields.level} offered`,
        true,
        hookOf(replay, parametersId, fields.level) !== 0n,
      )

    const { tasks, claimBy } = limits
    state.jobs.set(jobId, {
      jobId,
      requester,
      terms,
      origin: { ...decodeWord(originWord, 0n), requester: BigInt(requester), postedAt: time, claimBy, tasks },
      rules: { ...fields, parametersId, feeBps: set.feeBps },
      claim: decodeWord(claimWord, 0n),
      resultCommitment: 0n,
      provider: undefined,
    })
    debit(replay, requester, fields.maxPrice)
  },

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
    const { maxPrice, run, floor, minReputation, parametersId } = job.rules
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
      mark: time + run,
      share,
      status: storedStatus.claimed,
      bond: bondFloat,
      openChallenges: 0n,
    }
    account.locked += locked
    account.active += 1n
    accountOf(state, job.requester).balance += maxPrice - due
  },

  JobReleased(replay, { jobId, provider, penalty }) {
    const { state, checks, time, place } = replay
    const job = claimedIn(replay, jobId, provider, 'claimed')
    if (job === undefined) return
    const { price, bond } = amountsOf(job)
    const cost = rules.releasePenalty(price, bond)
    const { run } = job.rules
    within(replay, 'time', time, job.claim.mark - run, job.claim.mark - run + run / 4n)
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
    job.resultCommitment = BigInt(keccak256(concatHex([resultRoot, `0x${steps.slice(34)}`])))
  },

  JobSettled(replay, { jobId, provider, pay, fee }) {
    const { state, checks, time, place } = replay
    const job = claimedIn(replay, jobId, provider, 'submitted')
    if (job === undefined) return
    const { price, bond } = amountsOf(job)
    const due = rules.feeOf(price, job.rules.feeBps)
    checks.equal('rules', `${place}: open challenges`, 0n, job.claim.openChallenges)
    checks.equal('rules', `${place}: pay`, price - due, pay)
    checks.equal('rules', `${place}: fee`, due, fee)
    job.claim.status = storedStatus.settled
    endClaim(replay, provider, bond, 0n)
    accountOf(state, provider).balance += price - due
    const profile = profileOf(state, provider)
    const reputation = rules.decayedReputation(profile.reputation, profile.reputationAt, time)
    profile.reputation = rules.increasedReputation(reputation, due)
    profile.reputationAt = time
    profile.feeOwed += due
  },

  // changes nothing; its status was derived from the time
  SettleSkipped() {},

  JobFailed(replay, { jobId, provider, keeper, ...stated }) {
    const { state, checks, time, place } = replay
    const job = claimedIn(replay, jobId, provider, 'claimed')
    if (job === undefined) return
    const { price, bond } = amountsOf(job)
    const slash = rules.splitLateness(state.sets[Number(job.rules.parametersId)]!, bond)
    checks.that('rules', time > job.claim.mark, () => ({
      subject: `${place}: time`,
      expected: `after ${job.claim.mark}`,
      actual: `${time}`,
    }))
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
    job.claim.openChallenges = openChallenges
  },

  JobRejected(replay, { jobId, provider, hook, toRequester, toHook, toReserve }) {
    const { state, checks, place } = replay
    const job = claimedIn(replay, jobId, provider, 'submitted')
    if (job === undefined) return
    const { price, bond } = amountsOf(job)
    const { parametersId, level } = job.rules
    const slash = rules.splitFraud(bond, price)
    checks.equal('rules', `${place}: hook`, hookOf(replay, parametersId, level), BigInt(hook))
    within(replay, 'open challenges', job.claim.openChallenges, 1n, 65_535n)
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

/** Price and bond of a claimed job, in units. */
function amountsOf(job: Pick<JobState, 'rules' | 'claim'>): { price: bigint; bond: bigint } {
  return {
    price: rules.priceOf(job.rules.maxPrice, job.claim.share),
    bond: rules.decodeFloat(job.claim.bond),
  }
}

function jobIdOf({ chainId, market }: Replay, requester: Address, terms: PostedTerms): Hex {
  return keccak256(
    concatHex([
      word(BigInt(chainId)),
      pad(market, { size: 32 }),
      pad(requester, { size: 32 }),
      terms.programId,
      terms.inputsRoot,
      terms.sharedInput,
      word(terms.rules),
      word(terms.limits),
      keccak256(stringToHex(terms.dataUri)),
    ]),
  )
}

/** The job, if it is known and has that status; a finding if not. */
function jobIn({ state, checks, place }: Replay, jobId: Hex, expected: StoredStatus): JobState | undefined {
  const job = state.jobs.get(jobId)
  const actual = job === undefined ? 'none' : (statusOf(job.claim) ?? 'unknown')
  return checks.equal('rules', `${place}: status of job ${jobId} before it`, expected, actual)
    ? job
    : undefined
}

function claimedIn(
  replay: Replay,
  jobId: Hex,
  provider: Address,
  expected: StoredStatus,
): JobState | undefined {
  const job = jobIn(replay, jobId, expected)
  if (job === undefined) return undefined
  const { checks, place } = replay
  return checks.equal('rules', `${place}: provider of job ${jobId}`, job.provider ?? 'none', provider)
    ? job
    : undefined
}

function endClaim({ state }: Replay, provider: Address, bond: bigint, slash: bigint): void {
  const account = accountOf(state, provider)
  account.locked -= bond
  account.active -= 1n
  account.stake -= slash
}

function fault({ state, time }: Replay, provider: Address, after: (reputation: bigint) => bigint): void {
  const profile = profileOf(state, provider)
  profile.reputation = after(rules.decayedReputation(profile.reputation, profile.reputationAt, time))
  profile.reputationAt = time
  if (profile.faults < 65_535n) profile.faults += 1n
}

function hookOf({ state }: Replay, parametersId: bigint, level: bigint): bigint {
  return BigInt(state.sets[Number(parametersId)]?.hooks[Number(level)] ?? 0)
}
