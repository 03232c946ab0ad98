/** What an instruction does with the bits of floats. */
export const floatKind = { other: 0, arithmetic: 1, passes: 2, copysign: 3 } as const

/** `floatKind` of numeric instructions, by opcode. */
export const floatKinds = new Uint8Array(256)
/** 1 where operands are taken as numbers, so that the bits of a NaN do not matter. */
export const blind = new Uint8Array(256)
/** 1 where a numeric instruction can trap. */
export const traps = new Uint8Array(256)

const range = (array: Uint8Array, first: number, last: number, value = 1) =>
  array.fill(value, first, last + 1)

for (const first of [0x8b, 0x99]) {
  range(floatKinds, first, first + 1, floatKind.passes) // abs, neg
  range(floatKinds, first + 2, first + 12, floatKind.arithmetic) // ceil … max
  floatKinds[first + 13] = floatKind.copysign
}
floatKinds[0xb6] = floatKind.arithmetic // demote
floatKinds[0xbb] = floatKind.arithmetic // promote

range(blind, 0x45, 0x8a) // comparisons, and integers
range(blind, 0xa7, 0xbb) // conversions
range(blind, 0xc0, 0xc4)
for (let code = 0; code < 256; code++) if (floatKinds[code] === floatKind.arithmetic) blind[code] = 1

range(traps, 0x6d, 0x70) // i32.div_s … rem_u
range(traps, 0x7f, 0x82)
range(traps, 0xa8, 0xab) // i32.trunc
range(traps, 0xae, 0xb1) // i64.trunc

/** Result types that are float arithmetic's: whether the result has 64 bits. */
export const isDouble = (code: number): boolean => (code >= 0x99 && code <= 0xa6) || code === 0xbb
