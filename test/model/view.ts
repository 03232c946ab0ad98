/** What can be seen of a market from outside, in one shape for the model and the contracts. */
import type { Hex } from 'viem'
import { zeroAddress, zeroHash } from 'viem'
import { positionHash } from '../../sdk/src/dispute/ids.ts'
import type { Rules } from './formulas.ts'
import type { Market } from './market.ts'
import { type Group, packSeat, type ReplicatedMarket, type Seat } from './replication.ts'
import type { Address, Resources } from './terms.ts'
import { type Account, type Job, type Level, type Provider, type Status, stepBudget } from './types.ts'

export interface WholeView {
  time: number
  block: bigint
  reserve: bigint
  /** Base units of the token that the market has. */
  tokens: bigint
  feeRecipient: Address
  parametersId: number
  paused: boolean
}

export type PersonView = Account & Omit<Provider, 'reputationAt' | 'registeredAt'>

/** The token outside of the market, in base units: how much somebody has, and may be taken by the market. */
export interface WalletView {
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
  wallets: Map<Address, WalletView>
  jobs: Map<Hex, JobView>
  /** The seats that these jobs are, and their groups. */
  seats: Map<Hex, Seat>
  groups: Map<Hex, GroupView>
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
  /** Whether the viewer may take a spare. */
  isDrawn: boolean
}

/** A game that is not over; all zero for another one. */
export interface GameView {
  challenger: Address
  bond: bigint
  posts: number
  positionHash: Hex
}

/** What the dispute game keeps of a claim. */
export interface DisputeView {
  claim: { isRejected: boolean; moves: bigint; reward: bigint }
  games: GameView[]
}

/** What to look at; of groups also whether `viewer` may take a spare. */
export interface Subjects {
  people: readonly Address[]
  wallets: readonly Address[]
  jobs: readonly Hex[]
  seats: readonly Hex[]
  groups: readonly Hex[]
  viewer: Address
}

/** With the seats that these jobs are, and their groups. */
export function subjectsOf(
  market: ReplicatedMarket,
  { jobs, ...others }: Omit<Subjects, 'seats' | 'groups'>,
): Subjects {
  const seats = jobs.filter((id) => market.seats.has(id))
  const groups = [...new Set(seats.map((id) => market.seats.get(id)!.groupId))]
  return { ...others, jobs, seats, groups }
}

/** How the model looks. */
export function viewOf(market: ReplicatedMarket, subjects: Subjects): View {
  const { now: time, block, reserve, feeRecipient, paused } = market
  const tokens = market.wallet(market.address).tokens
  const { people, wallets, jobs, seats, groups, viewer } = subjects
  return {
    whole: { time, block, reserve, tokens, feeRecipient, parametersId: market.sets.length - 1, paused },
    people: new Map(people.map((address) => [address, personView(market, address)])),
    wallets: new Map(wallets.map((address) => [address, market.wallet(address)])),
    jobs: new Map(jobs.map((id) => [id, jobView(market, market.jobs.get(id))])),
    seats: new Map(seats.map((id) => [id, market.seats.get(id)!])),
    groups: new Map(groups.map((id) => [id, groupView(market, id, viewer)])),
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

/** Of a game that is over: the hash of a position has 31 bytes. */
const noPosition: Hex = `0x${'00'.repeat(31)}`

/** How the model has a claim and the games of these challengers about it. */
export function disputeOf(market: Market, id: Hex, challengers: readonly Address[]): DisputeView {
  const games = challengers.map((challenger): GameView => {
    const game = market.gameOf(id, challenger)
    if (!game) return { challenger: zeroAddress, bond: 0n, posts: 0, positionHash: noPosition }
    return { challenger, bond: game.bond, posts: game.posts, positionHash: positionHash(game.position) }
  })
  return { claim: market.claimStateOf(id), games }
}

function groupView(market: ReplicatedMarket, id: Hex, viewer: Address): GroupView {
  const { id: _, seated: __, isRetargeted: ___, committedAt: ____, ...group } = market.groups.get(id)!
  return {
    ...group,
    terms: packSeat(group.terms),
    jobIds: group.jobIds.map((of) => of ?? zeroHash),
    isDrawn: market.isDrawn(id, viewer),
  }
}

function personView(market: Market, address: Address): PersonView {
  const { reputationAt: _, registeredAt: __, ...provider } = market.provider(address)
  return { ...market.account(address), ...provider, reputation: market.reputationOf(address) }
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

/** Whether two values are the same: numbers of both kinds alike, hex in either case, keys in any order, maps as objects. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (!isObject(left) || !isObject(right))
    return isNumber(left) ? sameNumber(left, right) : sameHex(left, right)
  if (left instanceof Map || right instanceof Map) return same(plain(left), plain(right))
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => key in right && same(left[key], right[key]))
  )
}

/** Where two values differ, one line each: `path: left ≠ right`. */
export function differences(left: unknown, right: unknown, path = ''): string[] {
  if (same(left, right)) return []
  const [a, b] = [plain(left), plain(right)]
  if (!isObject(a) || !isObject(b)) return [`${path}: ${show(a)} ≠ ${show(b)}`]
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap((key) => differences(a[key], b[key], path ? `${path}.${key}` : key))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object'
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || typeof value === 'number'
}

function sameNumber(left: number | bigint, right: unknown): boolean {
  return isNumber(right) && typeof left !== typeof right && `${left}` === `${right}`
}

/** Addresses have capitals from one decoder and none from another. */
function sameHex(left: unknown, right: unknown): boolean {
  const both = typeof left === 'string' && typeof right === 'string'
  return both && left.startsWith('0x') && left.toLowerCase() === right.toLowerCase()
}

function plain(value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}` : plain(item))) ?? `${value}`
  )
}
