import { ByteBuffer } from '../utils/byteBuffer.ts'

/** Writes the parts of a module one after the other. */
export class ModuleWriter extends ByteBuffer {
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

  /** Signed LEB128 of 32 bits. */
  s32(value: number): this {
    let rest = value | 0
    for (; rest >= 0x40 || rest < -0x40; rest >>= 7) this.push([(rest & 0x7f) | 0x80])
    return this.push([rest & 0x7f])
  }

  name(text: string): this {
    const bytes = new TextEncoder().encode(text)
    return this.u32(bytes.length).push(bytes)
  }

  section(id: number, content: ModuleWriter | Uint8Array): this {
    const bytes = content instanceof ModuleWriter ? content.view() : content
    return this.push([id]).u32(bytes.length).push(bytes)
  }
}
