import { hex } from './immediates.ts'
import { names, opcode } from './opcodes.ts'
import type { WasmReader } from './reader.ts'
import { typeName, valueType, type WasmModule } from './types.ts'

const i32Const = 0x41
const i64Const = 0x42
const f32Const = 0x43
const f64Const = 0x44
const globalGet = 0x23

/**
 * Reads a constant expression of the type: one constant, or an imported global that never changes.
 * @returns the bits of its value.
 * @throws {MalformedProgramError | InvalidProgramError}
 */
export function readConstant(reader: WasmReader, type: number, module: WasmModule): bigint {
  const offset = reader.at
  const code = reader.u8()
  let found: number
  let value: bigint
  switch (code) {
    case i32Const:
      found = valueType.i32
      value = BigInt(reader.s32() >>> 0)
      break
    case i64Const: {
      found = valueType.i64
      value = join(reader.s64(), reader.high)
      break
    }
    case f32Const:
      found = valueType.f32
      value = BigInt(reader.word() >>> 0)
      break
    case f64Const:
      found = valueType.f64
      value = join(reader.word(), reader.word())
      break
    case globalGet: {
      const index = reader.u32()
      const global = module.globals[index]
      if (global?.imported !== true) throw reader.invalid(`unknown global ${index} in a constant`, offset)
      if (global.mutable) throw reader.invalid('constant expression required: the global changes', offset)
      found = global.type
      value = global.value
      break
    }
    case opcode.end:
      throw reader.invalid(`type mismatch: expected ${typeName(type)}, found nothing`, offset)
    default:
      throw reader.invalid(`constant expression required, found ${names[code] || hex(code)}`, offset)
  }
  if (found !== type)
    throw reader.invalid(`type mismatch: expected ${typeName(type)}, found ${typeName(found)}`, offset)
  const endOffset = reader.at
  if (reader.u8() !== opcode.end)
    throw reader.invalid('constant expression required: one constant and its end', endOffset)
  return value
}

function join(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}
