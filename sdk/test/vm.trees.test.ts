import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { concatHex, type Hex, hexToBytes, keccak256, toHex } from 'viem'
import { contentRoot } from '../src/trees/contentTree.ts'
import { concat } from '../src/vm/bytes.ts'
import { ByteTree } from '../src/vm/trees/byteTree.ts'
import { OpenedTree, prove, siblingsOf } from '../src/vm/trees/proof.ts'
import { seed, seeded } from './helpers/property.ts'
import { Random } from './helpers/vmStates.ts'

type Vectors = {
  trees: {
    depth: number
    empty: Hex
    written: { at: number; bytes: Hex }[]
    root: Hex
    proofs: { leaves: number[]; proof: Hex }[]
  }[]
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../test/vectors/vm.json', import.meta.url), 'utf8'),
)

/** The tree by its definition: every leaf, every node. */
function literalRoot(depth: number, bytes: Uint8Array): Hex {
  let nodes = Array.from({ length: 2 ** depth }, (_, index) => {
    const leaf = new Uint8Array(128)
    leaf.set(bytes.subarray(index * 128, (index + 1) * 128))
    return keccak256(concatHex(['0x00', toHex(leaf)]))
  })
  while (nodes.length > 1)
    nodes = Array.from({ length: nodes.length / 2 }, (_, i) =>
      keccak256(concatHex([nodes[2 * i]!, nodes[2 * i + 1]!])),
    )
  return nodes[0]!
}

/** Reads a proof from its bytes, to the last of them. */
function open(depth: number, leaves: number[], proof: Uint8Array): OpenedTree | undefined {
  let at = 0
  const opened = OpenedTree.read(depth, leaves, (length) => {
    at += length
    expect(at, 'bytes of the proof').to.be.at.most(proof.length)
    return proof.subarray(at - length, at)
  })
  expect(at, 'bytes that were read').to.equal(proof.length)
  return opened
}

describe('Trees of the machine', () => {
  describe('given bytes', () => {
    it('should have the root of the content tree at its depth (decision 8)', () => {
      const bytes = new Random(1).bytes(1_000)
      expect(toHex(ByteTree.of(23, bytes).root())).to.equal(contentRoot(bytes))
    })

    it('should have the root by definition at another depth', () => {
      const bytes = new Random(2).bytes(700)
      for (const depth of [3, 6])
        expect(toHex(ByteTree.of(depth, bytes).root())).to.equal(literalRoot(depth, bytes))
      expect(toHex(new ByteTree(6).root())).to.equal(literalRoot(6, new Uint8Array(0)))
    })

    it('should give values big-endian and bytes where they were written, over the borders of chunks', () => {
      const tree = new ByteTree(6)
      tree.setValue(17, 0x0102_0304_0506_0708n)
      expect([...tree.read(135, 10)]).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 0])
      tree.write(
        120,
        Uint8Array.from({ length: 20 }, (_, i) => i + 1),
      )
      expect(tree.value(16)).to.equal(0x090a_0b0c_0d0e_0f10n)
      expect(tree.value(17)).to.equal(0x1112_1314_0506_0708n)
      expect(tree.value(1_023)).to.equal(0n)
    })
  })

  describe('given random writes with roots in between', () => {
    for (const chunkSize of [128, 65_536])
      it(seeded(`should have the root of a tree written at once, chunks of ${chunkSize}`), () => {
        const random = new Random(seed)
        const tree = new ByteTree(23, { chunkSize })
        const bytes = new Uint8Array(200_000)
        for (let run = 0; run < 20; run++) {
          const [at, length] = [random.below(199_000), random.below(1_000)]
          const data = random.chance(20) ? new Uint8Array(length) : random.bytes(length)
          tree.write(at, data)
          bytes.set(data, at)
          if (run % 5 === 4) expect(toHex(tree.root())).to.equal(contentRoot(bytes))
          if (run === 10) {
            const copy = tree.clone()
            copy.write(0, Uint8Array.of(99))
            copy.root()
          }
        }
        expect(toHex(tree.root())).to.equal(contentRoot(bytes))
        expect(tree.read(1_234, 70_000)).to.deep.equal(bytes.slice(1_234, 71_234))
      })
  })

  describe('given a proof of some leaves', () => {
    it(
      seeded('should have the tree’s root, and after a write that of the tree written to (decision 9)'),
      () => {
        const random = new Random(seed)
        for (let run = 0; run < 30; run++) {
          const depth = random.pick([6, 16, 23])
          const tree = new ByteTree(depth)
          const near = () => random.below(8) + (random.chance(20) ? 2 ** depth - 8 : 0)
          for (let write = 0; write < 6; write++) tree.write(near() * 128, random.bytes(128))
          const leaves = [...new Set([near(), near(), near()])].sort((a, b) => a - b)
          const opened = open(depth, leaves, prove(tree, leaves))!
          expect(opened.root()).to.deep.equal(tree.root())
          const written = random.pick(leaves)
          expect(opened.leaf(written)).to.deep.equal(tree.leaf(written))
          opened.leaf(written)[5]! ^= 1
          const leaf = tree.leaf(written)
          leaf[5]! ^= 1
          tree.write(written * 128, leaf)
          expect(opened.root()).to.deep.equal(tree.root())
        }
      },
    )

    it('should leave out what is empty and what is on the way (decision 9)', () => {
      expect(siblingsOf([0, 1, 2], 3)).to.deep.equal([
        { level: 0, index: 3 },
        { level: 2, index: 1 },
      ])
      const tree = ByteTree.of(6, Uint8Array.of(1))
      expect(prove(tree, [0]).length).to.equal(128 + 8)
      expect(prove(tree, [1]).length).to.equal(128 + 8 + 32)
      expect(prove(tree, [0, 1]).length).to.equal(2 * 128 + 8)
    })

    it('should refuse bits behind the last sibling', () => {
      const proof = prove(new ByteTree(6), [0])
      expect(open(6, [0], proof)).not.to.equal(undefined)
      proof[134] = 0b1000_0000 >> 7
      expect(proof[135]).to.equal(0b11_1111)
      expect(OpenedTree.read(6, [0], reader(proof))).to.equal(undefined)
    })

    it('should throw for a leaf that was not proven', () => {
      expect(() => open(6, [0], prove(new ByteTree(6), [0]))!.leaf(1)).to.throw(RangeError)
    })
  })

  describe('given the vectors', () => {
    for (const { depth, empty, written, root, proofs } of vectors.trees)
      it(`should agree at depth ${depth}`, () => {
        const tree = new ByteTree(depth)
        expect(toHex(tree.root())).to.equal(empty)
        for (const { at, bytes } of written) tree.write(at, hexToBytes(bytes))
        expect(toHex(tree.root())).to.equal(root)
        for (const { leaves, proof } of proofs) {
          expect(toHex(prove(tree, leaves))).to.equal(proof)
          expect(toHex(open(depth, leaves, hexToBytes(proof))!.root())).to.equal(root)
        }
      })
  })
})

function reader(bytes: Uint8Array): (length: number) => Uint8Array {
  let rest = concat([bytes])
  return (length) => {
    const taken = rest.subarray(0, length)
    rest = rest.subarray(length)
    return taken
  }
}
