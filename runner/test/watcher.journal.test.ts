import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { Journal } from '../src/provider/journal.ts'
import { WatchJournal } from '../src/watcher/journal.ts'

const jobId: Hex = `0x${'11'.repeat(32)}`
const otherId: Hex = `0x${'22'.repeat(32)}`
const claim = { jobId, tasks: 10, bond: 2n ** 79n, windowEnd: 1_000, sample: 3 }

describe('journal of a watcher', () => {
  let folder: string
  let journal: Journal
  let watched: WatchJournal

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-watch-'))
    journal = new Journal(folder)
    watched = new WatchJournal(journal)
  })
  afterEach(() => {
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const reopen = () => {
    journal.close()
    journal = new Journal(folder)
    watched = new WatchJournal(journal)
  }

  it('has one secret for good', () => {
    const { secret } = watched
    reopen()
    expect(watched.secret).to.equal(secret)
    expect(secret).to.match(/^0x[0-9a-f]{64}$/)
  })

  it('keeps claims through a restart, with the sample drawn first', () => {
    watched.add(claim)
    watched.add({ ...claim, sample: 9 })
    reopen()
    expect(watched.claim(jobId)).to.deep.equal({ ...claim, phase: 'checking', end: null })
    expect(watched.claim(otherId)).to.equal(null)
    watched.setWrong(jobId)
    reopen()
    expect(watched.openClaims().map(({ phase }) => phase)).to.deep.equal(['wrong'])
    watched.setDone(jobId, 'won')
    expect(watched.openClaims()).to.deep.equal([])
    expect(watched.claim(jobId)?.end).to.equal('won')
  })

  it("keeps a claim's leaves until it is done, and the tasks that were executed", () => {
    const row = Uint8Array.from({ length: 53 }, (_, i) => i)
    watched.add(claim)
    watched.putRows(jobId, row)
    watched.addTask(jobId, 4, row)
    reopen()
    expect(watched.rows(jobId)).to.deep.equal(row)
    expect(watched.tasks(jobId)).to.deep.equal(new Map([[4, row]]))
    watched.setDone(jobId, 'right')
    expect(watched.rows(jobId)).to.equal(null)
  })

  it('counts', () => {
    watched.add(claim)
    watched.add({ ...claim, jobId: otherId, bond: 2n ** 79n, sample: 2 })
    watched.setWrong(otherId)
    watched.setDone(otherId, 'won')
    watched.addTask(jobId, 4, new Uint8Array(53))
    expect(watched.totals()).to.deep.equal({ claims: 2, sampled: 5, checked: 1, wrong: 1 })
    expect(watched.seen()).to.deep.equal({ bonds: 2 ** 80, tasks: 20 })
  })
})
