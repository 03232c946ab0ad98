import { limits } from '../isa.ts'
import type { Program } from '../program.ts'
import { valueType, type WasmModule } from '../wasm/types.ts'
import { BodyInstrumenter } from './body.ts'
import { Code, op } from './code.ts'
import { exportsOf, type Helper, writeHelpers, writeType } from './helpers.ts'
import { type Build, denseTypes, layOut, type NativeLayout } from './layout.ts'

export type InstrumentParameters = {
  /** A module that was translated. */
  program: Program
  build: Build
  /** Index of the function that the program begins with; tests have modules without. */
  entry: number | undefined
  /** Functions that tests want to call by themselves. */
  invocable?: readonly number[]
}

/**
 * Turns a program into a module that a WebAssembly engine runs with the machine's result: same output, exit code,
 * status and number of steps.
 *
 * - Steps are counted down from the limit; what instructions and edges take is the lowering's.
 * - Functions take steps left and stack left as two more parameters and give back the steps as one more result. The
 *   stack needs no way back: the caller goes on with its own.
 * - NaNs that arithmetic yields are made canonical where their bits can show.
 * - `memory.grow` fails exactly where the machine's does; where the engine has no memory, it traps with a mark.
 * - What cannot be reached, custom sections and exports are left out; constants of segments and globals are computed.
 */
export function instrument(parameters: InstrumentParameters): Uint8Array<ArrayBuffer> {
  const { program, build, entry, invocable = [] } = parameters
  const { module } = program
  const layout = layOut(module, build, invocable)
  const helpers = writeHelpers(layout, entry)
  const sections: [id: number, content: Code][] = [
    [1, typeSection(layout, helpers)],
    [2, importSection(layout)],
    [3, functionSection(layout, helpers)],
    [6, globalSection(module)],
    [7, exportSection(layout)],
    [10, codeSection(layout, program, helpers)],
  ]
  if (module.table !== undefined) sections.push([4, tableSection(module.table.min)])
  if (module.memory !== undefined) sections.push([5, memorySection(module.memory)])
  if (module.elements.length > 0) sections.push([9, elementSection(layout)])
  if (module.data.length > 0) sections.push([11, dataSection(module)])
  sections.sort(([left], [right]) => left - right)
  const out = new Code(8 + sections.reduce((size, [, { at }]) => size + 6 + at, 0))
  out.raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
  for (const [id, content] of sections) {
    out.u8(id)
    out.u32(content.at)
    out.raw(content.view())
  }
  return out.view()
}

/** The module's own types, which blocks name; its functions' new types; types of bodies; types of helpers. */
function typeSection(layout: NativeLayout, helpers: readonly Helper[]): Code {
  const { module, resultTypes } = layout
  const dense = denseTypes(module)
  const out = new Code(1_024)
  out.u32(module.types.length + dense.length + resultTypes.size + helpers.length)
  for (const { params, results } of module.types) writeType(out, params, results)
  const { i64 } = valueType
  for (const { params, results } of dense) writeType(out, [...params, i64, i64], [...results, i64])
  for (const number of resultTypes.keys()) writeType(out, [], dense[number - 1]!.results)
  for (const { params, results } of helpers) writeType(out, params, results)
  return out
}

function importSection({ module }: NativeLayout): Code {
  const out = new Code(1_024)
  out.u32(module.importedFunctions.length)
  for (const imported of module.importedFunctions) {
    out.name(imported.module)
    out.name(imported.name)
    out.reserve(6)
    out.u8(0)
    out.u32(module.types.indexOf(imported.type))
  }
  return out
}

function functionSection({ module, firstType, helperTypes }: NativeLayout, helpers: readonly Helper[]): Code {
  const own = module.functions.slice(module.importedFunctions.length)
  const out = new Code(5 * (own.length + helpers.length + 1))
  out.u32(own.length + helpers.length)
  for (const { number } of own) out.u32(firstType + number - 1)
  for (let i = 0; i < helpers.length; i++) out.u32(helperTypes + i)
  return out
}

/** Entries beyond what the machine has are null, and so is what stands beyond a table's end: both trap. */
function tableSection(min: number): Code {
  const out = new Code(16)
  out.raw([1, 0x70, 0])
  out.u32(Math.min(min, limits.tableEntries))
  return out
}

function memorySection({ min, max }: { min: number; max: number }): Code {
  const out = new Code(16)
  out.raw([1, 1])
  out.u32(min)
  out.u32(max)
  return out
}

function globalSection(module: WasmModule): Code {
  const out = new Code(32 + 16 * module.globals.length)
  const { i32, i64, f32 } = valueType
  out.u32(module.globals.length + 3)
  const own = [
    { type: i64, value: 0n, mutable: true },
    { type: i32, value: 0n, mutable: true },
    { type: i32, value: 0n, mutable: true },
  ]
  for (const { type, value, mutable } of [...module.globals, ...own]) {
    out.reserve(20)
    out.u8(type)
    out.u8(mutable ? 1 : 0)
    if (type === i32 || type === i64) {
      out.u8(type === i32 ? op.i32Const : op.i64Const)
      out.s64(type === i32 ? BigInt.asIntN(32, value) : value)
    } else {
      out.u8(type === f32 ? op.f32Const : op.f64Const)
      for (let i = 0n; i < (type === f32 ? 4n : 8n); i++) out.u8(Number((value >> (8n * i)) & 0xffn))
    }
    out.u8(op.end)
  }
  return out
}

function exportSection(layout: NativeLayout): Code {
  const items = exportsOf(layout)
  const out = new Code(256)
  out.u32(items.length)
  for (const [name, kind, index] of items) {
    out.name(name)
    out.reserve(6)
    out.u8(kind)
    out.u32(index)
  }
  return out
}

function elementSection({ module, stubs }: NativeLayout): Code {
  const out = new Code(1_024)
  out.u32(module.elements.length)
  for (const { first, functions } of module.elements) {
    out.reserve(16 + 5 * functions.length)
    out.u8(0)
    out.u8(op.i32Const)
    out.s32(first)
    out.u8(op.end)
    out.u32(functions.length)
    for (const index of functions) out.u32(stubs.get(index) ?? index)
  }
  return out
}

function codeSection(layout: NativeLayout, program: Program, helpers: readonly Helper[]): Code {
  const { module } = layout
  // about what real modules take
  const out = new Code(Math.ceil(module.bytes.length * (layout.build === 'fast' ? 1.4 : 2.6)) + 4_096)
  out.u32(module.bodies.length + helpers.length)
  const bodies = new BodyInstrumenter(layout, program)
  for (let i = 0; i < module.bodies.length; i++) bodies.write(out, i)
  for (const { locals, code } of helpers) {
    const body = [locals.length, ...locals.flatMap((type) => [1, type]), ...code, op.end]
    out.reserve(5)
    out.u32(body.length)
    out.raw(body)
  }
  return out
}

function dataSection({ data }: WasmModule): Code {
  const out = new Code(1_024)
  out.u32(data.length)
  for (const { first, bytes } of data) {
    out.reserve(16)
    out.u8(0)
    out.u8(op.i32Const)
    out.s32(first | 0)
    out.u8(op.end)
    out.u32(bytes.length)
    out.raw(bytes)
  }
  return out
}
