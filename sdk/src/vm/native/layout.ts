import { limits } from '../isa.ts'
import type { HostFunction } from '../wasm/environment.ts'
import type { FunctionType, WasmModule } from '../wasm/types.ts'

/** The two builds (decision 21): what they do with the count of steps. */
export type Build =
  /** Counts per stretch of code without branches; right only where the program halts, or uses up its steps. */
  | 'fast'
  /** Has the exact count in a global before everything that can end a program. */
  | 'precise'

/** Names that an instrumented module exports. */
export const nativeExports = {
  memory: 'memory',
  /** Function (step limit i64) → (steps left i64): the program from its beginning to its end. */
  main: 'main',
  /** Steps left: negative where the limit was passed; in the precise build exact at every ending. */
  left: 'left',
  /** 1 after the engine failed to give memory that the program may have. */
  growFailed: 'growFailed',
  /** By function, for tests: (bits of arguments i64 …, step limit i64) → (bits of results i64 …, steps left i64). */
  invoke: (functionIndex: number) => `invoke${functionIndex}`,
} as const

/** Where the instrumenter put what it added: indices in the new module. */
export type NativeLayout = {
  readonly build: Build
  readonly module: WasmModule
  /** First type of functions with steps and stack added, by dense number − 1. */
  readonly firstType: number
  /** Types () → (results) of the functions with several results, by dense number. */
  readonly resultTypes: ReadonlyMap<number, number>
  /** Index of the first type of the helpers. */
  readonly helperTypes: number
  readonly globals: { readonly left: number; readonly growFailed: number; readonly outputLength: number }
  readonly helpers: Helpers
  /** Import of each host function that the program uses. */
  readonly hosts: ReadonlyMap<HostFunction, number>
  /** Functions in place of imported ones that are called like the module's own: through the table, above all. */
  readonly stubs: ReadonlyMap<number, number>
  /** Functions by which tests call others with arguments, by the other. */
  readonly invokers: ReadonlyMap<number, number>
}

/** Function indices of the helpers. */
export type Helpers = {
  readonly check: number
  readonly canonical32: number
  readonly canonical64: number
  readonly spend: number
  readonly copy: number
  readonly fill: number
  readonly grow: number
  readonly inputRead: number
  readonly outputWrite: number
  readonly main: number
}

const helperNames: readonly (keyof Helpers)[] = [
  'check',
  'canonical32',
  'canonical64',
  'spend',
  'copy',
  'fill',
  'grow',
  'inputRead',
  'outputWrite',
  'main',
]

/** Decides where everything stands. */
export function layOut(module: WasmModule, build: Build, invocable: readonly number[]): NativeLayout {
  const firstType = module.types.length
  const dense = denseTypes(module)
  const several = dense.filter(({ results }) => results.length > 1)
  const resultTypes = new Map(several.map(({ number }, i) => [number, firstType + dense.length + i]))
  const firstHelper = module.functions.length
  const helpers = Object.fromEntries(helperNames.map((name, i) => [name, firstHelper + i])) as Helpers
  const hosts = new Map<HostFunction, number>()
  // an import that is no host function is called like the module's own
  const wanted = new Set<number>()
  module.importedFunctions.forEach(({ host }, index) => {
    if (host === undefined) wanted.add(index)
    else if (!hosts.has(host)) hosts.set(host, index)
  })
  for (const { functions } of module.elements)
    for (const index of functions) if (index < module.importedFunctions.length) wanted.add(index)
  for (const index of invocable) if (index < module.importedFunctions.length) wanted.add(index)
  const firstStub = firstHelper + helperNames.length
  const stubs = new Map([...wanted].sort((a, b) => a - b).map((index, i) => [index, firstStub + i]))
  const firstInvoker = firstStub + stubs.size
  const firstGlobal = module.globals.length
  return {
    build,
    module,
    firstType,
    resultTypes,
    helperTypes: firstType + dense.length + several.length,
    globals: { left: firstGlobal, growFailed: firstGlobal + 1, outputLength: firstGlobal + 2 },
    helpers,
    hosts,
    stubs,
    invokers: new Map(invocable.map((index, i) => [index, firstInvoker + i])),
  }
}

/** The different types of a module, in the order of their numbers. */
export function denseTypes(module: WasmModule): FunctionType[] {
  const types: FunctionType[] = []
  for (const type of module.types) types[type.number - 1] = type
  return types
}

/** Slots that all frames together may have. */
export const stackBudget = limits.stack
