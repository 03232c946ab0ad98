/**
 * What the fast machine computes for each numeric instruction, in AssemblyScript. `a` and `b` are the operands, typed as
 * `operands` says; a statement in front may leave by `trap(reason)`.
 */

export type Expression = {
  /** AssemblyScript type of the operands. */
  operand: 'u32' | 'u64' | 'f32' | 'f64'
  /** AssemblyScript expression of a u64: the slot's new value. */
  value: string
  /** Statements that run before and may trap. */
  guard?: string
  /** Bits that replace `r`, computed by the guard, where it is a NaN. Apart from the rest: that way a CPU does not wait for it. */
  canonical?: string
}

const divideByZero = 'return leave(pc, fp, lp, stack, stop, trapDivideByZero)'
const overflow = 'return leave(pc, fp, lp, stack, stop, trapOverflow)'
const notANumber = 'return leave(pc, fp, lp, stack, stop, trapNotANumber)'

const expressions = new Map<string, Expression>()

for (const [type, unsigned, signed, bits] of [
  ['i32', 'u32', 'i32', 32],
  ['i64', 'u64', 'i64', 64],
] as const) {
  const set = (name: string, value: string, guard?: string) =>
    expressions.set(`${type}.${name}`, {
      operand: unsigned,
      value: `u64(${value})`,
      ...(guard === undefined ? {} : { guard }),
    })
  set('eqz', 'a == 0')
  for (const [name, sign] of [
    ['eq', '=='],
    ['ne', '!='],
  ] as const) {
    set(name, `a ${sign} b`)
  }
  for (const [name, sign] of [
    ['lt', '<'],
    ['gt', '>'],
    ['le', '<='],
    ['ge', '>='],
  ] as const) {
    set(`${name}_s`, `${signed}(a) ${sign} ${signed}(b)`)
    set(`${name}_u`, `a ${sign} b`)
  }
  for (const name of ['clz', 'ctz', 'popcnt']) set(name, `${name}<${unsigned}>(a)`)
  for (const [name, sign] of [
    ['add', '+'],
    ['sub', '-'],
    ['mul', '*'],
    ['and', '&'],
    ['or', '|'],
    ['xor', '^'],
    ['shl', '<<'],
    ['shr_u', '>>'],
  ] as const) {
    set(name, `a ${sign} b`)
  }
  const smallest = `${signed}.MIN_VALUE`
  const back = (expression: string) => `${unsigned}(${expression})`
  set('shr_s', back(`${signed}(a) >> ${signed}(b)`))
  for (const name of ['rotl', 'rotr']) set(name, `${name}<${unsigned}>(a, b)`)
  const divides = `if (b == 0) ${divideByZero}`
  set(
    'div_s',
    back(`${signed}(a) / ${signed}(b)`),
    `${divides}; if (${signed}(a) == ${smallest} && ${signed}(b) == -1) ${overflow}`,
  )
  set('div_u', 'a / b', divides)
  set('rem_s', back(`${signed}(a) % ${signed}(b)`), divides)
  set('rem_u', 'a % b', divides)
  for (const width of [8, 16, 32]) {
    if (width < bits) set(`extend${width}_s`, back(`${signed}(i${width}(a))`))
  }
}

for (const [type, word, canonical, sign] of [
  ['f32', 'u32', '0x7fc00000', '0x80000000'],
  ['f64', 'u64', '0x7ff8000000000000', '0x8000000000000000'],
] as const) {
  const bits = (expression: string) => `u64(reinterpret<${word}>(${expression}))`
  /** Every NaN becomes the one NaN. */
  const set = (name: string, value: string) =>
    expressions.set(`${type}.${name}`, {
      operand: type,
      guard: `const r: ${type} = ${value}`,
      value: bits('r'),
      canonical,
    })
  for (const [name, operator] of [
    ['eq', '=='],
    ['ne', '!='],
    ['lt', '<'],
    ['gt', '>'],
    ['le', '<='],
    ['ge', '>='],
  ] as const) {
    expressions.set(`${type}.${name}`, { operand: type, value: `u64(a ${operator} b)` })
  }
  for (const name of ['ceil', 'floor', 'trunc', 'nearest', 'sqrt']) set(name, `${name}<${type}>(a)`)
  for (const name of ['min', 'max']) set(name, `${name}<${type}>(a, b)`)
  for (const [name, operator] of [
    ['add', '+'],
    ['sub', '-'],
    ['mul', '*'],
    ['div', '/'],
  ] as const) {
    set(name, `a ${operator} b`)
  }
  // These move bits, those of a NaN too.
  expressions.set(`${type}.abs`, { operand: word, value: `u64(a & ~${sign})` })
  expressions.set(`${type}.neg`, { operand: word, value: `u64(a ^ ${sign})` })
  expressions.set(`${type}.copysign`, { operand: word, value: `u64((a & ~${sign}) | (b & ${sign}))` })

  for (const [target, exclusiveLow, high] of [
    ['i32_s', type === 'f64' ? 'a > -2147483649' : 'a >= -2147483648', '2147483648'],
    ['i32_u', 'a > -1', '4294967296'],
    ['i64_s', 'a >= -9223372036854775808', '9223372036854775808'],
    ['i64_u', 'a > -1', '18446744073709551616'],
  ] as const) {
    const to = `${target.endsWith('s') ? 'i' : 'u'}${target.slice(1, 3)}`
    const name = `${target.slice(0, 3)}.trunc_${type}_${target.slice(4)}`
    const value = `u64(u${target.slice(1, 3)}(${to}(a)))`
    const low = exclusiveLow.replace(/-?\d+$/, (number) => `${type}(${number}.0)`)
    expressions.set(name, {
      operand: type,
      guard: `if (a != a) ${notANumber}; if (!(${low} && a < ${type}(${high}.0))) ${overflow}`,
      value,
    })
    expressions.set(name.replace('trunc', 'trunc_sat'), { operand: type, value })
  }
  for (const source of ['i32', 'i64'] as const) {
    for (const sign of ['s', 'u'] as const) {
      const operand = source === 'i32' ? 'u32' : 'u64'
      const from = sign === 's' ? `${source}(a)` : 'a'
      expressions.set(`${type}.convert_${source}_${sign}`, { operand, value: bits(`${type}(${from})`) })
    }
  }
}

expressions.set('f32.demote_f64', {
  operand: 'f64',
  guard: 'const r: f32 = f32(a)',
  value: 'u64(reinterpret<u32>(r))',
  canonical: '0x7fc00000',
})
expressions.set('f64.promote_f32', {
  operand: 'f32',
  guard: 'const r: f64 = f64(a)',
  value: 'reinterpret<u64>(r)',
  canonical: '0x7ff8000000000000',
})
expressions.set('i32.wrap_i64', { operand: 'u32', value: 'u64(a)' })
expressions.set('i64.extend_i32_u', { operand: 'u32', value: 'u64(a)' })
expressions.set('i64.extend_i32_s', { operand: 'u32', value: 'u64(i64(i32(a)))' })

/** The expression of a numeric instruction. */
export function expressionOf(name: string): Expression {
  const expression = expressions.get(name)
  if (!expression) throw new TypeError(`The fast machine has no expression for ${name}.`)
  return expression
}
