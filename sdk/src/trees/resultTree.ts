import type { Hex } from 'viem'
import { IndexOutOfRangeError, StepsOutOfRangeError } from '../errors/trees.ts'
import { isTaskIndex, maxTasks, treeDepth } from './binaryTree.ts'
import { hashBytes, isHash, sameHash, toHex } from './bytes.ts'
import { hashInto, hashTaggedInto } from './keccak.ts'
import { leafRowSize, resultFault, type TaskResult, writeRow } from './result.ts'

const resultTag = 0x04
/** A node in its parent's preimage: hash, then its sum as u128. */
export const sumNodeSize = 48
const sumLimit = 1n << 128n

/** A node beside the path to a leaf, with the steps under it. */
export type SumNode = {
  hash: Hex
  steps: bigint
}

export type ResultTree = {
  root: Hex
  /** Steps of all tasks together. */
  totalSteps: bigint
  /**
   * Sibling nodes from the leaf of a task up.
   * @throws {IndexOutOfRangeError}
   */
  proof: (index: number) => SumNode[]
}

/**
 * Leaf of one task's result:
 * `keccak(0x04 ‖ taskIndex u32 ‖ status u8 ‖ exitCode u32 ‖ outputRoot ‖ outputLength u64 ‖ steps u64)`.
 * @throws {IndexOutOfRangeError | MalformedResultError}
 */
export function resultLeaf(taskIndex: number, result: TaskResult): Hex {
  if (!isTaskIndex(taskIndex, maxTasks))
    throw new IndexOutOfRangeError({ what: 'Task', index: taskIndex, count: maxTasks })
  const leaf = new Uint8Array(32)
  resultLeafInto(taskIndex, result, leaf, 0)
  return toHex(leaf)
}

/**
 * The sum tree over the results of a job's tasks in their order: a node is
 * `keccak(left ‖ leftSteps u128 ‖ right ‖ rightSteps u128)`, depth ⌈log2 tasks⌉, filled up with zero words and
 * zero steps. The root is what a provider submits, with `totalSteps`.
 * @throws {TaskCountError | MalformedResultError}
 */
export function resultTree(results: readonly TaskResult[]): ResultTree {
  const depth = treeDepth(results.length)
  const leaves = new Uint8Array(2 ** depth * sumNodeSize)
  for (const [index, result] of results.entries()) {
    resultLeafInto(index, result, leaves, index * sumNodeSize)
    writeSum(leaves, index * sumNodeSize, result.steps)
  }

  const levels = sumLevels(leaves)
  const nodeAt = (level: number, index: number): SumNode => readSumNode(levels[level]!, index)
  const { hash: root, steps: totalSteps } = nodeAt(depth, 0)
  return {
    root,
    totalSteps,
    proof(index) {
      if (!isTaskIndex(index, results.length))
        throw new IndexOutOfRangeError({ what: 'Task', index, count: results.length })
      return Array.from({ length: depth }, (_, level) => nodeAt(level, (index >>> level) ^ 1))
    },
  }
}

/** The levels of a sum tree from its leaves up; each node has 48 bytes, `hash ‖ steps u128`. */
export function sumLevels(leaves: Uint8Array): Uint8Array[] {
  const levels = [leaves]
  for (let below = leaves; below.length > sumNodeSize; ) {
    const above = new Uint8Array(below.length / 2)
    for (let at = 0; at < above.length; at += sumNodeSize) {
      hashInto(below.subarray(2 * at, 2 * at + 2 * sumNodeSize), above, at)
      writeSum(above, at, readSum(below, 2 * at) + readSum(below, 2 * at + sumNodeSize))
    }
    levels.push(above)
    below = above
  }
  return levels
}

/** One of the nodes that stand side by side in some bytes. */
export function readSumNode(nodes: Uint8Array, index: number): SumNode {
  const at = index * sumNodeSize
  return { hash: toHex(nodes.subarray(at, at + 32)), steps: readSum(nodes, at) }
}

/**
 * Writes the leaf of a task whose row is given as it stands in a leaves file, and its steps. No row is refused: what a
 * liar commits to has a leaf, too.
 */
export function rowLeafInto(taskIndex: number, row: Uint8Array, nodes: Uint8Array, at: number): void {
  indexField.setUint32(0, taskIndex)
  message.set(row, 4)
  hashTaggedInto(resultTag, message, nodes, at)
  nodes.fill(0, at + 32, at + 40)
  nodes.set(row.subarray(leafRowSize - 8), at + 40)
}

/**
 * Whether a well-formed result stands at a task's position under a root whose sums add up to `totalSteps`.
 * False for anything malformed.
 */
export function verifyResult(params: {
  resultRoot: Hex
  totalSteps: bigint
  /** How many tasks the job has. */
  tasks: number
  index: number
  result: TaskResult
  siblings: readonly SumNode[]
}): boolean {
  const { tasks, index, result, siblings } = params
  if (!isTaskIndex(tasks - 1, maxTasks) || !isTaskIndex(index, tasks)) return false
  if (siblings.length !== treeDepth(tasks) || resultFault(result) !== undefined) return false

  const pair = new Uint8Array(2 * sumNodeSize)
  const node = new Uint8Array(32)
  resultLeafInto(index, result, node, 0)
  let steps = result.steps
  for (const [level, sibling] of siblings.entries()) {
    const { hash, steps: beside } = sibling
    if (!isHash(hash) || beside < 0n || steps + beside >= sumLimit) return false
    const right = ((index >>> level) & 1) === 1
    const [own, other] = right ? [sumNodeSize, 0] : [0, sumNodeSize]
    pair.set(node, own)
    writeSum(pair, own, steps)
    pair.set(hashBytes(hash, 'sibling'), other)
    writeSum(pair, other, beside)
    hashInto(pair, node, 0)
    steps += beside
  }
  return steps === params.totalSteps && sameHash(toHex(node), params.resultRoot)
}

/**
 * The word that a job stores: `keccak(resultRoot ‖ totalSteps u128)`.
 * @throws {InvalidHashError | StepsOutOfRangeError}
 */
export function resultCommitment({ root, totalSteps }: { root: Hex; totalSteps: bigint }): Hex {
  checkSum(totalSteps)
  const message = new Uint8Array(sumNodeSize)
  message.set(hashBytes(root, 'root'))
  writeSum(message, 0, totalSteps)
  hashInto(message, message, 0)
  return toHex(message.subarray(0, 32))
}

/**
 * The proof as contracts take it: `hash ‖ steps u128` for each sibling, 48 bytes, from the leaf up.
 * @throws {InvalidHashError | StepsOutOfRangeError}
 */
export function encodeResultProof(siblings: readonly SumNode[]): Hex {
  const bytes = new Uint8Array(siblings.length * sumNodeSize)
  for (const [level, { hash, steps }] of siblings.entries()) {
    checkSum(steps)
    bytes.set(hashBytes(hash, `siblings[${level}].hash`), level * sumNodeSize)
    writeSum(bytes, level * sumNodeSize, steps)
  }
  return toHex(bytes)
}

const message = new Uint8Array(4 + leafRowSize)
const indexField = new DataView(message.buffer)

function resultLeafInto(taskIndex: number, result: TaskResult, out: Uint8Array, at: number): void {
  indexField.setUint32(0, taskIndex)
  writeRow(taskIndex, result, message, 4)
  hashTaggedInto(resultTag, message, out, at)
}

/** Reads the u128 behind the hash of the node at `at`. */
function readSum(nodes: Uint8Array, at: number): bigint {
  const sum = new DataView(nodes.buffer, nodes.byteOffset + at + 32, 16)
  return (sum.getBigUint64(0) << 64n) | sum.getBigUint64(8)
}

function checkSum(steps: bigint): void {
  if (steps < 0n || steps >= sumLimit) throw new StepsOutOfRangeError({ steps })
}

function writeSum(nodes: Uint8Array, at: number, steps: bigint): void {
  const sum = new DataView(nodes.buffer, nodes.byteOffset + at + 32, 16)
  sum.setBigUint64(0, steps >> 64n)
  sum.setBigUint64(8, steps & 0xffff_ffff_ffff_ffffn)
}
