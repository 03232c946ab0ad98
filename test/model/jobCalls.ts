import { type Hex, zeroAddress } from 'viem'
import { type ReplicatedMarket, timesOf } from './replication.ts'
import type { Address } from './terms.ts'
import { type Job, releaseBy, type Stage, windowEnd } from './types.ts'

type Deadline = (job: Job, market: ReplicatedMarket) => number

const groupTime =
  (time: keyof ReturnType<typeof timesOf>): Deadline =>
  (job, { groups, seats }) =>
    timesOf(groups.get(seats.get(job.id)!.groupId)!)[time]

/** The calls with a deadline, the jobs they are for, and their last (or last too early) second. */
export const deadlines = [
  { call: 'claim', stage: 'Open', deadline: ({ terms }) => terms.claimBy },
  { call: 'cancel', stage: 'Open', deadline: ({ terms }) => terms.claimBy },
  { call: 'deliverKey', stage: 'AwaitingKey', deadline: ({ keyBy }) => keyBy },
  { call: 'release', stage: 'AwaitingKey', deadline: ({ keyBy }) => keyBy },
  { call: 'release', stage: 'Claimed', deadline: releaseBy },
  { call: 'submit', stage: 'Claimed', deadline: ({ runBy }) => runBy },
  { call: 'fail', stage: 'Claimed', deadline: ({ runBy }) => runBy },
  { call: 'failMany', stage: 'Claimed', deadline: ({ runBy }) => runBy },
  { call: 'settle', stage: 'Submitted', deadline: windowEnd },
  { call: 'settleMany', stage: 'Submitted', deadline: windowEnd },
  { call: 'challengeOpened', stage: 'Submitted', deadline: windowEnd },
  { call: 'commit', stage: 'Seated', deadline: groupTime('commitBy') },
  { call: 'reveal', stage: 'Seated', deadline: groupTime('commitBy') },
  { call: 'reveal', stage: 'Seated', deadline: groupTime('revealBy') },
] as const satisfies readonly { call: string; stage: Stage; deadline: Deadline }[]

export type Timed = (typeof deadlines)[number]

/** Every call that moves a job, or would if it could. */
export const jobCalls = [
  ...new Set(deadlines.map(({ call }) => call)),
  ...(['accept', 'attest', 'challengeClosed', 'conclude', 'freezeBond', 'reject'] as const),
]
export type JobCall = (typeof jobCalls)[number]

/** The hooks that say what they are told to, and open and close challenges of this job; the product's never do of themselves. */
export function playersOf(market: ReplicatedMarket, job: Job): Address[] {
  const silent = [market.game, market.attestation, market.replication]
  return market.challengersOf(job).filter((hook) => !silent.includes(hook))
}

/** Who alone may make the call for this job, whenever it may be made; undefined if others may, too. */
export function callerOf(market: ReplicatedMarket, call: JobCall, id: Hex): Address | undefined {
  const job = market.jobs.get(id)
  if (!job) return undefined
  const [hook] = playersOf(market, job)
  const { requester, provider } = job
  const owner = market.isMediated(job) && market.now <= job.terms.claimBy ? undefined : requester
  const callers: Partial<Record<JobCall, Address | undefined>> = {
    ...{ cancel: owner, accept: requester, deliverKey: requester },
    ...{ submit: provider, commit: provider, reveal: provider },
    ...{ challengeOpened: hook, challengeClosed: hook, reject: hook },
    release: job.stage === 'AwaitingKey' ? undefined : provider,
  }
  return callers[call] === zeroAddress ? undefined : callers[call]
}
