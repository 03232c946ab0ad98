import type { Hex } from 'viem'
import { ContentLengthError, HasherFinishedError, IndexOutOfRangeError } from '../errors/trees.ts'
import { climb } from './binaryTree.ts'
import { hashBytes, sameHash, toHex } from './bytes.ts'
import { blockDepth, hashInto, hashTaggedInto, treeRootInto } from './keccak.ts'

/** Bytes of one leaf. */
export const leafSize = 128
/** Levels between a leaf and the root of every content tree. */
export const contentDepth = 23
/** The longest content: 1 GiB. */
export const maxContentLength = leafSize * 2 ** contentDepth

const leafTag = 0x00
const contentTag = 0x05

/** Names some bytes: the root of their content tree and how many there are. */
export type ContentRef = {
  root: Hex
  length: number
}

export type ContentProof = {
  /** Position of the leaf: it holds the bytes from `128 × index` on. */
  index: number
  /** The 128 bytes, padded with zeros where the content ends. */
  leaf: Uint8Array
  /** The 23 sibling nodes from the leaf up. */
  siblings: readonly Hex[]
}

const blockSize = leafSize * 2 ** (blockDepth ?? 0)

/** `zeroSubtrees[n]`: root of a tree of depth n whose leaves are all zero. */
export const zeroSubtrees: readonly Uint8Array[] = (() => {
  const pair = new Uint8Array(64)
  const subtrees = [new Uint8Array(32)]
  hashTaggedInto(leafTag, new Uint8Array(leafSize), subtrees[0]!, 0)
  for (let level = 0; level < contentDepth; level++) {
    pair.set(subtrees[level]!, 0)
    pair.set(subtrees[level]!, 32)
    const above = new Uint8Array(32)
    hashInto(pair, above, 0)
    subtrees.push(above)
  }
  return subtrees
})()

/** Root of the content without bytes. */
export const emptyRoot: Hex = toHex(zeroSubtrees[contentDepth]!)

/** The content without bytes. */
export const emptyContent: ContentRef = { root: emptyRoot, length: 0 }

/**
 * Builds a tree from the left. Node n of a level goes to the left or right half of that level's pair; a pair
 * that is complete is hashed into the level above. So one pair per level is all that is kept.
 */
class TreeBuilder {
  length = 0
  #leaves = 0
  readonly #pairs: readonly Uint8Array[] = Array.from({ length: contentDepth + 1 }, () => new Uint8Array(64))
  readonly #partial = new Uint8Array(leafSize)

  reset(): this {
    this.length = 0
    this.#leaves = 0
    return this
  }

  update(bytes: Uint8Array): this {
    const total = this.length + bytes.length
    if (total > maxContentLength) throw new ContentLengthError({ length: total, limit: maxContentLength })

    let at = 0
    const held = this.length % leafSize
    if (held > 0) {
      at = Math.min(leafSize - held, bytes.length)
      this.#partial.set(bytes.subarray(0, at), held)
      if (held + at === leafSize) this.#push(this.#partial)
    }
    while (at + leafSize <= bytes.length) {
      if (
        blockDepth !== undefined &&
        this.#leaves % 2 ** blockDepth === 0 &&
        at + blockSize <= bytes.length
      ) {
        this.#pushBlock(bytes.subarray(at, at + blockSize), blockDepth)
        at += blockSize
      } else {
        this.#push(bytes.subarray(at, at + leafSize))
        at += leafSize
      }
    }
    if (at < bytes.length) this.#partial.set(bytes.subarray(at))
    this.length = total
    return this
  }

  /** Writes the root of the tree of that depth: the right edge is closed with zero subtrees. */
  foldInto(depth: number, out: Uint8Array): void {
    const held = this.length % leafSize
    if (held > 0) this.#push(this.#partial.fill(0, held))
    const leaves = this.#leaves
    const full = leaves === 2 ** depth
    out.set(full ? this.#pairs[depth]!.subarray(0, 32) : zeroSubtrees[depth]!)
    if (full) return

    // once open, `out` is the node of the current level in which the content ends
    let open = false
    for (let level = 0; level < depth; level++) {
      const hasLeft = ((leaves >>> level) & 1) === 1
      if (!hasLeft && !open) continue
      const pair = this.#pairs[level]!
      if (!hasLeft) pair.set(out)
      pair.set(hasLeft && open ? out : zeroSubtrees[level]!, 32)
      hashInto(pair, out, 0)
      open = true
    }
  }

  #push(leaf: Uint8Array): void {
    const index = this.#leaves++
    hashTaggedInto(leafTag, leaf, this.#pairs[0]!, (index & 1) << 5)
    this.#close(0, index)
  }

  /** Takes the leaves of a whole subtree at once. */
  #pushBlock(leaves: Uint8Array, depth: number): void {
    const index = this.#leaves / 2 ** depth
    this.#leaves += 2 ** depth
    treeRootInto(leaves, depth, this.#pairs[depth]!, (index & 1) << 5)
    this.#close(depth, index)
  }

  /** Hashes the pairs that the node with that index completes. */
  #close(from: number, node: number): void {
    let index = node
    for (let level = from; (index & 1) === 1; level++) {
      index >>>= 1
      hashInto(this.#pairs[level]!, this.#pairs[level + 1]!, (index & 1) << 5)
    }
  }
}

/** Computes a content's name from bytes that arrive in pieces, in memory that does not grow with them. */
export class ContentHasher {
  readonly #tree = new TreeBuilder()
  #finished = false

  /** Bytes taken so far. */
  get length(): number {
    return this.#tree.length
  }

  /**
   * Takes the next bytes.
   * @throws {ContentLengthError} beyond 1 GiB.
   * @throws {HasherFinishedError} after `finish`.
   */
  update(bytes: Uint8Array): this {
    if (this.#finished) throw new HasherFinishedError()
    this.#tree.update(bytes)
    return this
  }

  /**
   * The name of everything taken. The hasher cannot be used afterwards.
   * @throws {HasherFinishedError} when called twice.
   */
  finish(): ContentRef {
    if (this.#finished) throw new HasherFinishedError()
    this.#finished = true
    const root = new Uint8Array(32)
    this.#tree.foldInto(contentDepth, root)
    return { root: toHex(root), length: this.#tree.length }
  }
}

// Nothing here awaits, so one builder serves all calls that have their bytes in hand.
const builder = new TreeBuilder()

/**
 * Root of some bytes' content tree.
 * @throws {ContentLengthError} beyond 1 GiB.
 */
export function contentRoot(bytes: Uint8Array): Hex {
  return toHex(treeRoot(bytes, contentDepth))
}

/**
 * Root of the tree of another depth over some bytes.
 * @param bytes - At most `128 · 2^depth`.
 * @throws {ContentLengthError} beyond 1 GiB.
 */
export function treeRoot(bytes: Uint8Array, depth: number): Uint8Array {
  const root = new Uint8Array(32)
  builder.reset().update(bytes).foldInto(depth, root)
  return root
}

/**
 * Name of some bytes.
 * @throws {ContentLengthError} beyond 1 GiB.
 */
export function contentRef(bytes: Uint8Array): ContentRef {
  return { root: contentRoot(bytes), length: bytes.length }
}

/**
 * One word that stands for root and length: `keccak(0x05 ‖ root ‖ length u64)`. The root alone does not tell
 * how many zero bytes a content ends in.
 * @throws {InvalidHashError | ContentLengthError}
 */
export function contentHash(ref: ContentRef): Hex {
  if (!isContentLength(ref.length))
    throw new ContentLengthError({ length: ref.length, limit: maxContentLength })
  const message = new Uint8Array(40)
  message.set(hashBytes(ref.root, 'root'))
  new DataView(message.buffer).setBigUint64(32, BigInt(ref.length))
  hashTaggedInto(contentTag, message, message, 0)
  return toHex(message.subarray(0, 32))
}

/** Content hash of the content without bytes: the shared input of jobs that have none. */
export const emptyContentHash: Hex = contentHash(emptyContent)

/** Whether a number can be the length of a content: whole, 0 to 2^30. */
export function isContentLength(length: number): boolean {
  return Number.isInteger(length) && length >= 0 && length <= maxContentLength
}

/**
 * Shows that 128 bytes stand at a position of a content.
 * @param index - Of the leaf, 0 to 2^23 − 1; past the content's end the leaf is zero.
 * @throws {IndexOutOfRangeError | ContentLengthError}
 */
export function contentProof(bytes: Uint8Array, index: number): ContentProof {
  if (!isLeafIndex(index)) throw new IndexOutOfRangeError({ what: 'Leaf', index, count: 2 ** contentDepth })
  if (!isContentLength(bytes.length))
    throw new ContentLengthError({ length: bytes.length, limit: maxContentLength })
  const leaf = new Uint8Array(leafSize)
  leaf.set(bytes.subarray(index * leafSize, (index + 1) * leafSize))
  const siblings: Hex[] = []
  const node = new Uint8Array(32)
  for (let level = 0; level < contentDepth; level++) {
    const span = leafSize * 2 ** level
    const start = (Math.floor(index / 2 ** level) ^ 1) * span
    if (start >= bytes.length) node.set(zeroSubtrees[level]!)
    else
      builder
        .reset()
        .update(bytes.subarray(start, start + span))
        .foldInto(level, node)
    siblings.push(toHex(node))
  }
  return { index, leaf, siblings }
}

/**
 * Whether a leaf stands at its position under a root. False for anything malformed.
 */
export function verifyContentLeaf(root: Hex, { index, leaf, siblings }: ContentProof): boolean {
  if (!isLeafIndex(index) || leaf.length !== leafSize || siblings.length !== contentDepth) return false
  const node = new Uint8Array(32)
  hashTaggedInto(leafTag, leaf, node, 0)
  return climb(node, index, siblings) && sameHash(toHex(node), root)
}

function isLeafIndex(index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < 2 ** contentDepth
}
