import { opcodes } from '../isa.ts'

/** What an instruction does with the bits of floats. */
export const floatKind = { other: 0, arithmetic: 1, passes: 2, copysign: 3 } as const

/** `floatKind` of numeric instructions, by opcode. */
export const floatKinds = new Uint8Array(256)
/** 1 where operands are taken as numbers, so that the bits of a NaN do not matter. */
export const blind = new Uint8Array(256)
/** 1 where a numeric instruction can trap. */
export const traps = new Uint8Array(256)

/** 1 for what computes an f64 from floats. */
const doubles = new Uint8Array(256)

for (const { name, code, afterFc, type, operand, traps: canTrap } of opcodes) {
  // saturating truncations have other opcodes here, and neither trap nor give floats
  if (operand === undefined || afterFc !== undefined) continue
  const rest = name.slice(4)
  const isFloat = type!.startsWith('f') && operand.startsWith('f')
  const passes = isFloat && (rest === 'abs' || rest === 'neg')
  if (passes) floatKinds[code] = floatKind.passes
  else if (isFloat) floatKinds[code] = rest === 'copysign' ? floatKind.copysign : floatKind.arithmetic
  blind[code] = isFloat && floatKinds[code] !== floatKind.arithmetic ? 0 : 1
  traps[code] = canTrap === true ? 1 : 0
  doubles[code] = isFloat && type === 'f64' ? 1 : 0
}

/** Of instructions that have a `floatKind`: whether the result has 64 bits. */
export const isDouble = (code: number): boolean => doubles[code] === 1
