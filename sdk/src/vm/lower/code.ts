import { ProgramLimitError } from '../../errors/program.ts'
import { limits } from '../isa.ts'
import { fieldAt, wordSize } from '../word.ts'

/** Instruction words, one after the other; fields that an instruction does not use are zero. */
export class CodeWriter {
  #bytes = new Uint8Array(1024 * wordSize)
  #view = new DataView(this.#bytes.buffer)
  /** Words written: the pc of the next one. */
  length = 0

  /**
   * Appends a word.
   * @throws {ProgramLimitError} when the program becomes too long.
   */
  emit(op: number, flags: number, d: number, a: number, b: number, c: number, t: number): void {
    const at = this.length * wordSize
    if (at === this.#bytes.length) this.#grow()
    const view = this.#view
    view.setUint32(at, ((op << 24) | (flags << 16) | d) >>> 0)
    view.setUint32(at + fieldAt.a, ((a << 16) | b) >>> 0)
    if (c !== 0) view.setUint16(at + fieldAt.c, c)
    if (t !== 0) view.setUint32(at + fieldAt.t, t)
    this.length++
  }

  /** Sets constant A of the last word, from two halves. */
  constantA(low: number, high: number): void {
    const at = (this.length - 1) * wordSize + fieldAt.x
    this.#view.setInt32(at, high)
    this.#view.setInt32(at + 4, low)
  }

  /** Sets constant B of the last word, from two halves. */
  constantB(low: number, high: number): void {
    const at = (this.length - 1) * wordSize + fieldAt.y
    this.#view.setInt32(at, high)
    this.#view.setInt32(at + 4, low)
  }

  /** Has the last word write another slot. */
  redirect(d: number): void {
    this.#view.setUint16((this.length - 1) * wordSize + fieldAt.d, d)
  }

  opAt(pc: number): number {
    return this.#bytes[pc * wordSize]!
  }

  target(pc: number): number {
    return this.#view.getUint32(pc * wordSize + fieldAt.t)
  }

  setTarget(pc: number, target: number): void {
    this.#view.setUint32(pc * wordSize + fieldAt.t, target)
  }

  /** Sets constant A of any word. */
  setWeight(pc: number, weight: number): void {
    this.#view.setUint32(pc * wordSize + fieldAt.x + 4, weight)
  }

  /** The words written, 32 bytes each. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length * wordSize)
  }

  #grow(): void {
    if (this.length >= limits.codeWords)
      throw new ProgramLimitError({
        what: 'instruction words',
        value: this.length + 1,
        limit: limits.codeWords,
      })
    const larger = new Uint8Array(this.#bytes.length * 2)
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
