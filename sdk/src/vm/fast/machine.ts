import type { Hex } from 'viem'
import { FastMachineError } from '../../errors/fastMachine.ts'
import { hashBytes } from '../../trees/bytes.ts'
import { contentHash, contentRef } from '../../trees/contentTree.ts'
import type { Ending, MachineTask, TrapReason } from '../engine.ts'
import { limits, pageSize } from '../isa.ts'
import { encodeEnded, jobHash, nothing, type ProgramImage, programIdOfImage } from '../state.ts'
import type { Analysis } from './analysis.ts'
import { writeRecords } from './encode.ts'
import { treePageSize } from './hashing.ts'
import { Instance } from './instance.ts'
import * as at from './layout.ts'
import { Output } from './output.ts'
import type { Snapshot } from './snapshot.ts'
import { trapReasons } from './trapReasons.ts'

const globalsSize = 8 * limits.slots
const treePagesPerPage = pageSize / treePageSize
/** Steps of one call: V8 takes up its optimized code where a function is entered, never in the middle. */
const leastSlice = 2 ** 22
/** The most that `run` takes. */
const greatestSlice = 2 ** 26

/**
 * The fast machine: an interpreter in WebAssembly that steps to any state of a task, hashes it, and returns to states it kept.
 * One instance runs one task at a time, and one after the other.
 */
export class FastMachine {
  readonly #instance: Instance
  readonly #output: Output
  #task: MachineTask | undefined
  #analysis: Analysis | undefined
  #encoded: { program: ProgramImage; analysis: Analysis; id: Hex | undefined } | undefined
  #jobHash: Hex | undefined
  #steps = 0n
  #running = false
  #ending: Ending | undefined
  #pages: ReadonlyMap<number, Uint8Array> = new Map()

  constructor() {
    this.#instance = new Instance({
      read: (stream, offset, to, length) => {
        const input = stream === 0 ? this.#current.input : this.#current.shared
        const from = offset >>> 0
        this.#bytes(to >>> 0, length >>> 0).set(input.subarray(from, from + (length >>> 0)))
      },
      write: (from, length) => this.#output.append(this.#bytes(from >>> 0, length >>> 0)),
    })
    this.#output = new Output(this.#instance)
  }

  /**
   * Takes up a task, in its first state.
   * @throws {FastMachineError} if the host gives no memory for it.
   */
  load(task: MachineTask): this {
    this.#clear()
    const { program, input, shared } = task
    this.#task = task
    this.#jobHash = undefined
    this.#steps = 0n
    this.#ending = undefined
    this.#setCell(at.cellPages, program.initialPages)
    this.#setCell(at.cellHighPages, program.initialPages)
    this.#setCell(at.cellMaxPages, program.maxPages)
    if (program.initialPages > limits.pages) return this
    this.#reserve(program.initialPages, 0n)
    const analysis = this.#encode(program)
    this.#analysis = analysis
    const end = analysis.part.length - 1
    const isWild = program.entry > end
    this.#setCell(at.cellPc, isWild ? at.wild : at.code + at.recordSize * program.entry)
    this.#setCell(at.cellWildPc, program.entry)
    this.#setCell(at.cellWildFrame, 8 * analysis.args)
    this.#setCell(at.cellFrame, at.frames)
    this.#setCell(at.cellLinks, at.links)
    this.#setCell(at.cellStack, limits.stack)
    this.#setCell(at.cellRep, 0)
    this.#setCell(at.cellExitCode, 0)
    this.#setCell(at.cellOutputLength, 0)
    this.#setCell(at.cellOutputLimit, Math.min(task.maxOutput, limits.contentBytes))
    this.#setCell(at.cellMargin, at.recordSize * (analysis.longestRun + 1))
    this.#setCell(at.cellCodeEnd, at.code + at.recordSize * end)
    this.#setCell(at.cellArgs, 8 * analysis.args)
    this.#setCell(at.cellTable, program.table.length)
    this.#setCell(at.cellTaskLength, input.length)
    this.#setCell(at.cellSharedLength, shared.length)
    this.#instance.values(at.globals, program.globals.length).set(program.globals)
    const flags = this.#flags(program.initialPages)
    for (const [page, bytes] of program.memory) {
      this.#bytes(at.guest + page * pageSize, bytes.length).set(bytes)
      flags.fill(1, page * treePagesPerPage, (page + 1) * treePagesPerPage)
    }
    return this
  }

  /** Steps taken so far. */
  get steps(): bigint {
    return this.#steps
  }

  /** How the task ended; undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending
  }

  /** Pages of 64 KiB that the program's memory has. */
  get pages(): number {
    return this.#cell(at.cellPages)
  }

  /** The most pages that the memory had. */
  get highPages(): number {
    return this.#cell(at.cellHighPages)
  }

  /** The output so far: a view that the next step may change. */
  get output(): Uint8Array {
    return this.#output.bytes
  }

  /**
   * Goes on until that many steps are taken in all, or the task has ended.
   * @throws {FastMachineError} if the host gives no more memory, or the program is not one that a translator made.
   */
  runTo(step: bigint): this {
    const { stepLimit } = this.#current
    const target = step < stepLimit ? step : stepLimit
    if (!this.#ending && this.#steps === 0n && step > 0n && (stepLimit === 0n || !this.#hasLawfulLimits())) {
      this.#steps = 1n
      this.#end('trapped', 'invalid state')
    }
    while (!this.#ending && this.#steps < target) {
      const left = target - this.#steps
      const wanted = left < this.#slice ? Number(left) : this.#slice
      // until the run comes back nobody knows how far frames reach
      this.#running = true
      const reason = this.#instance.exports.run(wanted)
      this.#running = reason === at.failed
      if (reason === at.stopped) {
        this.#steps += BigInt(wanted)
        continue
      }
      if (reason === at.failed) throw new FastMachineError({ steps: this.#steps, pages: this.pages })
      const rest = ((this.#cell(at.cellStop) - this.#cell(at.cellPc)) >>> 0) / at.recordSize
      this.#steps += BigInt(wanted - rest + 1)
      if (reason === at.halted) this.#end('halted')
      else this.#end('trapped', this.pc < limits.codeWords ? trapReasons[reason] : 'invalid instruction')
    }
    if (!this.#ending && this.#steps === stepLimit && stepLimit > 0n) this.#end('outOfSteps')
    return this
  }

  /** Runs the task to its end. */
  finish(): Ending {
    this.runTo(this.#current.stepLimit === 0n ? 1n : this.#current.stepLimit)
    return this.#ending!
  }

  /** The hash that names the present state, as contracts compute it. */
  stateHash(): Hex {
    if (this.#ending) {
      const state = encodeEnded(this.#ending)
      this.#bytes(at.scratchPage, state.length).set(state)
      this.#instance.exports.keccak256(at.scratchPage, state.length, at.cells + at.cellHash)
      return this.#instance.hash()
    }
    this.#jobHash ??= this.#hashJob()
    this.#bytes(at.cells + at.cellJobHash, 32).set(hashBytes(this.#jobHash, 'jobHash'))
    this.#instance.values(at.cells + at.cellSteps, 1)[0] = this.#steps
    const args = this.#analysis?.args ?? 0
    this.#instance.exports.stateHash(this.#frameBytes(), args, this.#output.refresh())
    return this.#instance.hash()
  }

  /** Content root of the output so far. */
  outputRoot(): Hex {
    return this.#output.root()
  }

  /** Root of the memory's tree. */
  memoryRoot(): Hex {
    this.#instance.exports.memoryRoot()
    return this.#instance.hash()
  }

  /** A copy of some of the program's memory. */
  readMemory(offset: number, length: number): Uint8Array {
    return this.#bytes(
      at.guest + offset,
      Math.max(0, Math.min(length, this.pages * pageSize - offset)),
    ).slice()
  }

  /** The slots of the current frame, those that the program uses. */
  readSlots(): BigUint64Array {
    const count = Math.min(this.#frameBytes() / 8, limits.slots)
    return this.#instance.values(this.#cell(at.cellFrame), count).slice()
  }

  /** The arguments that are set for the next call, those that the program uses. */
  readArgs(): BigUint64Array {
    const place = this.#cell(at.cellFrame) + this.#frameBytes()
    return this.#instance.values(place, this.#analysis?.args ?? 0).slice()
  }

  /** The program's globals. */
  readGlobals(): BigUint64Array {
    return this.#instance.values(at.globals, this.#current.program.globals.length).slice()
  }

  /** pc of the next instruction. */
  get pc(): number {
    const record = this.#cell(at.cellPc)
    return record === at.wild ? this.#cell(at.cellWildPc) : (record - at.code) / at.recordSize
  }

  /** Keeps the present state. Costs what changed in memory since the last one that was kept or returned to. */
  snapshot(): Snapshot {
    const task = this.#current
    const flags = this.#flags(this.#cell(at.cellHighPages))
    const pages = new Map(this.#pages)
    for (let page = 0; page < flags.length; page++) {
      if ((flags[page]! & 2) === 0) continue
      flags[page]! &= ~2
      pages.set(page, this.#bytes(at.guest + page * treePageSize, treePageSize).slice())
    }
    this.#pages = pages
    return {
      steps: this.#steps,
      task,
      cells: this.#bytes(at.cells, at.cellsSize).slice(),
      frames: this.#bytes(at.frames, this.#framesSize()).slice(),
      links: this.#bytes(at.links, this.#cell(at.cellLinks) - at.links).slice(),
      globals: this.#bytes(at.globals, globalsSize).slice(),
      pages,
      output: this.output,
      ending: this.#ending,
    }
  }

  /**
   * Goes to a state that this machine or another one kept.
   * @throws {FastMachineError} if it was kept of another task, or the host gives no memory for it.
   */
  restore(snapshot: Snapshot): this {
    const { program } = this.#current
    if (snapshot.task !== this.#task) throw new FastMachineError({ steps: snapshot.steps, pages: this.pages })
    const cells = new DataView(snapshot.cells.buffer, snapshot.cells.byteOffset)
    const reached = cells.getUint32(at.cellHighPages, true)
    const highPages = Math.max(this.#cell(at.cellHighPages), reached)
    this.#reserve(highPages, snapshot.steps)
    const flags = this.#flags(highPages)
    for (let page = 0; page < flags.length; page++) {
      const kept = snapshot.pages.get(page)
      if ((flags[page]! & 2) === 0 && kept === this.#pages.get(page)) continue
      flags[page] = 1
      const target = this.#bytes(at.guest + page * treePageSize, treePageSize)
      const offset = (page % treePagesPerPage) * treePageSize
      const initial = program.memory
        .get(Math.floor(page / treePagesPerPage))
        ?.subarray(offset, offset + treePageSize)
      target.fill(0)
      target.set(kept ?? initial ?? [])
    }
    this.#pages = snapshot.pages
    this.#output.adopt(snapshot.output)
    this.#output.lengthChanges()
    this.#bytes(at.frames, this.#framesSize()).fill(0)
    this.#bytes(at.cells, at.cellsSize).set(snapshot.cells)
    this.#setCell(at.cellHighPages, highPages)
    this.#bytes(at.frames, snapshot.frames.length).set(snapshot.frames)
    this.#bytes(at.links, snapshot.links.length).set(snapshot.links)
    this.#bytes(at.globals, snapshot.globals.length).set(snapshot.globals)
    this.#output.lengthChanges()
    this.#steps = snapshot.steps
    this.#ending = snapshot.ending
    return this
  }

  /** The end of each call goes slowly for as many steps as may pass without a jump: few of all. */
  get #slice(): number {
    return Math.min(Math.max(leastSlice, 64 * (this.#analysis?.longestRun ?? 1)), greatestSlice)
  }

  get #current(): MachineTask {
    if (!this.#task) throw new TypeError('The machine has no task yet: call load first.')
    return this.#task
  }

  /** Memory for so many pages of the program. */
  #reserve(pages: number, steps: bigint): void {
    try {
      this.#instance.reserve(at.guest + pages * pageSize)
    } catch (cause) {
      throw new FastMachineError({ steps, pages, cause })
    }
  }

  /** Rule 1 of a step, as far as it does not change with the steps. */
  #hasLawfulLimits(): boolean {
    const { initialPages, maxPages } = this.#current.program
    return initialPages <= maxPages && maxPages <= limits.pages
  }

  #end(status: Ending['status'], trap?: TrapReason): void {
    const steps = this.#steps
    if (status !== 'halted') {
      this.#ending = { status, ...nothing, output: new Uint8Array(0), steps, ...(trap ? { trap } : {}) }
      return
    }
    const output = this.output.slice()
    this.#ending = {
      status,
      exitCode: this.#cell(at.cellExitCode),
      output,
      outputRoot: this.outputRoot(),
      outputLength: output.length,
      steps,
    }
  }

  #hashJob(): Hex {
    const { program, input, shared, stepLimit, maxOutput } = this.#current
    const [taskInput, sharedInput] = [input, shared].map((bytes) => contentHash(contentRef(bytes))) as [
      Hex,
      Hex,
    ]
    const id = this.#encoded?.id ?? programIdOfImage(program)
    if (this.#encoded) this.#encoded.id = id
    return jobHash({ programId: id, taskInput, sharedInput, stepLimit, maxOutput })
  }

  /** Size of the current frame: that of the part where the pc is. */
  #frameBytes(): number {
    if (!this.#analysis) return 0
    const record = this.#cell(at.cellPc)
    if (record === at.wild) return this.#cell(at.cellWildFrame)
    return this.#analysis.frameBytes[this.#analysis.part[(record - at.code) / at.recordSize]!]!
  }

  /** Bytes from the first frame to the last argument. */
  #framesSize(): number {
    if (!this.#analysis) return 0
    if (this.#running) return at.links - at.frames
    return this.#cell(at.cellFrame) - at.frames + this.#frameBytes() + 8 * this.#analysis.args
  }

  /** The records of the last program stay for the next task of it. */
  #encode(program: ProgramImage): Analysis {
    if (this.#encoded?.program === program) return this.#encoded.analysis
    this.#forget()
    const analysis = writeRecords(program, this.#instance.buffer, this.#instance.trial)
    this.#encoded = { program, analysis, id: undefined }
    return analysis
  }

  #forget(): void {
    this.#bytes(at.table, 16 * (this.#encoded?.program.table.length ?? 0)).fill(0)
    this.#encoded = undefined
  }

  /** Leaves nothing of the last task in the memory. */
  #clear(): void {
    if (!this.#task) return
    const { program } = this.#task
    const highPages = this.#cell(at.cellHighPages)
    if (this.#analysis) {
      const flags = this.#flags(highPages)
      for (let page = 0; page < flags.length; page++) {
        const used =
          (flags[page]! & 2) !== 0 ||
          this.#pages.has(page) ||
          program.memory.has(Math.floor(page / treePagesPerPage))
        if (used) this.#bytes(at.guest + page * treePageSize, treePageSize).fill(0)
      }
      this.#instance.clearTree(at.memoryTree, at.memoryFlags, highPages * treePagesPerPage)
      this.#bytes(at.frames, this.#framesSize()).fill(0)
      this.#bytes(at.globals, globalsSize).fill(0)
    }
    // a run that broke off has left the record in the code at which it was to stop
    if (this.#running) this.#forget()
    this.#output.clear()
    this.#analysis = undefined
    this.#running = false
    this.#pages = new Map()
    this.#bytes(at.cells, at.cellsSize).fill(0)
  }

  /** One byte for each 4 KiB of memory: bit 0 stale in the tree, bit 1 changed since the last snapshot. */
  #flags(pages: number): Uint8Array {
    return this.#bytes(at.memoryFlags, pages * treePagesPerPage)
  }

  #bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#instance.bytes(address, length)
  }

  #cell(offset: number): number {
    return this.#instance.cell(offset)
  }

  #setCell(offset: number, value: number): void {
    this.#instance.setCell(offset, value)
  }
}
