import { expect } from 'chai'
import { bytesToHex, concat, encodePacked, hexToBytes, keccak256, zeroHash } from 'viem'
import { HasherFinishedError, IndexOutOfRangeError, StepsOutOfRangeError } from '../src/errors/trees.ts'
import {
  ContentHasher,
  contentHash,
  contentProof,
  contentRef,
  contentRoot,
  decodeLeaves,
  emptyContent,
  emptyRoot,
  encodeLeaves,
  encodeResultProof,
  inputLeaf,
  inputsRoot,
  inputsTree,
  resultCommitment,
  resultLeaf,
  resultTree,
  type TaskResult,
  treeDepth,
  verifyContentLeaf,
  verifyInput,
  verifyResult,
} from '../src/trees/index.ts'
import {
  literalCommitment,
  literalContentHash,
  literalContentTree,
  literalInputLeaf,
  literalInputsRoot,
  literalResultLeaf,
  literalResultTree,
  literalRow,
} from './helpers/literalTrees.ts'
import { fields, patternBytes, readTreeVectors, refs, sumNodes } from './helpers/vectors.ts'

const vectors = readTreeVectors()

describe('content tree', () => {
  for (const vector of vectors.content) {
    describe(`given ${vector.length} bytes of the vectors`, () => {
      const bytes = patternBytes(0, vector.length)
      const literal = literalContentTree(bytes)

      it('has the committed root, which is the literal one', () => {
        expect(contentRoot(bytes)).to.equal(vector.root)
        expect(literal.root).to.equal(vector.root)
      })

      it('has the committed content hash, which is the literal one', () => {
        const ref = contentRef(bytes)
        expect(contentHash(ref)).to.equal(vector.contentHash)
        expect(literalContentHash(ref)).to.equal(vector.contentHash)
      })

      it('proves every leaf of the vectors', () => {
        for (const proof of vector.proofs) {
          const siblings = fields(proof.siblings, 32)
          const leaf = hexToBytes(proof.leaf)
          expect(contentProof(bytes, proof.index)).to.deep.equal({ index: proof.index, leaf, siblings })
          expect(literal.siblings(proof.index)).to.deep.equal(siblings)
          expect(verifyContentLeaf(vector.root, { index: proof.index, leaf, siblings })).to.equal(true)
        }
      })
    })
  }

  it('gives the empty content the root of a tree of zeros', () => {
    expect(emptyRoot).to.equal(vectors.emptyRoot)
    expect(emptyContent).to.deep.equal(contentRef(new Uint8Array()))
    expect(new ContentHasher().finish()).to.deep.equal(emptyContent)
  })

  it('tells contents apart that differ only in the zeros they end in', () => {
    const short = contentRef(new Uint8Array(1))
    const long = contentRef(new Uint8Array(1000))
    expect(short.root).to.equal(long.root)
    expect(contentHash(short)).not.to.equal(contentHash(long))
    expect(contentHash(short)).not.to.equal(contentHash(emptyContent))
  })

  it('takes bytes in any pieces, and views into larger buffers', () => {
    const bytes = patternBytes(0, 1000)
    for (const piece of [1, 3, 127, 128, 129, 500]) {
      const hasher = new ContentHasher()
      for (let at = 0; at < bytes.length; at += piece) hasher.update(bytes.subarray(at, at + piece))
      expect(hasher.length).to.equal(1000)
      expect(hasher.finish(), `pieces of ${piece}`).to.deep.equal(contentRef(bytes))
    }
  })

  it('is not disturbed by what was hashed before', () => {
    const first = contentRoot(patternBytes(0, 130))
    contentRoot(patternBytes(5, 5000))
    expect(contentRoot(patternBytes(0, 130))).to.equal(first)
  })

  it('refuses to go on after the root was taken', () => {
    const hasher = new ContentHasher()
    hasher.finish()
    expect(() => hasher.update(new Uint8Array(1))).to.throw(HasherFinishedError)
    expect(() => hasher.finish()).to.throw(HasherFinishedError)
  })

  it('has no leaf outside of the tree', () => {
    for (const index of [-1, 2 ** 23, 0.5])
      expect(() => contentProof(new Uint8Array(1), index)).to.throw(IndexOutOfRangeError)
  })

  it('rejects malformed proofs without throwing', () => {
    const bytes = patternBytes(0, 300)
    const { root } = contentRef(bytes)
    const proof = contentProof(bytes, 1)
    expect(verifyContentLeaf(root, proof)).to.equal(true)
    expect(verifyContentLeaf(root, { ...proof, index: 2 ** 23 + 1 })).to.equal(false)
    expect(verifyContentLeaf(root, { ...proof, index: -1 })).to.equal(false)
    expect(verifyContentLeaf(root, { ...proof, leaf: proof.leaf.subarray(1) })).to.equal(false)
    expect(verifyContentLeaf(root, { ...proof, siblings: proof.siblings.slice(1) })).to.equal(false)
    expect(verifyContentLeaf(root, { ...proof, siblings: [...proof.siblings.slice(1), '0x00'] })).to.equal(
      false,
    )
  })
})

describe('inputs tree', () => {
  for (const vector of vectors.inputs) {
    describe(`given ${vector.tasks} tasks`, () => {
      const inputs = refs(vector.inputs)

      it('has the committed root, which is the literal one', () => {
        expect(inputsRoot(inputs)).to.equal(vector.root)
        expect(literalInputsRoot(inputs)).to.equal(vector.root)
      })

      it('has the committed leaves and proofs', () => {
        const tree = inputsTree(inputs)
        for (const { index, leaf, siblings } of vector.proofs) {
          const input = inputs[index]!
          expect(inputLeaf(index, input)).to.equal(leaf)
          expect(literalInputLeaf(index, input)).to.equal(leaf)
          expect(tree.proof(index)).to.deep.equal(fields(siblings, 32))
        }
      })

      it('verifies every task, and no task at the place of another', () => {
        const tree = inputsTree(inputs)
        for (const [index, input] of inputs.entries()) {
          const claim = {
            inputsRoot: tree.root,
            tasks: vector.tasks,
            index,
            input,
            siblings: tree.proof(index),
          }
          expect(verifyInput(claim)).to.equal(true)
          if (vector.tasks > 1) expect(verifyInput({ ...claim, index: index ^ 1 })).to.equal(false)
          expect(verifyInput({ ...claim, index: index + vector.tasks })).to.equal(false)
        }
      })
    })
  }

  it('verifies no proof of another depth', () => {
    const inputs = [contentRef(patternBytes(0, 1)), contentRef(patternBytes(0, 2))]
    const { root, proof } = inputsTree(inputs)
    const claim = { inputsRoot: root, tasks: 2, index: 0, input: inputs[0]!, siblings: proof(0) }
    expect(verifyInput(claim)).to.equal(true)
    for (const tasks of [0, 1, 3, 2 ** 32]) expect(verifyInput({ ...claim, tasks })).to.equal(false)
  })

  it('is the leaf itself for one task', () => {
    const input = contentRef(patternBytes(0, 10))
    expect(inputsRoot([input])).to.equal(inputLeaf(0, input))
  })

  it('has depth ⌈log2 tasks⌉', () => {
    const depths = [1, 2, 3, 4, 5, 8, 9, 1024, 1025, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1].map(treeDepth)
    expect(depths).to.deep.equal([0, 1, 2, 2, 3, 3, 4, 10, 11, 31, 32, 32])
  })
})

const nodeTypes = ['bytes32', 'uint128', 'bytes32', 'uint128'] as const

describe('result tree', () => {
  for (const vector of vectors.results) {
    describe(`given ${vector.tasks} tasks of ${vector.steps} steps`, () => {
      const results = decodeLeaves(hexToBytes(vector.leaves))
      const totalSteps = BigInt(vector.totalSteps)

      it('has the committed root and sum, which are the literal ones', () => {
        const tree = resultTree(results)
        expect([tree.root, tree.totalSteps]).to.deep.equal([vector.root, totalSteps])
        expect(literalResultTree(results)).to.deep.equal({ root: vector.root, totalSteps })
        expect(results.reduce((sum, { steps }) => sum + steps, 0n)).to.equal(totalSteps)
      })

      it('has the committed commitment, which is the literal one', () => {
        expect(resultCommitment({ root: vector.root, totalSteps })).to.equal(vector.commitment)
        expect(literalCommitment(vector.root, totalSteps)).to.equal(vector.commitment)
      })

      it('has the committed leaves and proofs', () => {
        const tree = resultTree(results)
        for (const { index, leaf, siblings } of vector.proofs) {
          expect(resultLeaf(index, results[index]!)).to.equal(leaf)
          expect(literalResultLeaf(index, results[index]!)).to.equal(leaf)
          expect(tree.proof(index)).to.deep.equal(sumNodes(siblings))
          expect(encodeResultProof(tree.proof(index))).to.equal(siblings)
        }
      })

      it('writes the leaves file from the rows of the literal tree', () => {
        expect(bytesToHex(encodeLeaves(results))).to.equal(vector.leaves)
        expect(concat(results.map(literalRow))).to.equal(vector.leaves)
      })

      it('verifies every task, and no task at the place of another', () => {
        const tree = resultTree(results)
        for (const [index, result] of results.entries()) {
          const { tasks } = vector
          const claim = {
            resultRoot: tree.root,
            totalSteps,
            tasks,
            index,
            result,
            siblings: tree.proof(index),
          }
          expect(verifyResult(claim)).to.equal(true)
          for (const sum of [totalSteps - 1n, totalSteps + 1n])
            expect(verifyResult({ ...claim, totalSteps: sum })).to.equal(false)
          if (tasks > 1) expect(verifyResult({ ...claim, index: index ^ 1 })).to.equal(false)
          expect(verifyResult({ ...claim, index: index + tasks })).to.equal(false)
        }
      })
    })
  }

  describe('given sums that do not add up', () => {
    const halted = (steps: bigint): TaskResult => ({
      status: 'halted',
      exitCode: 0,
      outputRoot: emptyRoot,
      outputLength: 0,
      steps,
    })
    const results = [1n, 2n, 3n].map(halted)
    const tree = resultTree(results)
    const claim = {
      resultRoot: tree.root,
      totalSteps: 6n,
      tasks: 3,
      index: 0,
      result: results[0]!,
      siblings: tree.proof(0),
    }

    it('rejects steps moved between siblings', () => {
      expect(verifyResult(claim)).to.equal(true)
      const siblings = claim.siblings.map((node, level) => ({
        ...node,
        steps: node.steps + (level === 0 ? 1n : -1n),
      }))
      expect(verifyResult({ ...claim, siblings })).to.equal(false)
    })

    it('rejects negative sums and sums of more than 128 bits', () => {
      for (const steps of [-1n, 2n ** 128n - 1n, 2n ** 128n]) {
        const siblings = claim.siblings.map((node, level) => (level === 1 ? { ...node, steps } : node))
        expect(verifyResult({ ...claim, siblings })).to.equal(false)
      }
    })

    it('rejects a sum of more than 128 bits under its own root', () => {
      const beside = { hash: zeroHash, steps: 2n ** 128n - 1n }
      const claim = { tasks: 2, index: 0, result: halted(1n), siblings: [beside] }
      const leaf = resultLeaf(0, halted(1n))
      const resultRoot = keccak256(encodePacked(nodeTypes, [leaf, 1n, zeroHash, beside.steps]))
      expect(verifyResult({ ...claim, resultRoot, totalSteps: 2n ** 128n })).to.equal(false)
      expect(verifyResult({ ...claim, resultRoot, totalSteps: 0n })).to.equal(false)
    })

    it('refuses to commit to them', () => {
      for (const totalSteps of [-1n, 2n ** 128n])
        expect(() => resultCommitment({ root: tree.root, totalSteps })).to.throw(StepsOutOfRangeError)
    })
  })
})
