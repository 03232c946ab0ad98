import { ProgramLimitError } from '../../errors/program.ts'
import { limits } from '../isa.ts'

/** Bytes of an instruction word. */
export const wordBytes = 32

const offsetOf = { d: 2, t: 12, x: 16, y: 24 } as const

/** Instruction words, one after the other; fields that an instruction does not use are zero. */
export class CodeWriter {
  #bytes = new Uint8Array(1024 * wordBytes)
  #view = new DataView(this.#bytes.buffer)
  /** Words written: the pc of the next one. */
  length = 0

  /**
   * Appends a word.
   * @throws {ProgramLimitError} when the program becomes too long.
   */
  emit(op: number, flags: number, d: number, a: number, b: number, c: number, t: number): void {
    const at = this.length * wordBytes
    if (at === this.#bytes.length) this.#grow()
    const view = this.#view
    view.setUint32(at, ((op << 24) | (flags << 16) | d) >>> 0)
    view.setUint32(at + 4, ((a << 16) | b) >>> 0)
    if (c !== 0) view.setUint16(at + 8, c)
    if (t !== 0) view.setUint32(at + offsetOf.t, t)
    this.length++
  }

  /** Sets constant A of the last word, from two halves. */
  constantA(low: number, high: number): void {
    const at = (this.length - 1) * wordBytes + offsetOf.x
    this.#view.setInt32(at, high)
    this.#view.setInt32(at + 4, low)
  }

  /** Sets constant B of the last word, from two halves. */
  constantB(low: number, high: number): void {
    const at = (this.length - 1) * wordBytes + offsetOf.y
    this.#view.setInt32(at, high)
    this.#view.setInt32(at + 4, low)
  }

  /** Has the last word write another slot. */
  redirect(d: number): void {
    this.#view.setUint16((this.length - 1) * wordBytes + offsetOf.d, d)
  }

  opAt(pc: number): number {
    return this.#bytes[pc * wordBytes]!
  }

  target(pc: number): number {
    return this.#view.getUint32(pc * wordBytes + offsetOf.t)
  }

  setTarget(pc: number, target: number): void {
    this.#view.setUint32(pc * wordBytes + offsetOf.t, target)
  }

  /** Sets constant A of any word. */
  setWeight(pc: number, weight: number): void {
    this.#view.setUint32(pc * wordBytes + offsetOf.x + 4, weight)
  }

  /** The words written, 32 bytes each. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length * wordBytes)
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
