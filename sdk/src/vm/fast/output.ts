import type { Hex } from 'viem'
import { treePageSize } from './hashing.ts'
import type { Instance } from './instance.ts'
import * as at from './layout.ts'

/**
 * The output of a task. It stands outside of the machine's memory, which knows its length and its tree. Bytes past the length
 * are kept: after a return to an earlier state the same bytes come again.
 */
export class Output {
  readonly #instance: Instance
  #room = new Uint8Array(0)
  /** Pages that are in the tree, and up to which byte they are right. */
  #pages = 0
  #hashed = 0

  constructor(instance: Instance) {
    this.#instance = instance
  }

  get length(): number {
    return this.#instance.cell(at.cellOutputLength)
  }

  /** A view that the next step may change. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.length)
  }

  append(bytes: Uint8Array): void {
    const { length } = this
    if (length + bytes.length > this.#room.length) {
      const larger = new Uint8Array(Math.max(2 * this.#room.length, length + bytes.length, 1024))
      larger.set(this.#room)
      this.#room = larger
    }
    this.#room.set(bytes, length)
  }

  /** Takes over what another machine with the same task has written. */
  adopt(bytes: Uint8Array): void {
    if (bytes.length > this.#room.length) this.#room = bytes.slice()
  }

  /** To be called before and after the length becomes another one. */
  lengthChanges(): void {
    this.#hashed = Math.min(this.#hashed, this.length)
  }

  /** Brings the tree up to date; returns how many pages are in it. */
  refresh(): number {
    const { bytes } = this
    const last = Math.max(Math.ceil(bytes.length / treePageSize), this.#pages)
    for (let page = Math.floor(this.#hashed / treePageSize); page < last; page++) {
      const scratch = this.#instance.bytes(at.scratchPage, treePageSize)
      scratch.fill(0).set(bytes.subarray(page * treePageSize, (page + 1) * treePageSize))
      this.#instance.exports.hashOutputPage(page)
    }
    this.#pages = last
    this.#hashed = bytes.length
    return last
  }

  /** Content root of the output. */
  root(): Hex {
    this.#instance.exports.outputRoot(this.refresh())
    return this.#instance.hash()
  }

  clear(): void {
    this.#instance.clearTree(at.outputTree, at.outputFlags, this.#pages)
    this.#room = new Uint8Array(0)
    this.#pages = 0
    this.#hashed = 0
  }
}
