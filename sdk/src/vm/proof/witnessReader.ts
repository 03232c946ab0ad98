import type { Hex } from 'viem'
import { WitnessError } from '../../errors/vm.ts'
import { hashBytes, toHex } from '../../trees/bytes.ts'
import { leafSize } from '../../trees/contentTree.ts'
import { leafOfByte } from '../trees/leaves.ts'
import { OpenedTree } from '../trees/proof.ts'

/** A tree as a witness gives it: by its root, or by a proof of the leaves that a step looks at. */
export class WitnessTree {
  readonly #opened: OpenedTree | undefined
  readonly #given: Uint8Array

  constructor(opened: OpenedTree | undefined, given?: Uint8Array) {
    this.#opened = opened
    this.#given = given ?? opened!.root()
  }

  /** A tree of which nothing is known but its root. */
  static ofRoot(root: Hex): WitnessTree {
    return new WitnessTree(undefined, hashBytes(root, 'root'))
  }

  /** Root over what is written now. */
  root(): Uint8Array {
    return this.#opened?.root() ?? this.#given
  }

  /** 64-bit value at an index. */
  value(index: number): bigint {
    return this.#view(8 * index).getBigUint64((8 * index) % leafSize)
  }

  setValue(index: number, value: bigint): void {
    this.#view(8 * index).setBigUint64((8 * index) % leafSize, value)
  }

  byte(at: number): number {
    return this.#view(at).getUint8(at % leafSize)
  }

  bytes(at: number, length: number): Uint8Array {
    return Uint8Array.from({ length }, (_, index) => this.byte(at + index))
  }

  setBytes(at: number, bytes: Uint8Array): void {
    for (const [index, byte] of bytes.entries()) this.setByte(at + index, byte)
  }

  setByte(at: number, value: number): void {
    this.#view(at).setUint8(at % leafSize, value)
  }

  #view(at: number): DataView {
    const leaf = this.#opened!.leaf(leafOfByte(at))
    return new DataView(leaf.buffer, leaf.byteOffset, leafSize)
  }
}

/** Reads a packed witness from its beginning to its end. */
export class WitnessReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw this.refuse('it is too short')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  /** Unsigned integer of that many bytes, at most 6. */
  number(length: number): number {
    return this.take(length).reduce((value, byte) => value * 256 + byte, 0)
  }

  hash(): Hex {
    return toHex(this.take(32))
  }

  u64(): bigint {
    const bytes = this.take(8)
    return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)
  }

  /** A tree with a proof of these leaves, or its root if there are none. */
  tree(depth: number, leaves: readonly number[]): WitnessTree {
    if (leaves.length === 0) return new WitnessTree(undefined, this.take(32))
    const distinct = [...new Set(leaves)].sort((left, right) => left - right)
    const opened = OpenedTree.read(depth, distinct, (length) => this.take(length))
    if (opened === undefined) throw this.refuse('a bit behind the last sibling is set')
    return new WitnessTree(opened)
  }

  /** To be called behind the last part. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw this.refuse('bytes follow its last part')
  }

  refuse(reason: string): WitnessError {
    return new WitnessError({ reason, size: this.#bytes.length })
  }
}
