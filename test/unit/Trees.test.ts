import { expect } from 'chai'
import { network } from 'hardhat'
import { concat, type Hex, hexToBytes, keccak256, slice, toHex, zeroHash } from 'viem'
import { fields, readTreeVectors, refs } from '../../sdk/test/helpers/vectors.ts'

const { ethers } = await network.create()

const vectors = readTreeVectors()
const rowSize = 53

describe('Trees', () => {
  let trees: Awaited<ReturnType<typeof deploy>>
  const deploy = () => ethers.deployContract('TreesHarness')

  before(async () => {
    trees = await deploy()
  })

  describe('ContentTree', () => {
    it('knows the root of the content without bytes', async () => {
      expect(await trees.emptyRoot()).to.equal(vectors.emptyRoot)
    })

    for (const { length, root, contentHash, proofs } of vectors.content) {
      describe(`given ${length} bytes of the vectors`, () => {
        it('computes the committed content hash', async () => {
          expect(await trees.contentHash(root, length)).to.equal(contentHash)
        })

        it('verifies every leaf of the vectors', async () => {
          for (const { index, leaf, siblings } of proofs)
            expect(await trees.verifyContentLeaf(root, index, leaf, fields(siblings, 32))).to.equal(true)
        })

        it('rejects a flipped bit in the leaf, a sibling or the root', async () => {
          const { index, leaf, siblings } = proofs[0]!
          const path = fields(siblings, 32)
          expect(await trees.verifyContentLeaf(root, index, flip(leaf, 127), path)).to.equal(false)
          expect(await trees.verifyContentLeaf(flip(root, 0), index, leaf, path)).to.equal(false)
          for (const level of [0, 11, 22]) {
            const wrong = path.map((node, at) => (at === level ? flip(node, 31) : node))
            expect(await trees.verifyContentLeaf(root, index, leaf, wrong)).to.equal(false)
          }
        })
      })
    }

    it('rejects what is malformed', async () => {
      const { root, proofs } = vectors.content[5]!
      const { index, leaf, siblings } = proofs[0]!
      const path = fields(siblings, 32)
      expect(await trees.verifyContentLeaf(root, index, slice(leaf, 1), path)).to.equal(false)
      expect(await trees.verifyContentLeaf(root, index, concat([leaf, '0x00']), path)).to.equal(false)
      expect(await trees.verifyContentLeaf(root, index, leaf, path.slice(1))).to.equal(false)
      expect(await trees.verifyContentLeaf(root, index, leaf, [...path, zeroHash])).to.equal(false)
      expect(await trees.verifyContentLeaf(root, index + 2 ** 23, leaf, path)).to.equal(false)
    })

    it('rejects a tree of another depth, under its own root (decision 8)', async () => {
      const { index, leaf } = vectors.content[5]!.proofs[0]!
      const root = await trees.hashContentLeaf(leaf)
      expect(await trees.verifyContentLeaf(root, index, leaf, [])).to.equal(false)
    })

    it('reverts on a leaf that has not 128 bytes', async () => {
      await expect(trees.hashContentLeaf('0x00'))
        .to.be.revertedWithCustomError(trees, 'ContentTreeLeafSize')
        .withArgs(1)
    })
  })

  describe('BinaryTree', () => {
    it('has depth ⌈log2 tasks⌉', async () => {
      const counts = [1, 2, 3, 4, 5, 8, 9, 1024, 1025, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1]
      const depths = await Promise.all(counts.map((tasks) => trees.depthOf(tasks)))
      expect(depths.map(Number)).to.deep.equal([0, 1, 2, 2, 3, 3, 4, 10, 11, 31, 32, 32])
    })

    it('reverts on no tasks and on more than a u32 can count', async () => {
      for (const tasks of [0, 2 ** 32])
        await expect(trees.depthOf(tasks))
          .to.be.revertedWithCustomError(trees, 'BinaryTreeTaskCount')
          .withArgs(tasks)
    })
  })

  describe('InputsTree', () => {
    for (const { tasks, inputs, root, proofs } of vectors.inputs) {
      describe(`given ${tasks} tasks`, () => {
        const contents = refs(inputs)

        it('computes the committed leaves and verifies their proofs', async () => {
          for (const { index, leaf, siblings } of proofs) {
            const input = contents[index]!
            expect(await trees.hashInputLeaf(index, input.root, input.length)).to.equal(leaf)
            const path = fields(siblings, 32)
            expect(await trees.verifyInput(root, tasks, index, input.root, input.length, path)).to.equal(true)
          }
        })

        it('rejects another index, root, length, sibling, depth or number of tasks (decision 11)', async () => {
          const { index, siblings } = proofs[0]!
          const { root: content, length } = contents[index]!
          const path = fields(siblings, 32)
          const verify = trees.verifyInput
          for (const other of [index + tasks, index + 2 ** 32])
            expect(await verify(root, tasks, other, content, length, path)).to.equal(false)
          if (tasks > 1) expect(await verify(root, tasks, index ^ 1, content, length, path)).to.equal(false)
          expect(await verify(root, tasks, index, flip(content, 31), length, path)).to.equal(false)
          expect(await verify(root, tasks, index, content, length + 1, path)).to.equal(false)
          expect(await verify(flip(root, 31), tasks, index, content, length, path)).to.equal(false)
          expect(await verify(root, tasks, index, content, length, [...path, zeroHash])).to.equal(false)
          expect(await verify(root, 0, index, content, length, path)).to.equal(false)
          expect(await verify(root, 2 ** 32, index, content, length, path)).to.equal(false)
          for (const level of path.keys()) {
            const wrong = path.map((node, at) => (at === level ? flip(node, 0) : node))
            expect(await verify(root, tasks, index, content, length, wrong)).to.equal(false)
          }
        })
      })
    }
  })

  describe('ResultTree', () => {
    for (const vector of vectors.results) {
      const { tasks, root, proofs } = vector
      const totalSteps = BigInt(vector.totalSteps)
      const rowOf = (index: number) => slice(vector.leaves, index * rowSize, (index + 1) * rowSize)

      describe(`given ${tasks} tasks of ${vector.steps} steps`, () => {
        it('computes the committed leaves and verifies their proofs (decision 1)', async () => {
          for (const { index, leaf, siblings } of proofs) {
            expect(await trees.hashResultLeaf(index, rowOf(index))).to.equal(leaf)
            const verified = trees.verifyResult(root, totalSteps, tasks, index, rowOf(index), siblings)
            expect(await verified).to.equal(true)
          }
        })

        it('computes the committed commitment (decision 7)', async () => {
          expect(await trees.resultCommitment(root, totalSteps)).to.equal(vector.commitment)
        })

        it('rejects a flipped bit anywhere in the row or the proof', async () => {
          const { index, siblings } = proofs[0]!
          const row = rowOf(index)
          for (let at = 0; at < rowSize; at++) {
            const wrong = flip(row, at)
            expect(await trees.verifyResult(root, totalSteps, tasks, index, wrong, siblings)).to.equal(false)
          }
          for (let at = 0; at < hexToBytes(siblings).length; at += 7) {
            const wrong = flip(siblings, at)
            expect(await trees.verifyResult(root, totalSteps, tasks, index, row, wrong)).to.equal(false)
          }
        })

        it('rejects another index, root, sum, depth or number of tasks', async () => {
          const { index, siblings } = proofs[0]!
          const row = rowOf(index)
          const verify = trees.verifyResult
          for (const other of [index + tasks, index + 2 ** 32])
            expect(await verify(root, totalSteps, tasks, other, row, siblings)).to.equal(false)
          if (tasks > 1)
            expect(await verify(root, totalSteps, tasks, index ^ 1, row, siblings)).to.equal(false)
          expect(await verify(flip(root, 31), totalSteps, tasks, index, row, siblings)).to.equal(false)
          for (const sum of [totalSteps - 1n, totalSteps + 1n, totalSteps + 2n ** 128n])
            expect(await verify(root, sum, tasks, index, row, siblings)).to.equal(false)
          const deeper = concat([siblings, zeroHash, toHex(0n, { size: 16 })])
          expect(await verify(root, totalSteps, tasks, index, row, deeper)).to.equal(false)
          expect(await verify(root, totalSteps, tasks, index, concat([row, '0x00']), siblings)).to.equal(
            false,
          )
          expect(await verify(root, totalSteps, 0, index, row, siblings)).to.equal(false)
          expect(await verify(root, totalSteps, 2 ** 32, index, row, siblings)).to.equal(false)
        })
      })
    }

    it('rejects steps moved between the nodes beside the path (decision 7)', async () => {
      const { leaves, root, totalSteps, tasks, proofs } = vectors.results[2]!
      const { index, siblings } = proofs[0]!
      const moved = concat(
        fields(siblings, 48).map((node, level) =>
          concat([
            slice(node, 0, 32),
            toHex(BigInt(slice(node, 32)) + (level === 0 ? 1n : -1n), { size: 16 }),
          ]),
        ),
      )
      const row = slice(leaves, index * rowSize, (index + 1) * rowSize)
      expect(await trees.verifyResult(root, totalSteps, tasks, index, row, siblings)).to.equal(true)
      expect(await trees.verifyResult(root, totalSteps, tasks, index, row, moved)).to.equal(false)
    })

    it('rejects a sum of more than 128 bits under its own root, without reverting', async () => {
      const row = slice(vectors.results[6]!.leaves, 0, rowSize)
      const full = concat([zeroHash, toHex(2n ** 128n - 1n, { size: 16 })])
      const root = keccak256(
        concat([await trees.hashResultLeaf(0, row), toHex(1n, { size: 16 }), full] as Hex[]),
      )
      for (const totalSteps of [2n ** 128n, 0n])
        expect(await trees.verifyResult(root, totalSteps, 2, 0, row, full)).to.equal(false)
      expect(await trees.verifyResult(root, 2n ** 128n, 4, 0, row, concat([full, full]))).to.equal(false)
    })

    it('verifies no proof of another depth', async () => {
      const { leaves, root, totalSteps, proofs } = vectors.results[1]!
      const { index, siblings } = proofs[0]!
      const row = slice(leaves, index * rowSize, (index + 1) * rowSize)
      expect(await trees.verifyResult(root, totalSteps, 2, index, row, siblings)).to.equal(true)
      for (const tasks of [1, 3])
        expect(await trees.verifyResult(root, totalSteps, tasks, index, row, siblings)).to.equal(false)
      const input = vectors.inputs[1]!
      const [{ root: content, length }] = refs(input.inputs) as [{ root: Hex; length: number }]
      const path = fields(input.proofs[0]!.siblings, 32)
      expect(await trees.verifyInput(input.root, 2, 0, content, length, path)).to.equal(true)
      for (const tasks of [1, 3])
        expect(await trees.verifyInput(input.root, tasks, 0, content, length, path)).to.equal(false)
    })

    describe('when a row is read', () => {
      it('has the fields of the leaves file (decision 1)', async () => {
        const row = concat([
          '0x01',
          toHex(2 ** 32 - 7, { size: 4 }),
          vectors.emptyRoot,
          toHex(5, { size: 8 }),
        ])
        const result = await trees.decodeResult(concat([row, toHex(2n ** 64n - 1n, { size: 8 })]))
        expect([...result]).to.deep.equal([1n, 2n ** 32n - 7n, vectors.emptyRoot, 5n, 2n ** 64n - 1n])
      })

      it('reverts on a row that has not 53 bytes', async () => {
        await expect(trees.decodeResult('0x00'))
          .to.be.revertedWithCustomError(trees, 'ResultTreeRowSize')
          .withArgs(1)
        await expect(trees.hashResultLeaf(0, '0x')).to.be.revertedWithCustomError(trees, 'ResultTreeRowSize')
      })
    })

    describe('when a row is judged', () => {
      it('accepts every row of the vectors', async () => {
        for (const row of fields(vectors.results[4]!.leaves, rowSize))
          expect(await trees.isWellFormed(row)).to.equal(true)
      })

      for (const { fault, row } of vectors.malformed) {
        it(`refuses ${fault}`, async () => {
          expect(await trees.isWellFormed(row)).to.equal(false)
        })

        it(`does not prove ${fault}, even under its own root (decision 7)`, async () => {
          const leaf = await trees.hashResultLeaf(0, row)
          expect(await trees.verifyResult(leaf, BigInt(slice(row, 45)), 1, 0, row, '0x')).to.equal(false)
        })
      }
    })
  })
})

/** Flips the lowest bit of one byte. */
function flip(hex: Hex, at: number): Hex {
  const bytes = hexToBytes(hex)
  bytes[at] = bytes[at]! ^ 1
  return toHex(bytes)
}
