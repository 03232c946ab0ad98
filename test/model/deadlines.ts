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
