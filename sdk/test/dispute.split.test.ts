import { expect } from 'chai'
import { concat, type Hex, keccak256, numberToHex } from 'viem'
import {
  firstDifference,
  readStates,
  segmentHash,
  segmentNode,
  segmentsOf,
  splitPoints,
} from '../src/dispute/split.ts'
import type { DisputeNode } from '../src/dispute/types.ts'

const state = (step: number | bigint): Hex => keccak256(numberToHex(step))

const stretch = (from: bigint, to: bigint): DisputeNode => ({
  isTrace: true,
  level: 0,
  index: 3,
  steps: 10n ** 12n,
  from,
  to,
  start: state(from),
  end: state(to),
})

describe('splitting a stretch of a trace', () => {
  it('should have 32 segments, whose lengths differ by one at most', () => {
    const points = splitPoints({ from: 1_000n, to: 1_000n + 2n ** 40n + 17n })
    expect(points.length).to.equal(33)
    expect(points[0]).to.equal(1_000n)
    expect(points[32]).to.equal(1_000n + 2n ** 40n + 17n)
    const lengths = new Set(points.slice(1).map((point, j) => point - points[j]!))
    expect([...lengths].sort()).to.deep.equal([2n ** 35n, 2n ** 35n + 1n])
  })

  for (const length of [1n, 2n, 3n, 31n, 32n])
    it(`should have ${length} segments of one step where there are no more steps`, () => {
      expect(splitPoints({ from: 7n, to: 7n + length })).to.deep.equal(
        Array.from({ length: Number(length) + 1 }, (_, j) => 7n + BigInt(j)),
      )
    })

  it('should need as many rounds as the least power of 32 that reaches the steps', () => {
    for (const [steps, rounds] of [
      [1n, 0],
      [2n, 1],
      [32n, 1],
      [33n, 2],
      [1_000_000n, 4],
      [1_000_000_000n, 6],
      [2n ** 40n, 8],
      [2n ** 44n, 9],
    ] as const)
      for (const divergence of [0n, steps / 2n, steps - 1n]) {
        let [node, posts] = [{ from: 0n, to: steps }, 0]
        while (node.to - node.from > 1n) {
          const points = splitPoints(node)
          const j = points.findLastIndex((point) => point <= divergence)
          node = { from: points[j]!, to: points[j + 1]! }
          posts++
        }
        expect(node.from, `of ${steps}`).to.equal(divergence)
        expect(posts, `of ${steps}`).to.be.at.most(rounds)
        if (divergence === steps / 2n) expect(posts).to.be.at.least(rounds - 1)
      }
  })

  it('should hash the segments into a tree of depth 5, literally', () => {
    for (const count of [2, 5, 32]) {
      const states = Array.from({ length: count + 1 }, (_, j) => state(j))
      const leaves = Array.from({ length: 32 }, (_, j) =>
        j < count ? keccak256(concat([states[j]!, states[j + 1]!])) : numberToHex(0, { size: 32 }),
      )
      const { root, proof } = segmentsOf(states)
      let level = leaves
      while (level.length > 1)
        level = level
          .filter((_, j) => j % 2 === 0)
          .map((left, j) => keccak256(concat([left, level[2 * j + 1]!])))
      expect(root).to.equal(level[0])
      for (const j of [0, 1, count - 1]) {
        let [node, index] = [segmentHash(states[j]!, states[j + 1]!), j]
        for (const beside of proof(j)) {
          node = keccak256(concat(index % 2 === 0 ? [node, beside] : [beside, node]))
          index >>= 1
        }
        expect(node, `segment ${j} of ${count}`).to.equal(root)
      }
    }
  })

  it('should make a segment a stretch of its own', () => {
    const node = stretch(100n, 164n)
    const states = readStates(node, concat(splitPoints(node).slice(1, -1).map(state)))
    expect(segmentNode(node, 0, states)).to.deep.equal({ ...node, to: 102n, end: state(102n) })
    expect(segmentNode(node, 31, states)).to.deep.equal({ ...node, from: 162n, start: state(162n) })
  })

  it('should find the first segment that ends in another state', () => {
    const known = [0, 1, 2, 3, 4].map(state)
    const lie = (...at: number[]) => known.map((one, j) => (at.includes(j) ? state(1_000 + j) : one))
    expect(firstDifference(lie(4), known)).to.equal(3)
    expect(firstDifference(lie(1, 3, 4), known)).to.equal(0)
    expect(firstDifference(lie(2), known), 'healed afterwards').to.equal(1)
    expect(firstDifference(known, known)).to.equal(undefined)
    expect(firstDifference(lie(0), known), 'where it begins is not disputed').to.equal(undefined)
    expect(
      firstDifference(
        known.map((one) => one.toUpperCase().replace('0X', '0x') as Hex),
        known,
      ),
    ).to.equal(undefined)
  })
})
