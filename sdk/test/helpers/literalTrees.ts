// The trees as docs/vm/spec.md says them, word by word and with viem's hash: slow, plain, and sharing no line with
// the implementation. Tests compare the two.
import { concat, type Hex, keccak256, numberToHex, toHex } from 'viem'
import type { ContentRef, TaskResult } from '../../src/trees/index.ts'

const u = (value: number | bigint, bits: number): Hex => numberToHex(value, { size: bits / 8 })
const hash = (...fields: Hex[]): Hex => keccak256(concat(fields))

const contentDepth = 23

/** Roots of trees of zero leaves, by depth. */
const zeros: Hex[] = [hash('0x00', toHex(new Uint8Array(128)))]
for (let level = 0; level < contentDepth; level++) zeros.push(hash(zeros[level]!, zeros[level]!))

function contentLevels(bytes: Uint8Array): Hex[][] {
  const leaves: Hex[] = []
  for (let at = 0; at < bytes.length; at += 128) {
    const leaf = new Uint8Array(128)
    leaf.set(bytes.slice(at, at + 128))
    leaves.push(hash('0x00', toHex(leaf)))
  }
  const levels = [leaves]
  for (let level = 0; level < contentDepth; level++) {
    const below = levels[level]!
    const above: Hex[] = []
    for (let i = 0; i < below.length; i += 2) above.push(hash(below[i]!, below[i + 1] ?? zeros[level]!))
    levels.push(above)
  }
  return levels
}

export function literalContentTree(bytes: Uint8Array): { root: Hex; siblings: (index: number) => Hex[] } {
  const levels = contentLevels(bytes)
  return {
    root: levels[contentDepth]![0] ?? zeros[contentDepth]!,
    siblings: (index) =>
      zeros.slice(0, contentDepth).map((zero, level) => levels[level]![(index >> level) ^ 1] ?? zero),
  }
}

export function literalContentHash({ root, length }: ContentRef): Hex {
  return hash('0x05', root, u(length, 64))
}

function depthOf(tasks: number): number {
  let depth = 0
  while (2 ** depth < tasks) depth++
  return depth
}

export function literalInputLeaf(index: number, input: ContentRef): Hex {
  return hash('0x06', u(index, 32), input.root, u(input.length, 64))
}

export function literalInputsRoot(inputs: readonly ContentRef[]): Hex {
  const node = (depth: number, index: number): Hex => {
    if (depth > 0) return hash(node(depth - 1, 2 * index), node(depth - 1, 2 * index + 1))
    const input = inputs[index]
    return input === undefined ? u(0, 256) : literalInputLeaf(index, input)
  }
  return node(depthOf(inputs.length), 0)
}

export function literalRow(result: TaskResult): Hex {
  const status = { halted: 1, trapped: 2, outOfSteps: 3 }[result.status]
  return concat([
    u(status, 8),
    u(result.exitCode, 32),
    result.outputRoot,
    u(result.outputLength, 64),
    u(result.steps, 64),
  ])
}

export function literalResultLeaf(index: number, result: TaskResult): Hex {
  return hash('0x04', u(index, 32), literalRow(result))
}

export function literalResultTree(results: readonly TaskResult[]): { root: Hex; totalSteps: bigint } {
  const node = (depth: number, index: number): [Hex, bigint] => {
    if (depth > 0) {
      const [left, leftSteps] = node(depth - 1, 2 * index)
      const [right, rightSteps] = node(depth - 1, 2 * index + 1)
      return [hash(left, u(leftSteps, 128), right, u(rightSteps, 128)), leftSteps + rightSteps]
    }
    const result = results[index]
    return result === undefined ? [u(0, 256), 0n] : [literalResultLeaf(index, result), result.steps]
  }
  const [root, totalSteps] = node(depthOf(results.length), 0)
  return { root, totalSteps }
}

export function literalCommitment(root: Hex, totalSteps: bigint): Hex {
  return hash(root, u(totalSteps, 128))
}
