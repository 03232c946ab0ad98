/** Modules as the generator of random ones plans them, and their bytes. */
import {
  header,
  leb,
  littleEndian,
  section,
  signedLeb,
  text,
  vector,
} from '../../sdk/test/helpers/wasmBytes.ts'

export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const
export type ValueType = keyof typeof valueTypes

export type FunctionType = { params: readonly ValueType[]; results: readonly ValueType[] }
export type GlobalPlan = { type: ValueType; mutable: boolean; bits: bigint }
export type FunctionPlan = { type: number; locals: readonly ValueType[]; code: readonly number[] }

/** What a module consists of, in the order of the sections. Function indices count imports first. */
export type ModulePlan = {
  types: FunctionType[]
  imports: { module: string; name: string; type: number }[]
  functions: FunctionPlan[]
  table?: number
  memory?: { min: number; max?: number }
  globals: GlobalPlan[]
  exports: { name: string; kind: 'function' | 'memory' | 'global'; index: number }[]
  start?: number
  elements: { first: number; functions: number[] }[]
  data: { first: number; bytes: Uint8Array }[]
}

const kinds = { function: 0, memory: 2, global: 3 } as const
const end = 0x0b

/** The instruction that yields a constant with these bits. */
export function constant(type: ValueType, bits: bigint): number[] {
  if (type === 'i32') return [0x41, ...signedLeb(BigInt.asIntN(32, bits))]
  if (type === 'i64') return [0x42, ...signedLeb(BigInt.asIntN(64, bits))]
  return type === 'f32' ? [0x43, ...littleEndian(bits, 4)] : [0x44, ...littleEndian(bits, 8)]
}

function typesOf(types: readonly ValueType[]): number[] {
  return vector(types.map((type) => [valueTypes[type]]))
}

function body({ locals, code }: FunctionPlan): number[] {
  const bytes = [...vector(locals.map((type) => [1, valueTypes[type]])), ...code, end]
  return [...leb(bytes.length), ...bytes]
}

/** The file of a module. Nothing is checked. */
export function encodeModule(plan: ModulePlan): Uint8Array<ArrayBuffer> {
  const { types, imports, functions, table, memory, globals, exports, start, elements, data } = plan
  const at = (first: number) => [...constant('i32', BigInt(first)), end]
  const sections = [
    section(1, vector(types.map(({ params, results }) => [0x60, ...typesOf(params), ...typesOf(results)]))),
    section(
      2,
      vector(imports.map(({ module, name, type }) => [...text(module), ...text(name), 0, ...leb(type)])),
    ),
    section(3, vector(functions.map(({ type }) => leb(type)))),
    table === undefined ? [] : section(4, vector([[0x70, 0, ...leb(table)]])),
    memory === undefined
      ? []
      : section(5, vector([memory.max === undefined ? [0, memory.min] : [1, memory.min, memory.max]])),
    section(
      6,
      vector(
        globals.map(({ type, mutable, bits }) => [
          valueTypes[type],
          mutable ? 1 : 0,
          ...constant(type, bits),
          end,
        ]),
      ),
    ),
    section(7, vector(exports.map(({ name, kind, index }) => [...text(name), kinds[kind], ...leb(index)]))),
    start === undefined ? [] : section(8, leb(start)),
    section(
      9,
      vector(elements.map(({ first, functions }) => [0, ...at(first), ...vector(functions.map(leb))])),
    ),
    section(10, vector(functions.map(body))),
    section(11, vector(data.map(({ first, bytes }) => [0, ...at(first), ...leb(bytes.length), ...bytes]))),
  ]
  return new Uint8Array([header, ...sections].flat())
}
