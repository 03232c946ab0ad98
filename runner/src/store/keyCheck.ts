import { AssayError, type ContentKind, createKeyHasher, type KeyHasher } from 'assay'
import type { Hex } from 'viem'

/** Compares bytes that arrive in pieces with the key that they should have. */
export class KeyCheck {
  readonly #key: Hex
  readonly #hasher: KeyHasher
  #length = 0
  #fault: string | undefined

  constructor(kind: ContentKind, key: Hex) {
    this.#key = key
    this.#hasher = createKeyHasher(kind)
  }

  /** Bytes taken so far. */
  get length(): number {
    return this.#length
  }

  update(bytes: Uint8Array): void {
    this.#length += bytes.length
    this.#try(() => this.#hasher.update(bytes))
  }

  /** What the bytes are instead of what the key says, or undefined if they have that key. */
  finish(): string | undefined {
    const found = this.#try(() => this.#hasher.finish())
    if (found === undefined) return this.#fault
    return found === this.#key.toLowerCase() ? undefined : `${found}, of ${this.#length} bytes`
  }

  /** Bytes that can have no key at all, like a malformed input pack, are wrong bytes like any other. */
  #try<result>(hash: () => result): result | undefined {
    if (this.#fault !== undefined) return undefined
    try {
      return hash()
    } catch (error) {
      if (!(error instanceof AssayError)) throw error
      this.#fault = `${[error.shortMessage, ...(error.metaMessages ?? [])].join(' ')} (${this.#length} bytes)`
      return undefined
    }
  }
}
