/** What can be seen of a market from outside, in one shape for the model and the contracts. */
import type { Hex } from 'viem'
import { zeroAddress, zeroHash } from 'viem'
import type { Rules } from './formulas.ts'
import type { Market } from './market.ts'
import { type Group, packSeat, type ReplicatedMarket, type Seat } from './replication.ts'
import type { Address, Resources } from './terms.ts'
import { type Account, type Job, type Level, type Provider, type Status, stepBudget } from './types.ts'

export interface WholeView {
  time: number
  reserve: bigint
  /** Base units of the token that the market has. */
  tokens: bigint
  feeRecipient: Address
  parametersId: number
  paused: boolean
}

export interface PersonView extends Account, Omit<Provider, 'reputationAt' | 'registeredAt'> {
  tokens: bigint
  allowance: bigint
}

export interface JobView {
  status: Status
  requester: Address
  postedAt: number
  claimBy: number
  tasks: number
  maxPrice: bigint
  minBps: number
  ramp: number
  run: number
  window: number
  minReputation: bigint
  floor: Resources
  level: number
  parametersId: number
  feeBps: number
  isPrivate: boolean
  isSigned: boolean
  meteredBps: number
  stepBudget: bigint
  steps: bigint
  provider: Address
  price: bigint
  bond: bigint
  keyBy: number
  runBy: number
  submittedAt: number
  openChallenges: number
  resultCommitment: Hex
}

export interface View {
  whole: WholeView
  people: Map<Address, PersonView>
  jobs: Map<Hex, JobView>
}

export interface RulesView {
  set: Rules
  /** The first ones; zero where there is none. */
  levels: Level[]
}

export interface Facts {
  guardian: Address
  registeredAt: number[]
}

export interface GroupView
  extends Omit<Group, 'id' | 'terms' | 'seated' | 'isRetargeted' | 'committedAt' | 'jobIds'> {
  terms: Hex
  jobIds: Hex[]
  seat: Seat
  /** Whether somebody may take a spare. */
  isDrawn: boolean
}

/** How the model looks. */
export function viewOf(market: Market, people: readonly Address[], jobs: readonly Hex[]): View {
  const { now: time, reserve, feeRecipient, paused } = market
  const tokens = market.wallet(market.address).tokens
  return {
    whole: { time, reserve, tokens, feeRecipient, parametersId: market.sets.length - 1, paused },
    people: new Map(people.map((address) => [address, personView(market, address)])),
    jobs: new Map(jobs.map((id) => [id, jobView(market, market.jobs.get(id))])),
  }
}

export function rulesOf(market: Market, count: number): RulesView[] {
  return market.sets.map(({ levels, ...set }) => ({
    set,
    levels: Array.from({ length: count }, (_, level) => levels[level] ?? notOffered),
  }))
}

const notOffered = { hook: zeroAddress, isMediated: false }

/** What views of single facts show: who governs, who registered when. */
export function factsOf(market: Market, people: readonly Address[]): Facts {
  const registeredAt = people.map((person) => market.provider(person).registeredAt)
  return { guardian: market.guardian, registeredAt }
}

/** A group of seats, and one of its seats. */
export function groupOf(market: ReplicatedMarket, id: Hex, job: Hex, person: Address): GroupView {
  const { id: _, seated: __, isRetargeted: ___, committedAt: ____, ...group } = market.groups.get(id)!
  return {
    ...group,
    terms: packSeat(group.terms),
    jobIds: group.jobIds.map((of) => of ?? zeroHash),
    seat: market.seats.get(job)!,
    isDrawn: market.isDrawn(id, person),
  }
}

function personView(market: Market, address: Address): PersonView {
  const { reputationAt: _, registeredAt: __, ...provider } = market.provider(address)
  return {
    ...market.account(address),
    ...provider,
    reputation: market.reputationOf(address),
    ...market.wallet(address),
  }
}

/** A signed job keeps no more of its terms than what binds after the claim. */
function jobView(market: Market, job: Job | undefined): JobView {
  if (!job) return unknownJob
  const { terms, setId, isSigned, requester, provider, price, bond, keyBy, runBy, submittedAt } = job
  const { postedAt, steps, openChallenges, resultCommitment } = job
  const { claimBy, tasks, maxPrice, minBps, ramp, run, window, minReputation, floor, level } = terms
  const { meteredBps, isPrivate } = terms
  const auction = { postedAt, claimBy, tasks, minBps, ramp, minReputation, floor, isPrivate }
  return {
    ...unknownJob,
    ...(isSigned ? {} : auction),
    ...{ status: market.statusOf(job.id), requester, isSigned, maxPrice, run, window, level },
    ...{ parametersId: setId, feeBps: market.sets[setId]!.feeBps },
    ...{ meteredBps, stepBudget: meteredBps > 0 ? stepBudget(terms) : 0n, steps },
    ...{ provider, price, bond, keyBy, runBy, submittedAt, openChallenges, resultCommitment },
  }
}

const unknownJob: JobView = {
  ...{ status: 'None', requester: zeroAddress, postedAt: 0, claimBy: 0, tasks: 0 },
  ...{ maxPrice: 0n, minBps: 0, ramp: 0, run: 0, window: 0, minReputation: 0n },
  ...{ floor: { cores: 0, memory: 0, disk: 0 }, level: 0, parametersId: 0, feeBps: 0 },
  ...{ isPrivate: false, isSigned: false, meteredBps: 0, stepBudget: 0n, steps: 0n },
  ...{ provider: zeroAddress, price: 0n, bond: 0n, keyBy: 0, runBy: 0, submittedAt: 0, openChallenges: 0 },
  resultCommitment: zeroHash,
}

/** One text for equal values: numbers of both kinds alike, addresses in lower case, keys in order, maps as objects. */
export function canonical(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'number') return value.toString()
  if (typeof value === 'string') return JSON.stringify(value.startsWith('0x') ? value.toLowerCase() : value)
  if (value instanceof Map) return canonical(Object.fromEntries(value))
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value === null || typeof value !== 'object') return String(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${key}:${canonical(item)}`).join()}}`
}

/** Where two values differ, one line each: `path: left ≠ right`. */
export function differences(left: unknown, right: unknown, path = ''): string[] {
  if (canonical(left) === canonical(right)) return []
  const plain = (value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value)
  const [a, b] = [plain(left), plain(right)]
  if (!isObject(a) || !isObject(b)) return [`${path}: ${canonical(left)} ≠ ${canonical(right)}`]
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap((key) => differences(a[key], b[key], path ? `${path}.${key}` : key))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object'
}
