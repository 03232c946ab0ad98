import { closeSync, fdatasyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { contentRoot, type Sealer, sealBytes } from 'assay'
import type { Hex } from 'viem'
import type { Journal, TaskRow } from './journal.ts'

/** Quick tasks are made durable in groups: at most this many, this many bytes, or all of so many milliseconds. */
const GROUP_TASKS = 64
const GROUP_BYTES = 8 * 2 ** 20
const GROUP_MS = 250
const CHUNK_BYTES = 64 * 1_024
const PAGE_TASKS = 1_000

/** Where an output stands in its job's file. */
export type StoredOutput = Pick<TaskRow, 'offset' | 'outputLength'>

/** A finished task; `stored` is its output, sealed where the job is private. */
export type TaskOutput = Omit<TaskRow, 'offset'> & { stored: Uint8Array }

/** The outputs of this provider's jobs: one append-only file a job, indexed by the journal. */
export class Results {
  readonly #folder: string
  readonly #journal: Journal

  constructor(folder: string, journal: Journal) {
    this.#folder = join(folder, 'results')
    this.#journal = journal
    mkdirSync(this.#folder, { recursive: true })
  }

  path(jobId: Hex): string {
    return join(this.#folder, `${jobId}.outputs`)
  }

  /** Bytes by which each stored output of a job is longer than the output. */
  overhead(jobId: Hex): number {
    return this.#journal.isSealed(jobId) ? sealBytes : 0
  }

  /**
   * Opens a job's output file to go on with it: what stands there and hashes as the journal says is kept.
   *
   * @param sealer of a private job: opens what is there
   */
  async open(jobId: Hex, sealer: Sealer | null = null): Promise<ResultWriter> {
    if (sealer !== null) this.#journal.markSealed(jobId)
    const overhead = this.overhead(jobId)
    const file = openSync(this.path(jobId), 'a+')
    try {
      const kept: TaskRow[] = []
      for (const row of this.#journal.tasks(jobId)) if (await matches(file, row, sealer)) kept.push(row)
      const end = kept.reduce((max, row) => Math.max(max, row.offset + row.outputLength + overhead), 0)
      ftruncateSync(file, end)
      return new ResultWriter(jobId, file, end, kept, this.#journal)
    } catch (error) {
      closeSync(file)
      throw error
    }
  }

  /** A job's finished tasks in order, some at a time: others have a turn in between, however large the job is. */
  async *rows(jobId: Hex, first = 0): AsyncGenerator<TaskRow[], void, undefined> {
    for (let next = first; ; ) {
      const rows = this.#journal.tasks(jobId, { first: next, count: PAGE_TASKS })
      if (rows.length > 0) yield rows
      if (rows.length < PAGE_TASKS) return
      next += PAGE_TASKS
      await setImmediate()
    }
  }

  /**
   * Outputs from the job's file, one after the other, without the first `start` bytes of all. However small they are, they
   * come in chunks that are worth sending.
   */
  async *stream(
    jobId: Hex,
    pages: AsyncIterable<readonly StoredOutput[]> | Iterable<readonly StoredOutput[]>,
    start: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await open(this.path(jobId))
    const overhead = this.overhead(jobId)
    try {
      let chunk = new Uint8Array(CHUNK_BYTES)
      let filled = 0
      let skip = start
      for await (const outputs of pages) {
        for (const { offset, outputLength } of outputs) {
          const length = outputLength + overhead
          let at = Math.min(skip, length)
          skip -= at
          while (at < length) {
            const wanted = Math.min(length - at, CHUNK_BYTES - filled)
            const { bytesRead } = await file.read(chunk, filled, wanted, offset + at)
            // The receiver knows how much there should be.
            if (bytesRead === 0) return
            at += bytesRead
            filled += bytesRead
            if (filled < CHUNK_BYTES) continue
            yield chunk
            chunk = new Uint8Array(CHUNK_BYTES)
            filled = 0
          }
        }
      }
      if (filled > 0) yield chunk.subarray(0, filled)
    } finally {
      await file.close()
    }
  }
}

/** Writes one job's outputs; a task counts as done only once {@link ResultWriter.flush} made it durable. */
export class ResultWriter {
  readonly #jobId: Hex
  readonly #file: number
  readonly #journal: Journal
  /** Where the durable part of the file ends. */
  #end: number
  #pending: TaskOutput[] = []
  #pendingBytes = 0
  #flushedAt = Number.NEGATIVE_INFINITY
  readonly done: Map<number, TaskRow>

  constructor(jobId: Hex, file: number, end: number, kept: TaskRow[], journal: Journal) {
    this.#jobId = jobId
    this.#file = file
    this.#end = end
    this.#journal = journal
    this.done = new Map(kept.map((row) => [row.index, row]))
  }

  /** Finished tasks, durable or not. */
  get count(): number {
    return this.done.size + this.#pending.length
  }

  /** Takes a finished task: durable at once, unless the last ones have just been. */
  add(task: TaskOutput): void {
    this.#pending.push(task)
    this.#pendingBytes += task.stored.length
    const isFull = this.#pending.length >= GROUP_TASKS || this.#pendingBytes >= GROUP_BYTES
    if (isFull || performance.now() - this.#flushedAt >= GROUP_MS) this.flush()
  }

  /** Makes what was added durable, in the file first and then in the journal. */
  flush(): void {
    if (this.#pending.length === 0) return
    let end = this.#end
    const rows = this.#pending.map(({ stored, ...row }) => {
      const offset = end
      end += stored.length
      return { ...row, offset }
    })
    // Appended in vain before, if the disk was full in the middle.
    ftruncateSync(this.#file, this.#end)
    const bytes = Buffer.concat(this.#pending.map(({ stored }) => stored))
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written)
    fdatasyncSync(this.#file)
    this.#journal.addTasks(this.#jobId, rows)
    this.#end = end
    for (const row of rows) this.done.set(row.index, row)
    this.#pending = []
    this.#pendingBytes = 0
    this.#flushedAt = performance.now()
  }

  close(): void {
    try {
      this.flush()
    } finally {
      closeSync(this.#file)
    }
  }
}

async function matches(file: number, row: TaskRow, sealer: Sealer | null): Promise<boolean> {
  const stored = new Uint8Array(row.outputLength + (sealer === null ? 0 : sealBytes))
  if (readSync(file, stored, 0, stored.length, row.offset) < stored.length) return false
  const output =
    sealer === null ? stored : await sealer.open(stored, 'an output', row.index).catch(() => null)
  return output !== null && contentRoot(output) === row.outputRoot
}
