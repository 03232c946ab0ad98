import { expect } from 'chai'
import { concat, type Hex, hexToBytes, keccak256, numberToHex } from 'viem'
import {
  isOther,
  ownNodes,
  postingDepth,
  postingOf,
  postingsOf,
  readPosting,
  resultDisputeNode,
  resultNodes,
  rootNode,
  rowAt,
} from '../src/dispute/results.ts'
import { encodeLeaves, resultTree, type TaskResult } from '../src/trees/index.ts'
import { literalResultTree } from './helpers/literalTrees.ts'

const results = (tasks: number): TaskResult[] =>
  Array.from({ length: tasks }, (_, task) => ({
    status: 'halted',
    exitCode: task,
    outputRoot: keccak256(numberToHex(task)),
    outputLength: 1,
    steps: BigInt(task + 1) * 1_000n,
  }))

const byTask = (rows: Uint8Array) =>
  new Map(Array.from({ length: rows.length / 53 }, (_, task) => [task, rowAt(rows, task)]))

/** What the contract does with a proof of 48 bytes a level. */
function climb(hash: Hex, steps: bigint, index: number, proof: Hex): { hash: Hex; steps: bigint } {
  const sum = (value: bigint) => numberToHex(value, { size: 16 })
  let [node, total] = [hash, steps]
  for (let at = 0; at < (proof.length - 2) / 96; at++) {
    const beside = `0x${proof.slice(2 + 96 * at, 66 + 96 * at)}` as const
    const besideSteps = BigInt(`0x${proof.slice(66 + 96 * at, 98 + 96 * at)}`)
    const [own, other] = [concat([node, sum(total)]), concat([beside, sum(besideSteps)])]
    node = keccak256(concat(Math.floor(index / 2 ** at) % 2 === 0 ? [own, other] : [other, own]))
    total += besideSteps
  }
  return { hash: node, steps: total }
}

describe('result tree of a dispute', () => {
  for (const tasks of [1, 2, 3, 31, 33, 100, 1_100]) {
    describe(`given ${tasks} tasks`, () => {
      const rows = encodeLeaves(results(tasks))
      const tree = resultNodes(rows)
      const known = byTask(rows)

      it('should have the root of the tree that providers submit', () => {
        const { root, totalSteps } = literalResultTree(results(tasks))
        expect(tree.top.hash).to.equal(root)
        expect(tree.top.steps).to.equal(totalSteps)
        expect(resultTree(results(tasks)).root).to.equal(root)
      })

      it('should prove any node under any above it', () => {
        const depth = tree.top.level
        for (let low = 0; low <= depth; low++)
          for (const high of [low, Math.min(low + 3, depth), depth])
            for (const index of [0, 2 ** (depth - low) - 1]) {
              const { hash, steps } = tree.node(low, index)
              const above = tree.node(high, Math.floor(index / 2 ** (high - low)))
              const reached = climb(hash, steps, index, tree.proof({ level: low, index }, high))
              expect(reached).to.deep.equal({ hash: above.hash, steps: above.steps })
            }
      })

      it('should lead from the root to every row by postings alone', () => {
        for (const task of new Set([0, tasks - 1, Math.floor(tasks / 2)])) {
          let node = rootNode(tree.top, tasks)
          let postings = 0
          while (node.level > 0) {
            const data = hexToBytes(postingOf(node, tasks, known))
            const posted = readPosting(node, data, tasks)
            expect(posted.top).to.deep.equal({
              level: node.level,
              index: node.index,
              hash: node.end,
              steps: node.to,
            })
            const level = node.level - postingDepth(node.level)
            const child = posted.node(level, Math.floor(task / 2 ** level))
            expect(child).to.deep.equal(tree.node(level, child.index))
            const reached = climb(child.hash, child.steps, child.index, posted.proof(child, node.level))
            expect(reached).to.deep.equal({ hash: node.end, steps: node.to })
            if (level === 0) expect(posted.rows.get(task)).to.deep.equal(rowAt(rows, task))
            node = resultDisputeNode(child)
            postings++
          }
          expect(postings).to.equal(postingsOf(tasks))
        }
      })

      it('should know a node of its own where it knows all rows under it', () => {
        const known = byTask(rows)
        const half = { level: Math.max(tree.top.level - 1, 0), index: 0 }
        expect(ownNodes(known, tasks, tree.top)?.top).to.deep.equal(tree.top)
        known.delete(tasks - 1)
        expect(ownNodes(known, tasks, tree.top)).to.equal(undefined)
        if (tasks > 1) expect(ownNodes(known, tasks, half)?.top).to.deep.equal(tree.node(half.level, 0))
      })
    })
  }

  it('should post at levels divisible by 5', () => {
    expect([0, 1, 5, 6, 7, 10, 11, 14, 15, 32].map(postingDepth)).to.deep.equal([
      0, 1, 5, 1, 2, 5, 1, 4, 5, 2,
    ])
    expect([1, 2, 32, 33, 1_024, 1_025, 2 ** 32 - 1].map(postingsOf)).to.deep.equal([0, 1, 1, 2, 2, 3, 7])
  })

  it('should post 53 bytes of each task, and 48 of each node further up', () => {
    const rows = encodeLeaves(results(40))
    const known = byTask(rows)
    expect(hexToBytes(postingOf({ level: 5, index: 1 }, 40, known)).length).to.equal(8 * 53)
    expect(hexToBytes(postingOf({ level: 6, index: 0 }, 40, known)).length).to.equal(2 * 48)
    expect(postingOf({ level: 0, index: 39 }, 40, known)).to.equal(
      `0x${Buffer.from(rowAt(rows, 39)).toString('hex')}`,
    )
  })

  it('should have a tree over rows that no task can have', () => {
    const rows = encodeLeaves(results(3))
    rows[53] = 9
    const other = resultNodes(rows)
    const tree = resultNodes(encodeLeaves(results(3)))
    expect(isOther(other.top, tree.top)).to.equal(true)
    expect(isOther(other.node(0, 1), tree.node(0, 1))).to.equal(true)
    expect(isOther(other.node(0, 2), tree.node(0, 2))).to.equal(false)
  })
})
