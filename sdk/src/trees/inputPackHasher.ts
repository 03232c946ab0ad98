import type { Hex } from 'viem'
import { ContentLengthError, HasherFinishedError, MalformedInputPackError } from '../errors/trees.ts'
import { ContentHasher, type ContentRef, maxContentLength } from './contentTree.ts'
import { inputsRoot } from './inputsTree.ts'

/** What an input pack is found to be. */
export type InputPackName = {
  inputsRoot: Hex
  /** Names of the inputs, in order. */
  inputs: ContentRef[]
  /** Bytes of the pack. */
  length: number
}

/**
 * Computes the inputs root of a pack from bytes that arrive in pieces. It is as strict as `unpackInputs`, and
 * keeps the pack's header and the inputs' names, never their bytes.
 */
export class InputPackHasher {
  #length = 0
  // the pack's header; grown as its bytes arrive, because the count in it may be a lie
  #header = new Uint8Array(1024)
  #count: number | undefined
  readonly #inputs: ContentRef[] = []
  #current = new ContentHasher()
  /** Bytes of the current input that are still to come. */
  #left = 0
  #finished = false

  /** Bytes taken so far. */
  get length(): number {
    return this.#length
  }

  /**
   * Takes the next bytes.
   * @throws {MalformedInputPackError} as soon as no continuation could make the pack well-formed.
   * @throws {ContentLengthError} if the lengths add up to more than 1 GiB.
   * @throws {HasherFinishedError} after `finish`.
   */
  update(bytes: Uint8Array): this {
    if (this.#finished) throw new HasherFinishedError()
    let rest = this.#takeHeader(bytes)
    while (rest.length > 0 && this.#inputs.length < this.#countOf()) {
      const part = rest.subarray(0, this.#left)
      this.#current.update(part)
      this.#left -= part.length
      this.#length += part.length
      rest = rest.subarray(part.length)
      this.#advance()
    }
    if (rest.length > 0) this.#refuse('bytes follow the last input')
    return this
  }

  /**
   * The name of the pack taken. The hasher cannot be used afterwards.
   * @throws {MalformedInputPackError} if bytes are missing.
   * @throws {HasherFinishedError} when called twice.
   */
  finish(): InputPackName {
    if (this.#finished) throw new HasherFinishedError()
    this.#finished = true
    const done = this.#inputs.length
    if (this.#count === undefined) this.#refuse('it ends inside of its header')
    if (done < this.#countOf()) this.#refuse(`it ends ${this.#left} bytes before the end of input ${done}`)
    return { inputsRoot: inputsRoot(this.#inputs), inputs: this.#inputs, length: this.#length }
  }

  /** Takes what belongs to the header and returns the rest. */
  #takeHeader(bytes: Uint8Array): Uint8Array {
    let rest = bytes
    while (this.#count === undefined && rest.length > 0) {
      const size = this.#length < 4 ? 4 : 4 + 8 * this.#countOf()
      const part = rest.subarray(0, size - this.#length)
      this.#keepHeader(part)
      rest = rest.subarray(part.length)
      if (this.#length === size) this.#readHeader(size)
    }
    return rest
  }

  #keepHeader(part: Uint8Array): void {
    const end = this.#length + part.length
    if (end > this.#header.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#header.length))
      larger.set(this.#header)
      this.#header = larger
    }
    this.#header.set(part, this.#length)
    this.#length = end
  }

  #readHeader(size: number): void {
    const count = this.#countOf()
    if (count === 0) this.#refuse('it holds no input')
    const hasLengths = size > 4
    let total = BigInt(4 + 8 * count)
    for (let index = 0; hasLengths && index < count; index++) total += this.#lengthOf(index)
    if (total > BigInt(maxContentLength))
      throw new ContentLengthError({ length: total, limit: maxContentLength })
    if (!hasLengths) return
    this.#count = count
    this.#left = Number(this.#lengthOf(0))
    this.#advance()
  }

  /** Completes the inputs that have all their bytes, and opens the first that has not. */
  #advance(): void {
    const count = this.#countOf()
    while (this.#left === 0 && this.#inputs.length < count) {
      this.#inputs.push(this.#current.finish())
      this.#current = new ContentHasher()
      if (this.#inputs.length < count) this.#left = Number(this.#lengthOf(this.#inputs.length))
    }
  }

  #fields(): DataView {
    return new DataView(this.#header.buffer)
  }

  #countOf(): number {
    return this.#fields().getUint32(0)
  }

  #lengthOf(index: number): bigint {
    return this.#fields().getBigUint64(4 + 8 * index)
  }

  #refuse(reason: string): never {
    throw new MalformedInputPackError({ reason, size: this.#length })
  }
}
