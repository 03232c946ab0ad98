/** Writes bytes one after the other into an array that doubles. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(Math.max(capacity, 16))
  }

  get length(): number {
    return this.#length
  }

  push(bytes: Uint8Array | readonly number[]): this {
    const end = this.#length + bytes.length
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = end
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

  /** What was written, without a copy: good until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }
}
