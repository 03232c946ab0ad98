/** The contracts' words and the model's, turned into each other. */
import hre from 'hardhat'
import {
  type Abi,
  type AbiFunction,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  getAbiItem,
  type Hex,
  type Log,
  toFunctionSelector,
} from 'viem'
import type { Action } from './actions.ts'
import { phases, type Seat } from './replication.ts'
import { packResources, packTerms, type Resources, type Terms, unpackResources } from './terms.ts'
import { type MarketEvent, type Status, statuses } from './types.ts'
import type { GroupView, JobView, PersonView, WholeView } from './view.ts'

const names = [
  ...(['Attestation', 'DisputeGame', 'JobMarket', 'MarketLens', 'OddTokenMock', 'ParameterStore'] as const),
  ...(['Replication', 'ScriptedHook', 'TimelockController'] as const),
] as const

export type Name = (typeof names)[number]

type Words = Record<string, unknown>

/** Answers that are remembered: most are the same after the next action. */
const MEMORY = 20_000

/** Encodes calls of the contracts, decodes their answers. */
export class Codec {
  readonly #contracts: Record<Name, { abi: Abi; bytecode: Hex }>
  readonly #errors: Abi
  readonly #views = new Map<string, AbiFunction & { selector: string }>()
  readonly #results = new Map<string, unknown>()

  private constructor(contracts: Record<Name, { abi: Abi; bytecode: Hex }>) {
    this.#contracts = contracts
    this.#errors = Object.values(contracts).flatMap(({ abi }) => abi.filter(({ type }) => type === 'error'))
  }

  static async fromArtifacts(): Promise<Codec> {
    const read = async (name: Name) => {
      const { abi, bytecode } = await hre.artifacts.readArtifact(name)
      return { abi: abi as Abi, bytecode: bytecode as Hex }
    }
    const contracts = await Promise.all(names.map(async (name) => [name, await read(name)]))
    return new Codec(Object.fromEntries(contracts))
  }

  /** @param library - The address of the one that the contract is linked to, if any. */
  deployment(name: Name, args: readonly unknown[], library = ''): Hex {
    const { abi, bytecode } = this.#contracts[name]
    const linked = bytecode.replaceAll(/__\$[0-9a-f]{34}\$__/g, library.slice(2)) as Hex
    return encodeDeployData({ abi, bytecode: linked, args })
  }

  call(name: Name, functionName: string, args: readonly unknown[]): Hex {
    return encodeFunctionData({ abi: this.#contracts[name].abi, functionName, args })
  }

  /** The same for arguments of a word each, faster and without `0x`. */
  question(name: Name, functionName: string, args: readonly (Hex | bigint | number)[]): string {
    const words = args.map((arg) => (typeof arg === 'string' ? arg.slice(2) : arg.toString(16)))
    return this.#view(name, functionName).selector + words.map((word) => word.padStart(64, '0')).join('')
  }

  /** What a view returned: several values by their names. It may be the same object again, so nobody may change it. */
  result(name: Name, functionName: string, data: Hex): unknown {
    const view = this.#view(name, functionName)
    const key = view.selector + data
    const known = this.#results.get(key)
    if (known !== undefined) return known
    const decoded = lowerCase(decodeFunctionResult({ abi: [view], functionName, data }))
    const named = () =>
      Object.fromEntries(view.outputs.map(({ name }, i) => [name, (decoded as unknown[])[i]]))
    const result = view.outputs.length > 1 ? named() : decoded
    if (this.#results.size >= MEMORY) this.#results.clear()
    this.#results.set(key, result)
    return result
  }

  #view(name: Name, functionName: string): AbiFunction & { selector: string } {
    const key = `${name}.${functionName}`
    let view = this.#views.get(key)
    if (view === undefined) {
      const item = getAbiItem({ abi: this.#contracts[name].abi, name: functionName }) as AbiFunction
      view = { ...item, selector: toFunctionSelector(item).slice(2) }
      this.#views.set(key, view)
    }
    return view
  }

  /** What happened, as these contracts tell it. */
  events(logs: readonly Log[], emitters: ReadonlyMap<Hex, Name>): MarketEvent[] {
    return logs.flatMap(({ address, data, topics }) => {
      const name = emitters.get(address)
      if (name === undefined) return []
      const { eventName, args } = decodeEventLog({ abi: this.#contracts[name].abi, data, topics })
      const event: MarketEvent = lowerCase({ name: eventName ?? '', ...args })
      return [
        event.name === 'PostRefused' ? { ...event, reason: this.errorName({ data: event.reason }) } : event,
      ]
    })
  }

  /** The name of a named error; anything else is thrown on, it is no answer of the contracts. */
  errorName(error: unknown): string {
    const data = (error as { data?: unknown }).data
    if (typeof data !== 'string' || data === '0x') throw error
    return decodeErrorResult({ abi: this.#errors, data: data as Hex }).errorName
  }
}

/** An action's arguments as the market takes them. */
export function marketArguments(action: Action): readonly unknown[] {
  switch (action.call) {
    case 'post':
      return [packTerms(action.args[0])]
    case 'postMany':
      return [action.args[0].map(packTerms)]
    case 'updateProvider':
      return [packResources(action.args[0]), ...action.args.slice(1)]
    case 'addParameters': {
      const { levels, ...parameters } = action.args[0]
      return [parameters, levels]
    }
    default:
      return action.args
  }
}

/** An event of the model with its arguments as the market emits them. */
export function asEmitted(event: MarketEvent): MarketEvent {
  switch (event.name) {
    case 'JobPosted':
      return { ...event, terms: packTerms(event.terms as Terms) }
    case 'ProviderUpdated':
      return { ...event, resources: packResources(event.resources as Resources) }
    case 'FailSkipped':
    case 'SeatConcluded':
    case 'SettleSkipped':
      return { ...event, status: statuses.indexOf(event.status as Status) }
    default:
      return event
  }
}

export function groupView(words: Words): GroupView {
  const group = withNumbers<GroupView>(words, ['claimBy', 'posted', 'claimed', 'committed', 'revealed'])
  return { ...group, phase: phases[words.phase as number]! }
}

export function seatView(words: Words): Seat {
  return withNumbers(words, ['index'])
}

export function wholeView(words: Words): WholeView {
  return withNumbers(words, ['parametersId'])
}

export function personView(words: Words): PersonView {
  const person = withNumbers<PersonView>(words, ['active', 'concurrency', 'faults'])
  return { ...person, resources: unpackResources(words.resources as number) }
}

export function jobView(words: Words): JobView {
  const job = withNumbers<JobView>(words, [
    ...(['postedAt', 'claimBy', 'tasks', 'minBps', 'ramp', 'run', 'window', 'level'] as const),
    ...(['parametersId', 'feeBps', 'meteredBps', 'keyBy', 'runBy', 'submittedAt', 'openChallenges'] as const),
  ])
  const status = statuses[words.status as number]!
  return { ...job, status, floor: unpackResources(words.floor as number) }
}

/** Times, counts and shares are numbers, only amounts are not. */
function withNumbers<T>(words: Words, fields: readonly (keyof T & string)[]): T {
  return { ...words, ...Object.fromEntries(fields.map((field) => [field, Number(words[field])])) } as T
}

/** Addresses come with a checksum from one decoder and without from another. */
export function lowerCase<T>(value: T): T {
  if (typeof value === 'string') return (value.startsWith('0x') ? value.toLowerCase() : value) as T
  if (Array.isArray(value)) return value.map(lowerCase) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, lowerCase(item)])) as T
}
