import {
  InvalidProgramError,
  MalformedProgramError,
  ProgramFeatureError,
  type ProgramPlace,
} from '../../errors/program.ts'

/**
 * Reads WebAssembly's primitive values from a range of bytes, in one direction, strictly: integers are refused
 * where the standard refuses them (too many bytes, set bits beyond the width), so that V8 and this reader can
 * never disagree about where a value ends.
 */
export class WasmReader {
  readonly bytes: Uint8Array
  end: number
  at: number
  /** Upper half of the integer that `s64` read last, its lower half being the result. */
  high = 0

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get done(): boolean {
    return this.at >= this.end
  }

  /** What errors say about where they are. */
  place(offset = this.at): ProgramPlace {
    return { offset }
  }

  malformed(reason: string, offset?: number): MalformedProgramError {
    return new MalformedProgramError({ reason, ...this.place(offset) })
  }

  invalid(reason: string, offset?: number): InvalidProgramError {
    return new InvalidProgramError({ reason, ...this.place(offset) })
  }

  missing(feature: string, found: string, offset?: number): ProgramFeatureError {
    return new ProgramFeatureError({ feature, found, ...this.place(offset) })
  }

  u8(): number {
    if (this.at >= this.end) throw this.malformed('unexpected end')
    return this.bytes[this.at++]!
  }

  u32(): number {
    const start = this.at
    const first = this.u8()
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.u8()
      if (shift === 28 && byte > 0x0f) break
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw this.malformed('integer does not fit in 32 bits', start)
  }

  s32(): number {
    return this.#signed(32)
  }

  /** A block type's integer. Its value is exact: 33 bits fit in a double. */
  s33(): number {
    return this.#signed(33)
  }

  /** A 64-bit integer. Its lower 32 bits are returned, the upper ones left in `high`, both signed. */
  s64(): number {
    const start = this.at
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.u8()
      // the tenth byte has one bit, and the sign in the others
      if (shift === 63 && byte !== 0x00 && byte !== 0x7f) break
      const bits = byte & 0x7f
      if (shift < 32) low |= bits << shift
      if (shift > 25) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32)
      if (byte >= 0x80) continue
      const filled = shift + 7
      if ((byte & 0x40) !== 0) {
        if (filled < 32) low |= -1 << filled
        if (filled < 64) high |= filled < 32 ? -1 : -1 << (filled - 32)
      }
      this.high = high
      return low
    }
    throw this.malformed('integer does not fit in 64 bits', start)
  }

  /** Passes over a 64-bit integer. */
  skipS64(): void {
    this.s64()
  }

  /** Four bytes, little-endian, as a signed integer. */
  word(): number {
    const { at, bytes } = this
    this.skip(4)
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }

  skip(length: number): void {
    if (length > this.end - this.at) throw this.malformed('unexpected end')
    this.at += length
  }

  /** A count of things of at least `each` bytes, refused at once where they cannot fit in what is left. */
  count(each = 1): number {
    const start = this.at
    const count = this.u32()
    if (count * each > this.end - this.at) throw this.malformed(`count ${count} exceeds the section`, start)
    return count
  }

  name(): string {
    const start = this.at
    const length = this.count()
    this.at += length
    try {
      return utf8.decode(this.bytes.subarray(this.at - length, this.at))
    } catch {
      throw this.malformed('name is not UTF-8', start)
    }
  }

  /** A reader of the next bytes alone, which this one passes over. */
  part(length: number): WasmReader {
    const start = this.at
    this.skip(length)
    return new WasmReader(this.bytes, start, this.at)
  }

  #signed(bits: 32 | 33): number {
    const start = this.at
    const first = this.u8()
    if (first < 0x80) return (first & 0x40) === 0 ? first : first - 0x80
    let value = first & 0x7f
    for (let i = 1; i < 5; i++) {
      const byte = this.u8()
      if (i === 4) {
        // bits left over in the last byte must repeat the sign
        const spare = bits === 32 ? byte & 0x78 : byte & 0x70
        if (spare !== 0 && spare !== (bits === 32 ? 0x78 : 0x70)) break
      }
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - 2 ** (7 * (i + 1))
    }
    throw this.malformed(`integer does not fit in ${bits} bits`, start)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
