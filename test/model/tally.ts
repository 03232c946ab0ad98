import { type Hex, zeroHash } from 'viem'
import { type Action, type CallName, calls, jobsOf } from './actions.ts'
import { reasons } from './disputes.ts'
import { callerOf, deadlines, type JobCall, jobCalls, type Timed } from './jobCalls.ts'
import type { Phase, ReplicatedMarket } from './replication.ts'
import { type Status, statuses } from './types.ts'

/** From so many actions on, nothing may be missing. */
export const ENOUGH = 5_000

/** Every transition that a call makes. */
const transitions = [
  'None → Open by post',
  'None → Open by postMany',
  'Open → Cancelled by cancel',
  'Expired → Cancelled by cancel',
  ...['Claimed', 'AwaitingKey', 'Seated'].map((status) => `Open → ${status} by claim`),
  ...['Claimed', 'AwaitingKey'].flatMap((status) => [
    `None → ${status} by claimSigned`,
    `None → ${status} by acceptOffer`,
  ]),
  'AwaitingKey → Claimed by deliverKey',
  'Keyless → Released by release',
  'Claimed → Released by release',
  'Claimed → Submitted by submit',
  'Overdue → Failed by fail',
  'Overdue → Failed by failMany',
  'Submitted → Settled by accept',
  'Settleable → Settled by accept',
  'Settleable → Settled by settle',
  'Settleable → Settled by settleMany',
  'Submitted → Disputed by challengeOpened',
  'Disputed → Disputed by challengeOpened',
  'Settleable → Disputed by challengeOpened',
  'Disputed → Disputed by challengeClosed',
  'Disputed → Submitted by challengeClosed',
  'Disputed → Settleable by challengeClosed',
  'Disputed → Rejected by reject',
  'Submitted → Settleable by decide',
  'Submitted → Settleable by attest',
  ...['Seated', 'Settled', 'Released', 'Rejected'].map((status) => `Seated → ${status} by resolve`),
  ...['resolve', 'cancelGroup'].flatMap((call) => [
    `Open → Cancelled by ${call}`,
    `Expired → Cancelled by ${call}`,
  ]),
]

/** What becomes of groups of seats. */
const groupEnds = ['First', 'Escalated'].flatMap((phase) => [
  `${phase} → decided`,
  `${phase} → undecided`,
  ...(phase === 'First' ? ['First → Escalated', 'First → taken back'] : []),
])

/** What becomes of games: each reason to win or lose that the lockstep has. */
const gameEnds = [
  ...['ProviderLate', 'WrongSum', 'WrongPadding'].map((reason) => `won: ${reason}`),
  'lost: ChallengerLate',
  'collected',
]

/** The seconds around a deadline, for each call that has one. */
const edges = [...new Set(deadlines.flatMap((timed) => [-1, 0, 1].map((offset) => edgeName(timed, offset))))]

/** Every call for jobs of every status. */
const attempts = jobCalls.flatMap((call) => statuses.map((status) => `${call} when ${status}`))

const counters = [
  ...([
    'tried',
    'done',
    'refusals',
    'transitions',
    'edges',
    'attempts',
    'groups',
    'games',
    'statuses',
  ] as const),
] as const

/** What was counted, as JSON can hold it. */
export type Counts = { actions: number; succeeded: number } & Record<
  (typeof counters)[number],
  Record<string, number>
>

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
  readonly groups = new Map<string, number>()
  readonly games = new Map<string, number>()
  /** Jobs that a call named, or made, by where they stood before or after it. */
  readonly statuses = new Map<string, number>()
  /** What was drawn because it had been drawn least often. */
  readonly drawn = new Map<string, number>()
  #statuses = new Map<Hex, Status>()
  #phase: Phase | undefined

  toJSON(): Counts {
    const counts = counters.map((name) => [name, Object.fromEntries(this[name])])
    return { actions: this.actions, succeeded: this.succeeded, ...Object.fromEntries(counts) }
  }

  /** Adds what another run counted. */
  add(counts: Counts): void {
    this.actions += counts.actions
    this.succeeded += counts.succeeded
    for (const name of counters) {
      for (const [key, n] of Object.entries(counts[name])) count(this[name], key, n)
    }
  }

  before(action: Action, market: ReplicatedMarket): void {
    this.#statuses = new Map(jobsOf(action, market).map((id) => [id, market.statusOf(id)]))
    for (const status of this.#statuses.values()) count(this.statuses, status)
    const call = jobCalls.find((name) => name === action.call)
    for (const [id, status] of call ? this.#statuses : []) {
      if ((callerOf(market, call!, id) ?? action.from) === action.from)
        count(this.attempts, `${call} when ${status}`)
    }
    const ends = action.call === 'resolve' || action.call === 'cancelGroup'
    this.#phase = ends ? market.groups.get(action.args[0])?.phase : undefined
    for (const timed of deadlines.filter(({ call }) => call === action.call)) {
      for (const id of this.#statuses.keys()) {
        const job = market.jobs.get(id)
        const offset = job?.stage === timed.stage ? market.now - timed.deadline(job, market) : Number.NaN
        if (Math.abs(offset) <= 1) count(this.edges, edgeName(timed, offset))
      }
    }
  }

  after(action: Action, market: ReplicatedMarket, refusal: string | undefined): void {
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
      if (to !== from) count(this.statuses, to)
      const call = marketCall(action.call, to)
      const counts = call.startsWith('challenge') || to !== from || (this.#phase && to === 'Seated')
      if (counts) count(this.transitions, `${from} → ${to} by ${call}`)
    }
    for (const { name, reason } of market.events) {
      if (name === 'GameWon') count(this.games, `won: ${reasons[reason as number]}`)
      if (name === 'GameLost') count(this.games, `lost: ${reasons[reason as number]}`)
      if (name === 'GameCollected') count(this.games, 'collected')
    }
    for (const { name, resultCommitment } of market.events) {
      if (name === 'GroupEscalated') count(this.groups, `${this.#phase} → Escalated`)
      const undecided = action.call === 'cancelGroup' ? 'taken back' : 'undecided'
      const end = resultCommitment === zeroHash ? undecided : 'decided'
      if (name === 'GroupClosed') count(this.groups, `${this.#phase} → ${end}`)
    }
  }

  /** Transitions taken less than 20 times; ends of groups less than 5 times; ends of games less than twice; seconds around deadlines, and calls in a status, tried less than twice. */
  missing(): string[] {
    const rare = (names: readonly string[], counts: Map<string, number>, least: number) =>
      names.filter((name) => (counts.get(name) ?? 0) < least)
    return [
      ...rare(transitions, this.transitions, 20),
      ...rare(groupEnds, this.groups, 5),
      ...rare(gameEnds, this.games, 2),
      ...rare(edges, this.edges, 2),
      ...rare(attempts, this.attempts, 2),
    ]
  }

  /** Transitions taken that should not exist. */
  unknown(): string[] {
    return [...this.transitions.keys()].filter((name) => !transitions.some((known) => known === name))
  }

  /** Statuses that no job was seen in, and transitions and ends of groups and games that nothing took. */
  never(): string[] {
    return [
      ...statuses.filter((status) => !this.statuses.has(status)),
      ...transitions.filter((transition) => !this.transitions.has(transition)),
      ...groupEnds.filter((end) => !this.groups.has(end)),
      ...gameEnds.filter((end) => !this.games.has(end)),
    ]
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
      rows('statuses of the jobs that calls named', this.statuses),
      rows('transitions', this.transitions),
      rows('groups of seats', this.groups),
      rows('games', this.games),
      ...['calls by who may make them, for jobs of each status', ...this.#matrix()],
      rows('seconds around deadlines', this.edges),
      rows('refusals', this.refusals),
      `never reached: ${this.never().join(', ') || 'none of the statuses, transitions and ends of groups and games'}`,
    ].join('\n')
  }
}

/** What the market was called for: a bond that comes with a challenge makes its receiver call, and so do moves of a game. */
function marketCall(call: CallName, to: Status): string {
  if (call === 'transfer' || call === 'openGame') return 'challengeOpened'
  if (call === 'timeOut') return to === 'Rejected' ? 'reject' : 'challengeClosed'
  return call === 'descend' ? 'reject' : call
}

function edgeName({ call, stage }: Timed, offset: number): string {
  return `${call} when ${stage} ${['one second before', 'at', 'one second after'][offset + 1]}`
}

function count(counts: Map<string, number>, key: string, n = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + n)
}
