import type { ImportedFunction } from './environment.ts'

/** Value types as the binary format writes them. */
export const valueType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const
export type ValueTypeName = keyof typeof valueType

/** Lists of value types, one byte each. */
export type ValueTypes = Uint8Array

export const noValues: ValueTypes = new Uint8Array(0)

export type Signature = { readonly params: ValueTypes; readonly results: ValueTypes }

/** One object for all structurally equal types of a module. */
export type FunctionType = Signature & {
  /** Dense number, from 1, in the order of the type section: what `call_indirect` compares. */
  readonly number: number
}

/** A global with its value when the program begins, as 64 bits. */
export type Global = {
  readonly type: number
  readonly mutable: boolean
  readonly value: bigint
  readonly imported: boolean
}

export const exportKinds = ['function', 'table', 'memory', 'global'] as const
export type ExportKind = (typeof exportKinds)[number]
export type ModuleExport = { readonly name: string; readonly kind: ExportKind; readonly index: number }

/** An active element segment: function indices that stand in the table from `first` on. */
export type ElementSegment = { readonly first: number; readonly functions: Uint32Array }

/** An active data segment: bytes of the file that stand in memory from `first` on. */
export type DataSegment = { readonly first: number; readonly bytes: Uint8Array }

/** Pages of 64 KiB. `max` is what memory.grow may reach. */
export type ModuleMemory = { readonly min: number; readonly max: number; readonly declaredMax?: number }

/** A module that was read and found valid. Function indices count imports first. */
export type WasmModule = {
  readonly bytes: Uint8Array
  /** By type index; structurally equal types are the same object. */
  readonly types: FunctionType[]
  readonly importedFunctions: ImportedFunction[]
  /** Type of each function, by function index. */
  readonly functions: FunctionType[]
  table: { readonly min: number } | undefined
  memory: ModuleMemory | undefined
  readonly globals: Global[]
  readonly exports: ModuleExport[]
  /** Function that runs before the entry. */
  start: number | undefined
  readonly elements: ElementSegment[]
  readonly data: DataSegment[]
  /** Where each defined function's body begins and ends in the file, its size excluded. */
  readonly bodies: { readonly start: number; readonly end: number }[]
}

const names: ReadonlyMap<number, string> = new Map([
  ...Object.entries(valueType).map(([name, type]) => [type, name] as const),
  [0, 'any'],
])

export function typeName(type: number): string {
  return names.get(type) ?? `0x${type.toString(16)}`
}

/** A signature as people write it; long lists are cut. */
export function signatureText({ params, results }: Signature): string {
  const list = (types: ValueTypes) =>
    types.length > 16 ? `${types.length} values` : Array.from(types, typeName).join(' ')
  return `function (${list(params)}) -> (${list(results)})`
}

export function sameTypes(left: ValueTypes, right: ValueTypes): boolean {
  if (left === right) return true
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}
