/** Opcodes of WebAssembly that the instrumenter writes. */
export const op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i64LtS: 0x53,
  i64GtU: 0x56,
  f32Eq: 0x5b,
  f64Eq: 0x61,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Xor: 0x73,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Or: 0x84,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
  f32ReinterpretI32: 0xbe,
  f64ReinterpretI64: 0xbf,
} as const

/** Block type without values. */
export const noType = 0x40

/** WebAssembly code in an array that doubles. Room is made once for many bytes, then they are written freely. */
export class Code {
  bytes: Uint8Array<ArrayBuffer>
  at = 0

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity)
  }

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.at + count, 2 * this.bytes.length))
    larger.set(this.bytes.subarray(0, this.at))
    this.bytes = larger
  }

  u8(byte: number): void {
    this.bytes[this.at++] = byte
  }

  /** Unsigned LEB128. */
  u32(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.bytes[this.at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.at++] = rest
  }

  /** Signed LEB128 of a number that fits in 32 bits, signed. */
  s32(value: number): void {
    let rest = value
    while (rest < -64 || rest > 63) {
      this.bytes[this.at++] = (rest & 0x7f) | 0x80
      rest >>= 7
    }
    this.bytes[this.at++] = rest & 0x7f
  }

  /** Signed LEB128 of the low 64 bits. */
  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value)
    while (rest < -64n || rest > 63n) {
      this.bytes[this.at++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.bytes[this.at++] = Number(rest & 0x7fn)
  }

  /** Bytes; makes room itself. */
  raw(bytes: Uint8Array | readonly number[]): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  /** Few bytes of another array, for which there is room. */
  copy(source: Uint8Array, start: number, end: number): void {
    const { bytes } = this
    let { at } = this
    for (let i = start; i < end; i++) bytes[at++] = source[i]!
    this.at = at
  }

  /** Opcode and index. */
  with(code: number, index: number): void {
    this.bytes[this.at++] = code
    if (index < 0x80) this.bytes[this.at++] = index
    else this.u32(index)
  }

  name(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.reserve(5)
    this.u32(bytes.length)
    this.raw(bytes)
  }

  /** Everything written, without a copy: good until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.at)
  }
}
