import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { bytesToHex, type Hex } from 'viem'
import type { Journal } from '../provider/journal.ts'

/**
 * How far the watcher is with a claim. `checking`: a sample is drawn and being executed. `wrong`: it is to be disputed, or
 * is being disputed. `done` covers every end; `end` tells which.
 */
export type WatchPhase = 'checking' | 'wrong' | 'done'

/** A submitted result that is watched. */
export type WatchedClaim = {
  jobId: Hex
  tasks: number
  /** Units. */
  bond: bigint
  /** Last second of the challenge window. */
  windowEnd: number
  phase: WatchPhase
  /** Tasks in the sample. */
  sample: number
  end: string | null
}

/** What the watcher has done so far. */
export type WatchTotals = { claims: number; sampled: number; checked: number; wrong: number }

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS watched (
    job_id TEXT PRIMARY KEY, tasks INTEGER NOT NULL, bond TEXT NOT NULL, window_end INTEGER NOT NULL,
    phase TEXT NOT NULL, sample INTEGER NOT NULL, was_wrong INTEGER NOT NULL DEFAULT 0, end TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS watched_tasks (
    job_id TEXT NOT NULL, task INTEGER NOT NULL, own BLOB NOT NULL, PRIMARY KEY (job_id, task)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS watched_rows (job_id TEXT PRIMARY KEY, leaves BLOB NOT NULL) STRICT;
`

/** What a watcher knows of claims, in the tables of its own that it keeps in a runner's journal. */
export class WatchJournal {
  readonly #db: DatabaseSync
  /** Known to this watcher alone: what it samples follows from it. */
  readonly secret: Hex

  constructor(journal: Journal) {
    this.#db = journal.database
    this.#db.exec(SCHEMA)
    const secret = journal.meta('watchSecret') ?? bytesToHex(randomBytes(32))
    journal.setMeta('watchSecret', secret)
    this.secret = secret as Hex
  }

  /** Takes up a claim whose sample was drawn. A claim that is known stays as it is. */
  add({ jobId, tasks, bond, windowEnd, sample }: Omit<WatchedClaim, 'phase' | 'end'>): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO watched VALUES (?, ?, ?, ?, ?, ?, 0, NULL)')
      .run(jobId, tasks, bond.toString(), windowEnd, 'checking', sample)
  }

  claim(jobId: Hex): WatchedClaim | null {
    const row = this.#db.prepare('SELECT * FROM watched WHERE job_id = ?').get(jobId)
    return row === undefined ? null : toClaim(row)
  }

  /** Claims that are not done, oldest first. */
  openClaims(): WatchedClaim[] {
    return this.#db.prepare("SELECT * FROM watched WHERE phase <> 'done' ORDER BY rowid").all().map(toClaim)
  }

  /** Notes that a claim is wrong, before anything is done about it. */
  setWrong(jobId: Hex): void {
    this.#db.prepare("UPDATE watched SET phase = 'wrong', was_wrong = 1 WHERE job_id = ?").run(jobId)
  }

  /** Notes that nothing is left to do for a claim. */
  setDone(jobId: Hex, end: string): void {
    this.#db.prepare("UPDATE watched SET phase = 'done', end = ? WHERE job_id = ?").run(end, jobId)
    this.#db.prepare('DELETE FROM watched_rows WHERE job_id = ?').run(jobId)
  }

  /** Keeps the leaves file behind a claim: its provider may serve it today and withhold it tomorrow. */
  putRows(jobId: Hex, rows: Uint8Array): void {
    this.#db.prepare('INSERT OR REPLACE INTO watched_rows VALUES (?, ?)').run(jobId, rows)
  }

  rows(jobId: Hex): Uint8Array | null {
    const row = this.#db.prepare('SELECT leaves FROM watched_rows WHERE job_id = ?').get(jobId)
    return (row?.['leaves'] as Uint8Array | undefined) ?? null
  }

  /** Bonds and tasks of all claims that were seen. */
  seen(): { bonds: number; tasks: number } {
    return this.#db
      .prepare('SELECT TOTAL(CAST(bond AS REAL)) AS bonds, TOTAL(tasks) AS tasks FROM watched')
      .get() as { bonds: number; tasks: number }
  }

  /** Records what a task really does, as the 53 bytes of its row; the last word counts. */
  addTask(jobId: Hex, task: number, own: Uint8Array): void {
    this.#db.prepare('INSERT OR REPLACE INTO watched_tasks VALUES (?, ?, ?)').run(jobId, task, own)
  }

  /** The rows of the tasks that were executed, by task. */
  tasks(jobId: Hex): Map<number, Uint8Array> {
    const rows = this.#db.prepare('SELECT task, own FROM watched_tasks WHERE job_id = ?').all(jobId)
    return new Map(rows.map((row) => [row['task'] as number, row['own'] as Uint8Array]))
  }

  totals(): WatchTotals {
    const claims = this.#db
      .prepare('SELECT COUNT(*) AS claims, TOTAL(sample) AS sampled, TOTAL(was_wrong) AS wrong FROM watched')
      .get() as Omit<WatchTotals, 'checked'>
    const { checked } = this.#db.prepare('SELECT COUNT(*) AS checked FROM watched_tasks').get() as {
      checked: number
    }
    return { ...claims, checked }
  }
}

function toClaim(row: Record<string, unknown>): WatchedClaim {
  return {
    jobId: row['job_id'] as Hex,
    tasks: row['tasks'] as number,
    bond: BigInt(row['bond'] as string),
    windowEnd: row['window_end'] as number,
    phase: row['phase'] as WatchPhase,
    sample: row['sample'] as number,
    end: row['end'] as string | null,
  }
}
