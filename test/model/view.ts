/** What can be seen of a market from outside, in one shape for the model and the contracts. */
import type { Hex } from 'viem'
import { zeroAddress, zeroHash } from 'viem'
import type { Rules } from './formulas.ts'
import type { Market } from './market.ts'
import type { Address, Resources } from './terms.ts'
import type { Account, Job, Provider, Status } from './types.ts'

export interface WholeView {
  time: number
  held: bigint
  reserve: bigint
  /** Base units of the token that the market has. */
  tokens: bigint
  feeRecipient: Address
  parametersId: number
  paused: boolean
}

export interface PersonView extends Account, Omit<Provider, 'reputationAt'> {
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
  provider: Address
  price: bigint
  bond: bigint
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
  /** Of the first levels; zero where there is none. */
  hooks: Address[]
}

/** How the model looks. */
export function viewOf(market: Market, people: readonly Address[], jobs: readonly Hex[]): View {
  const { now: time, held, reserve, feeRecipient, paused } = market
  const tokens = market.wallet(market.address).tokens
  return {
    whole: { time, held, reserve, tokens, feeRecipient, parametersId: market.sets.length - 1, paused },
    people: new Map(people.map((address) => [address, personView(market, address)])),
    jobs: new Map(jobs.map((id) => [id, jobView(market, market.jobs.get(id))])),
  }
}

export function rulesOf(market: Market, levels: number): RulesView[] {
  return market.sets.map(({ hooks, ...set }) => ({
    set,
    hooks: Array.from({ length: levels }, (_, level) => hooks[level] ?? zeroAddress),
  }))
}

function personView(market: Market, address: Address): PersonView {
  const { reputationAt: _, ...provider } = market.provider(address)
  return {
    ...market.account(address),
    ...provider,
    reputation: market.reputationOf(address),
    ...market.wallet(address),
  }
}

function jobView(market: Market, job: Job | undefined): JobView {
  if (!job) return unknownJob
  const { requester, postedAt, provider, price, bond, runBy, submittedAt, openChallenges, resultCommitment } =
    job
  const { claimBy, tasks, maxPrice, minBps, ramp, run, window, minReputation, floor, level } = job.terms
  return {
    ...{
      status: market.statusOf(job.id),
      requester,
      postedAt,
      claimBy,
      tasks,
      maxPrice,
      minBps,
      ramp,
      run,
      window,
    },
    ...{ minReputation, floor, level, parametersId: job.setId, feeBps: market.sets[job.setId]!.feeBps },
    ...{ provider, price, bond, runBy, submittedAt, openChallenges, resultCommitment },
  }
}

const unknownJob: JobView = {
  ...{
    status: 'None',
    requester: zeroAddress,
    postedAt: 0,
    claimBy: 0,
    tasks: 0,
    maxPrice: 0n,
    minBps: 0,
    ramp: 0,
  },
  ...{
    run: 0,
    window: 0,
    minReputation: 0n,
    floor: { cores: 0, memory: 0, disk: 0 },
    level: 0,
    parametersId: 0,
  },
  ...{ feeBps: 0, provider: zeroAddress, price: 0n, bond: 0n, runBy: 0, submittedAt: 0, openChallenges: 0 },
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
