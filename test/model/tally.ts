import type { Hex } from 'viem'
import { type Action, calls, jobsOf } from './actions.ts'
import { callerOf, deadlines, type JobCall, jobCalls, type TimedCall, timedCalls } from './jobCalls.ts'
import type { Market } from './market.ts'
import { type Status, statuses } from './types.ts'

/** Every transition that a call makes. */
const transitions = [
  'None → Open by post',
  'None → Open by postMany',
  'Open → Cancelled by cancel',
  'Expired → Cancelled by cancel',
  'Open → Claimed by claim',
  'Claimed → Released by release',
  'Claimed → Submitted by submit',
  'Overdue → Failed by fail',
  'Submitted → Settled by accept',
  'Settleable → Settled by accept',
  'Settleable → Settled by settle',
  'Settleable → Settled by settleMany',
  'Submitted → Disputed by challengeOpened',
  'Disputed → Disputed by challengeOpened',
  'Disputed → Disputed by challengeClosed',
  'Disputed → Submitted by challengeClosed',
  'Disputed → Settleable by challengeClosed',
  'Disputed → Rejected by reject',
  'Submitted → Settleable by decide',
] as const

/** The seconds around a deadline, for each call that has one. */
const edges = timedCalls.flatMap((call) => [-1, 0, 1].map((offset) => edgeName(call, offset)))

/** Every call for jobs of every status. */
const attempts = jobCalls.flatMap((call) => statuses.map((status) => `${call} when ${status}`))

/** Counts what a run tried, and what came of it. */
export class Tally {
  actions = 0
  succeeded = 0
  readonly tried = new Map<string, number>()
  readonly done = new Map<string, number>()
  readonly refusals = new Map<string, number>()
  readonly transitions = new Map<string, number>()
  readonly edges = new Map<string, number>()
  /** Calls by who may make them, if the status of the job allows it. */
  readonly attempts = new Map<string, number>()
  #statuses = new Map<Hex, Status>()

  before(action: Action, market: Market): void {
    this.#statuses = new Map(jobsOf(action).map((id) => [id, market.statusOf(id)]))
    const call = jobCalls.find((name) => name === action.call)
    for (const [id, status] of call ? this.#statuses : []) {
      if ((callerOf(market, call!, id) ?? action.from) === action.from)
        count(this.attempts, `${call} when ${status}`)
    }
    const timed = deadlines[action.call as TimedCall]
    for (const id of timed ? this.#statuses.keys() : []) {
      const job = market.jobs.get(id)
      const offset = job?.stage === timed.stage ? market.now - timed.deadline(job) : Number.NaN
      if (Math.abs(offset) <= 1) count(this.edges, edgeName(action.call, offset))
    }
  }

  after(action: Action, market: Market, refusal: string | undefined): void {
    this.actions += 1
    count(this.tried, action.call)
    if (refusal) {
      count(this.refusals, refusal)
      return
    }
    this.succeeded += 1
    count(this.done, action.call)
    for (const { name, jobId } of market.events)
      if (name === 'JobPosted') this.#statuses.set(jobId as Hex, 'None')
    for (const [id, from] of this.#statuses) {
      const to = market.statusOf(id)
      const counts = action.call.startsWith('challenge') || to !== from
      if (counts) count(this.transitions, `${from} → ${to} by ${action.call}`)
    }
  }

  /** Transitions taken less than 20 times; seconds around deadlines, and calls in a status, tried less than twice. */
  missing(): string[] {
    const rare = (names: readonly string[], counts: Map<string, number>, least: number) =>
      names.filter((name) => (counts.get(name) ?? 0) < least)
    return [
      ...rare(transitions, this.transitions, 20),
      ...rare(edges, this.edges, 2),
      ...rare(attempts, this.attempts, 2),
    ]
  }

  /** Transitions taken that should not exist. */
  unknown(): string[] {
    return [...this.transitions.keys()].filter((name) => !transitions.some((known) => known === name))
  }

  #matrix(): string[] {
    const cells = (first: string, rest: readonly unknown[]) =>
      [first.padEnd(17), ...rest.map((cell) => `${cell}`.padStart(6))].join('')
    const header = cells(
      '',
      statuses.map((status) => status.slice(0, 5)),
    )
    const row = (call: JobCall) => statuses.map((status) => this.attempts.get(`${call} when ${status}`) ?? 0)
    return [header, ...jobCalls.map((call) => cells(`  ${call}`, row(call)))]
  }

  /** A table of every count. */
  toString(): string {
    const rows = (title: string, counts: Map<string, number>) =>
      [
        title,
        ...[...counts]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, n]) => `  ${`${n}`.padStart(6)}  ${key}`),
      ].join('\n')
    const percent = Math.round((100 * this.succeeded) / this.actions)
    const perCall = calls.map(
      (call) =>
        `  ${`${this.done.get(call) ?? 0}`.padStart(6)} of ${`${this.tried.get(call) ?? 0}`.padStart(5)}  ${call}`,
    )
    return [
      `${this.actions} actions, ${this.succeeded} succeeded (${percent} %)`,
      ...['calls that succeeded, of those tried', ...perCall],
      rows('transitions', this.transitions),
      ...['calls by who may make them, for jobs of each status', ...this.#matrix()],
      rows('seconds around deadlines', this.edges),
      rows('refusals', this.refusals),
    ].join('\n')
  }
}

function edgeName(call: string, offset: number): string {
  return `${call} ${['one second before', 'at', 'one second after'][offset + 1]}`
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
