import { leafSize, zeroSubtrees } from '../../trees/contentTree.ts'
import { hashInto, hashTaggedInto } from '../../trees/keccak.ts'
import { concat, sameBytes } from '../bytes.ts'
import type { ByteTree } from './byteTree.ts'

type Node = { level: number; index: number }

/**
 * The nodes that stand beside the paths of some leaves, in the order of a proof: level by level from the leaves up, in each
 * level from left to right, without those that are themselves on the way up.
 * @param leaves - Distinct, ascending.
 */
export function siblingsOf(leaves: readonly number[], depth: number): Node[] {
  const siblings: Node[] = []
  let nodes = leaves
  for (let level = 0; level < depth; level++) {
    const known = new Set(nodes)
    for (const index of nodes) if (!known.has(index ^ 1)) siblings.push({ level, index: index ^ 1 })
    nodes = [...new Set(nodes.map((index) => index >>> 1))]
  }
  return siblings
}

/**
 * Proof of some leaves of a tree: `k × 128 bytes ‖ bitmap u64 ‖ siblings`; a set bit n of the bitmap says that the n-th
 * sibling is the empty tree of its level and left out.
 * @param leaves - Distinct, ascending, at least one.
 */
export function prove(tree: ByteTree, leaves: readonly number[]): Uint8Array {
  let bitmap = 0n
  const siblings: Uint8Array[] = []
  for (const [n, { level, index }] of siblingsOf(leaves, tree.depth).entries()) {
    const node = tree.node(level, index)
    if (sameBytes(node, zeroSubtrees[level]!)) bitmap |= 1n << BigInt(n)
    else siblings.push(node)
  }
  const bits = new Uint8Array(8)
  new DataView(bits.buffer).setBigUint64(0, bitmap)
  return concat([...leaves.map((index) => tree.leaf(index)), bits, ...siblings])
}

/** A tree known by a proof only: some of its leaves, which can be written to, and what stands beside their paths. */
export class OpenedTree {
  readonly #depth: number
  readonly #leaves: ReadonlyMap<number, Uint8Array>
  readonly #siblings: readonly Uint8Array[]

  private constructor(
    depth: number,
    leaves: ReadonlyMap<number, Uint8Array>,
    siblings: readonly Uint8Array[],
  ) {
    this.#depth = depth
    this.#leaves = leaves
    this.#siblings = siblings
  }

  /**
   * Reads a proof.
   * @param take - Gives the next bytes of what the proof is read from.
   * @returns undefined if a bit of the bitmap is set behind the last sibling.
   */
  static read(
    depth: number,
    indices: readonly number[],
    take: (length: number) => Uint8Array,
  ): OpenedTree | undefined {
    // a copy also of a Buffer's bytes, whose slice() is a view
    const leaves = new Map(indices.map((index) => [index, new Uint8Array(take(leafSize))] as const))
    const bits = take(8)
    const bitmap = new DataView(bits.buffer, bits.byteOffset).getBigUint64(0)
    const needed = siblingsOf(indices, depth)
    if (bitmap >> BigInt(needed.length) !== 0n) return undefined
    const siblings = needed.map(({ level }, n) =>
      (bitmap >> BigInt(n)) & 1n ? zeroSubtrees[level]! : take(32),
    )
    return new OpenedTree(depth, leaves, siblings)
  }

  /** A leaf that was proven: 128 bytes, writable. */
  leaf(index: number): Uint8Array {
    const leaf = this.#leaves.get(index)
    if (leaf === undefined) throw new RangeError(`Leaf ${index} was not proven.`)
    return leaf
  }

  /** Root over the leaves as they are now. */
  root(): Uint8Array {
    const siblings = this.#siblings.values()
    let nodes = new Map<number, Uint8Array>()
    for (const [index, leaf] of this.#leaves) {
      const hash = new Uint8Array(32)
      hashTaggedInto(0x00, leaf, hash, 0)
      nodes.set(index, hash)
    }
    const pair = new Uint8Array(64)
    for (let level = 0; level < this.#depth; level++) {
      const above = new Map<number, Uint8Array>()
      for (const [index, node] of nodes) {
        const parent = index >>> 1
        if (above.has(parent)) continue
        const other = nodes.get(index ^ 1) ?? siblings.next().value!
        pair.set(node, (index & 1) << 5)
        pair.set(other, ((index & 1) ^ 1) << 5)
        const hash = new Uint8Array(32)
        hashInto(pair, hash, 0)
        above.set(parent, hash)
      }
      nodes = above
    }
    return nodes.get(0)!
  }
}
