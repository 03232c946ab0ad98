import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { contentHash, type LeafRow } from 'assay'
import { bytesToHex, type Hex } from 'viem'
import {
  JournalCorruptError,
  JournalLockedError,
  JournalMismatchError,
  JournalVersionError,
} from '../errors.ts'

/**
 * How far a job got. `claiming` is written before the claim is sent, `submitting` and `committing` before the result or
 * its commitment is: after a crash the chain says whether the transaction landed. A seat of a replicated group goes from
 * `executed` to `committing`, `committed` and `revealed`. `done` covers every end; `end` tells which.
 */
export type Phase =
  | 'claiming'
  | 'claimed'
  | 'executed'
  | 'submitting'
  | 'submitted'
  | 'committing'
  | 'committed'
  | 'revealed'
  | 'done'

export type JournalJob = {
  jobId: Hex
  phase: Phase
  resultRoot: Hex | null
  totalSteps: bigint | null
  /** The final status, or why the job was given up. */
  end: string | null
}

/** A finished task: its result, and where its output stands in the job's output file. */
export type TaskRow = LeafRow & { index: number; offset: number }

/** A transaction that was signed and may have been sent. At most one for each key: the step that it is for. */
export type SentTransaction = { key: string; nonce: number; hash: Hex; raw: Hex }

/** What a journal belongs to; another value at opening is refused. */
export type JournalIdentity = { chainId: string; market: string; provider: string }

/** 2 added the salts, 3 the tables of private jobs, 4 the programs that only the interpreter runs. */
const VERSION = 4

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS jobs (
    job_id TEXT PRIMARY KEY, phase TEXT NOT NULL, result_root TEXT, total_steps TEXT, end TEXT,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS tasks (
    job_id TEXT NOT NULL, task INTEGER NOT NULL, status TEXT NOT NULL, exit_code INTEGER NOT NULL,
    output_root TEXT NOT NULL, output_length INTEGER NOT NULL, steps TEXT NOT NULL, output_offset INTEGER NOT NULL,
    output_hash TEXT NOT NULL,
    PRIMARY KEY (job_id, task)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS transactions (
    key TEXT PRIMARY KEY, nonce INTEGER NOT NULL, hash TEXT NOT NULL, raw TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS salts (job_id TEXT PRIMARY KEY, salt TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sealed (job_id TEXT PRIMARY KEY, leaves BLOB) STRICT;
  CREATE TABLE IF NOT EXISTS distrusted (
    requester TEXT PRIMARY KEY, reason TEXT NOT NULL, until INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS interpreted_programs (program_id TEXT PRIMARY KEY, reason TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS interpreted_jobs (job_id TEXT PRIMARY KEY) STRICT;
  CREATE INDEX IF NOT EXISTS task_outputs ON tasks (output_hash);
  PRAGMA user_version = ${VERSION};
`

/**
 * Jobs whose results stand on the chain, and were not refused there: nothing else is served. That of a seat stands there
 * once its group is decided, so that no other seat can copy it.
 */
const PUBLISHED = `(phase = 'submitted' OR end = 'settled')`

/** The provider's write-ahead journal: durable before the step it announces. */
export class Journal {
  readonly path: string
  readonly #db: DatabaseSync

  /**
   * Opens or creates `folder/journal.sqlite`, for this process alone.
   *
   * @throws JournalCorruptError, JournalLockedError, JournalVersionError
   */
  constructor(folder: string) {
    this.path = join(folder, 'journal.sqlite')
    mkdirSync(dirname(this.path), { recursive: true })
    let db: DatabaseSync | undefined
    let version: number
    let fault: string
    try {
      db = new DatabaseSync(this.path)
      db.exec('PRAGMA locking_mode = EXCLUSIVE')
      db.exec('PRAGMA journal_mode = WAL')
      db.exec('PRAGMA synchronous = FULL')
      version = (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
      if (version <= VERSION) db.exec(SCHEMA)
      fault = (db.prepare('PRAGMA quick_check').get() as { quick_check: string }).quick_check
    } catch (cause) {
      db?.close()
      const locked = /locked|busy/i.test((cause as Error).message)
      throw locked
        ? new JournalLockedError({ path: this.path })
        : new JournalCorruptError({ path: this.path, cause })
    }
    this.#db = db
    if (version > VERSION) {
      db.close()
      throw new JournalVersionError({ path: this.path, expected: VERSION, actual: version })
    }
    if (fault !== 'ok') {
      db.close()
      throw new JournalCorruptError({ path: this.path, cause: fault })
    }
  }

  /** For other roles' tables in the same file: one transaction is durable for all. */
  get database(): DatabaseSync {
    return this.#db
  }

  /** Writes the identity on first use, refuses another afterwards. */
  bind(identity: JournalIdentity): void {
    for (const [field, actual] of Object.entries(identity)) {
      const expected = this.meta(field)
      if (expected === null) this.setMeta(field, actual)
      else if (expected.toLowerCase() !== actual.toLowerCase()) {
        throw new JournalMismatchError({ field, expected, actual, path: this.path })
      }
    }
  }

  meta(key: string): string | null {
    const row = this.#db.prepare('SELECT value FROM meta WHERE key = ?').get(key) as
      | { value: string }
      | undefined
    return row?.value ?? null
  }

  setMeta(key: string, value: string): void {
    this.#db
      .prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
      .run(key, value)
  }

  /** Inserts the job, or moves it on. */
  setPhase(
    jobId: Hex,
    phase: Phase,
    details: { resultRoot?: Hex; totalSteps?: bigint; end?: string } = {},
  ): void {
    this.#db
      .prepare(
        `INSERT INTO jobs VALUES (?, ?, ?, ?, ?, unixepoch()) ON CONFLICT (job_id) DO UPDATE SET
           phase = excluded.phase,
           result_root = COALESCE(excluded.result_root, result_root),
           total_steps = COALESCE(excluded.total_steps, total_steps),
           end = excluded.end,
           updated_at = excluded.updated_at`,
      )
      .run(
        jobId,
        phase,
        details.resultRoot ?? null,
        details.totalSteps?.toString() ?? null,
        details.end ?? null,
      )
  }

  job(jobId: Hex): JournalJob | null {
    const row = this.#db.prepare('SELECT * FROM jobs WHERE job_id = ?').get(jobId)
    return row === undefined ? null : toJob(row)
  }

  /** Jobs that are not done yet, oldest first. */
  openJobs(): JournalJob[] {
    return this.#db.prepare("SELECT * FROM jobs WHERE phase <> 'done' ORDER BY rowid").all().map(toJob)
  }

  /** The salt of a seat's commitment: drawn and durable at the first call, the same ever after. */
  drawSalt(jobId: Hex): Hex {
    const salt = bytesToHex(randomBytes(32))
    this.#db.prepare('INSERT OR IGNORE INTO salts VALUES (?, ?)').run(jobId, salt)
    return this.salt(jobId) as Hex
  }

  /** The salt of a seat's commitment; null before one was drawn. */
  salt(jobId: Hex): Hex | null {
    const row = this.#db.prepare('SELECT salt FROM salts WHERE job_id = ?').get(jobId)
    return (row?.['salt'] as Hex | undefined) ?? null
  }

  /** Records finished tasks in one durable write. */
  addTasks(jobId: Hex, rows: readonly TaskRow[]): void {
    const insert = this.#db.prepare('INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#db.exec('BEGIN')
    try {
      for (const t of rows) {
        const hash = contentHash({ root: t.outputRoot, length: t.outputLength })
        const { index, status, exitCode, outputRoot, outputLength, steps, offset } = t
        insert.run(jobId, index, status, exitCode, outputRoot, outputLength, steps.toString(), offset, hash)
      }
      this.#db.exec('COMMIT')
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  /** Finished tasks of a job, by index: all of them, or so many from one on. */
  tasks(jobId: Hex, { first = 0, count = -1 } = {}): TaskRow[] {
    return this.#db
      .prepare('SELECT * FROM tasks WHERE job_id = ? AND task >= ? ORDER BY task LIMIT ?')
      .all(jobId, first, count)
      .map((row) => ({
        index: row['task'] as number,
        status: row['status'] as LeafRow['status'],
        exitCode: row['exit_code'] as number,
        outputRoot: row['output_root'] as Hex,
        outputLength: row['output_length'] as number,
        steps: BigInt(row['steps'] as string),
        offset: row['output_offset'] as number,
      }))
  }

  /** How many tasks of a job are finished, and how many bytes they wrote. */
  taskTotals(jobId: Hex): { tasks: number; outputBytes: number } {
    return this.#db
      .prepare('SELECT COUNT(*) AS tasks, TOTAL(output_length) AS outputBytes FROM tasks WHERE job_id = ?')
      .get(jobId) as { tasks: number; outputBytes: number }
  }

  /** Whether the job's result stands on the chain and was not refused there. */
  isPublished(jobId: Hex): boolean {
    return this.#db.prepare(`SELECT 1 FROM jobs WHERE job_id = ? AND ${PUBLISHED}`).get(jobId) !== undefined
  }

  /** Notes that what is stored of a job is sealed; its leaves come once all tasks are done. */
  markSealed(jobId: Hex): void {
    this.#db.prepare('INSERT OR IGNORE INTO sealed VALUES (?, NULL)').run(jobId)
  }

  isSealed(jobId: Hex): boolean {
    return this.#db.prepare('SELECT 1 FROM sealed WHERE job_id = ?').get(jobId) !== undefined
  }

  putSealedLeaves(jobId: Hex, leaves: Uint8Array): void {
    this.#db.prepare('INSERT OR REPLACE INTO sealed VALUES (?, ?)').run(jobId, leaves)
  }

  /** The sealed leaves file of a private job, if it has one. */
  sealedLeaves(jobId: Hex): Uint8Array | null {
    const row = this.#db.prepare('SELECT leaves FROM sealed WHERE job_id = ?').get(jobId)
    return (row?.['leaves'] as Uint8Array | null | undefined) ?? null
  }

  /** Remembers until a time why private jobs of a requester are not claimed. */
  distrust(requester: string, reason: string, until: number): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO distrusted VALUES (?, ?, ?)')
      .run(requester.toLowerCase(), reason, until)
  }

  /** Why private jobs of a requester are not claimed at `time`; null if they are. */
  distrustOf(requester: string, time: number): string | null {
    const row = this.#db
      .prepare('SELECT reason FROM distrusted WHERE requester = ? AND until > ?')
      .get(requester.toLowerCase(), time)
    return (row?.['reason'] as string | undefined) ?? null
  }

  /** Remembers that only the interpreter may run a program, and why. */
  interpretProgram(programId: Hex, reason: string): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO interpreted_programs VALUES (?, ?)')
      .run(programId.toLowerCase(), reason)
  }

  /**
   * Lets the native engine run a program again.
   * @returns whether only the interpreter was allowed to.
   */
  trustProgram(programId: Hex): boolean {
    const forget = this.#db.prepare('DELETE FROM interpreted_programs WHERE program_id = ?')
    return Number(forget.run(programId.toLowerCase()).changes) > 0
  }

  /** Programs that only the interpreter may run, with the reasons. */
  interpretedPrograms(): Map<Hex, string> {
    const rows = this.#db.prepare('SELECT program_id, reason FROM interpreted_programs').all()
    return new Map(rows.map((row) => [row['program_id'] as Hex, row['reason'] as string]))
  }

  /**
   * Forgets, once, the tasks and the result of a job: from here on the interpreter makes them. A result that was signed
   * for stays, as it may be on the chain.
   */
  interpretJob(jobId: Hex): void {
    const isSigned = [`submit:${jobId}`, `commit:${jobId}`].some((key) => this.transaction(key) !== null)
    if (isSigned) return
    this.#db.exec('BEGIN')
    try {
      const { changes } = this.#db.prepare('INSERT OR IGNORE INTO interpreted_jobs VALUES (?)').run(jobId)
      if (Number(changes) > 0) {
        this.#db.prepare('DELETE FROM tasks WHERE job_id = ?').run(jobId)
        this.#db.prepare('UPDATE jobs SET result_root = NULL, total_steps = NULL WHERE job_id = ?').run(jobId)
      }
      this.#db.exec('COMMIT')
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  /** Where an output stands, if a published job of this provider has it in the open. */
  findOutput(hash: Hex): (Pick<TaskRow, 'offset' | 'outputLength'> & { jobId: Hex }) | null {
    const row = this.#db
      .prepare(
        `SELECT tasks.job_id, output_offset, output_length FROM tasks JOIN jobs USING (job_id)
         WHERE output_hash = ? AND ${PUBLISHED} AND job_id NOT IN (SELECT job_id FROM sealed) LIMIT 1`,
      )
      .get(hash)
    if (row === undefined) return null
    return {
      jobId: row['job_id'] as Hex,
      offset: row['output_offset'] as number,
      outputLength: row['output_length'] as number,
    }
  }

  /** Records a signed transaction, before it is sent. */
  putTransaction({ key, nonce, hash, raw }: SentTransaction): void {
    this.#db.prepare('INSERT INTO transactions VALUES (?, ?, ?, ?)').run(key, nonce, hash, raw)
  }

  /** Forgets a transaction whose fate is known. */
  dropTransaction({ hash }: Pick<SentTransaction, 'hash'>): void {
    this.#db.prepare('DELETE FROM transactions WHERE hash = ?').run(hash)
  }

  transaction(key: string): SentTransaction | null {
    const row = this.#db.prepare('SELECT * FROM transactions WHERE key = ?').get(key)
    return row === undefined ? null : (row as unknown as SentTransaction)
  }

  /** Transactions whose fate is not known yet, by nonce. */
  transactions(): SentTransaction[] {
    return this.#db.prepare('SELECT * FROM transactions ORDER BY nonce').all() as unknown as SentTransaction[]
  }

  close(): void {
    this.#db.close()
  }
}

function toJob(row: Record<string, unknown>): JournalJob {
  return {
    jobId: row['job_id'] as Hex,
    phase: row['phase'] as Phase,
    resultRoot: row['result_root'] as Hex | null,
    totalSteps: row['total_steps'] === null ? null : BigInt(row['total_steps'] as string),
    end: row['end'] as string | null,
  }
}
