import { headerBytes } from './frames.ts'

/** A child wrote something that no child writes: it must have been taken over, or it is broken. */
export class FrameFault {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/**
 * Cuts a stream of chunks into frames. A payload is a view that holds during the call it is handed to.
 */
export class FrameReader {
  readonly #limit: () => number
  readonly #onFrame: (kind: number, payload: Buffer) => void
  #header = Buffer.alloc(headerBytes)
  #held = 0
  #payload: Buffer | undefined

  /**
   * @param limit - The longest payload that may come now.
   */
  constructor(limit: () => number, onFrame: (kind: number, payload: Buffer) => void) {
    this.#limit = limit
    this.#onFrame = onFrame
  }

  /** @throws {FrameFault} if a frame is longer than it may be. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#payload !== undefined) {
        at = this.#fill(this.#payload, this.#held, chunk, at)
        continue
      }
      const whole = this.#held === 0 && chunk.length - at >= headerBytes
      const header = whole ? chunk.subarray(at, at + headerBytes) : this.#header
      if (whole) at += headerBytes
      else {
        const taken = chunk.copy(this.#header, this.#held, at, at + headerBytes - this.#held)
        at += taken
        this.#held += taken
        if (this.#held < headerBytes) return
        this.#held = 0
      }
      const length = header.readUInt32LE(0)
      if (length > this.#limit()) throw new FrameFault(`frame of ${length} bytes`)
      if (chunk.length - at >= length) {
        this.#onFrame(header[4]!, chunk.subarray(at, at + length))
        at += length
      } else {
        if (whole) header.copy(this.#header)
        this.#payload = Buffer.allocUnsafeSlow(length)
      }
    }
  }

  #fill(payload: Buffer, held: number, chunk: Buffer, at: number): number {
    const taken = chunk.copy(payload, held, at)
    this.#held = held + taken
    if (this.#held === payload.length) {
      this.#payload = undefined
      this.#held = 0
      this.#onFrame(this.#header[4]!, payload)
    }
    return at + taken
  }
}
