import type { Hex } from 'viem'
import { hashBytes, sameHash, toHex } from '../trees/bytes.ts'
import { hashInto } from '../trees/keccak.ts'
import type { DisputeNode, SegmentProof } from './types.ts'

/** A stretch of a trace is split into at most so many segments. */
export const segmentsPerNode = 32
const depth = 5

/** The segments of a stretch: its end states are those of the postings and of the node itself. */
export type Segments = {
  root: Hex
  /** Hashes beside the path of a segment, from it up. */
  proof: (index: number) => SegmentProof
}

/** In how many segments a stretch is split: at least two, as long as it has more than one step. */
export function segmentCount({ from, to }: Pick<DisputeNode, 'from' | 'to'>): number {
  const length = to - from
  return length < BigInt(segmentsPerNode) ? Number(length) : segmentsPerNode
}

/** The steps at which the segments of a stretch begin and end, its own two included: `from + ⌊j (to − from) / m⌋`. */
export function splitPoints(node: Pick<DisputeNode, 'from' | 'to'>): bigint[] {
  const count = segmentCount(node)
  const length = node.to - node.from
  return Array.from({ length: count + 1 }, (_, j) => node.from + (BigInt(j) * length) / BigInt(count))
}

/** `keccak(start ‖ end)` of the states at the two ends of a segment. */
export function segmentHash(start: Hex, end: Hex): Hex {
  const out = new Uint8Array(32)
  hashInto(pairOf(start, end), out, 0)
  return toHex(out)
}

/** The tree over the segments between some states: depth 5, filled up with zero words. */
export function segmentsOf(states: readonly Hex[]): Segments {
  let level = new Uint8Array(32 * 2 ** depth)
  for (let j = 0; j + 1 < states.length; j++) hashInto(pairOf(states[j]!, states[j + 1]!), level, 32 * j)
  const levels = [level]
  while (level.length > 32) {
    const above = new Uint8Array(level.length / 2)
    for (let at = 0; at < above.length; at += 32) hashInto(level.subarray(2 * at, 2 * at + 64), above, at)
    levels.push(above)
    level = above
  }
  return {
    root: toHex(level),
    proof: (index) =>
      levels.slice(0, depth).map((nodes, height) => {
        const at = 32 * ((index >>> height) ^ 1)
        return toHex(nodes.subarray(at, at + 32))
      }) as unknown as SegmentProof,
  }
}

/** The stretch that is one segment of another. */
export function segmentNode(node: DisputeNode, index: number, states: readonly Hex[]): DisputeNode {
  const points = splitPoints(node)
  return {
    ...node,
    from: points[index]!,
    to: points[index + 1]!,
    start: states[index]!,
    end: states[index + 1]!,
  }
}

/** All states at the split points of a stretch: the hashes that were posted, between the node's own two. */
export function readStates(node: DisputeNode, posted: Hex): Hex[] {
  const inner = Array.from(
    { length: (posted.length - 2) / 64 },
    (_, j): Hex => `0x${posted.slice(2 + 64 * j, 66 + 64 * j)}`,
  )
  return [node.start, ...inner, node.end]
}

/** The first segment whose end is not what somebody else knows it to be; undefined where all are. */
export function firstDifference(claimed: readonly Hex[], known: readonly Hex[]): number | undefined {
  const index = claimed.findIndex((state, point) => point > 0 && !sameHash(state, known[point]!))
  return index < 0 ? undefined : index - 1
}

function pairOf(left: Hex, right: Hex): Uint8Array {
  const pair = new Uint8Array(64)
  pair.set(hashBytes(left, 'state'))
  pair.set(hashBytes(right, 'state'), 32)
  return pair
}
