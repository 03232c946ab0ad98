/** How bits are read: as a number of a type, as an address, or as bits that nobody says more of. */
export type ValueKind = 'i32' | 'i64' | 'f32' | 'f64' | 'u32' | 'bits'

/** From here on bits are written in hex, as `disassemble` does. */
const firstHex = 1_024n

/**
 * A value as people read it: integers of a type signed, floats with as few digits as tell them apart, NaNs with
 * their payload, everything else as unsigned bits.
 */
export function valueText(bits: bigint, kind: ValueKind): string {
  switch (kind) {
    case 'i32':
    case 'i64':
      return BigInt.asIntN(kind === 'i32' ? 32 : 64, bits).toString()
    case 'u32':
      return BigInt.asUintN(32, bits).toString()
    case 'f32':
    case 'f64':
      return floatText(bits, kind)
    case 'bits':
      return bits < firstHex ? bits.toString() : `0x${bits.toString(16)}`
  }
}

function floatText(bits: bigint, kind: 'f32' | 'f64'): string {
  const view = new DataView(new ArrayBuffer(8))
  const [width, mantissa] = kind === 'f32' ? [32, 23] : [64, 52]
  view.setBigUint64(0, BigInt.asUintN(width, bits) << BigInt(64 - width))
  const value = kind === 'f32' ? view.getFloat32(0) : view.getFloat64(0)
  if (Number.isNaN(value)) {
    const isNegative = (bits >> BigInt(width - 1)) & 1n
    return `${isNegative ? '-' : ''}nan:0x${BigInt.asUintN(mantissa, bits).toString(16)}`
  }
  if (Object.is(value, -0)) return '-0'
  return kind === 'f32' ? shortest(value) : String(value)
}

/** The fewest digits that give the same f32. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}
