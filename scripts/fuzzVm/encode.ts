/** The binary format of WebAssembly, as far as the generator of random modules needs it. */

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

export function u32(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return [...bytes, rest]
}

/** Signed LEB128 of at most 64 bits. */
export function signed(value: bigint): number[] {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const byte = Number(rest & 0x7fn)
    rest >>= 7n
    if ((rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40)) return [...bytes, byte]
    bytes.push(byte | 0x80)
  }
}

/** The instruction that yields a constant with these bits. */
export function constant(type: ValueType, bits: bigint): number[] {
  if (type === 'i32') return [0x41, ...signed(BigInt.asIntN(32, bits))]
  if (type === 'i64') return [0x42, ...signed(BigInt.asIntN(64, bits))]
  const length = type === 'f32' ? 4 : 8
  const bytes = Array.from({ length }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn))
  return [type === 'f32' ? 0x43 : 0x44, ...bytes]
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...u32(items.length), ...items.flat()]
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)]
  return [...u32(bytes.length), ...bytes]
}

function typesOf(types: readonly ValueType[]): number[] {
  return list(types.map((type) => [valueTypes[type]]))
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...u32(content.length), ...content]
}

function body({ locals, code }: FunctionPlan): number[] {
  const bytes = [...list(locals.map((type) => [1, valueTypes[type]])), ...code, end]
  return [...u32(bytes.length), ...bytes]
}

/** The file of a module. Nothing is checked. */
export function encodeModule(plan: ModulePlan): Uint8Array<ArrayBuffer> {
  const { types, imports, functions, table, memory, globals, exports, start, elements, data } = plan
  const at = (first: number) => [...constant('i32', BigInt(first)), end]
  const sections = [
    section(1, list(types.map(({ params, results }) => [0x60, ...typesOf(params), ...typesOf(results)]))),
    section(
      2,
      list(imports.map(({ module, name, type }) => [...text(module), ...text(name), 0, ...u32(type)])),
    ),
    section(3, list(functions.map(({ type }) => u32(type)))),
    table === undefined ? [] : section(4, list([[0x70, 0, ...u32(table)]])),
    memory === undefined
      ? []
      : section(5, list([memory.max === undefined ? [0, memory.min] : [1, memory.min, memory.max]])),
    section(
      6,
      list(
        globals.map(({ type, mutable, bits }) => [
          valueTypes[type],
          mutable ? 1 : 0,
          ...constant(type, bits),
          end,
        ]),
      ),
    ),
    section(7, list(exports.map(({ name, kind, index }) => [...text(name), kinds[kind], ...u32(index)]))),
    start === undefined ? [] : section(8, u32(start)),
    section(9, list(elements.map(({ first, functions }) => [0, ...at(first), ...list(functions.map(u32))]))),
    section(10, list(functions.map(body))),
    section(11, list(data.map(({ first, bytes }) => [0, ...at(first), ...u32(bytes.length), ...bytes]))),
  ]
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()])
}
