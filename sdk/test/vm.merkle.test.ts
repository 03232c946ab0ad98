import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Hex, hexToBytes } from 'viem'
import { toHex } from '../src/trees/bytes.ts'
import { contentRoot } from '../src/trees/index.ts'
import { hashInto, hashTaggedInto } from '../src/trees/keccak.ts'
import { MerkleBytes } from '../src/vm/fast/hashing.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { Random } from './helpers/vmStates.ts'

type TreeVectors = {
  trees: { depth: number; empty: Hex; root: Hex; written: { at: number; bytes: Hex }[] }[]
}

const vectors: TreeVectors = JSON.parse(
  readFileSync(new URL('../../test/vectors/vm.json', import.meta.url), 'utf8'),
)

/** The definition, for small depths: every leaf, then every node. */
function naiveRoot(bytes: Uint8Array, depth: number): Uint8Array {
  let nodes = Array.from({ length: 2 ** depth }, (_, index) => {
    const leaf = new Uint8Array(128)
    leaf.set(bytes.subarray(index * 128, (index + 1) * 128))
    const node = new Uint8Array(32)
    hashTaggedInto(0, leaf, node, 0)
    return node
  })
  while (nodes.length > 1) {
    nodes = Array.from({ length: nodes.length / 2 }, (_, index) => {
      const pair = new Uint8Array(64)
      pair.set(nodes[2 * index]!)
      pair.set(nodes[2 * index + 1]!, 32)
      const node = new Uint8Array(32)
      hashInto(pair, node, 0)
      return node
    })
  }
  return nodes[0]!
}

describe(`Merkle roots in WebAssembly, VM_SEED=${vmSeed}`, () => {
  describe('given bytes that do not change', () => {
    for (const length of [0, 1, 127, 128, 129, 4095, 4096, 4097, 8192, 12_289, 70_000]) {
      it(`has the content root of ${length} bytes`, () => {
        const random = new Random(vmSeed)
        const content = random.bytes(length)
        const tree = new MerkleBytes(Math.max(4096, Math.ceil(length / 4096) * 4096))
        tree.write(0, content)
        expect(toHex(tree.root(23))).to.equal(contentRoot(content))
      })
    }

    it('has the root of every depth that holds the bytes', () => {
      const random = new Random(vmSeed)
      const content = random.bytes(10_000)
      const tree = new MerkleBytes(12_288)
      tree.write(0, content)
      for (const depth of [7, 8, 9, 10]) {
        expect(tree.root(depth), `depth ${depth}`).to.deep.equal(naiveRoot(content, depth))
      }
    })
  })

  describe('given bytes that change', () => {
    it('has the content root after each write, also where zeros come back', () => {
      const random = new Random(vmSeed)
      const content = new Uint8Array(20 * 4096)
      const tree = new MerkleBytes(content.length)
      for (let i = 0; i < 60; i++) {
        for (let n = random.below(4); n >= 0; n--) {
          const part =
            random.below(3) === 0 ? new Uint8Array(random.below(9000)) : random.bytes(random.below(300))
          const at = random.below(content.length - part.length)
          content.set(part, at)
          tree.write(at, part)
        }
        expect(toHex(tree.root(23)), `write ${i}`).to.equal(contentRoot(content))
      }
      tree.write(0, content.fill(0))
      expect(toHex(tree.root(23))).to.equal(contentRoot(new Uint8Array(0)))
    })
  })
  describe('given the vectors', () => {
    for (const { depth, empty, written, root } of vectors.trees)
      it(`agrees at depth ${depth}`, () => {
        const tree = new MerkleBytes(128 * 2 ** depth)
        expect(toHex(tree.root(depth))).to.equal(empty)
        for (const { at, bytes } of written) tree.write(at, hexToBytes(bytes))
        expect(toHex(tree.root(depth))).to.equal(root)
      })
  })
})
