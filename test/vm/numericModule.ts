import { type NumberType, type Opcode, opcodes } from '../../sdk/src/vm/isa.ts'

/** A numeric instruction, and the type of its operands. */
export type NumericOpcode = Opcode & { readonly type: NumberType; readonly operand: NumberType }

const numericOpcodes: readonly NumericOpcode[] = opcodes.flatMap((opcode) =>
  opcode.type !== undefined && opcode.operand !== undefined
    ? [{ ...opcode, type: opcode.type, operand: opcode.operand }]
    : [],
)

/** Those on floats. */
export const floatOpcodes = numericOpcodes.filter(({ float }) => float === true)

/** Those that compute integers from integers. */
export const integerOpcodes = numericOpcodes.filter(({ float }) => float !== true)

/** What an instruction does, of the bits of its operands; undefined where it traps. */
export type Execute = (a: bigint, b: bigint) => bigint | undefined

const I64 = 0x7e
const LOCAL_GET = 0x20
const END = 0x0b
/** A value of 64 bits as one of each type, and back. Narrow ones lose the upper half, and come back zero-extended. */
const FROM_BITS: Record<NumberType, number[]> = { i32: [0xa7], i64: [], f32: [0xa7, 0xbe], f64: [0xbf] }
const TO_BITS: Record<NumberType, number[]> = { i32: [0xad], i64: [], f32: [0xbc, 0xad], f64: [0xbd] }

/** All numeric instructions as the JavaScript engine of this process executes them, by name, with canonical NaNs. */
export async function loadInstructions(): Promise<ReadonlyMap<string, Execute>> {
  const source = Uint8Array.from(moduleOf(numericOpcodes))
  const { instance } = await WebAssembly.instantiate(source)
  return new Map(
    numericOpcodes.map((opcode) => {
      const call = instance.exports[opcode.name] as (a: bigint, b: bigint) => bigint
      return [opcode.name, (a, b) => execute(opcode, call, a, b)]
    }),
  )
}

function execute(opcode: NumericOpcode, call: (a: bigint, b: bigint) => bigint, a: bigint, b: bigint) {
  try {
    const result = BigInt.asUintN(64, call(a, b))
    return keepsNaN(opcode.name) ? result : canonical(opcode.type, result)
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return undefined
    throw error
  }
}

const keepsNaN = (name: string) => /\.(abs|neg|copysign)$/.test(name)

function canonical(type: NumberType, bits: bigint): bigint {
  if (type === 'f32' && (bits & 0x7fffffffn) > 0x7f800000n) return 0x7fc00000n
  if (type === 'f64' && (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n) return 0x7ff8000000000000n
  return bits
}

/** A module with a function (i64, i64) → i64 for each instruction. */
function moduleOf(instructions: readonly NumericOpcode[]): number[] {
  const text = (value: string) => vector([...new TextEncoder().encode(value)].map((byte) => [byte]))
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 2, I64, I64, 1, I64]]),
    ...section(
      3,
      instructions.map(() => [0]),
    ),
    ...section(
      7,
      instructions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(
      10,
      instructions.map((opcode) => {
        const body = [0, ...bodyOf(opcode), END]
        return [...unsigned(body.length), ...body]
      }),
    ),
  ]
}

function bodyOf({ code, afterFc, operand, type, reads }: NumericOpcode): number[] {
  const operands = [...reads].flatMap((_, index) => [LOCAL_GET, index, ...FROM_BITS[operand]])
  const instruction = afterFc === undefined ? [code] : [0xfc, afterFc]
  return [...operands, ...instruction, ...TO_BITS[type]]
}

function section(id: number, entries: number[][]): number[] {
  const content = vector(entries)
  return [id, ...unsigned(content.length), ...content]
}

const vector = (entries: number[][]) => [...unsigned(entries.length), ...entries.flat()]

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}
