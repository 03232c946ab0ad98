import { type NumberType, type Opcode, opcodes } from '../../sdk/src/vm/isa.ts'
import { canonical, nativeInstructions } from '../../sdk/test/helpers/vmNumeric.ts'

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

/** All numeric instructions as the JavaScript engine of this process executes them, by name, with canonical NaNs. */
export async function loadInstructions(): Promise<ReadonlyMap<string, Execute>> {
  const own = nativeInstructions()
  return new Map(
    numericOpcodes.map(({ name }) => {
      const execute: Execute = (a, b) => {
        const bits = own.get(name)!(a, b)
        return bits === undefined ? undefined : canonical(name, bits)
      }
      return [name, execute]
    }),
  )
}
