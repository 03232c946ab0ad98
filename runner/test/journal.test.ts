import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { contentHash, contentRef } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import {
  JournalCorruptError,
  JournalLockedError,
  JournalMismatchError,
  JournalVersionError,
} from '../src/errors.ts'
import { Journal, type TaskRow } from '../src/provider/journal.ts'

const jobId: Hex = `0x${'11'.repeat(32)}`
const otherId: Hex = `0x${'22'.repeat(32)}`
const resultRoot: Hex = `0x${'33'.repeat(32)}`
const identity = { chainId: '31337', market: '0xAbCd', provider: '0x1234' }

describe('journal', () => {
  let folder: string
  let journal: Journal

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-journal-'))
    journal = new Journal(folder)
  })
  afterEach(() => {
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const reopen = () => {
    journal.close()
    journal = new Journal(folder)
  }
  const open = () => new Journal(folder)
  const row = (index: number, output: string): TaskRow => {
    const { root: outputRoot, length: outputLength } = contentRef(Buffer.from(output))
    return { index, status: 'halted', exitCode: 7, outputRoot, outputLength, steps: 5n, offset: 10 * index }
  }

  describe('the jobs', () => {
    it('are unknown before they are begun', () => {
      expect(journal.job(jobId)).to.equal(null)
      expect(journal.openJobs()).to.deep.equal([])
    })

    it('keep their result through later phases and a restart', () => {
      journal.setPhase(jobId, 'claiming')
      journal.setPhase(jobId, 'executed', { resultRoot, totalSteps: 2n ** 100n })
      journal.setPhase(jobId, 'submitting')
      reopen()
      const expected = { jobId, phase: 'submitting', resultRoot, totalSteps: 2n ** 100n, end: null }
      expect(journal.job(jobId)).to.deep.equal(expected)
    })

    it('lose once what the native engine may have made, result and tasks, and nothing that was signed for', () => {
      journal.setPhase(jobId, 'executed', { resultRoot, totalSteps: 3n })
      journal.addTasks(jobId, [row(0, 'a')])
      journal.interpretJob(jobId)
      expect(journal.job(jobId)).to.include({ phase: 'executed', resultRoot: null, totalSteps: null })
      expect(journal.tasks(jobId)).to.deep.equal([])
      journal.addTasks(jobId, [row(1, 'b')])
      reopen()
      journal.interpretJob(jobId)
      expect(journal.tasks(jobId)).to.deep.equal([row(1, 'b')])
      for (const step of ['submit', 'commit']) {
        const key = `${step}:${otherId}`
        journal.setPhase(otherId, 'submitting', { resultRoot, totalSteps: 3n })
        journal.putTransaction({ key, nonce: 1, hash: resultRoot, raw: '0x' })
        journal.interpretJob(otherId)
        expect(journal.job(otherId)).to.include({ resultRoot, totalSteps: 3n })
        journal.dropTransaction({ hash: resultRoot })
      }
      journal.interpretJob(otherId)
      expect(journal.job(otherId)).to.include({ resultRoot: null, totalSteps: null })
    })

    it('are open until they are done, the oldest first', () => {
      journal.setPhase(otherId, 'claimed')
      journal.setPhase(jobId, 'submitted')
      expect(journal.openJobs().map((job) => job.jobId)).to.deep.equal([otherId, jobId])
      journal.setPhase(otherId, 'done', { end: 'released' })
      expect(journal.openJobs().map((job) => job.jobId)).to.deep.equal([jobId])
    })

    it('forget an end that was none', () => {
      journal.setPhase(jobId, 'done', { end: 'not claimed' })
      journal.setPhase(jobId, 'claiming')
      expect(journal.job(jobId)).to.include({ phase: 'claiming', end: null })
    })
  })

  describe('the tasks', () => {
    it('come back in order, the last word on each', () => {
      journal.addTasks(jobId, [row(2, 'c'), row(0, 'a')])
      journal.addTasks(jobId, [row(1, 'b'), row(2, 'new')])
      reopen()
      expect(journal.tasks(jobId)).to.deep.equal([row(0, 'a'), row(1, 'b'), row(2, 'new')])
      expect(journal.tasks(otherId)).to.deep.equal([])
    })

    it('are recorded together or not at all', () => {
      const bad = { ...row(1, 'b'), exitCode: 'seven' as never }
      expect(() => journal.addTasks(jobId, [row(0, 'a'), bad])).to.throw()
      expect(journal.tasks(jobId)).to.deep.equal([])
      journal.addTasks(jobId, [row(0, 'a')])
      expect(journal.tasks(jobId)).to.have.length(1)
    })
  })

  describe('what may be served', () => {
    const hash = contentHash(contentRef(Buffer.from('b')))
    beforeEach(() => {
      journal.setPhase(jobId, 'executed', { resultRoot, totalSteps: 2n })
      journal.addTasks(jobId, [row(0, 'a'), row(1, 'b')])
    })
    const served = () => ({ published: journal.isPublished(jobId), found: journal.findOutput(hash) !== null })
    const yes = { published: true, found: true }
    const no = { published: false, found: false }

    it('is nothing before the result stands on the chain', () => {
      for (const phase of ['claimed', 'executed', 'submitting'] as const) {
        journal.setPhase(jobId, phase)
        expect(served(), phase).to.deep.equal(no)
      }
    })

    it('is nothing of a seat before its group is decided', () => {
      for (const phase of ['committing', 'committed', 'revealed'] as const) {
        journal.setPhase(jobId, phase)
        expect(served(), phase).to.deep.equal(no)
      }
    })

    it('is a submitted and a settled result', () => {
      journal.setPhase(jobId, 'submitted')
      expect(served()).to.deep.equal(yes)
      expect(journal.findOutput(hash)).to.deep.equal({ jobId, offset: 10, outputLength: 1 })
      journal.setPhase(jobId, 'done', { end: 'settled' })
      expect(served()).to.deep.equal(yes)
    })

    it('is nothing of a job that was not paid for', () => {
      for (const end of ['failed', 'released', 'rejected', 'not claimed']) {
        journal.setPhase(jobId, 'done', { end })
        expect(served(), end).to.deep.equal(no)
      }
    })
  })

  describe('the transactions', () => {
    const sent = (key: string, nonce: number) =>
      ({ key, nonce, hash: `0x${nonce}${nonce}`, raw: '0xabcd' }) as const

    it('stay until they are dropped, in the order of their nonces', () => {
      journal.putTransaction(sent('submit', 9))
      journal.putTransaction(sent('claim', 8))
      reopen()
      expect(journal.transactions()).to.deep.equal([sent('claim', 8), sent('submit', 9)])
      expect(journal.transaction('submit')).to.deep.equal(sent('submit', 9))
      journal.dropTransaction(sent('claim', 8))
      expect(journal.transaction('claim')).to.equal(null)
      expect(journal.transactions()).to.deep.equal([sent('submit', 9)])
    })

    it('are one for each step at most', () => {
      journal.putTransaction(sent('claim', 8))
      expect(() => journal.putTransaction(sent('claim', 9))).to.throw()
    })
  })

  describe('the salt of a seat', () => {
    it('is drawn once, is another one for each job, and outlives a restart', () => {
      expect(journal.salt(jobId)).to.equal(null)
      const salt = journal.drawSalt(jobId)
      expect(salt).to.match(/^0x[0-9a-f]{64}$/)
      expect(journal.drawSalt(otherId)).to.not.equal(salt)
      reopen()
      expect(journal.salt(jobId)).to.equal(salt)
      expect(journal.drawSalt(jobId)).to.equal(salt)
    })
  })

  describe('the requesters that are not trusted', () => {
    it('are known until their time is over, in any case of their address, after a restart too', () => {
      const requester = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
      expect(journal.distrustOf(requester, 1_000)).to.equal(null)
      journal.distrust(requester, 'it withheld a key', 2_000)
      reopen()
      expect(journal.distrustOf(requester.toLowerCase(), 1_999)).to.equal('it withheld a key')
      expect(journal.distrustOf(requester, 2_000)).to.equal(null)
    })
  })

  describe('whose it is', () => {
    it('is written at first and compared from then on, addresses in any case', () => {
      journal.bind(identity)
      reopen()
      journal.bind({ ...identity, market: '0xaBcD' })
      for (const field of ['chainId', 'market', 'provider'] as const) {
        expect(() => journal.bind({ ...identity, [field]: '0x77' }))
          .to.throw(JournalMismatchError)
          .with.property('message')
          .that.contains(field)
          .and.contains(identity[field])
          .and.contains('0x77')
      }
    })
  })

  describe('a file that cannot be used', () => {
    it('is refused while another has it open', () => {
      expect(open).to.throw(JournalLockedError)
      journal.setPhase(jobId, 'claimed')
    })

    it('is refused when it is no database, and left as it is', () => {
      journal.close()
      writeFileSync(
        journal.path,
        'not a database, but long enough to look like one at first sight'.repeat(20),
      )
      expect(open).to.throw(JournalCorruptError).with.property('message').that.contains(journal.path)
      rmSync(journal.path)
      journal = open()
    })

    it('is brought up to date when it was written by an older version', () => {
      journal.setPhase(jobId, 'executed', { resultRoot, totalSteps: 7n })
      journal.close()
      const db = new DatabaseSync(journal.path)
      db.exec('DROP TABLE salts; PRAGMA user_version = 1')
      db.close()
      journal = open()
      expect(journal.job(jobId)).to.include({ phase: 'executed', resultRoot })
      expect(journal.drawSalt(jobId)).to.equal(journal.salt(jobId))
    })

    it('is refused when it was written by a newer version', () => {
      journal.close()
      const db = new DatabaseSync(journal.path)
      db.exec('PRAGMA user_version = 99')
      db.close()
      expect(open).to.throw(JournalVersionError).with.property('message').that.contains('99')
      rmSync(journal.path)
      journal = open()
    })
  })
})
