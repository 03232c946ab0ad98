import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { bytesToHex, concat, encodePacked, keccak256, pad, size, slice, stringToBytes, zeroHash } from 'viem'
import {
  contentHash,
  contentRef,
  emptyContentHash,
  emptyRoot,
  encodeLeaves,
  encodeResultProof,
  inputLeaf,
  inputsRoot,
  packInputs,
  resultCommitment,
  resultLeaf,
  resultTree,
  type TaskResult,
} from '../src/trees/index.ts'

const spec = readFileSync(new URL('../../docs/vm/spec.md', import.meta.url), 'utf8')

describe('docs/vm/spec.md', () => {
  const example = spec.slice(spec.indexOf('## Worked example'))
  const inputs = ['2 3', '10 20', 'x'].map((text) => stringToBytes(text))
  const refs = inputs.map(contentRef)
  const halted = (output: string): TaskResult => {
    const { root, length } = contentRef(stringToBytes(output))
    return { status: 'halted', exitCode: 0, outputRoot: root, outputLength: length, steps: 1n }
  }
  const results: TaskResult[] = [
    halted('5'),
    halted('30'),
    { status: 'trapped', exitCode: 0, outputRoot: emptyRoot, outputLength: 0, steps: 1n },
  ]
  const rows = bytesToHex(encodeLeaves(results))
  const leaves = results.map((result, index) => resultLeaf(index, result))
  const { root, totalSteps, proof } = resultTree(results)
  const node = (left: `0x${string}`, leftSteps: bigint, right: `0x${string}`, rightSteps: bigint) =>
    keccak256(
      encodePacked(['bytes32', 'uint128', 'bytes32', 'uint128'], [left, leftSteps, right, rightSteps]),
    )

  it('shows an example with the numbers that come out', () => {
    const left = node(leaves[0]!, 1n, leaves[1]!, 1n)
    const right = node(leaves[2]!, 1n, zeroHash, 0n)
    expect(node(left, 2n, right, 1n)).to.equal(root)
    const padding = concat([zeroHash, pad('0x', { size: 16 })])
    const numbers: [string, string][] = [
      ['root of the empty content', emptyRoot],
      ['shared input: content hash of the empty content', emptyContentHash],
      ['input 0: content root', refs[0]!.root],
      ['input 0: content hash', contentHash(refs[0]!)],
      ...refs.map((ref, index): [string, string] => [`input ${index}: leaf`, inputLeaf(index, ref)]),
      ['inputs root', inputsRoot(refs)],
      ['input pack', bytesToHex(packInputs(inputs))],
      ...results.map((_, index): [string, string] => [
        `task ${index}: row`,
        slice(rows, index * 53, (index + 1) * 53),
      ]),
      ...leaves.map((leaf, index): [string, string] => [`task ${index}: leaf`, leaf]),
      ['node over tasks 0 and 1', left],
      ['node over task 2 and padding', right],
      ['result root', root],
      ['total steps', String(totalSteps)],
      ['result commitment', resultCommitment({ root, totalSteps })],
      ['proof of task 2', concat([padding, encodePacked(['bytes32', 'uint128'], [left, 2n])])],
    ]
    const shown = [...example.matchAll(/^\| (.+) \| `(.+)` \|$/gm)].map(([, what, value]) => [what, value])
    expect(shown).to.deep.equal(numbers)
    expect(encodeResultProof(proof(2))).to.equal(numbers.at(-1)?.[1])
  })

  it('tells the size of a row', () => {
    expect(size(rows)).to.equal(3 * 53)
  })
})
