import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentHash, contentRef, decodeLeaves, encodeLeaves } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { Journal } from '../src/provider/journal.ts'
import { Results } from '../src/provider/results.ts'
import { servedResults } from '../src/provider/serve.ts'
import { bytesOf, collect } from './helpers/store.ts'

const jobId: Hex = `0x${'aa'.repeat(32)}`
/** Longer than a chunk, empty, tiny, in another order than they were finished in. */
const outputs = [
  bytesOf(10, 1),
  bytesOf(0),
  bytesOf(150_000, 2),
  bytesOf(3, 3),
  bytesOf(0),
  bytesOf(70_000, 4),
]
const finished = [3, 0, 5, 1, 4, 2]

describe('results of a provider', () => {
  let folder: string
  let journal: Journal
  let results: Results

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-results-'))
    journal = new Journal(folder)
    results = new Results(folder, journal)
    journal.setPhase(jobId, 'claimed')
    const writer = await results.open(jobId)
    for (const index of finished) {
      const output = outputs[index] as Uint8Array
      const { root: outputRoot, length: outputLength } = contentRef(output)
      writer.add({
        index,
        status: 'halted',
        exitCode: 0,
        outputRoot,
        outputLength,
        steps: 1n,
        stored: output,
      })
    }
    writer.close()
  })
  afterEach(() => {
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  describe('given a result that is not submitted', () => {
    it('serves nothing of it', async () => {
      const served = servedResults(journal, results)
      const hash = contentHash(contentRef(outputs[0] as Uint8Array))
      expect(
        await Promise.all([served.leaves(jobId), served.outputs(jobId), served.output?.(hash)]),
      ).to.deep.equal([null, null, null])
    })
  })

  describe('given a submitted result', () => {
    const all = Buffer.concat(outputs)
    beforeEach(() => journal.setPhase(jobId, 'submitted'))

    it('serves all outputs in task order, from any byte on', async () => {
      for (const start of [0, 1, 10, 65_536, 149_999, 150_012, all.length - 1, all.length]) {
        const source = await servedResults(journal, results).outputs(jobId)
        expect(source?.length).to.equal(all.length)
        const bytes = Buffer.concat(await collect(source!.stream(start)))
        expect(bytes.equals(all.subarray(start)), `from ${start}`).to.equal(true)
      }
    })

    it('serves the leaves, from any byte on', async () => {
      const file = encodeLeaves(journal.tasks(jobId))
      for (const start of [0, 1, 53, 54, file.length - 1]) {
        const source = await servedResults(journal, results).leaves(jobId)
        expect(source?.length).to.equal(file.length)
        const bytes = Buffer.concat(await collect(source!.stream(start)))
        expect(bytes.equals(file.subarray(start)), `from ${start}`).to.equal(true)
      }
    })

    it('serves a single one, from any byte on', async () => {
      const output = outputs[2] as Uint8Array
      const source = await servedResults(journal, results).output?.(contentHash(contentRef(output)))
      expect(source?.length).to.equal(output.length)
      const bytes = Buffer.concat(await collect(source!.stream(100_000)))
      expect(bytes.equals(output.subarray(100_000))).to.equal(true)
    })

    it('serves more tasks than are read at a time', async () => {
      const large: Hex = `0x${'bb'.repeat(32)}`
      const tasks = 2_500
      const writer = await results.open(large)
      const { root: outputRoot } = contentRef(Uint8Array.of(7))
      const done = { status: 'halted', exitCode: 0, outputRoot, outputLength: 1, steps: 1n } as const
      for (let index = 0; index < tasks; index++) writer.add({ ...done, index, stored: Uint8Array.of(7) })
      writer.close()
      journal.setPhase(large, 'submitted')
      const served = servedResults(journal, results)
      const [leaves, bytes] = [await served.leaves(large), await served.outputs(large)]
      expect([leaves?.length, bytes?.length]).to.deep.equal([tasks * 53, tasks])
      const file = Buffer.concat(await collect(leaves!.stream(0)))
      expect(decodeLeaves(file, { tasks }).every(({ outputLength }) => outputLength === 1)).to.equal(true)
      expect(Buffer.concat(await collect(bytes!.stream(2_400)))).to.deep.equal(Buffer.alloc(100, 7))
    })

    it('takes up what is in the file', async () => {
      const writer = await results.open(jobId)
      expect([...writer.done.keys()]).to.deep.equal(outputs.map((_, index) => index))
      writer.close()
    })
  })
})
