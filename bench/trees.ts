// How fast the trees are hashed: `node bench/trees.ts`. Two nodes per 128 bytes of content.
import {
  ContentHasher,
  type ContentRef,
  contentRef,
  contentRoot,
  emptyRoot,
  inputsTree,
  leafSize,
  resultTree,
  type TaskResult,
} from '../sdk/src/trees/index.ts'
import { hashInto } from '../sdk/src/trees/keccak.ts'

const rounds = 5

/** The best of some rounds, in milliseconds: the others were disturbed. */
function best(work: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...times)
}

function report(what: string, nodes: number, work: () => void, bytes?: number): void {
  const ms = best(work)
  const rate = `${Math.round(nodes / ms)}k nodes/s`
  const speed = bytes === undefined ? '' : `, ${(bytes / 2 ** 20 / (ms / 1000)).toFixed(1)} MiB/s`
  console.log(`${what.padEnd(34)} ${ms.toFixed(1).padStart(8)} ms  ${rate}${speed}`)
}

const large = Uint8Array.from({ length: 4 * 2 ** 20 }, (_, i) => i ^ (i >> 8))
const nodesOf = (length: number) => (2 * length) / leafSize
const pair = new Uint8Array(64)
report('ceiling: keccak256 of 64 bytes', 50_000, () => {
  for (let i = 0; i < 50_000; i++) hashInto(pair, pair, 0)
})
report('content root of 4 MiB', nodesOf(large.length), () => contentRoot(large), large.length)
report(
  'the same, streamed by 64 KiB',
  nodesOf(large.length),
  () => {
    const hasher = new ContentHasher()
    for (let at = 0; at < large.length; at += 65_536) hasher.update(large.subarray(at, at + 65_536))
    hasher.finish()
  },
  large.length,
)
report('1,000 contents of 10 bytes', 24_000, () => {
  for (let i = 0; i < 1000; i++) contentRoot(large.subarray(i, i + 10))
})

const inputs: ContentRef[] = Array.from({ length: 10_000 }, (_, i) => contentRef(large.subarray(i, i + 8)))
report('inputs tree of 10,000 tasks', 26_383, () => inputsTree(inputs))
const results = inputs.map(
  (): TaskResult => ({ status: 'halted', exitCode: 0, outputRoot: emptyRoot, outputLength: 0, steps: 1n }),
)
report('result tree of 10,000 tasks', 26_383, () => resultTree(results))
