import type { WasmReader } from './reader.ts'
import { type FunctionType, noValues, type ValueTypes } from './types.ts'

/** The feature that a byte belongs to which is no type of a value here. */
function featureOfType(type: number): string {
  if (type === 0x7b) return 'SIMD'
  if (type >= 0x60 && type <= 0x78) return 'reference types'
  return 'unknown'
}

/** A byte as people write it. */
export function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`
}

function isValueType(type: number): boolean {
  return type >= 0x7c && type <= 0x7f
}

/** Reads a type of a value. */
export function readValueType(reader: WasmReader): number {
  const offset = reader.at
  const type = reader.u8()
  if (isValueType(type)) return type
  throw reader.missing(featureOfType(type), `value type ${hex(type)}`, offset)
}

export type BlockType = { readonly params: ValueTypes; readonly results: ValueTypes }

const nothing: BlockType = { params: noValues, results: noValues }
const single: Readonly<Record<number, BlockType>> = Object.fromEntries(
  [0x7c, 0x7d, 0x7e, 0x7f].map((type) => [type, { params: noValues, results: Uint8Array.of(type) }]),
)

/** Reads the type of a block: nothing, one result, or a function type by index. */
export function readBlockType(reader: WasmReader, types: readonly FunctionType[]): BlockType {
  const offset = reader.at
  const index = reader.s33()
  if (index >= 0) {
    const type = types[index]
    if (type !== undefined) return type
    throw reader.invalid(`unknown type ${index} of ${types.length}`, offset)
  }
  // the short forms are bytes, read as negative numbers
  const byte = reader.at - offset === 1 ? index + 0x80 : 0
  if (byte === 0x40) return nothing
  const type = single[byte]
  if (type !== undefined) return type
  throw reader.missing(featureOfType(byte), `block type ${hex(reader.bytes[offset]!)}`, offset)
}
