// Writes test/vectors/trees.json from the SDK's trees; with --check, fails if the committed file differs.
// The vectors bind every implementation to the same bytes: those of the SDK, of the contracts, and the literal one
// in the tests that follows docs/vm/spec.md.
import { readFileSync, writeFileSync } from 'node:fs'
import {
  type ContentRef,
  contentHash,
  contentProof,
  contentRef,
  emptyRoot,
  encodeLeaves,
  encodeResultProof,
  inputLeaf,
  inputsRoot,
  inputsTree,
  packInputs,
  resultCommitment,
  resultLeaf,
  resultTree,
  type TaskResult,
  type TaskStatus,
} from '../sdk/src/trees/index.ts'

const file = new URL('../test/vectors/trees.json', import.meta.url)
const generator = 'scripts/generate-vectors.ts'

const patternRule = 'byte i = ((i + 1) ^ (i >> 8) * 31 ^ (i >> 16) * 17) & 255'
const patternBytes = (start: number, length: number) =>
  Uint8Array.from({ length }, (_, at) => {
    const i = start + at
    return ((i + 1) ^ ((i >> 8) * 31) ^ ((i >> 16) * 17)) & 255
  })

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`
const joined = (parts: readonly string[]) => `0x${parts.map((part) => part.slice(2)).join('')}`
const unique = (numbers: readonly number[]) => [...new Set(numbers)]

function contentVector(length: number) {
  const bytes = patternBytes(0, length)
  const ref = contentRef(bytes)
  const leaves = Math.ceil(length / 128)
  const indices = unique([0, leaves >> 1, Math.max(leaves - 1, 0), leaves, 2 ** 23 - 1])
  return {
    length,
    root: ref.root,
    contentHash: contentHash(ref),
    proofs: indices.map((index) => {
      const proof = contentProof(bytes, index)
      return { index, leaf: hex(proof.leaf), siblings: joined(proof.siblings) }
    }),
  }
}

const taskCounts = [1, 2, 3, 5, 64, 1000]
const provenTasks = (tasks: number) => unique([0, tasks >> 1, (tasks - 1) >> 1, tasks - 1])

function inputsVector(tasks: number) {
  const inputs = Array.from({ length: tasks }, (_, i) => contentRef(patternBytes(i, (i * 37) % 300)))
  const tree = inputsTree(inputs)
  const packed = (ref: ContentRef) => `${ref.root}${ref.length.toString(16).padStart(16, '0')}`
  return {
    tasks,
    inputs: joined(inputs.map(packed)),
    root: tree.root,
    proofs: provenTasks(tasks).map((index) => ({
      index,
      leaf: inputLeaf(index, inputs[index]!),
      siblings: joined(tree.proof(index)),
    })),
  }
}

const statuses: readonly TaskStatus[] = ['halted', 'trapped', 'outOfSteps']

function sampleResult(index: number, steps: bigint): TaskResult {
  const status = statuses[index % 3]!
  if (status !== 'halted') return { status, exitCode: 0, outputRoot: emptyRoot, outputLength: 0, steps }
  const output = contentRef(patternBytes(index, (index * 13) % 400))
  const exitCode = index % 2 === 0 ? index : 2 ** 32 - index
  return { status, exitCode, outputRoot: output.root, outputLength: output.length, steps }
}

function resultsVector(steps: string, tasks: number, stepsOf: (index: number) => bigint) {
  const results = Array.from({ length: tasks }, (_, index) => sampleResult(index, stepsOf(index)))
  const tree = resultTree(results)
  return {
    steps,
    tasks,
    leaves: hex(encodeLeaves(results)),
    root: tree.root,
    totalSteps: String(tree.totalSteps),
    commitment: resultCommitment(tree),
    proofs: provenTasks(tasks).map((index) => ({
      index,
      leaf: resultLeaf(index, results[index]!),
      siblings: encodeResultProof(tree.proof(index)),
    })),
  }
}

/** Rows that no result may have, each wrong in one place. */
function malformedRows() {
  const output = contentRef(patternBytes(0, 5))
  const row = (fields: {
    status?: number
    exitCode?: number
    root?: string
    length?: bigint
    steps?: bigint
  }) => {
    const { status = 1, exitCode = 0, root = output.root, length = 5n, steps = 1n } = fields
    const padded = (value: number | bigint, bytes: number) => value.toString(16).padStart(2 * bytes, '0')
    return `0x${padded(status, 1)}${padded(exitCode, 4)}${root.slice(2)}${padded(length, 8)}${padded(steps, 8)}`
  }
  const none = { root: emptyRoot, length: 0n }
  return [
    { fault: 'status Running', row: row({ ...none, status: 0 }) },
    { fault: 'status 4', row: row({ ...none, status: 4 }) },
    { fault: 'status 255', row: row({ ...none, status: 255 }) },
    { fault: 'no steps', row: row({ steps: 0n }) },
    { fault: 'output of more than 1 GiB', row: row({ length: 2n ** 30n + 1n }) },
    { fault: 'output length with the highest bit', row: row({ length: 2n ** 63n }) },
    { fault: 'root of an output without bytes', row: row({ length: 0n }) },
    { fault: 'output of a trapped task', row: row({ status: 2 }) },
    { fault: 'output length of a trapped task', row: row({ status: 2, root: emptyRoot }) },
    { fault: 'output root of a trapped task', row: row({ status: 2, length: 0n }) },
    { fault: 'exit code of a trapped task', row: row({ ...none, status: 2, exitCode: 1 }) },
    { fault: 'output of a task out of steps', row: row({ status: 3 }) },
    { fault: 'exit code of a task out of steps', row: row({ ...none, status: 3, exitCode: 1 }) },
  ]
}

function packVector() {
  const inputs = [patternBytes(0, 3), patternBytes(3, 0), patternBytes(3, 130)]
  return {
    about: 'inputs: pattern bytes 0 to 2, none, 3 to 132',
    bytes: hex(packInputs(inputs)),
    inputsRoot: inputsRoot(inputs.map(contentRef)),
  }
}

const nearLimit = (index: number) => 2n ** 44n - BigInt(index % 7)
const vectors = {
  generator,
  about: 'Sequences of fixed-width fields are written as one hex string; formats in docs/vm/spec.md',
  pattern: patternRule,
  emptyRoot,
  content: [0, 1, 127, 128, 129, 4095, 4096, 4097, 2 ** 20].map(contentVector),
  inputs: taskCounts.map(inputsVector),
  results: [
    ...taskCounts.map((tasks) => resultsVector('near 2^44', tasks, nearLimit)),
    resultsVector('1', 5, () => 1n),
    resultsVector('2^64 - 1', 3, () => 2n ** 64n - 1n),
  ],
  malformed: malformedRows(),
  pack: packVector(),
}

const text = `${JSON.stringify(vectors, null, 2)}\n`
if (!process.argv.includes('--check')) {
  writeFileSync(file, text)
} else if (readFileSync(file, 'utf8') !== text) {
  console.error(`test/vectors/trees.json is stale: run "node ${generator}" and review the difference`)
  process.exitCode = 1
}
