import { type Hex, zeroAddress } from 'viem'
import type { Market } from './market.ts'
import type { Address } from './terms.ts'
import { type Job, releaseBy, windowEnd } from './types.ts'

/** The calls with a deadline, the jobs they are for, and their last (or last too early) second. */
export const deadlines = {
  claim: { stage: 'Open', deadline: (job: Job) => job.terms.claimBy },
  cancel: { stage: 'Open', deadline: (job: Job) => job.terms.claimBy },
  release: { stage: 'Claimed', deadline: releaseBy },
  submit: { stage: 'Claimed', deadline: (job: Job) => job.runBy },
  fail: { stage: 'Claimed', deadline: (job: Job) => job.runBy },
  settle: { stage: 'Submitted', deadline: windowEnd },
  settleMany: { stage: 'Submitted', deadline: windowEnd },
  challengeOpened: { stage: 'Submitted', deadline: windowEnd },
} as const

export type TimedCall = keyof typeof deadlines
export type JobCall = TimedCall | 'accept' | 'challengeClosed' | 'reject'

export const timedCalls = Object.keys(deadlines) as TimedCall[]
/** Every call that moves a job. */
export const jobCalls: JobCall[] = [...timedCalls, 'accept', 'challengeClosed', 'reject']

/** Who alone may make the call for this job, whenever it may be made; undefined if others may, too. */
export function callerOf(market: Market, call: JobCall, id: Hex): Address | undefined {
  const job = market.jobs.get(id)
  if (!job) return undefined
  const hook = market.hookOf(job) === zeroAddress ? undefined : market.hookOf(job)
  const callers: Partial<Record<JobCall, Address | undefined>> = {
    ...{ cancel: job.requester, accept: job.requester, release: job.provider, submit: job.provider },
    ...{ challengeOpened: hook, challengeClosed: hook, reject: hook },
  }
  return callers[call] === zeroAddress ? undefined : callers[call]
}
