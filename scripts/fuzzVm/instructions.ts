import { opcodes } from '../../sdk/src/vm/isa.ts'
import type { ValueType } from './encode.ts'

/** An instruction that takes values from the stack and puts one back. */
export type Numeric = {
  name: string
  code: readonly number[]
  params: readonly ValueType[]
  result: ValueType
  /** Whether operands can make it trap. */
  traps: boolean
}

export type Access = {
  code: number
  /** Type of what is loaded or stored. */
  type: ValueType
  width: number
  isStore: boolean
}

/** All numeric instructions of WebAssembly that the machine has, and the reinterpretations, which it has not. */
export const numerics: readonly Numeric[] = [
  ...opcodes.flatMap(({ name, code, afterFc, reads, type, operand, traps }): Numeric[] =>
    operand === undefined
      ? []
      : [
          {
            name,
            code: afterFc === undefined ? [code] : [0xfc, afterFc],
            params: reads === 'ab' ? [operand, operand] : [operand],
            result: type!,
            traps: traps === true,
          },
        ],
  ),
  reinterpretation('i32.reinterpret_f32', 0xbc),
  reinterpretation('i64.reinterpret_f64', 0xbd),
  reinterpretation('f32.reinterpret_i32', 0xbe),
  reinterpretation('f64.reinterpret_i64', 0xbf),
]

function reinterpretation(name: string, code: number): Numeric {
  const [result, operand] = [name.slice(0, 3), name.slice(-3)] as [ValueType, ValueType]
  return { name, code: [code], params: [operand], result, traps: false }
}

export const accesses: readonly Access[] = opcodes.flatMap(({ code, form, type, width }): Access[] =>
  form === 'load' || form === 'store'
    ? [{ code, type: type!, width: width!, isStore: form === 'store' }]
    : [],
)
