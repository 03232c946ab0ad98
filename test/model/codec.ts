/** The contracts' words and the model's, turned into each other. */
import hre from 'hardhat'
import {
  type Abi,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  type Log,
} from 'viem'
import type { Action } from './actions.ts'
import { phases } from './replication.ts'
import { packResources, packTerms, type Resources, type Terms, unpackResources } from './terms.ts'
import { type MarketEvent, type Status, statuses } from './types.ts'
import type { GroupView, JobView, PersonView, WholeView } from './view.ts'

const names = [
  ...(['Attestation', 'JobMarket', 'MarketLens', 'OddTokenMock', 'ParameterStore', 'Replication'] as const),
  ...(['ScriptedHook', 'TimelockController'] as const),
] as const

export type Name = (typeof names)[number]

type Words = Record<string, unknown>

/** Encodes calls of the contracts, decodes their answers. */
export class Codec {
  readonly #contracts: Record<Name, { abi: Abi; bytecode: Hex }>
  readonly #errors: Abi

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

  result(name: Name, functionName: string, data: Hex): unknown {
    return lowerCase(decodeFunctionResult({ abi: this.#contracts[name].abi, functionName, data }))
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

export function groupView(words: Words, seat: Words, jobIds: Hex[], isDrawn: boolean): GroupView {
  const group = withNumbers<GroupView>(words, ['claimBy', 'posted', 'claimed', 'committed', 'revealed'])
  const phase = phases[words.phase as number]!
  return { ...group, phase, jobIds, seat: withNumbers<GroupView['seat']>(seat, ['index']), isDrawn }
}

export function wholeView(words: Words): WholeView {
  return withNumbers(words, ['time', 'parametersId'])
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
