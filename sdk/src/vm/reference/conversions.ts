import { type FloatFormat, f32, f64 } from './floats.ts'
import type { Operation } from './integers.ts'

/** The conversions, by their whole names. Operands are the 64 bits of a slot. */
export function conversionOperations(): Record<string, Operation> {
  const operations: Record<string, Operation> = {
    'i32.wrap_i64': (a) => BigInt.asUintN(32, a),
    'i64.extend_i32_s': (a) => BigInt.asUintN(64, BigInt.asIntN(32, a)),
    'i64.extend_i32_u': (a) => BigInt.asUintN(32, a),
    'i32.extend8_s': (a) => BigInt.asUintN(32, BigInt.asIntN(8, a)),
    'i32.extend16_s': (a) => BigInt.asUintN(32, BigInt.asIntN(16, a)),
    'i64.extend8_s': (a) => BigInt.asUintN(64, BigInt.asIntN(8, a)),
    'i64.extend16_s': (a) => BigInt.asUintN(64, BigInt.asIntN(16, a)),
    'i64.extend32_s': (a) => BigInt.asUintN(64, BigInt.asIntN(32, a)),
    'f32.demote_f64': (a) => f32.encode(f64.decode(a)),
    'f64.promote_f32': (a) => f64.encode(f32.decode(BigInt.asUintN(32, a))),
  }
  for (const format of [f32, f64]) {
    const float = `f${format.width}`
    for (const width of [32, 64] as const) {
      for (const isSigned of [true, false]) {
        const suffix = isSigned ? 's' : 'u'
        operations[`i${width}.trunc_${float}_${suffix}`] = truncate(format, width, isSigned)
        operations[`i${width}.trunc_sat_${float}_${suffix}`] = saturate(format, width, isSigned)
        operations[`${float}.convert_i${width}_${suffix}`] = convert(format, width, isSigned)
      }
    }
  }
  return operations
}

function range(width: 32 | 64, isSigned: boolean): { least: bigint; greatest: bigint } {
  const count = 1n << BigInt(width)
  return isSigned
    ? { least: -(count >> 1n), greatest: (count >> 1n) - 1n }
    : { least: 0n, greatest: count - 1n }
}

function truncate(format: FloatFormat, width: 32 | 64, isSigned: boolean): Operation {
  const { least, greatest } = range(width, isSigned)
  return (a) => {
    const value = format.decode(BigInt.asUintN(format.width, a))
    if (Number.isNaN(value)) return 'invalid conversion to integer'
    if (!Number.isFinite(value)) return 'integer overflow'
    const whole = BigInt(Math.trunc(value))
    return whole < least || whole > greatest ? 'integer overflow' : BigInt.asUintN(width, whole)
  }
}

function saturate(format: FloatFormat, width: 32 | 64, isSigned: boolean): Operation {
  const { least, greatest } = range(width, isSigned)
  return (a) => {
    const value = format.decode(BigInt.asUintN(format.width, a))
    if (Number.isNaN(value)) return 0n
    if (value <= Number(least)) return BigInt.asUintN(width, least)
    if (value >= Number(greatest)) return BigInt.asUintN(width, greatest)
    return BigInt.asUintN(width, BigInt(Math.trunc(value)))
  }
}

function convert(format: FloatFormat, width: 32 | 64, isSigned: boolean): Operation {
  return (a) => {
    const value = isSigned ? BigInt.asIntN(width, a) : BigInt.asUintN(width, a)
    return format.encode(format === f32 ? roundedToOdd(value) : Number(value))
  }
}

/**
 * An integer as a double that rounds to the same f32 as the integer itself. Number(value) would already be rounded: what it cuts
 * off could decide the second rounding. Here it stays visible as an odd last bit (S. Boldo, G. Melquiond, "Emulation of FMA and
 * correctly rounded sums: proved algorithms using rounding to odd", 2008).
 */
function roundedToOdd(value: bigint): number {
  const magnitude = value < 0n ? -value : value
  const cut = BigInt(Math.max(0, magnitude.toString(2).length - 53))
  const kept = magnitude >> cut
  const odd = kept << cut === magnitude ? kept : kept | 1n
  return Number(odd << cut) * (value < 0n ? -1 : 1)
}
