import type { Hex } from 'viem'
import { TaskCountError } from '../errors/trees.ts'
import { hashBytes, isHash } from './bytes.ts'
import { hashInto } from './keccak.ts'

/** A job has 1 to 2^32 − 1 tasks: their number and their indices are u32. */
export const maxTasks = 2 ** 32 - 1

/**
 * Depth of a tree over that many tasks: ⌈log2 tasks⌉.
 * @throws {TaskCountError}
 */
export function treeDepth(tasks: number): number {
  if (!Number.isInteger(tasks) || tasks < 1 || tasks > maxTasks) throw new TaskCountError({ count: tasks })
  return tasks === 1 ? 0 : 32 - Math.clz32(tasks - 1)
}

/** Whether `index` is a task of a job with that many tasks. */
export function isTaskIndex(index: number, tasks: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < tasks
}

/**
 * Replaces a node by the root above it: at each level the sibling stands left where the index's bit is set.
 * @returns false, with `node` undefined, if a sibling is not a hash.
 */
export function climb(node: Uint8Array, index: number, siblings: readonly Hex[]): boolean {
  const pair = new Uint8Array(64)
  for (const [level, sibling] of siblings.entries()) {
    if (!isHash(sibling)) return false
    const right = ((index >>> level) & 1) === 1
    pair.set(node, right ? 32 : 0)
    pair.set(hashBytes(sibling, 'sibling'), right ? 0 : 32)
    hashInto(pair, node, 0)
  }
  return true
}
