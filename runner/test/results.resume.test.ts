import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentRef } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { Journal } from '../src/provider/journal.ts'
import { Results, type ResultWriter } from '../src/provider/results.ts'

const jobId: Hex = `0x${'44'.repeat(32)}`

describe('results of a job that was broken off', () => {
  let folder: string
  let journal: Journal
  let results: Results
  let file: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-resume-'))
    journal = new Journal(folder)
    results = new Results(folder, journal)
    file = results.path(jobId)
  })
  afterEach(() => {
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function add(writer: ResultWriter, index: number, text: string): void {
    const output = Buffer.from(text)
    const { root: outputRoot, length: outputLength } = contentRef(output)
    writer.add({ index, status: 'halted', exitCode: 0, outputRoot, outputLength, steps: 1n, stored: output })
  }

  async function write(texts: Record<number, string>): Promise<void> {
    const writer = await results.open(jobId)
    for (const [index, text] of Object.entries(texts)) add(writer, Number(index), text)
    writer.close()
  }

  /** The tasks that the next life keeps, and what it finds in the file for each. */
  async function keptTexts(): Promise<Record<number, string>> {
    const writer = await results.open(jobId)
    const bytes = readFileSync(file)
    const kept = [...writer.done.values()].map(({ index, offset, outputLength }) => [
      index,
      bytes.toString('utf8', offset, offset + outputLength),
    ])
    writer.close()
    return Object.fromEntries(kept)
  }

  it('are kept as far as they are durable', async () => {
    await write({ 3: 'three', 0: '', 1: 'one' })
    expect(await keptTexts()).to.deep.equal({ 0: '', 1: 'one', 3: 'three' })
    expect(statSync(file).size).to.equal('threeone'.length)
  })

  it('lose bytes that no task stands for', async () => {
    await write({ 0: 'zero' })
    appendFileSync(file, 'half of an outp')
    expect(await keptTexts()).to.deep.equal({ 0: 'zero' })
    await write({ 1: 'one' })
    expect(await keptTexts()).to.deep.equal({ 0: 'zero', 1: 'one' })
    expect(readFileSync(file, 'utf8')).to.equal('zeroone')
  })

  it('lose a task whose bytes are not there any more, and only that', async () => {
    await write({ 0: 'zero', 1: 'one' })
    truncateSync(file, 5)
    expect(await keptTexts()).to.deep.equal({ 0: 'zero' })
    await write({ 1: 'one' })
    expect(await keptTexts()).to.deep.equal({ 0: 'zero', 1: 'one' })
  })

  it('lose a task whose bytes have changed, and only that', async () => {
    await write({ 0: 'zero', 1: 'one' })
    writeFileSync(file, 'zerXone')
    expect(await keptTexts()).to.deep.equal({ 1: 'one' })
    await write({ 0: 'zero' })
    expect(await keptTexts()).to.deep.equal({ 0: 'zero', 1: 'one' })
  })

  it('begin again where the whole file is lost', async () => {
    await write({ 0: 'zero', 1: '' })
    rmSync(file)
    // An empty output needs no bytes.
    expect(await keptTexts()).to.deep.equal({ 1: '' })
  })

  describe('while tasks come', () => {
    it('makes the first durable at once, and quick ones after it in groups', async () => {
      const groups: number[] = []
      const addTasks = journal.addTasks.bind(journal)
      journal.addTasks = (id, rows) => {
        groups.push(rows.length)
        addTasks(id, rows)
      }
      const writer = await results.open(jobId)
      for (let index = 0; index <= 200; index++) add(writer, index, 'x')
      writer.close()
      expect(groups[0]).to.equal(1)
      expect(Math.max(...groups)).to.be.within(2, 64)
      expect(journal.tasks(jobId)).to.have.length(201)
    })

    it('counts nothing as done that could not be recorded, and closes its file all the same', async () => {
      const writer = await results.open(jobId)
      add(writer, 0, 'zero')
      const addTasks = journal.addTasks.bind(journal)
      journal.addTasks = () => {
        throw new RangeError('the disk is full')
      }
      expect(() => {
        for (let index = 1; index <= 64; index++) add(writer, index, 'x')
      }).to.throw('the disk is full')
      expect(() => writer.close()).to.throw('the disk is full')
      expect(() => writer.flush()).to.throw(/EBADF/)
      journal.addTasks = addTasks
      expect(await keptTexts()).to.deep.equal({ 0: 'zero' })
    })
  })
})
