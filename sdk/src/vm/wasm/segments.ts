import { ProgramLimitError } from '../../errors/program.ts'
import { pageSize } from '../isa.ts'
import { readConstant } from './constants.ts'
import { moduleLimits } from './limits.ts'
import type { WasmReader } from './reader.ts'
import { valueType, type WasmModule } from './types.ts'

/** Reads an active element segment. It must fit: beginning a program never fails half-way. */
export function readElements(reader: WasmReader, module: WasmModule): void {
  const offset = reader.at
  const kind = reader.u32()
  if (kind > 7) throw reader.malformed(`unknown kind of element segment ${kind}`, offset)
  if (kind > 3) throw reader.missing('reference types', 'element segment of expressions', offset)
  if ((kind & 1) !== 0) throw reader.missing('passive segments', `element segment of kind ${kind}`, offset)
  if (kind === 2 && reader.u32() !== 0)
    throw reader.missing('several tables', 'element segment of another table', offset)
  if (module.table === undefined) throw reader.invalid('unknown table 0', offset)
  const first = Number(readConstant(reader, valueType.i32, module))
  if (kind === 2 && reader.u8() !== 0) throw reader.malformed('unknown kind of element', reader.at - 1)
  const count = reader.count()
  if (first + count > module.table.min)
    throw reader.invalid('out of bounds: element segment does not fit into the table', offset)
  if (first + count > moduleLimits['table entries']) {
    const limit = moduleLimits['table entries']
    throw new ProgramLimitError({ what: 'table entries', value: first + count, limit })
  }
  const functions = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    const index = reader.u32()
    if (index >= module.functions.length)
      throw reader.invalid(`unknown function ${index} of ${module.functions.length}`, offset)
    functions[i] = index
  }
  module.elements.push({ first, functions })
}

/** Reads an active data segment. It must fit. */
export function readData(reader: WasmReader, module: WasmModule): void {
  const offset = reader.at
  const kind = reader.u32()
  if (kind > 2) throw reader.malformed(`unknown kind of data segment ${kind}`, offset)
  if (kind === 1) throw reader.missing('passive segments', 'data segment', offset)
  if (kind === 2 && reader.u32() !== 0)
    throw reader.missing('several memories', 'data segment of another memory', offset)
  if (module.memory === undefined) throw reader.invalid('unknown memory 0', offset)
  const first = Number(readConstant(reader, valueType.i32, module))
  const length = reader.count()
  const bytes = reader.bytes.subarray(reader.at, reader.at + length)
  reader.skip(length)
  if (first + length > module.memory.min * pageSize)
    throw reader.invalid('out of bounds: data segment does not fit into the memory', offset)
  module.data.push({ first, bytes })
}
