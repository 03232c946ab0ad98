import { leafSize, zeroSubtrees } from '../../trees/contentTree.ts'
import { hashInto, hashTaggedInto } from '../../trees/keccak.ts'

const leafTag = 0x00

/**
 * The bytes of a memory, a frame, a code, …: zero until written, with the Merkle tree over them. Hashes are computed
 * when they are asked for, of the leaves written since only.
 */
export class ByteTree {
  /** Levels between a leaf and the root. */
  readonly depth: number
  /** Bytes that are kept together; chunks that are absent are zero. */
  readonly #chunkSize: number
  readonly #chunks = new Map<number, Uint8Array>()
  /** By level: the hashes of nodes that are not those of zero leaves. */
  readonly #nodes: Map<number, Uint8Array>[]
  #stale = new Set<number>()

  constructor(depth: number, { chunkSize = leafSize }: { chunkSize?: number } = {}) {
    this.depth = depth
    this.#chunkSize = chunkSize
    this.#nodes = Array.from({ length: depth + 1 }, () => new Map())
  }

  /** A tree that begins with some bytes, which are copied. */
  static of(depth: number, bytes: Uint8Array, options: { chunkSize?: number } = {}): ByteTree {
    const tree = new ByteTree(depth, options)
    tree.write(0, bytes)
    return tree
  }

  /** A tree of 64-bit values. */
  static ofValues(depth: number, values: Iterable<bigint>): ByteTree {
    const tree = new ByteTree(depth)
    let index = 0
    for (const value of values) tree.setValue(index++, value)
    return tree
  }

  /** An independent copy. */
  clone(): ByteTree {
    const copy = new ByteTree(this.depth, { chunkSize: this.#chunkSize })
    for (const [index, chunk] of this.#chunks) copy.#chunks.set(index, chunk.slice())
    for (const [level, nodes] of this.#nodes.entries())
      for (const [index, node] of nodes) copy.#nodes[level]!.set(index, node)
    copy.#stale = new Set(this.#stale)
    return copy
  }

  /** A copy of some bytes. */
  read(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const offset = (at + done) % this.#chunkSize
      const n = Math.min(length - done, this.#chunkSize - offset)
      const chunk = this.#chunks.get((at + done - offset) / this.#chunkSize)
      if (chunk !== undefined) bytes.set(chunk.subarray(offset, offset + n), done)
      done += n
    }
    return bytes
  }

  write(at: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return
    for (let done = 0; done < bytes.length; ) {
      const offset = (at + done) % this.#chunkSize
      const n = Math.min(bytes.length - done, this.#chunkSize - offset)
      this.#chunk((at + done - offset) / this.#chunkSize).set(bytes.subarray(done, done + n), offset)
      done += n
    }
    const last = Math.floor((at + bytes.length - 1) / leafSize)
    for (let leaf = Math.floor(at / leafSize); leaf <= last; leaf++) this.#stale.add(leaf)
  }

  /** The 64-bit value at an index: 8 bytes, big-endian. */
  value(index: number): bigint {
    const at = index * 8
    const chunk = this.#chunks.get(Math.floor(at / this.#chunkSize))
    if (chunk === undefined) return 0n
    return new DataView(chunk.buffer, chunk.byteOffset).getBigUint64(at % this.#chunkSize)
  }

  setValue(index: number, value: bigint): void {
    const at = index * 8
    const chunk = this.#chunk(Math.floor(at / this.#chunkSize))
    new DataView(chunk.buffer, chunk.byteOffset).setBigUint64(at % this.#chunkSize, value)
    this.#stale.add(Math.floor(at / leafSize))
  }

  /** The 128 bytes of a leaf. */
  leaf(index: number): Uint8Array {
    return this.read(index * leafSize, leafSize)
  }

  /** Hash of a node: level 0 are the leaves. Not to be written to. */
  node(level: number, index: number): Uint8Array {
    this.#refresh()
    return this.#nodeAt(level, index)
  }

  root(): Uint8Array {
    return this.node(this.depth, 0)
  }

  #chunk(index: number): Uint8Array {
    let chunk = this.#chunks.get(index)
    if (chunk === undefined) {
      chunk = new Uint8Array(this.#chunkSize)
      this.#chunks.set(index, chunk)
    }
    return chunk
  }

  #nodeAt(level: number, index: number): Uint8Array {
    return this.#nodes[level]!.get(index) ?? zeroSubtrees[level]!
  }

  #refresh(): void {
    if (this.#stale.size === 0) return
    let stale = this.#stale
    for (const index of stale) {
      const hash = new Uint8Array(32)
      hashTaggedInto(leafTag, this.leaf(index), hash, 0)
      this.#nodes[0]!.set(index, hash)
    }
    const pair = new Uint8Array(64)
    for (let level = 0; level < this.depth; level++) {
      const parents = new Set<number>()
      for (const index of stale) parents.add(index >>> 1)
      for (const parent of parents) {
        pair.set(this.#nodeAt(level, 2 * parent))
        pair.set(this.#nodeAt(level, 2 * parent + 1), 32)
        const hash = new Uint8Array(32)
        hashInto(pair, hash, 0)
        this.#nodes[level + 1]!.set(parent, hash)
      }
      stale = parents
    }
    this.#stale = new Set()
  }
}
