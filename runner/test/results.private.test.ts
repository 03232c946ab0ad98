import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ContentMismatchError,
  contentHash,
  contentRef,
  encodeLeaves,
  fetchLeaves,
  fetchOutputs,
  ResultMismatchError,
  resultTree,
  Sealer,
} from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { Journal } from '../src/provider/journal.ts'
import { Results } from '../src/provider/results.ts'
import { servedResults } from '../src/provider/serve.ts'
import { type StoreServer, startStoreServer } from '../src/store/server.ts'

const jobId: Hex = `0x${'ab'.repeat(32)}`
const secrets = ['the first secret', '', 'x'.repeat(100_000), 'the last secret']
const outputs = secrets.map((text) => Buffer.from(text))

describe('results of a private job', () => {
  const jobKey = new Uint8Array(randomBytes(32))
  let folder: string
  let journal: Journal
  let results: Results
  let server: StoreServer
  let sealer: Sealer

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-private-'))
    journal = new Journal(folder)
    results = new Results(folder, journal)
    sealer = await Sealer.create(jobKey, 'outputs')
    server = await startStoreServer({ port: 0, results: servedResults(journal, results) })
    journal.setPhase(jobId, 'claimed')
    await write([2, 0, 3, 1])
  })
  afterEach(async () => {
    await server.close({ graceMs: 0 })
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function write(indices: readonly number[]): Promise<void> {
    const writer = await results.open(jobId, sealer)
    for (const index of indices) {
      const output = outputs[index] as Buffer
      const { root: outputRoot, length: outputLength } = contentRef(output)
      const stored = await sealer.seal(output, index)
      writer.add({ index, status: 'halted', exitCode: 0, outputRoot, outputLength, steps: 1n, stored })
    }
    writer.close()
  }

  async function publish() {
    const rows = journal.tasks(jobId)
    const leaves = await Sealer.create(jobKey, 'leaves')
    journal.putSealedLeaves(jobId, await leaves.seal(encodeLeaves(rows)))
    journal.setPhase(jobId, 'submitted')
    const { root: resultRoot, totalSteps } = resultTree(rows)
    return { endpoint: server.url, jobId, resultRoot, totalSteps, tasks: outputs.length }
  }

  it('are read with the key, from any task on', async () => {
    const submitted = await publish()
    const leaves = await fetchLeaves({ ...submitted, jobKey })
    for (const from of [0, 1, 3]) {
      const read: string[] = []
      for await (const { bytes } of fetchOutputs({ ...submitted, leaves, jobKey, from }))
        read.push(Buffer.from(bytes).toString())
      expect(read).to.deep.equal(secrets.slice(from))
    }
  })

  it('are no results to whoever has no key, or another one', async () => {
    const submitted = await publish()
    const failure = async (read: Promise<unknown>) =>
      read.then(
        () => undefined,
        (error: unknown) => error,
      )
    expect(await failure(fetchLeaves(submitted))).to.be.instanceOf(ResultMismatchError)
    const other = new Uint8Array(32)
    expect(await failure(fetchLeaves({ ...submitted, jobKey: other }))).to.be.instanceOf(ResultMismatchError)
    const leaves = await fetchLeaves({ ...submitted, jobKey })
    const first = (key: Uint8Array) => fetchOutputs({ ...submitted, leaves, jobKey: key }).next()
    expect(await failure(first(other))).to.be.instanceOf(ContentMismatchError)
  })

  it('are served sealed alone, and not by their hashes', async () => {
    await publish()
    for (const part of ['leaves', 'outputs']) {
      const response = await fetch(`${server.url}/jobs/${jobId}/${part}`)
      const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
      expect(response.status).to.equal(200)
      for (const secret of ['secret', 'xxxxxxxx']) expect(text).not.to.contain(secret)
    }
    for (const output of outputs) {
      const response = await fetch(`${server.url}/content/${contentHash(contentRef(output))}`)
      expect(response.status).to.equal(404)
    }
  })

  it('stand sealed on the disk', () => {
    const file = readFileSync(results.path(jobId)).toString('latin1')
    expect(file).to.have.length(secrets.reduce((sum, { length }) => sum + length + 16, 0))
    for (const secret of ['secret', 'xxxxxxxx']) expect(file).not.to.contain(secret)
  })

  it('are gone on with after a crash: what opens and hashes as the journal says is kept', async () => {
    const bytes = readFileSync(results.path(jobId))
    bytes[outputs[2]!.length + 16 + 3]! ^= 1 // in the output of task 0
    writeFileSync(results.path(jobId), bytes)
    const writer = await results.open(jobId, sealer)
    expect([...writer.done.keys()]).to.deep.equal([1, 2, 3])
    writer.close()
    await write([0])
    const again = await results.open(jobId, sealer)
    expect([...again.done.keys()]).to.deep.equal([0, 1, 2, 3])
    again.close()
    const submitted = await publish()
    const leaves = await fetchLeaves({ ...submitted, jobKey })
    const read: string[] = []
    for await (const { bytes } of fetchOutputs({ ...submitted, leaves, jobKey }))
      read.push(Buffer.from(bytes).toString())
    expect(read).to.deep.equal(secrets)
  })
})
