import { ByteBuffer } from '../utils/byteBuffer.ts'

/** Writes the parts of a module one after the other. */
export class ByteWriter extends ByteBuffer {
  constructor(capacity = 256) {
    super(capacity)
  }

  push(bytes: Uint8Array | readonly number[]): this {
    this.append(bytes)
    return this
  }

  /** Unsigned LEB128 in as few bytes as it takes. */
  u32(value: number): this {
    let rest = value
    for (; rest >= 0x80; rest >>>= 7) this.push([(rest & 0x7f) | 0x80])
    return this.push([rest])
  }

  /** Signed LEB128 of a number that is not negative. */
  s64(value: number): this {
    let rest = value
    for (; rest >= 0x40; rest >>>= 7) this.push([(rest & 0x7f) | 0x80])
    return this.push([rest])
  }

  name(text: string): this {
    const bytes = new TextEncoder().encode(text)
    return this.u32(bytes.length).push(bytes)
  }

  section(id: number, content: ByteWriter | Uint8Array): this {
    const bytes = content instanceof ByteWriter ? content.view() : content
    return this.push([id]).u32(bytes.length).push(bytes)
  }
}
