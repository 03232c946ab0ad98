import { edges, type Random } from '../../sdk/test/helpers/vmStates.ts'
import { leb } from '../../sdk/test/helpers/wasmBytes.ts'
import { BodyGenerator } from './body.ts'
import {
  constant,
  encodeModule,
  type FunctionType,
  type ModulePlan,
  type ValueType,
  valueTypes,
} from './encode.ts'
import type { Surroundings } from './writer.ts'

const all = Object.keys(valueTypes) as ValueType[]
const hostTypes: Readonly<Record<string, FunctionType>> = {
  input_size: { params: ['i32'], results: ['i32'] },
  input_read: { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] },
  output_write: { params: ['i32', 'i32'], results: [] },
  exit: { params: ['i32'], results: [] },
}
const action: FunctionType = { params: [], results: [] }

export type RandomModule = {
  bytes: Uint8Array<ArrayBuffer>
  plan: ModulePlan
}

export type RandomModuleParameters = {
  random: Random
  /** Whether it is a program of its own: host functions, and an entry that writes what is left to the output. */
  isProgram: boolean
  /** How much of it there is, 1 for small programs. */
  size: number
}

/** A valid module, made of everything that the machine has. */
export function randomModule({ random, isProgram, size }: RandomModuleParameters): RandomModule {
  const count = (most: number, least = 0) => least + random.below(most - least + 1)
  const values = (most: number) => Array.from({ length: count(most) }, () => random.pick(all))
  const types: FunctionType[] = [action]
  const typeIndex = (type: FunctionType) => {
    // now and then a second type of the same structure
    const same = types.findIndex((other) => JSON.stringify(other) === JSON.stringify(type))
    return same >= 0 && random.chance(80) ? same : types.push(type) - 1
  }

  const names = isProgram ? Object.keys(hostTypes).filter(() => random.chance(80)) : []
  const imports = names.map((name) => ({ module: 'assay', name, type: typeIndex(hostTypes[name]!) }))
  const hosts = new Map(names.map((name, index) => [name, index]))
  const defined = Array.from({ length: count(2 + 2 * size, 1) }, () =>
    typeIndex({ params: values(random.chance(90) ? 4 : 12), results: values(random.chance(80) ? 1 : 4) }),
  )
  const start = random.chance(25) ? imports.length + defined.push(0) - 1 : undefined
  const entry = imports.length + defined.push(0) - 1
  // the last function shows what became of all values
  const shown = imports.length + defined.length
  const showing = { type: typeIndex({ params: [], results: ['i64'] }), locals: [] }
  const functions = [...imports.map(({ type }) => type), ...defined, showing.type]

  const globals = Array.from({ length: count(5) }, () => {
    const type = random.pick(all)
    const bits = random.chance(50) ? random.pick(edges) : random.u64()
    return { type, mutable: random.chance(75), bits: type.endsWith('32') ? BigInt.asUintN(32, bits) : bits }
  })
  const fuel = globals.push({ type: 'i32', mutable: true, bits: BigInt(count(80 * size, 5)) }) - 1
  const sink = globals.push({ type: 'i64', mutable: true, bits: 0n }) - 1

  const length = count(8)
  const table: (number | undefined)[] = new Array(length).fill(undefined)
  const elements = Array.from({ length: length === 0 ? 0 : count(3) }, () => {
    const first = random.below(length)
    const indices = Array.from({ length: count(length - first) }, () => random.below(functions.length))
    for (const [i, index] of indices.entries()) table[first + i] = functions[index]
    return { first, functions: indices }
  })
  const min = count(2, 1)
  const memory = { min, ...(random.chance(70) ? { max: min + random.below(3) } : {}) }
  const data = Array.from({ length: count(3) }, () => ({
    first: random.below(random.pick([300, 65_000])),
    bytes: random.bytes(random.below(200)),
  }))

  const around: Surroundings = { types, functions, hosts, globals, fuel, sink, table }
  const plans = defined.map((type, index) => {
    const { params, results } = types[type]!
    const locals = values(random.chance(90) ? 5 : 40)
    const isEntry = imports.length + index === entry
    const budget = (isEntry ? 40 : 10) + random.below(40 * size)
    const generator = new BodyGenerator(random, around, [...params, ...locals], budget)
    const code = generator.body(results)
    return { type, locals, code: isEntry && isProgram ? [...code, ...epilogue(globals, hosts)] : code }
  })

  const plan: ModulePlan = {
    types,
    imports,
    functions: [...plans, { ...showing, code: [0x23, ...leb(sink)] }],
    ...(length === 0 ? {} : { table: length }),
    memory,
    globals,
    exports: [
      { name: 'memory', kind: 'memory', index: 0 },
      { name: 'run', kind: 'function', index: entry },
      ...defined.map((_, index) => ({
        name: `f${index}`,
        kind: 'function' as const,
        index: imports.length + index,
      })),
      { name: 'sink', kind: 'function', index: shown },
    ],
    ...(start === undefined ? {} : { start }),
    elements,
    data,
  }
  return { bytes: encodeModule(plan), plan }
}

/** Stores all globals, and writes the first page with them to the output. */
function epilogue(globals: ModulePlan['globals'], hosts: ReadonlyMap<string, number>): number[] {
  const write = hosts.get('output_write')
  if (write === undefined) return []
  const store: Readonly<Record<ValueType, number>> = { i32: 0x36, i64: 0x37, f32: 0x38, f64: 0x39 }
  const at = 0xff00
  return [
    ...globals.flatMap(({ type }, index) => [
      ...[...constant('i32', BigInt(at + 8 * index)), 0x23, ...leb(index)],
      ...[store[type], 0, 0],
    ]),
    ...[...constant('i32', 0n), ...constant('i32', 65_536n), 0x10, ...leb(write)],
  ]
}
