/**
 * Merkle trees of byte ranges: leaves of 128 bytes `keccak(0x00 ‖ leaf)`, nodes `keccak(left ‖ right)`, zero padding.
 *
 * A node of 32 zero bytes stands for the subtree of its level whose leaves are all zero, so that memory nobody wrote
 * costs nothing. keccak256 gives 32 zero bytes for no message that anybody could find.
 */

import { hashLeaf, hashNode } from './keccak'

export const LEAF_BITS: u32 = 7
/** Bytes whose changes are tracked together: 32 leaves. */
export const PAGE_BITS: u32 = 12
export const PAGE: usize = 1 << PAGE_BITS
const PAGE_LEVELS: u32 = PAGE_BITS - LEAF_BITS
/** Levels of the deepest tree: 2^23 leaves are 1 GiB. */
const DEEPEST: u32 = 23

/** Root of the all-zero tree of each depth. */
const zeros: usize = memory.data(32 * (DEEPEST + 1))
/** Nodes of a small tree while it is built: 64 leaves at most. */
const nodes: usize = memory.data(32 * 64)
const pair: usize = memory.data(64)

hashLeaf(nodes, zeros)
for (let level: u32 = 0; level < DEEPEST; level++) {
  const below = zeros + 32 * level
  memory.copy(pair, below, 32)
  memory.copy(pair + 32, below, 32)
  hashNode(pair, below + 32)
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function isZeroNode(node: usize): bool {
  return (load<u64>(node) | load<u64>(node, 8) | load<u64>(node, 16) | load<u64>(node, 24)) == 0
}

/** Whether `length` bytes, a multiple of 32, are all zero. */
function isZero(bytes: usize, length: usize): bool {
  for (const end = bytes + length; bytes < end; bytes += 32) {
    if (!isZeroNode(bytes)) return false
  }
  return true
}

/** Writes the node above two children of `level` to `out`, which may be where the children are. */
function join(children: usize, level: u32, out: usize): void {
  const left = isZeroNode(children)
  const right = isZeroNode(children + 32)
  if (left && right) return memory.fill(out, 0, 32)
  if (!left && !right) return hashNode(children, out)
  memory.copy(pair, left ? zeros + 32 * level : children, 32)
  memory.copy(pair + 32, right ? zeros + 32 * level : children + 32, 32)
  hashNode(pair, out)
}

/** Writes the node over `2^depth` leaves, at most 64, to `out`; zeros if they are all zero. */
function hashLeaves(bytes: usize, depth: u32, out: usize): void {
  const count: usize = 1 << depth
  for (let i: usize = 0; i < count; i++) {
    const leaf = bytes + (i << LEAF_BITS)
    if (isZero(leaf, 128)) memory.fill(nodes + 32 * i, 0, 32)
    else hashLeaf(leaf, nodes + 32 * i)
  }
  for (let level: u32 = 0; level < depth; level++) {
    for (let i: usize = 0; i < count >> (level + 1); i++) join(nodes + 64 * i, level, nodes + 32 * i)
  }
  memory.copy(out, nodes, 32)
}

/** Writes the root of the tree over exactly `2^depth` leaves, at most 64, to `out`. */
export function smallRoot(bytes: usize, depth: u32, out: usize): void {
  hashLeaves(bytes, depth, out)
  if (isZeroNode(out)) memory.copy(out, zeros + 32 * depth, 32)
}

/**
 * A tree that follows changing bytes. `tree` is where its nodes are kept, `2^logPages` for the pages, half as many
 * above them, and so on up to one; `flags` has a byte for each node, of which bit 0 means that the node is stale.
 * Both start out as zeros, for bytes that are all zero.
 */

/** Bytes that the nodes of a tree take. */
export function treeSize(logPages: u32): usize {
  return 64 << logPages
}

/** Writes the node of a page to `out`. */
export function hashPage(page: usize, out: usize): void {
  if (isZero(page, PAGE)) memory.fill(out, 0, 32)
  else hashLeaves(page, PAGE_LEVELS, out)
}

/**
 * Brings the nodes up to date with `bytes`, whose stale pages are flagged, and clears those flags.
 * @param pages - How many pages there are bytes for.
 */
export function refresh(tree: usize, flags: usize, logPages: u32, bytes: usize, pages: usize): void {
  const above = flags + (<usize>1 << logPages)
  for (let i: usize = 0; i < pages; i++) {
    // eight flags at a time: most are clear
    if ((i & 7) == 0 && i + 8 <= pages && (load<u64>(flags + i) & 0x0101010101010101) == 0) {
      i += 7
      continue
    }
    const flag = load<u8>(flags + i)
    if ((flag & 1) == 0) continue
    store<u8>(flags + i, flag & 0xfe)
    hashPage(bytes + (i << PAGE_BITS), tree + 32 * i)
    if (logPages > 0) store<u8>(above + (i >> 1), 1)
  }
  refreshAbove(tree, flags, logPages, pages)
}

/** The same for the nodes above the pages, of which those over changed pages are flagged. */
export function refreshAbove(tree: usize, flags: usize, logPages: u32, pages: usize): void {
  let width: usize = 1 << logPages
  for (let level: u32 = 1; level <= logPages; level++) {
    const children = tree
    tree += 32 * width
    flags += width
    width >>= 1
    pages = (pages + 1) >> 1
    for (let i: usize = 0; i < pages; i++) {
      if (load<u8>(flags + i) == 0) continue
      store<u8>(flags + i, 0)
      join(children + 64 * i, PAGE_LEVELS + level - 1, tree + 32 * i)
      if (level < logPages) store<u8>(flags + width + (i >> 1), 1)
    }
  }
}

/** Writes the root of a tree that is up to date, seen as one of `depth` levels, to `out`. */
export function rootOf(tree: usize, logPages: u32, depth: u32, out: usize): void {
  const top = tree + treeSize(logPages) - 64
  const level = PAGE_LEVELS + logPages
  if (isZeroNode(top)) return memory.copy(out, zeros + 32 * depth, 32)
  memory.copy(pair, top, 32)
  for (let at = level; at < depth; at++) {
    memory.copy(pair + 32, zeros + 32 * at, 32)
    hashNode(pair, pair)
  }
  memory.copy(out, pair, 32)
}
