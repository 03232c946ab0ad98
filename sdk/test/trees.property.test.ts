import { expect } from 'chai'
import fc from 'fast-check'
import type { Hex } from 'viem'
import {
  ContentHasher,
  type ContentRef,
  contentProof,
  contentRef,
  decodeLeaves,
  emptyRoot,
  encodeLeaves,
  InputPackHasher,
  inputsTree,
  packInputs,
  resultTree,
  type SumNode,
  type TaskResult,
  unpackInputs,
  verifyContentLeaf,
  verifyInput,
  verifyResult,
} from '../src/trees/index.ts'
import { literalContentTree, literalInputsRoot, literalResultTree } from './helpers/literalTrees.ts'

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const numRuns = Number(process.env.FUZZ_RUNS ?? 60)
const check = <values>(property: fc.IProperty<values>) => fc.assert(property, { seed, numRuns })

const bytes = fc.uint8Array({ maxLength: 1500 })
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexOf)
const ref: fc.Arbitrary<ContentRef> = fc.record({ root: hash, length: fc.integer({ min: 0, max: 2 ** 30 }) })
const steps = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n })
const result: fc.Arbitrary<TaskResult> = fc.oneof(
  fc.record({
    status: fc.constant('halted' as const),
    exitCode: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    outputRoot: hash,
    outputLength: fc.integer({ min: 1, max: 2 ** 30 }),
    steps,
  }),
  fc.record({
    status: fc.constantFrom('halted' as const, 'trapped' as const, 'outOfSteps' as const),
    exitCode: fc.constant(0),
    outputRoot: fc.constant(emptyRoot),
    outputLength: fc.constant(0),
    steps,
  }),
)
const listOf = <item>(item: fc.Arbitrary<item>) => fc.array(item, { minLength: 1, maxLength: 40 })
const pick = fc.nat()

describe(`trees, random (FUZZ_SEED=${seed})`, () => {
  describe('content', () => {
    it('has one root: streamed in random pieces, at once, and literally', () => {
      check(
        fc.property(bytes, fc.array(fc.nat(400)), (content, pieces) => {
          const hasher = new ContentHasher()
          let at = 0
          for (const piece of pieces) {
            hasher.update(content.subarray(at, at + piece))
            at += piece
          }
          hasher.update(content.subarray(at))
          const streamed = hasher.finish()
          expect(streamed).to.deep.equal(contentRef(content))
          expect(streamed.root).to.equal(literalContentTree(content).root)
        }),
      )
    })

    it('verifies each leaf, and rejects a flipped bit in the leaf, a sibling or the root', () => {
      check(
        fc.property(bytes, pick, pick, pick, (content, where, level, bit) => {
          const { root } = contentRef(content)
          const proof = contentProof(content, where % 16)
          expect(verifyContentLeaf(root, proof)).to.equal(true)

          const leaf = proof.leaf.slice()
          flip(leaf, bit)
          expect(verifyContentLeaf(root, { ...proof, leaf })).to.equal(false)
          const siblings = replaceAt(proof.siblings, level % 23, (sibling) => flipped(sibling, bit))
          expect(verifyContentLeaf(root, { ...proof, siblings })).to.equal(false)
          expect(verifyContentLeaf(flipped(root, bit), proof)).to.equal(false)
        }),
      )
    })
  })

  describe('inputs', () => {
    it('have the literal root', () => {
      check(fc.property(listOf(ref), (inputs) => inputsTree(inputs).root === literalInputsRoot(inputs)))
    })

    it('verify, and are rejected with a flipped bit in root, length, sibling or inputs root', () => {
      check(
        fc.property(listOf(ref), pick, pick, (inputs, where, bit) => {
          const tree = inputsTree(inputs)
          const index = where % inputs.length
          const input = inputs[index]!
          const siblings = tree.proof(index)
          const claim = { inputsRoot: tree.root, tasks: inputs.length, index, input, siblings }
          expect(verifyInput(claim)).to.equal(true)

          const wrong = [
            { ...claim, input: { ...input, root: flipped(input.root, bit) } },
            { ...claim, input: { ...input, length: input.length ^ (1 << (bit % 30)) } },
            { ...claim, inputsRoot: flipped(tree.root, bit) },
            { ...claim, siblings: [...siblings, tree.root] },
            ...siblings.flatMap((_, level) => [
              { ...claim, index: index ^ (1 << level) },
              { ...claim, siblings: replaceAt(siblings, level, (sibling) => flipped(sibling, bit)) },
            ]),
          ]
          for (const claim of wrong) expect(verifyInput(claim)).to.equal(false)
        }),
      )
    })

    it('have the root of their pack, streamed in random pieces', () => {
      check(
        fc.property(listOf(bytes), fc.integer({ min: 1, max: 3000 }), (inputs, piece) => {
          const pack = packInputs(inputs)
          const hasher = new InputPackHasher()
          for (let at = 0; at < pack.length; at += piece) hasher.update(pack.subarray(at, at + piece))
          expect(hasher.finish().inputsRoot).to.equal(literalInputsRoot(inputs.map(contentRef)))
        }),
      )
    })

    it('come out of a pack as they went in', () => {
      check(
        fc.property(listOf(bytes), (inputs) => {
          expect([...unpackInputs(packInputs(inputs))]).to.deep.equal(inputs)
        }),
      )
    })
  })

  describe('results', () => {
    it('have the literal root and sum', () => {
      check(
        fc.property(listOf(result), (results) => {
          const { root, totalSteps } = resultTree(results)
          expect({ root, totalSteps }).to.deep.equal(literalResultTree(results))
        }),
      )
    })

    it('come out of a leaves file as they went in', () => {
      check(
        fc.property(listOf(result), (results) => {
          expect(decodeLeaves(encodeLeaves(results), { tasks: results.length })).to.deep.equal(results)
        }),
      )
    })

    it('verify, and are rejected with a flipped bit in any field, hash or sum', () => {
      check(
        fc.property(listOf(result), pick, pick, (results, where, bit) => {
          const tree = resultTree(results)
          const index = where % results.length
          const result = results[index]!
          const siblings = tree.proof(index)
          const { root: resultRoot, totalSteps } = tree
          const claim = { resultRoot, totalSteps, tasks: results.length, index, result, siblings }
          expect(verifyResult(claim)).to.equal(true)

          const changed = (change: Partial<TaskResult>) => ({ ...claim, result: { ...result, ...change } })
          const wrong = [
            changed({ status: result.status === 'trapped' ? 'outOfSteps' : 'trapped' }),
            changed({ exitCode: (result.exitCode ^ (1 << (bit % 32))) >>> 0 }),
            changed({ outputRoot: flipped(result.outputRoot, bit) }),
            changed({ outputLength: Number(result.outputLength) ^ (1 << (bit % 31)) }),
            changed({ steps: result.steps ^ (1n << BigInt(bit % 64)) }),
            { ...claim, totalSteps: totalSteps ^ (1n << BigInt(bit % 128)) },
            { ...claim, resultRoot: flipped(resultRoot, bit) },
            { ...claim, siblings: [...siblings, { hash: resultRoot, steps: 0n }] },
            ...siblings.flatMap((_, level) => {
              const swap = (change: (node: SumNode) => SumNode) => ({
                ...claim,
                siblings: replaceAt(siblings, level, change),
              })
              return [
                { ...claim, index: index ^ (1 << level) },
                swap((node) => ({ ...node, hash: flipped(node.hash, bit) })),
                swap((node) => ({ ...node, steps: node.steps ^ (1n << BigInt(bit % 128)) })),
              ]
            }),
          ]
          for (const claim of wrong) expect(verifyResult(claim)).to.equal(false)
        }),
      )
    })
  })
})

function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString('hex')}`
}

function flip(bytes: Uint8Array, bit: number): void {
  const at = (bit >> 3) % bytes.length
  bytes[at] = bytes[at]! ^ (1 << (bit & 7))
}

function flipped(hash: Hex, bit: number): Hex {
  const bytes = new Uint8Array(Buffer.from(hash.slice(2), 'hex'))
  flip(bytes, bit)
  return hexOf(bytes)
}

function replaceAt<item>(items: readonly item[], at: number, change: (item: item) => item): item[] {
  return items.map((item, index) => (index === at ? change(item) : item))
}
