import type { Hex } from 'viem'
import { ContentLengthError, IndexOutOfRangeError } from '../errors/trees.ts'
import { climb, isTaskIndex, maxTasks, treeDepth } from './binaryTree.ts'
import { hashBytes, isHash, sameHash, toHex } from './bytes.ts'
import { type ContentRef, isContentLength, maxContentLength } from './contentTree.ts'
import { hashInto, hashTaggedInto } from './keccak.ts'

const inputTag = 0x06

export type InputsTree = {
  root: Hex
  /**
   * Sibling nodes from the leaf of a task up.
   * @throws {IndexOutOfRangeError}
   */
  proof: (index: number) => Hex[]
}

/**
 * Leaf of one task's input: `keccak(0x06 ‖ index u32 ‖ root ‖ length u64)`.
 * @throws {IndexOutOfRangeError | InvalidHashError | ContentLengthError}
 */
export function inputLeaf(index: number, input: ContentRef): Hex {
  if (!isTaskIndex(index, maxTasks)) throw new IndexOutOfRangeError({ what: 'Task', index, count: maxTasks })
  const leaf = new Uint8Array(32)
  inputLeafInto(index, input, leaf, 0)
  return toHex(leaf)
}

/**
 * Root over the inputs of a job's tasks in their order. The tree has depth ⌈log2 tasks⌉ and is filled up with
 * zero words; one input is its own root.
 * @throws {TaskCountError | InvalidHashError | ContentLengthError}
 */
export function inputsRoot(inputs: readonly ContentRef[]): Hex {
  return inputsTree(inputs).root
}

/**
 * The tree over the inputs of a job's tasks, with their proofs.
 * @throws {TaskCountError | InvalidHashError | ContentLengthError}
 */
export function inputsTree(inputs: readonly ContentRef[]): InputsTree {
  const depth = treeDepth(inputs.length)
  const leaves = new Uint8Array(2 ** depth * 32)
  for (const [index, input] of inputs.entries()) inputLeafInto(index, input, leaves, index * 32)

  const levels = [leaves]
  for (let level = 0; level < depth; level++) {
    const below = levels[level]!
    const above = new Uint8Array(below.length / 2)
    for (let at = 0; at < above.length; at += 32) hashInto(below.subarray(2 * at, 2 * at + 64), above, at)
    levels.push(above)
  }

  return {
    root: toHex(levels[depth]!),
    proof(index) {
      if (!isTaskIndex(index, inputs.length))
        throw new IndexOutOfRangeError({ what: 'Task', index, count: inputs.length })
      return levels.slice(0, depth).map((nodes, level) => {
        const sibling = ((index >>> level) ^ 1) * 32
        return toHex(nodes.subarray(sibling, sibling + 32))
      })
    },
  }
}

/**
 * Whether an input belongs to a task of a job. False for anything malformed.
 */
export function verifyInput(params: {
  inputsRoot: Hex
  /** How many tasks the job has. */
  tasks: number
  index: number
  input: ContentRef
  siblings: readonly Hex[]
}): boolean {
  const { tasks, index, input, siblings } = params
  if (!isTaskIndex(tasks - 1, maxTasks) || !isTaskIndex(index, tasks)) return false
  if (!isHash(input.root) || !isContentLength(input.length)) return false
  if (siblings.length !== treeDepth(tasks)) return false
  const node = new Uint8Array(32)
  inputLeafInto(index, input, node, 0)
  return climb(node, index, siblings) && sameHash(toHex(node), params.inputsRoot)
}

const message = new Uint8Array(44)
const fields = new DataView(message.buffer)

function inputLeafInto(index: number, input: ContentRef, out: Uint8Array, at: number): void {
  if (!isContentLength(input.length))
    throw new ContentLengthError({ length: input.length, limit: maxContentLength })
  fields.setUint32(0, index)
  message.set(hashBytes(input.root, `inputs[${index}].root`), 4)
  fields.setBigUint64(36, BigInt(input.length))
  hashTaggedInto(inputTag, message, out, at)
}
