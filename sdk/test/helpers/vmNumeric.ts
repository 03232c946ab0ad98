import { opcodes } from '../../src/vm/isa.ts'
import { assemble } from './wasm.ts'

type Judge = (a: bigint, b: bigint) => bigint | undefined

// Values go in and out as the bits of an i64: a NaN's payload would not survive in a JavaScript number.
const fromBits: Record<string, (value: string) => string> = {
  i32: (value) => `(i32.wrap_i64 ${value})`,
  i64: (value) => value,
  f32: (value) => `(f32.reinterpret_i32 (i32.wrap_i64 ${value}))`,
  f64: (value) => `(f64.reinterpret_i64 ${value})`,
}
const toBits: Record<string, (value: string) => string> = {
  i32: (value) => `(i64.extend_i32_u ${value})`,
  i64: (value) => value,
  f32: (value) => `(i64.extend_i32_u (i32.reinterpret_f32 ${value}))`,
  f64: (value) => `(i64.reinterpret_f64 ${value})`,
}

const numeric = opcodes.filter(({ form }) => form === 'unary' || form === 'binary')

/** This engine's own numeric instructions, on bits; undefined for a trap. */
export function nativeInstructions(): ReadonlyMap<string, Judge> {
  const functions = numeric.map(({ name, form, type, operand: from }) => {
    const operand = (index: number) => fromBits[from!]!(`(local.get ${index})`)
    const operands = form === 'unary' ? operand(0) : `${operand(0)} ${operand(1)}`
    const value = toBits[type!]!(`(${name} ${operands})`)
    return `(func (export "${name}") (param i64 i64) (result i64) ${value})`
  })
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(assemble(`(module ${functions.join('\n')})`)),
  )
  return new Map(numeric.map(({ name }) => [name, judge(instance.exports[name])]))
}

/** An exported function of i64s as a judge: bits, or undefined where it traps. */
export function judge(exported: unknown): Judge {
  const call = exported as (a: bigint, b: bigint) => bigint
  return (a, b) => {
    try {
      return BigInt.asUintN(64, call(a, b))
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) return undefined
      throw error
    }
  }
}

const keepsNaNs = /abs|neg|copysign/

/** What the machine has to give where a native instruction gives these bits: canonical NaNs, but where bits are moved. */
export function canonical(name: string, bits: bigint): bigint {
  const type = numeric.find((opcode) => opcode.name === name)!.type
  if (keepsNaNs.test(name)) return bits
  if (type === 'f32' && (bits & 0x7fff_ffffn) > 0x7f80_0000n) return 0x7fc0_0000n
  if (type === 'f64' && (bits & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n)
    return 0x7ff8_0000_0000_0000n
  return bits
}
