/**
 * The invariants of README.md, coded. The witness knows nothing of the model: it sees the calls, their events, and what the
 * contracts' views say before and after.
 */
import { type Hex, zeroAddress } from 'viem'
import type { Action } from '../model/actions.ts'
import { min } from '../model/formulas.ts'
import type { Address } from '../model/terms.ts'
import { type MarketEvent, type Status, statuses } from '../model/types.ts'
import {
  differences,
  type JobView,
  type PersonView,
  type RulesView,
  type View,
  type WalletView,
  type WholeView,
} from '../model/view.ts'

/** S1: from each status, those that it may be followed by, through a call or by time. What is not here is illegal. */
const follows: Record<Status, readonly Status[]> = {
  None: ['Open', 'Claimed', 'AwaitingKey'],
  Open: ['Claimed', 'AwaitingKey', 'Seated', 'Cancelled', 'Expired'],
  Expired: ['Cancelled'],
  AwaitingKey: ['Claimed', 'Keyless'],
  Keyless: ['Released'],
  Claimed: ['Submitted', 'Released', 'Overdue'],
  Overdue: ['Failed'],
  Seated: ['Settled', 'Released', 'Rejected'],
  Submitted: ['Disputed', 'Settleable', 'Settled'],
  Disputed: ['Submitted', 'Settleable', 'Rejected'],
  Settleable: ['Settled', 'Disputed'],
  Settled: [],
  Released: [],
  Failed: [],
  Rejected: [],
  Cancelled: [],
}

const ends = ['JobSettled', 'JobReleased', 'JobFailed', 'JobRejected', 'JobCancelled', 'SeatConcluded']
const timelockCalls = ['addParameters', 'setFeeRecipient', 'setGuardian']
const guardianCalls = ['pausePosting', 'resumePosting']

export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

interface Governed {
  address: Address
  /** The dispute game, which hands on what it keeps. */
  game: Address
  unit: bigint
  timelock: Address
  guardian: Address
}

export class Witness {
  readonly #market: Address
  readonly #game: Address
  readonly #unit: bigint
  readonly #timelock: Address
  #guardian: Address
  /** M1: deposits less withdrawals. */
  #held = 0n
  #whole: WholeView
  /** Every account as it was last seen. */
  #people: Map<Address, PersonView>
  #wallets: Map<Address, WalletView>
  /** Every job as it was last seen. */
  #jobs: Map<Hex, JobView>
  #ended = new Set<Hex>()
  /** D1: bonds of games that are not over. */
  #bonds = new Map<Hex, bigint>()
  /** D1: these, and what rejections brought the game for those that have not collected. */
  #kept = 0n
  #rules: readonly RulesView[] = []

  /** @param start - Everything, in a market that nobody has put anything into. */
  constructor(
    start: Pick<View, 'whole' | 'people' | 'wallets' | 'jobs'>,
    { address, game, unit, timelock, guardian }: Governed,
  ) {
    this.#market = address
    this.#game = game
    this.#unit = unit
    this.#timelock = timelock
    this.#guardian = guardian
    this.#whole = start.whole
    this.#people = new Map(start.people)
    this.#wallets = new Map(start.wallets)
    this.#jobs = new Map(start.jobs)
  }

  /** Units deposited and not withdrawn. */
  get held(): bigint {
    return this.#held
  }

  /** One that has seen the same so far. */
  copy(): Witness {
    const start = { whole: this.#whole, people: this.#people, wallets: this.#wallets, jobs: this.#jobs }
    const witness = new Witness(start, {
      address: this.#market,
      game: this.#game,
      unit: this.#unit,
      timelock: this.#timelock,
      guardian: this.#guardian,
    })
    witness.#held = this.#held
    witness.#ended = new Set(this.#ended)
    witness.#bonds = new Map(this.#bonds)
    witness.#kept = this.#kept
    witness.#rules = this.#rules
    return witness
  }

  /** Checks what one call did. `after` shows the accounts and the jobs that it named or moved, and others' accounts. */
  observe(action: Action, refused: boolean, events: readonly MarketEvent[], after: View): void {
    this.#checkEvents(events)
    for (const event of events) this.#checkGame(event)
    this.#checkWhole(action, refused, events, after.whole)
    for (const [id, job] of after.jobs) this.#checkJob(id, job, events, after.whole.time)
    this.#checkPeople(action, refused, events, after)
    this.#whole = after.whole
    for (const [address, person] of after.people) this.#people.set(address, person)
    for (const [address, wallet] of after.wallets) this.#wallets.set(address, wallet)
    for (const [id, job] of after.jobs) this.#jobs.set(id, job)
  }

  /** Checks sums over everything. `view` shows every account, and every job that is not final. */
  audit(view: View): void {
    const { reserve, tokens } = view.whole
    const held = this.#held
    const people = [...view.people.values()]
    const jobs = [...view.jobs.values()]
    const sum = <T>(of: readonly T[], amount: (item: T) => bigint) =>
      of.reduce((total, item) => total + amount(item), 0n)

    const owned = sum(people, ({ balance, stake, feeOwed }) => balance + stake + feeOwed)
    same('M1 everything held is owned', held, owned + sum(jobs, escrowOf) + reserve)
    holds('M2 everything held is there', tokens >= held * this.#unit)
    same('D1 the game keeps bonds and rewards', this.#kept, view.people.get(this.#game)?.balance)
    for (const [address, { stake, locked, active }] of view.people) {
      const claims = jobs.filter((job) => job.provider === address && isClaim(job))
      const bonds = sum(claims, ({ bond }) => bond)
      holds(`M3 ${address} has locked at most its stake`, locked <= stake)
      same(
        `M4 ${address} has its bonds locked, and counts its claims`,
        [bonds, claims.length],
        [locked, active],
      )
    }
  }

  /** Checks that the sets of rules are those of before, and new ones. */
  auditRules(sets: readonly RulesView[]): void {
    same('S6 rules stay as they are', this.#rules, sets.slice(0, this.#rules.length))
    this.#rules = sets
  }

  #checkEvents(events: readonly MarketEvent[]): void {
    for (const event of events) {
      if (!ends.includes(event.name)) continue
      const id = event.jobId as Hex
      const job = this.#jobs.get(id)!
      const amount = (name: string) => event[name] as bigint
      same(`S4 ${id} ends once`, false, this.#ended.has(id))
      this.#ended.add(id)
      const { price, bond } = job
      const parts = amount('toRequester') + amount('toReserve')
      switch (event.name) {
        case 'JobSettled':
          same('M6 pay and fee are what is due', dueOf(job), amount('pay') + amount('fee'))
          holds('M6 the fee is a tenth at the most', amount('fee') * 10n <= price)
          break
        case 'SeatConcluded': {
          const paid = amount('pay') + amount('fee')
          const status = statuses[event.status as number]
          holds('M6 a seat is paid its price at the most', paid <= price)
          if (status === 'Settled') same('M6 a seat that was right gets its price', price, paid)
          holds('M6 the fee is a tenth at the most', amount('fee') * 10n <= paid)
          const most = status === 'Rejected' ? min(price, bond) : 0n
          same('M7 a seat loses its price, its bond at the most', most, amount('slash'))
          break
        }
        case 'JobCancelled':
          same('M6 a cancelled job returns its escrow', job.maxPrice, amount('refund'))
          break
        case 'JobReleased':
          holds('M7 a release costs 2 % of the price', amount('penalty') * 50n <= price)
          if (job.keyBy > 0) same('M7 nothing without a key', 0n, amount('penalty'))
          break
        case 'JobFailed':
          holds('M7 lateness costs 20 % of the bond', (parts + amount('toKeeper')) * 5n <= bond)
          break
        case 'JobRejected':
          same('M7 fraud costs the bond', bond, parts + amount('toHook'))
          holds('M7 half of it goes to the reserve', amount('toReserve') * 2n >= bond)
          holds('M7 the requester gets its price at the most', amount('toRequester') <= price)
          holds('M7 and 30 % of the bond', amount('toRequester') * 10n <= bond * 3n)
      }
    }
  }

  #checkGame(event: MarketEvent): void {
    const id = event.gameId as Hex
    const amount = (name: string) => event[name] as bigint
    const over = () => {
      const bond = this.#bonds.get(id) ?? -1n
      holds('D2 a game ends once', this.#bonds.delete(id))
      return bond
    }
    switch (event.name) {
      case 'GameOpened':
        holds('D2 a challenger has one game about a claim', !this.#bonds.has(id))
        this.#bonds.set(id, amount('bond'))
        this.#kept += amount('bond')
        break
      case 'JobRejected':
        if (event.hook === this.#game) this.#kept += amount('toHook')
        break
      case 'GameWon':
        holds('D3 who wins has its bond back', amount('paid') >= over())
        this.#kept -= amount('paid')
        break
      case 'GameLost': {
        const parts = amount('toProvider') + amount('toReserve')
        same('D3 who loses loses its bond', over(), parts)
        holds('D3 half of it to the reserve at most', amount('toReserve') * 2n <= parts + 1n)
        this.#kept -= parts
        break
      }
      case 'GameCollected':
        same('D3 who was right with another has its bond back', over(), amount('bond'))
        this.#kept -= amount('bond') + amount('reward')
    }
  }

  #checkWhole(action: Action, refused: boolean, events: readonly MarketEvent[], whole: WholeView): void {
    const total = (name: string, field: string) =>
      events.filter((event) => event.name === name).reduce((sum, event) => sum + (event[field] as bigint), 0n)
    const moved = total('Deposited', 'amount') - total('Withdrawn', 'amount')
    const gift = action.call === 'gift' && !refused ? action.args[0] : 0n
    const donated = events
      .filter(({ name, to }) => name === 'Transferred' && to === this.#market)
      .reduce((sum, { amount }) => sum + (amount as bigint), 0n)
    const kept =
      total('JobReleased', 'penalty') +
      total('JobFailed', 'toReserve') +
      total('JobRejected', 'toReserve') +
      total('SeatConcluded', 'slash') +
      donated
    this.#held += moved
    same(
      'M5 tokens come and go with deposits and withdrawals',
      moved * this.#unit + gift,
      whole.tokens - this.#whole.tokens,
    )
    same(
      'M8 the reserve grows by slashes and transfers to it alone',
      kept,
      whole.reserve - this.#whole.reserve,
    )
    const { parametersId, paused, feeRecipient } = this.#whole
    if (refused || action.from !== this.#timelock || !timelockCalls.includes(action.call)) {
      const { parametersId: id, feeRecipient: recipient } = whole
      same('G1 only the timelock changes rules', [parametersId, feeRecipient], [id, recipient])
    }
    const mayPause = [this.#guardian, this.#timelock].includes(action.from)
    if (refused || !mayPause || !guardianCalls.includes(action.call)) {
      same('G1 only the guardian stops posting', paused, whole.paused)
    }
    for (const { name, from } of events)
      if (name === 'Transferred' && from !== this.#game)
        same('I2 a transfer is of its caller', action.from, from)
    for (const { name, guardian } of events) {
      if (name !== 'GuardianChanged') continue
      same('G1 only the timelock names the guardian', this.#timelock, action.from)
      this.#guardian = guardian as Address
    }
  }

  #checkJob(id: Hex, job: JobView, events: readonly MarketEvent[], time: number): void {
    const before = this.#jobs.get(id)
    const from = before?.status ?? 'None'
    const named = events.filter((event) => event.jobId === id)
    if (from !== job.status) holds(`S1 ${from} → ${job.status}`, reachable(from, job.status))
    if (job.status === 'Disputed') holds('S3 a disputed job has challenges', job.openChallenges > 0)
    if (from === 'Settleable' && job.status === 'Disputed')
      holds('S1 a window that is over stays so', time <= before!.submittedAt + job.window)
    if (!before) return
    if (isFinal(before.status)) same(`S2 ${id} is final`, before, job)

    const terms = ({ status, provider, price, bond, isSigned, steps, ...others }: JobView) => {
      const { keyBy, runBy, submittedAt, openChallenges, resultCommitment, ...fixed } = others
      return before.submittedAt === 0 ? fixed : { ...fixed, resultCommitment }
    }
    same(`S5 terms, snapshot and result of ${id} stay`, terms(before), terms(job))
    const frozen = named.find(({ name }) => name === 'BondFrozen')
    const bond = frozen ? (frozen.bond as bigint) : before.bond
    if (frozen)
      holds('M7 a frozen bond is a tenth, rounded up', (bond - 1n - bond / 4096n) * 10n <= before.bond)
    if (before.provider !== zeroAddress) {
      const claim = ({ provider, price, isSigned, steps }: JobView) => ({
        ...{ provider, price, isSigned },
        steps: before.submittedAt === 0 ? 0n : steps,
      })
      same(`S5 the claim of ${id} stays`, { ...claim(before), bond }, { ...claim(job), bond: job.bond })
    }
    const counted = named.filter(({ name }) => name === 'ChallengeCountChanged').at(-1)?.openChallenges
    same('S3 challenges are counted aloud', counted ?? before.openChallenges, job.openChallenges)
  }

  #checkPeople(action: Action, refused: boolean, events: readonly MarketEvent[], after: View): void {
    const involved = involvedIn(action, events, after)
    for (const [address, wallet] of after.wallets) {
      if (!involved.has(address)) same(`I2 ${address} has no part`, this.#wallets.get(address), wallet)
    }
    for (const [address, person] of after.people) {
      const before = this.#people.get(address)!
      const { reputation: _, ...rest } = person
      const { reputation: __, ...restBefore } = before
      const mine = (name: string) =>
        events.filter((event) => event.name === name && event.provider === address)
      const paid = [...mine('JobSettled'), ...mine('SeatConcluded')]
      const fees = paid.reduce((sum, event) => sum + (event.fee as bigint), 0n)
      const slashed = mine('SeatConcluded').filter(({ status }) => statuses[status as number] === 'Rejected')
      const faults = mine('JobFailed').length + mine('JobRejected').length + slashed.length

      if (refused) same(`I1 a refused call changes nothing`, restBefore, rest)
      if (!involved.has(address)) same(`I2 ${address} has no part`, restBefore, rest)
      holds('R1 reputation rises by fees alone', person.reputation <= before.reputation + fees)
      same('R2 every fault is counted', faults, person.faults - before.faults)
      const owed = mine('FeesCollected').length > 0 ? fees : before.feeOwed + fees
      same('R3 fees are owed until collected', owed, person.feeOwed)
      const money = ({ balance, stake, locked, active }: PersonView) => ({ balance, stake, locked, active })
      if ([...timelockCalls, ...guardianCalls].includes(action.call)) {
        same('G2 governing moves no money', money(before), money(person))
      }
    }
  }
}

/** M1: what the job keeps for the requester or the provider. */
export function escrowOf(job: JobView): bigint {
  if (job.status === 'Open' || job.status === 'Expired') return job.maxPrice
  return isClaim(job) ? job.price : 0n
}

/** Whether a provider's bond stands behind the job. */
function isClaim({ status }: JobView): boolean {
  return claims.includes(status)
}

const claims: readonly Status[] = [
  ...(['AwaitingKey', 'Keyless', 'Claimed', 'Overdue'] as const),
  ...(['Seated', 'Submitted', 'Disputed', 'Settleable'] as const),
]

/** M6: the price, or of a metered job the base and the part of the rest that its steps are of the budget. */
function dueOf({ price, meteredBps, steps, stepBudget }: JobView): bigint {
  if (meteredBps === 0) return price
  const base = BigInt(10_000 - meteredBps) * stepBudget
  return (price * (base + BigInt(meteredBps) * steps)) / (10_000n * stepBudget)
}

export function isFinal(status: Status): boolean {
  return status !== 'None' && follows[status].length === 0
}

/** Whether `to` may follow `from` in one call, with time passing before and after it. */
function reachable(from: Status, to: Status): boolean {
  const byTime: Partial<Record<Status, Status>> = {
    Open: 'Expired',
    AwaitingKey: 'Keyless',
    Claimed: 'Overdue',
    Submitted: 'Settleable',
  }
  const starts = [from, byTime[from]].filter((status) => status !== undefined)
  return starts.some((start) => start === to || follows[start].includes(to))
}

/** Everyone whose money or standing the call may change. */
function involvedIn(action: Action, events: readonly MarketEvent[], after: View): Set<Address> {
  const involved = new Set<Address>([
    action.from,
    ...[...after.jobs.values()].map(({ requester }) => requester),
  ])
  if (action.call === 'withdraw') involved.add(action.args[0])
  for (const event of events) {
    for (const party of ['provider', 'recipient', 'account', 'requester', 'from', 'to'])
      involved.add(event[party] as Address)
  }
  return involved
}

function holds(invariant: string, condition: boolean): void {
  if (!condition) throw new InvariantError(invariant)
}

function same(invariant: string, left: unknown, right: unknown): void {
  const [first] = differences(left, right)
  if (first !== undefined) throw new InvariantError(`${invariant}: ${first}`)
}
