import type { Hex } from 'viem'
import { treeDepth } from '../trees/binaryTree.ts'
import { hashBytes, sameHash, toHex } from '../trees/bytes.ts'
import { leafRowSize } from '../trees/result.ts'
import { readSumNode, rowLeafInto, sumLevels, sumNodeSize } from '../trees/resultTree.ts'
import { concat } from '../vm/bytes.ts'
import type { DisputeNode, ResultNode } from './types.ts'

/** Levels that one posting goes down. */
const levelsPerPosting = 5

/** A whole result tree, or the part of one between two levels. Nodes have the levels and places of the whole tree. */
export type ResultNodes = {
  /** The highest node. */
  top: ResultNode
  /** The lowest nodes, in their order. */
  bottom: () => ResultNode[]
  node: (level: number, index: number) => ResultNode
  /** What proves a node under one above it: 48 bytes a level, `hash ‖ steps` of the node beside the path. */
  proof: (from: { level: number; index: number }, toLevel: number) => Hex
}

/** What a provider posted for a node of the result tree. */
export type PostedNodes = ResultNodes & {
  /** Rows of the tasks under the node, where the posting reaches down to them. */
  rows: ReadonlyMap<number, Uint8Array>
}

/** A position in the result tree of its first game: the root. */
export function rootNode(root: { hash: Hex; steps: bigint }, tasks: number): DisputeNode {
  return resultDisputeNode({ level: treeDepth(tasks), index: 0, ...root })
}

/** A result node as a part of a claim. */
export function resultDisputeNode({ level, index, hash, steps }: ResultNode): DisputeNode {
  return { isTrace: false, level, index, steps: 0n, from: 0n, to: steps, start: zeroWord, end: hash }
}

const zeroWord: Hex = `0x${'00'.repeat(32)}`

/** How many levels a posting for a node of this level goes down: to the rows, else to a level that is a multiple of 5. */
export function postingDepth(level: number): number {
  if (level <= levelsPerPosting) return level
  return level % levelsPerPosting || levelsPerPosting
}

/** Postings of a provider in the longest descent from the root to a task's row. */
export function postingsOf(tasks: number): number {
  return Math.ceil(treeDepth(tasks) / levelsPerPosting)
}

/**
 * The result tree over the rows of a leaves file, whatever they say.
 * @throws {TaskCountError}
 */
export function resultNodes(rows: Uint8Array): ResultNodes {
  const tasks = rows.length / leafRowSize
  const root = { level: treeDepth(tasks), index: 0 }
  return nodesOver(
    leavesOf(root, tasks, (task) => rowAt(rows, task)),
    0,
    0,
  )
}

/** The row of a task in a leaves file. */
export function rowAt(rows: Uint8Array, task: number): Uint8Array {
  return rows.subarray(task * leafRowSize, (task + 1) * leafRowSize)
}

/** What a provider with these rows posts for a node: the rows under it, or the nodes of the next level divisible by 5. */
export function postingOf(
  { level, index }: { level: number; index: number },
  tasks: number,
  rows: ReadonlyMap<number, Uint8Array>,
): Hex {
  const low = level - postingDepth(level)
  if (low === 0) return toHex(concat(tasksUnder({ level, index }, tasks).map((task) => rows.get(task)!)))
  const first = index * 2 ** (level - low)
  const bytes = new Uint8Array(2 ** (level - low) * sumNodeSize)
  for (let at = 0; at < bytes.length; at += sumNodeSize)
    writeNode(ownNodes(rows, tasks, { level: low, index: first + at / sumNodeSize })!.top, bytes, at)
  return toHex(bytes)
}

/** Reads a posting of a result node, which the contract has checked against the node. */
export function readPosting(node: DisputeNode, data: Uint8Array, tasks: number): PostedNodes {
  const { level, index } = node
  const low = level - postingDepth(level)
  const first = index * 2 ** (level - low)
  if (low > 0) return { ...nodesOver(data, low, first), rows: new Map() }
  const rowOf = (task: number) => rowAt(data, task - first)
  const rows = new Map(tasksUnder(node, tasks).map((task) => [task, rowOf(task)] as const))
  return { ...nodesOver(leavesOf(node, tasks, rowOf), 0, first), rows }
}

/** What is under a node in the tree over one's own rows, or undefined where some of them are not known. */
export function ownNodes(
  rows: ReadonlyMap<number, Uint8Array>,
  tasks: number,
  { level, index }: { level: number; index: number },
): ResultNodes | undefined {
  if (!tasksUnder({ level, index }, tasks).every((task) => rows.has(task))) return undefined
  const leaves = leavesOf({ level, index }, tasks, (task) => rows.get(task)!)
  return nodesOver(leaves, 0, index * 2 ** level)
}

/** The tasks under a node: none where it only fills the tree up. */
export function tasksUnder({ level, index }: { level: number; index: number }, tasks: number): number[] {
  const first = index * 2 ** level
  return Array.from({ length: Math.max(0, Math.min(2 ** level, tasks - first)) }, (_, at) => first + at)
}

/** The hash of a task's leaf whose row is given. */
export function leafOf(task: number, row: Uint8Array): Hex {
  const leaf = new Uint8Array(sumNodeSize)
  rowLeafInto(task, row, leaf, 0)
  return readSumNode(leaf, 0).hash
}

/** Whether a node is another than what somebody knows it to be. */
export function isOther(node: ResultNode, known: ResultNode): boolean {
  return node.steps !== known.steps || !sameHash(node.hash, known.hash)
}

/** Leaves `hash ‖ steps` under a node; past the last task the zero word of zero steps. */
function leavesOf(
  { level, index }: { level: number; index: number },
  tasks: number,
  rowOf: (task: number) => Uint8Array,
): Uint8Array {
  const leaves = new Uint8Array(2 ** level * sumNodeSize)
  const first = index * 2 ** level
  for (const task of tasksUnder({ level, index }, tasks))
    rowLeafInto(task, rowOf(task), leaves, (task - first) * sumNodeSize)
  return leaves
}

function nodesOver(bytes: Uint8Array, low: number, first: number): ResultNodes {
  const levels = sumLevels(bytes)
  const node = (level: number, index: number): ResultNode => ({
    level,
    index,
    ...readSumNode(levels[level - low]!, index - first / 2 ** (level - low)),
  })
  const height = levels.length - 1
  return {
    top: node(low + height, first / 2 ** height),
    bottom: () => Array.from({ length: 2 ** height }, (_, at) => node(low, first + at)),
    node,
    proof({ level, index }, toLevel) {
      const bytes = new Uint8Array((toLevel - level) * sumNodeSize)
      for (let at = level; at < toLevel; at++) {
        const path = Math.floor(index / 2 ** (at - level))
        const beside = path % 2 === 0 ? path + 1 : path - 1
        writeNode(node(at, beside), bytes, (at - level) * sumNodeSize)
      }
      return toHex(bytes)
    },
  }
}

function writeNode({ hash, steps }: ResultNode, bytes: Uint8Array, at: number): void {
  bytes.set(hashBytes(hash, 'hash'), at)
  const sum = new DataView(bytes.buffer, bytes.byteOffset + at + 32, 16)
  sum.setBigUint64(0, steps >> 64n)
  sum.setBigUint64(8, BigInt.asUintN(64, steps))
}
