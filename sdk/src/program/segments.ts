import { ProgramFeatureError } from '../errors/program.ts'
import { functionCount, type ProgramLayout, pageBytes } from './layout.ts'
import { hexByte } from './opcodes.ts'
import type { WasmReader } from './reader.ts'
import { readZeroIndex } from './walk.ts'

/** Reads an element segment. An active one must fit: starting a program never fails half-way. */
export function readElements(reader: WasmReader, layout: ProgramLayout): void {
  const offset = reader.at
  const kind = reader.u32()
  if (kind > 3) {
    const found = `element segment of kind ${kind}`
    throw new ProgramFeatureError({ feature: 'reference types', offset, found })
  }
  const active = (kind & 1) === 0
  if (kind === 2) readZeroIndex(reader, 'table')
  const first = active ? readOffset(reader) : 0
  if (kind !== 0 && reader.u8() !== 0) throw reader.malformed('unknown kind of element', reader.at - 1)
  const count = reader.count()
  for (let left = count; left > 0; left--)
    if (reader.u32() >= functionCount(layout)) throw reader.malformed('element is not a function', offset)
  if (!active) return
  if (layout.table === undefined) throw reader.malformed('element segment without a table', offset)
  if (first + count > layout.table.min)
    throw reader.malformed('element segment does not fit into the table', offset)
}

/** Reads a data segment. An active one must fit. */
export function readData(reader: WasmReader, layout: ProgramLayout): void {
  const offset = reader.at
  const kind = reader.u32()
  if (kind > 2) throw reader.malformed(`data segment of kind ${kind}`, offset)
  const active = kind !== 1
  if (kind === 2) readZeroIndex(reader, 'memory')
  const first = active ? readOffset(reader) : 0
  const length = reader.count()
  reader.skip(length)
  if (active && first + length > (layout.memory?.min ?? 0) * pageBytes)
    throw reader.malformed('data segment does not fit into the memory', offset)
}

/** Passes over a constant; whether it has the type it should have is left to V8. */
export function skipConstant(reader: WasmReader): void {
  const offset = reader.at
  const opcode = reader.u8()
  if (opcode === 0x41) reader.s32()
  else if (opcode === 0x42) reader.skipS64()
  else if (opcode === 0x43) reader.skip(4)
  else if (opcode === 0x44) reader.skip(8)
  else throw notConstant(offset, opcode)
  readConstantEnd(reader)
}

/** The place where an active segment begins, unsigned. */
function readOffset(reader: WasmReader): number {
  const offset = reader.at
  const opcode = reader.u8()
  if (opcode !== 0x41) throw notConstant(offset, opcode)
  const value = reader.s32() >>> 0
  readConstantEnd(reader)
  return value
}

function readConstantEnd(reader: WasmReader): void {
  const offset = reader.at
  const opcode = reader.u8()
  if (opcode !== 0x0b) throw notConstant(offset, opcode)
}

function notConstant(offset: number, opcode: number): ProgramFeatureError {
  const found = `instruction 0x${hexByte(opcode)} in a constant`
  return new ProgramFeatureError({ feature: 'computed constants', offset, found })
}
