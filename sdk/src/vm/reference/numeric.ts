import { opcodes } from '../isa.ts'
import { conversionOperations } from './conversions.ts'
import { f32, f64, floatOperations } from './floats.ts'
import { integerOperations, type Operation, type Outcome } from './integers.ts'

const families: Record<string, Record<string, Operation>> = {
  i32: integerOperations(32),
  i64: integerOperations(64),
  f32: floatOperations(f32),
  f64: floatOperations(f64),
}

const conversions = conversionOperations()

/** By opcode. Operands are the 64 bits of slots; those of i32 and f32 instructions are read as their low 32 bits. */
const operations: ReadonlyMap<number, Operation> = new Map(
  opcodes.flatMap(({ name, code, form }): [number, Operation][] => {
    if (form !== 'unary' && form !== 'binary') return []
    const conversion = conversions[name]
    if (conversion !== undefined) return [[code, conversion]]
    const [type, rest] = name.split('.') as [string, string]
    const operation = families[type]![rest]!
    if (type.endsWith('64')) return [[code, operation]]
    return [[code, (a, b) => operation(BigInt.asUintN(32, a), BigInt.asUintN(32, b))]]
  }),
)

/** Executes a unary or binary instruction; a unary one ignores `b`. */
export function compute(code: number, a: bigint, b: bigint): Outcome {
  return operations.get(code)!(a, b)
}
