import type { TrapReason } from '../engine.ts'

/** What an instruction computes, as the 64 bits of a slot, or why it traps. */
export type Outcome = bigint | TrapReason
export type Operation = (a: bigint, b: bigint) => Outcome

/** The integer instructions of i32 or i64, by the second part of their names. Operands are unsigned, of that width. */
export function integerOperations(width: 32 | 64): Record<string, Operation> {
  const bits = BigInt(width)
  const wrap = (value: bigint) => BigInt.asUintN(width, value)
  const signed = (value: bigint) => BigInt.asIntN(width, value)
  const truth = (value: boolean) => (value ? 1n : 0n)
  const rotateLeft = (a: bigint, count: bigint) => wrap(a << count) | (a >> (bits - count))
  const lowest = -(1n << (bits - 1n))

  return {
    eqz: (a) => truth(a === 0n),
    eq: (a, b) => truth(a === b),
    ne: (a, b) => truth(a !== b),
    lt_s: (a, b) => truth(signed(a) < signed(b)),
    lt_u: (a, b) => truth(a < b),
    gt_s: (a, b) => truth(signed(a) > signed(b)),
    gt_u: (a, b) => truth(a > b),
    le_s: (a, b) => truth(signed(a) <= signed(b)),
    le_u: (a, b) => truth(a <= b),
    ge_s: (a, b) => truth(signed(a) >= signed(b)),
    ge_u: (a, b) => truth(a >= b),

    clz: (a) => bits - BigInt(a === 0n ? 0 : a.toString(2).length),
    ctz: (a) => BigInt(a === 0n ? width : (a & -a).toString(2).length - 1),
    popcnt: (a) => BigInt(a.toString(2).replaceAll('0', '').length),

    add: (a, b) => wrap(a + b),
    sub: (a, b) => wrap(a - b),
    mul: (a, b) => wrap(a * b),
    // Division of bigints truncates toward zero, and the remainder has the dividend's sign.
    div_s: (a, b) => {
      if (b === 0n) return 'integer divide by zero'
      if (signed(a) === lowest && signed(b) === -1n) return 'integer overflow'
      return wrap(signed(a) / signed(b))
    },
    div_u: (a, b) => (b === 0n ? 'integer divide by zero' : a / b),
    rem_s: (a, b) => (b === 0n ? 'integer divide by zero' : wrap(signed(a) % signed(b))),
    rem_u: (a, b) => (b === 0n ? 'integer divide by zero' : a % b),

    and: (a, b) => a & b,
    or: (a, b) => a | b,
    xor: (a, b) => a ^ b,
    shl: (a, b) => wrap(a << (b % bits)),
    shr_s: (a, b) => wrap(signed(a) >> (b % bits)),
    shr_u: (a, b) => a >> (b % bits),
    rotl: (a, b) => rotateLeft(a, b % bits),
    rotr: (a, b) => rotateLeft(a, (bits - (b % bits)) % bits),
  }
}
