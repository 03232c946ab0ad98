import { ProgramFeatureError, ProgramInstructionError, ProgramLimitError } from '../errors/program.ts'
import { featureOfOpcode, hexByte, immediate, immediates, memoryIndicesAfterFc } from './opcodes.ts'
import type { WasmReader } from './reader.ts'

/** How many of each there are: an index at or beyond is refused. */
export type IndexSpaces = { types: number; functions: number; globals: number; tables: number }

/** An instruction that a module may need rewritten. */
export type Site = { kind: 'grow' } | { kind: 'call'; index: number }

/** Limits of one function body (V8 accepts a little more). */
export const maxBodyBytes = 1 << 20
const maxBranchTableEntries = 16_384
const maxLocals = 50_000

/**
 * Names a type that may not stand here; undefined for i32, i64, f32 and f64.
 */
function refusedValueType(type: number): string | undefined {
  if (type >= 0x7c && type <= 0x7f) return undefined
  if (type === 0x7b) return 'SIMD'
  if (type >= 0x60 && type <= 0x74) return 'reference types'
  return 'unknown'
}

/** Reads a type of a value. */
export function readValueType(reader: WasmReader): number {
  const offset = reader.at
  const type = reader.u8()
  const feature = refusedValueType(type)
  if (feature !== undefined)
    throw new ProgramFeatureError({ feature, offset, found: `value type 0x${hexByte(type)}` })
  return type
}

/** Reads an index of the only memory or table, in as many bytes as it likes. */
export function readZeroIndex(reader: WasmReader, what: 'memory' | 'table'): void {
  const offset = reader.at
  const index = reader.u32()
  if (index === 0) return
  const feature = what === 'memory' ? 'several memories' : 'several tables'
  throw new ProgramFeatureError({ feature, offset, found: `${what} index ${index}` })
}

/**
 * Walks over all instructions of one function body, from its locals to its last `end`, and refuses every
 * instruction that is not on the list of `opcodes.ts`. What V8's validator checks (operand types, label depths,
 * locals) is left to it; what decides where an instruction ends is checked here, so no opcode can hide.
 *
 * @param functionIndex - In the module's function index space, for the error.
 * @param onSite - Told where each `memory.grow` and each `call` begins and ends.
 * @throws {ProgramError}
 */
export function walkBody(
  reader: WasmReader,
  functionIndex: number,
  spaces: IndexSpaces,
  onSite?: (site: Site, start: number, end: number) => void,
): void {
  readLocals(reader)
  let depth = 1
  while (depth > 0) {
    const start = reader.at
    const opcode = reader.u8()
    switch (immediates[opcode]) {
      case immediate.none:
      case immediate.else:
        break
      case immediate.block:
        readBlockType(reader, spaces)
        depth++
        break
      case immediate.end:
        depth--
        break
      case immediate.label:
      case immediate.local:
        reader.u32()
        break
      case immediate.labels:
        readBranchTable(reader)
        break
      case immediate.call: {
        const index = readIndex(reader, spaces.functions, 'function')
        onSite?.({ kind: 'call', index }, start, reader.at)
        break
      }
      case immediate.callIndirect:
        readIndex(reader, spaces.types, 'type')
        readZeroIndex(reader, 'table')
        if (spaces.tables === 0) throw reader.malformed('call_indirect without a table', start)
        break
      case immediate.selectTyped:
        if (reader.u32() !== 1) throw reader.malformed('select has one type', start)
        readValueType(reader)
        break
      case immediate.global:
        readIndex(reader, spaces.globals, 'global')
        break
      case immediate.memarg:
        readMemoryArgument(reader)
        break
      case immediate.memory:
        readZeroIndex(reader, 'memory')
        break
      case immediate.grow:
        readZeroIndex(reader, 'memory')
        onSite?.({ kind: 'grow' }, start, reader.at)
        break
      case immediate.i32:
        reader.s32()
        break
      case immediate.i64:
        reader.skipS64()
        break
      case immediate.f32:
        reader.skip(4)
        break
      case immediate.f64:
        reader.skip(8)
        break
      case immediate.prefixFc: {
        const second = reader.u32()
        const indices = memoryIndicesAfterFc(second)
        if (indices === undefined) throw refusedInstruction(functionIndex, start, opcode, second)
        for (let i = 0; i < indices; i++) readZeroIndex(reader, 'memory')
        break
      }
      default:
        throw refusedInstruction(functionIndex, start, opcode)
    }
  }
  if (!reader.done) throw reader.malformed('bytes after the end of a function')
}

function refusedInstruction(functionIndex: number, offset: number, opcode: number, second?: number) {
  return new ProgramInstructionError({
    functionIndex,
    offset,
    opcode: `0x${hexByte(opcode)}${second === undefined ? '' : ` 0x${hexByte(second)}`}`,
    feature: featureOfOpcode(opcode, second),
  })
}

function readLocals(reader: WasmReader): void {
  const groups = reader.count(2)
  let total = 0
  for (let i = 0; i < groups; i++) {
    total += reader.u32()
    if (total > maxLocals)
      throw new ProgramLimitError({ what: 'locals of a function', value: total, limit: maxLocals })
    readValueType(reader)
  }
}

function readIndex(reader: WasmReader, count: number, what: string): number {
  const offset = reader.at
  const index = reader.u32()
  if (index >= count) throw reader.malformed(`${what} index ${index} of ${count}`, offset)
  return index
}

function readBlockType(reader: WasmReader, spaces: IndexSpaces): void {
  const offset = reader.at
  const type = reader.s33()
  if (type >= 0) {
    if (type >= spaces.types) throw reader.malformed(`type index ${type} of ${spaces.types}`, offset)
    return
  }
  // the one-byte forms: nothing (0x40) or a value type, read as negative numbers
  const byte = type + 0x80
  if (reader.at - offset === 1 && byte === 0x40) return
  const feature = reader.at - offset === 1 ? refusedValueType(byte) : 'unknown'
  if (feature === undefined) return
  throw new ProgramFeatureError({ feature, offset, found: 'block type' })
}

function readBranchTable(reader: WasmReader): void {
  const entries = reader.count()
  if (entries > maxBranchTableEntries) {
    const what = 'entries of a br_table'
    throw new ProgramLimitError({ what, value: entries, limit: maxBranchTableEntries })
  }
  for (let i = 0; i <= entries; i++) reader.u32()
}

function readMemoryArgument(reader: WasmReader): void {
  const offset = reader.at
  const align = reader.u32()
  // bit 6 says that a memory index follows
  if ((align & 0x40) !== 0 && align < 0x80)
    throw new ProgramFeatureError({ feature: 'several memories', offset, found: 'memory index' })
  if (align > 3) throw reader.malformed('alignment is larger than the access', offset)
  reader.u32()
}
