import { type FunctionType, type ValueTypes, valueType } from '../wasm/types.ts'
import { Code, noType, op } from './code.ts'
import { writeFix } from './fix.ts'
import { type NativeLayout, nativeExports, stackBudget } from './layout.ts'

const { i32, i64, f32, f64 } = valueType

/** A function that the instrumenter adds. */
export type Helper = {
  readonly params: readonly number[]
  readonly results: readonly number[]
  /** Locals besides the parameters. */
  readonly locals: readonly number[]
  /** Its code, without the last `end`. */
  readonly code: readonly number[]
}

const get = (index: number) => [op.localGet, ...leb(index)]
const set = (index: number) => [op.localSet, ...leb(index)]
const tee = (index: number) => [op.localTee, ...leb(index)]
const getGlobal = (index: number) => [op.globalGet, ...leb(index)]
const setGlobal = (index: number) => [op.globalSet, ...leb(index)]
const call = (index: number) => [op.call, ...leb(index)]
const i32Const = (value: number) => [op.i32Const, ...written((code) => code.s32(value))]
const i64Const = (value: number) => [op.i64Const, ...written((code) => code.s64(BigInt(value)))]

function written(write: (code: Code) => void): number[] {
  const code = new Code(16)
  write(code)
  return [...code.view()]
}

function leb(value: number): number[] {
  return written((code) => code.u32(value))
}

/** The helpers, in the order of their indices, then the stubs. */
export function writeHelpers(layout: NativeLayout, entry: number | undefined): Helper[] {
  const { module, stubs } = layout
  return [
    check(layout),
    canonical(f32),
    canonical(f64),
    spend(),
    ...memoryHelpers(layout),
    inputRead(layout),
    outputWrite(layout),
    main(layout, entry),
    ...[...stubs.keys()].map((index) => stub(layout, index, module.functions[index]!)),
    ...[...layout.invokers.keys()].map((index) => invoker(layout, index, module.functions[index]!)),
  ]
}

/** (left, steps) → left − steps, stored; traps below zero. */
function check({ globals }: NativeLayout): Helper {
  const code = [
    ...[...get(0), ...get(1), op.i64Sub, ...tee(0), ...setGlobal(globals.left)],
    ...[...get(0), ...i64Const(0), op.i64LtS, op.if, noType, op.unreachable, op.end],
    ...get(0),
  ]
  return { params: [i64, i64], results: [i64], locals: [], code }
}

function canonical(type: number): Helper {
  const code = new Code(32)
  code.with(op.localGet, 0)
  writeFix(code, 0, type === f64)
  return { params: [type], results: [type], locals: [], code: [...code.view()] }
}

/** A trailing part of (destination, source, length, left): how many leaves' ends lie within a range at `at`. */
const crossings = (at: number, length: readonly number[]) => [
  ...[...get(at), ...i32Const(127), op.i32And, ...length, op.i32Add],
  ...[...i32Const(1), op.i32Sub, ...i32Const(7), op.i32ShrU, op.i64ExtendI32U],
]

/** (destination, source, length, left) → what is left after a repeating instruction, beyond its first step. */
function spend(): Helper {
  const code = [
    ...[...get(2), op.i32Eqz, op.if, noType, ...get(3), op.return, op.end],
    ...[...get(3), ...crossings(0, get(2)), op.i64Sub],
    ...[...get(0), ...get(1), op.i32Xor, ...i32Const(127), op.i32And],
    ...[op.if, i64, ...crossings(1, get(2)), op.else, ...i64Const(0), op.end, op.i64Sub],
  ]
  return { params: [i32, i32, i32, i64], results: [i64], locals: [], code }
}

/** `memory.copy`, `memory.fill` with what is left of the steps, and `memory.grow`. They trap without a memory. */
function memoryHelpers({ module, helpers, globals }: NativeLayout): Helper[] {
  const bulk = { params: [i32, i32, i32, i64], results: [i64], locals: [] }
  const grow = { params: [i32], results: [i32], locals: [i32] }
  const { memory } = module
  if (memory === undefined) {
    const code = [op.unreachable]
    return [
      { ...bulk, code },
      { ...bulk, code },
      { ...grow, code },
    ]
  }
  const operands = [...get(0), ...get(1), ...get(2)]
  return [
    {
      ...bulk,
      code: [...operands, 0xfc, 10, 0, 0, ...operands, ...get(3), ...call(helpers.spend)],
    },
    {
      // as a copy onto itself: one range only
      ...bulk,
      code: [
        ...[...operands, 0xfc, 11, 0],
        ...[...get(0), ...get(0), ...get(2), ...get(3), ...call(helpers.spend)],
      ],
    },
    {
      ...grow,
      code: [
        ...[op.memorySize, 0, op.i64ExtendI32U, ...get(0), op.i64ExtendI32U, op.i64Add],
        ...[...i64Const(memory.max), op.i64GtU, op.if, noType, ...i32Const(-1), op.return, op.end],
        ...[...get(0), op.memoryGrow, 0, ...tee(1), ...i32Const(-1), op.i32Eq, op.if, noType],
        ...[...i32Const(1), ...setGlobal(globals.growFailed), op.unreachable, op.end],
        ...get(1),
      ],
    },
  ]
}

/** (stream, offset, destination, length, left) → (bytes copied, left). */
function inputRead({ hosts, helpers }: NativeLayout): Helper {
  const host = hosts.get('input_read')
  const shape = { params: [i32, i32, i32, i32, i64], results: [i32, i64], locals: [i32] }
  if (host === undefined) return { ...shape, code: [op.unreachable] }
  return {
    ...shape,
    code: [
      ...[...get(0), ...get(1), ...get(2), ...get(3), ...call(host), ...tee(5)],
      ...[...get(2), ...get(1), ...get(5), ...get(4), ...call(helpers.spend)],
    ],
  }
}

/** (source, length, left) → left. */
function outputWrite({ hosts, helpers, globals }: NativeLayout): Helper {
  const host = hosts.get('output_write')
  const shape = { params: [i32, i32, i64], results: [i64], locals: [] }
  if (host === undefined) return { ...shape, code: [op.unreachable] }
  return {
    ...shape,
    code: [
      ...[...get(0), ...get(1), ...call(host)],
      ...[...getGlobal(globals.outputLength), ...get(0), ...get(1), ...get(2), ...call(helpers.spend)],
      ...[...getGlobal(globals.outputLength), ...get(1), op.i32Add, ...setGlobal(globals.outputLength)],
    ],
  }
}

/** (step limit) → left: the stub with which every program begins and ends. */
function main({ module, globals, stubs }: NativeLayout, entry: number | undefined): Helper {
  const begin = (index: number | undefined) => (index === undefined ? [] : called(index))
  const called = (index: number) => [
    ...[...get(0), ...i64Const(1), op.i64Sub, ...tee(0), ...setGlobal(globals.left)],
    ...[...get(0), ...i64Const(stackBudget), ...call(stubs.get(index) ?? index), ...set(0)],
  ]
  const code = [...begin(module.start), ...begin(entry), ...[...get(0), ...i64Const(1), op.i64Sub]]
  return { params: [i64], results: [i64], locals: [], code }
}

/** What stands in the table in place of an imported function: the machine's stub of it, with its steps. */
function stub(layout: NativeLayout, index: number, type: FunctionType): Helper {
  const { module, helpers, globals } = layout
  const count = type.params.length
  const left = count
  const stack = count + 1
  const host = module.importedFunctions[index]!.host
  const weight = count + type.results.length + 16
  const words = host === undefined ? 0 : count + 1
  const spends = [...get(left), ...i64Const(words), op.i64Sub, ...tee(left), ...setGlobal(globals.left)]
  const operands = Array.from({ length: count }, (_, i) => get(i)).flat()
  const hasSteps = host === 'input_read' || host === 'output_write'
  const target = host === 'input_read' ? helpers.inputRead : helpers.outputWrite
  const code = [
    ...[...get(stack), ...i64Const(weight), op.i64LtS, op.if, noType, op.unreachable, op.end],
    ...spends,
    ...[...get(left), ...i64Const(0), op.i64LtS, op.if, noType, op.unreachable, op.end],
    ...operands,
    ...(hasSteps ? [...get(left), ...call(target)] : [...call(index), ...get(left)]),
    ...[...i64Const(1), op.i64Sub],
  ]
  return { params: [...type.params, i64, i64], results: [...type.results, i64], locals: [], code }
}

/** Calls one function with arguments as bits: the stub of `withCall`. */
function invoker({ stubs, globals }: NativeLayout, index: number, type: FunctionType): Helper {
  const { params, results } = type
  const left = params.length
  const firstResult = left + 1
  const operands = Array.from(params, (param, i) => [...get(i), ...fromBits[param]!]).flat()
  const taken = Array.from(results, (_, i) => set(firstResult + i))
    .reverse()
    .flat()
  const bits = Array.from(results, (result, i) => [...get(firstResult + i), ...toBits[result]!]).flat()
  const after = 1 + (results.length > 1 ? results.length : 0)
  const code = [
    ...[...get(left), ...i64Const(params.length + 1), op.i64Sub, ...tee(left), ...setGlobal(globals.left)],
    ...[
      ...operands,
      ...get(left),
      ...i64Const(stackBudget),
      ...call(stubs.get(index) ?? index),
      ...set(left),
    ],
    ...[...taken, ...bits, ...get(left), ...i64Const(after), op.i64Sub],
  ]
  const locals = [...results]
  return {
    params: Array.from([...params, left], () => i64),
    results: Array.from([...results, left], () => i64),
    locals,
    code,
  }
}

const fromBits: Readonly<Record<number, readonly number[]>> = {
  [i32]: [op.i32WrapI64],
  [i64]: [],
  [f32]: [op.i32WrapI64, op.f32ReinterpretI32],
  [f64]: [op.f64ReinterpretI64],
}
const toBits: Readonly<Record<number, readonly number[]>> = {
  [i32]: [op.i64ExtendI32U],
  [i64]: [],
  [f32]: [op.i32ReinterpretF32, op.i64ExtendI32U],
  [f64]: [op.i64ReinterpretF64],
}

/** Exports, by name: what the host needs. */
export function exportsOf({ module, helpers, globals, invokers }: NativeLayout): [string, number, number][] {
  return [
    ...(module.memory === undefined ? [] : [[nativeExports.memory, 2, 0] as [string, number, number]]),
    [nativeExports.main, 0, helpers.main],
    [nativeExports.left, 3, globals.left],
    [nativeExports.growFailed, 3, globals.growFailed],
    ...[...invokers].map(([index, at]): [string, number, number] => [nativeExports.invoke(index), 0, at]),
  ]
}

/** A function type as the binary format writes it. */
export function writeType(
  out: Code,
  params: ValueTypes | readonly number[],
  results: ValueTypes | readonly number[],
): void {
  out.reserve(12)
  out.u8(0x60)
  out.u32(params.length)
  out.raw(params)
  out.reserve(6)
  out.u32(results.length)
  out.raw(results)
}
