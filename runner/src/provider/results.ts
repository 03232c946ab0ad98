import {
  closeSync,
  createReadStream,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { contentRoot } from 'assay'
import type { Hex } from 'viem'
import type { Journal, TaskRow } from './journal.ts'

/** Outputs are made durable in groups of this many tasks. */
const GROUP = 64

export type TaskOutput = Omit<TaskRow, 'offset'> & { output: Uint8Array }

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

  /** Opens a job's output file to go on with it: what stands there and hashes as the journal says is kept. */
  open(jobId: Hex): ResultWriter {
    const file = openSync(this.path(jobId), 'a+')
    const kept = this.#journal.tasks(jobId).filter((row) => matches(file, row))
    const end = kept.reduce((max, row) => Math.max(max, row.offset + row.outputLength), 0)
    ftruncateSync(file, end)
    return new ResultWriter(jobId, file, end, kept, this.#journal)
  }

  /** The finished tasks of a submitted job, in order. */
  rows(jobId: Hex): TaskRow[] {
    return this.#journal.tasks(jobId)
  }

  /** One output from the job's file. */
  stream(jobId: Hex, offset: number, length: number): AsyncIterable<Uint8Array> {
    if (length === 0) return Readable.from([])
    return createReadStream(this.path(jobId), { start: offset, end: offset + length - 1 })
  }
}

/** Writes one job's outputs; a task counts as done only once {@link ResultWriter.flush} made it durable. */
export class ResultWriter {
  readonly #jobId: Hex
  readonly #file: number
  readonly #journal: Journal
  #end: number
  #pending: TaskRow[] = []
  #bytes: Uint8Array[] = []
  readonly done: Map<number, TaskRow>

  constructor(jobId: Hex, file: number, end: number, kept: TaskRow[], journal: Journal) {
    this.#jobId = jobId
    this.#file = file
    this.#end = end
    this.#journal = journal
    this.done = new Map(kept.map((row) => [row.index, row]))
  }

  add({ output, ...row }: TaskOutput): void {
    this.#pending.push({ ...row, offset: this.#end })
    this.#bytes.push(output)
    this.#end += output.length
    if (this.#pending.length >= GROUP) this.flush()
  }

  flush(): void {
    if (this.#pending.length === 0) return
    const bytes = Buffer.concat(this.#bytes)
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written)
    fdatasyncSync(this.#file)
    this.#journal.addTasks(this.#jobId, this.#pending)
    for (const row of this.#pending) this.done.set(row.index, row)
    this.#pending = []
    this.#bytes = []
  }

  close(): void {
    this.flush()
    closeSync(this.#file)
  }
}

function matches(file: number, row: TaskRow): boolean {
  const bytes = new Uint8Array(row.outputLength)
  const read = readSync(file, bytes, 0, row.outputLength, row.offset)
  return read === row.outputLength && contentRoot(bytes) === row.outputRoot
}
