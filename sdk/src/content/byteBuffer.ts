/** Bytes that arrive in pieces, put together. */
export class ByteBuffer {
  #bytes: Uint8Array
  #length = 0

  /** @param expected - How many bytes will probably come; that many cost no copy. */
  constructor(expected: number) {
    this.#bytes = new Uint8Array(expected)
  }

  get length(): number {
    return this.#length
  }

  append(chunk: Uint8Array): void {
    const end = this.#length + chunk.length
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(chunk, this.#length)
    this.#length = end
  }

  /** Everything appended, without slack. */
  take(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length)
  }
}
