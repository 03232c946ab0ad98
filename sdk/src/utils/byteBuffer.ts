/** Bytes that come one after the other, in an array that doubles. */
export class ByteBuffer {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  /** @param expected - How many bytes will probably come; that many cost no copy. */
  constructor(expected: number) {
    this.#bytes = new Uint8Array(expected)
  }

  get length(): number {
    return this.#length
  }

  append(bytes: Uint8Array | readonly number[]): void {
    const end = this.#length + bytes.length
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length))
      larger.set(this.view())
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = end
  }

  /** Everything appended, without a copy: good until the next append. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Everything appended, without slack. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length)
  }
}
