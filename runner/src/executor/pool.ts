import { AssayError, memoryPageSize, type ProgramInfo } from 'assay'
import type { Hex } from 'viem'
import { Builder } from './builder.ts'
import {
  EngineFailureError,
  ExecutorClosedError,
  ExecutorLimitError,
  ProgramRefusedError,
  TaskAbortedError,
  TaskTimeoutError,
} from './errors.ts'
import { Interpreter } from './interpreter.ts'
import type { Job, LoadedProgram, SharedInput } from './job.ts'
import { JobQueue } from './queue.ts'
import { Sandbox } from './sandbox.ts'
import { Slot } from './slot.ts'
import type {
  Executor,
  ExecutorLimits,
  ExecutorOptions,
  ExecutorTask,
  ProgramSource,
  TaskOutcome,
} from './types.ts'
import { childCommand, findWalls, type Walls } from './wall.ts'

export type { Executor, ExecutorLimits, ExecutorOptions, ExecutorTask, ProgramSource, TaskOutcome }

const mib = 2 ** 20
const tickMs = 10
const mostSteps = 2 ** 44
/** Programs kept ready: so many, and so many bytes, but always the last one. */
const loadedPrograms = 32
const loadedBytes = 128 * mib

/**
 * Writable memory that a child may have: what V8 reserves for code, heap and stacks, garbage not collected yet,
 * and everything that the limits allow to be there at once. Far above what honest programs take; it is there
 * for those that make the compiler eat memory.
 */
function childDataBytes(limits: ExecutorLimits): number {
  const { memoryPages, maxProgramBytes, maxInputBytes, maxSharedBytes, maxOutputBytes } = limits
  // Builds are several times as long as the module, and so is their machine code.
  const moved = 24 * maxProgramBytes + 2 * maxInputBytes + 3 * maxSharedBytes + 3 * maxOutputBytes
  return 1_536 * mib + memoryPages * memoryPageSize + moved
}

/**
 * Creates an executor: `slots` sandboxed child processes, started when there is work, kept warm, replaced when
 * they die. Idle, it does not keep the process alive.
 *
 * @param options - See {@link ExecutorOptions}.
 */
export function createExecutor(options: ExecutorOptions): Executor {
  return new Pool(options)
}

class Pool implements Executor {
  readonly slots: number
  readonly limits: ExecutorLimits
  readonly #slots: Slot[]
  readonly #queue = new JobQueue()
  readonly #programs = new Map<Hex, LoadedProgram>()
  readonly #builder = new Builder()
  readonly #shared = new WeakMap<Uint8Array, SharedInput>()
  readonly #aborts = new Map<AbortSignal, Set<Job>>()
  readonly #jobs = new Set<Job>()
  readonly #interpreter: Interpreter
  readonly #onFallback: ExecutorOptions['onFallback']
  #lastNo = 0
  #lastJob = 0
  #walls: Walls | undefined
  #timer: NodeJS.Timeout | undefined
  #pumping = false
  #closed = false

  constructor(options: ExecutorOptions) {
    this.slots = Math.max(1, Math.floor(options.slots))
    this.#interpreter = new Interpreter(this.slots)
    this.#onFallback = options.onFallback
    this.limits = {
      memoryPages: options.memoryPages ?? 16_384,
      compileTimeMs: options.compileTimeMs ?? 10_000,
      maxProgramBytes: options.maxProgramBytes ?? 32 * mib,
      maxInputBytes: options.maxInputBytes ?? 64 * mib,
      maxSharedBytes: options.maxSharedBytes ?? 256 * mib,
      maxOutputBytes: options.maxOutputBytes ?? 64 * mib,
    }
    const { memoryPages, compileTimeMs } = this.limits
    const dataBytes = childDataBytes(this.limits)
    this.#slots = Array.from(
      { length: this.slots },
      () =>
        new Slot({
          open: (events) => new Sandbox(childCommand({ memoryPages, dataBytes }, this.#walls!), events),
          compileTimeMs,
          requeue: (jobs) => this.#queue.putBack(jobs),
          refuse: (program, error) => this.#settleAll(error, (job) => job.program === program),
          onChange: () => this.#schedulePump(),
          onDeadStart: (error) => this.#settleAll(error, (job) => job.state === 'queued'),
        }),
    )
    findWalls().then((walls) => {
      this.#walls = walls
      for (const line of walls.missing) options.onMissingWall?.(line)
      this.#schedulePump()
    })
  }

  async run(task: ExecutorTask): Promise<TaskOutcome> {
    const { programId, input, shared, maxOutput, stepLimit, wallTimeMs, signal } = task
    this.#checkTask(task)
    const started = performance.now()
    const work = { input, shared: this.#sharedInput(shared), maxOutput, stepLimit, wallTimeMs }
    const program = await this.#load(task)
    try {
      return (await this.#enqueue(program, work, signal)) as TaskOutcome
    } catch (error) {
      if (!(error instanceof EngineFailureError)) throw error
      this.#onFallback?.({ programId, reason: error.reason })
      const left = wallTimeMs - (performance.now() - started)
      if (left <= 0) throw new TaskTimeoutError({ programId, wallTimeMs })
      return this.#interpreter.run({ ...task, wallTimeMs: left })
    }
  }

  async interpret(task: ExecutorTask): Promise<TaskOutcome> {
    this.#checkTask(task)
    await this.#load(task)
    if (this.#closed) throw new ExecutorClosedError()
    return this.#interpreter.run(task)
  }

  #checkTask({ input, shared, maxOutput, stepLimit, wallTimeMs }: ExecutorTask): void {
    this.#checkLimit('milliseconds of wall time', wallTimeMs, Number.MAX_SAFE_INTEGER)
    this.#checkLimit('steps', stepLimit < 1n ? -1 : Number(stepLimit), mostSteps)
    this.#checkLimit('bytes of input', input.length, this.limits.maxInputBytes)
    this.#checkLimit('bytes of shared input', shared?.length ?? 0, this.limits.maxSharedBytes)
    this.#checkLimit('bytes of output', maxOutput, this.limits.maxOutputBytes)
  }

  async check(program: ProgramSource): Promise<ProgramInfo> {
    return (await this.#enqueue(await this.#load(program), undefined, undefined)) as ProgramInfo
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#settleAll(new ExecutorClosedError(), () => true)
    this.#timer ??= setInterval(() => {}, tickMs)
    await Promise.all([
      this.#builder.close(),
      this.#interpreter.close(),
      ...this.#slots.map((slot) => slot.close()),
    ])
    clearInterval(this.#timer)
  }

  #checkLimit(what: string, value: number, limit: number): void {
    if (!(value >= 0 && value <= limit)) throw new ExecutorLimitError({ what, value, limit })
  }

  async #enqueue(program: LoadedProgram, task: Job['task'], signal: AbortSignal | undefined) {
    if (this.#closed) throw new ExecutorClosedError()
    if (signal?.aborted) throw new TaskAbortedError({ cause: signal.reason })
    return new Promise<TaskOutcome | ProgramInfo>((resolve, reject) => {
      const job: Job = {
        id: ++this.#lastJob % 2 ** 32,
        program,
        task,
        state: 'queued',
        slot: undefined,
        settle: (result) => {
          if (job.state === 'settled') return
          job.state = 'settled'
          this.#jobs.delete(job)
          this.#forgetAbort(signal, job)
          if (result instanceof Error) reject(result)
          else resolve(result)
        },
      }
      this.#jobs.add(job)
      this.#listenForAbort(signal, job)
      this.#queue.put(job)
      this.#schedulePump()
    })
  }

  /** Builds a program and looks at it, or takes it from the last ones. */
  async #load({ programId, program }: ProgramSource): Promise<LoadedProgram> {
    let known = this.#programs.get(programId)
    const built = known ?? (await this.#prepare(programId, program))
    // Others may have had it built meanwhile: the first stays.
    known ??= this.#programs.get(programId)
    const loaded = known ?? built
    // To the end: those that were used longest ago go first.
    this.#programs.delete(programId)
    this.#programs.set(programId, loaded)
    if (known === undefined) this.#makeRoom(loaded)
    return loaded
  }

  #makeRoom(last: LoadedProgram): void {
    let bytes = 0
    for (const program of this.#programs.values()) bytes += program.builds.length
    for (const program of this.#programs.values()) {
      if (program === last || (this.#programs.size <= loadedPrograms && bytes <= loadedBytes)) return
      this.#programs.delete(program.programId)
      bytes -= program.builds.length
    }
  }

  async #prepare(programId: Hex, program: Uint8Array): Promise<LoadedProgram> {
    const { memoryPages, maxProgramBytes } = this.limits
    const size = program.length
    if (size > maxProgramBytes)
      throw new ProgramRefusedError({ programId, reason: `${size} bytes are more than ${maxProgramBytes}` })
    const { info, builds, fastLength } = await this.#builder.build(program).catch((cause: unknown) => {
      const isOwn = cause instanceof EngineFailureError || cause instanceof ExecutorClosedError
      if (isOwn || !(cause instanceof AssayError)) throw cause
      const { shortMessage, metaMessages = [] } = cause
      throw new ProgramRefusedError({ programId, reason: [shortMessage, ...metaMessages].join(' '), cause })
    })
    if (info.programId !== programId.toLowerCase())
      throw new ProgramRefusedError({ programId, reason: `the module is program ${info.programId}` })
    if (info.memory.max > memoryPages) {
      const reason = `its memory may grow to ${info.memory.max} pages, this machine gives ${memoryPages}`
      throw new ProgramRefusedError({ programId, reason })
    }
    return { no: ++this.#lastNo, programId, builds, fastLength, info }
  }

  #sharedInput(bytes: Uint8Array | undefined): SharedInput | undefined {
    if (bytes === undefined || bytes.length === 0) return undefined
    const known = this.#shared.get(bytes)
    if (known !== undefined) return known
    const shared = { no: ++this.#lastNo, bytes }
    this.#shared.set(bytes, shared)
    return shared
  }

  /** One listener per signal, however many tasks share it. */
  #listenForAbort(signal: AbortSignal | undefined, job: Job): void {
    if (signal === undefined) return
    const jobs = this.#aborts.get(signal)
    if (jobs !== undefined) {
      jobs.add(job)
      return
    }
    this.#aborts.set(signal, new Set([job]))
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  #forgetAbort(signal: AbortSignal | undefined, job: Job): void {
    const jobs = signal && this.#aborts.get(signal)
    if (signal === undefined || jobs === undefined) return
    jobs.delete(job)
    if (jobs.size > 0) return
    this.#aborts.delete(signal)
    signal.removeEventListener('abort', this.#onAbort)
  }

  #onAbort = (event: Event): void => {
    const signal = event.target as AbortSignal
    for (const job of [...(this.#aborts.get(signal) ?? [])]) {
      const { slot, state } = job
      job.settle(new TaskAbortedError({ cause: signal.reason }))
      if (state === 'running') slot?.abort(job)
    }
    this.#schedulePump()
  }

  #settleAll(error: Error, which: (job: Job) => boolean): void {
    for (const job of [...this.#jobs]) if (which(job)) job.settle(error)
  }

  /** Hands out jobs, once per turn of the event loop. */
  #schedulePump(): void {
    if (this.#pumping) return
    this.#pumping = true
    process.nextTick(() => {
      this.#pumping = false
      this.#pump()
    })
  }

  #pump(): void {
    if (this.#closed) return
    // The timer is all that keeps the process alive: children and their pipes do not.
    if (this.#jobs.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    this.#timer ??= setInterval(() => this.#tick(), tickMs)
    if (this.#walls === undefined) return
    const now = performance.now()
    for (let job = this.#queue.first(); job !== undefined; job = this.#queue.first()) {
      const slot = this.#slotFor(job)
      if (slot === undefined) break
      this.#queue.take()
      slot.assign(job, now)
    }
    const waiting = this.#queue.size
    const starting = this.#slots.filter((slot) => slot.starting).length
    for (const slot of this.#slots
      .filter((slot) => slot.canStart(now))
      .slice(0, Math.max(0, waiting - starting)))
      slot.start(now)
  }

  /** The least busy slot that has room. */
  #slotFor(job: Job): Slot | undefined {
    let best: Slot | undefined
    for (const slot of this.#slots)
      if ((best === undefined || slot.load < best.load) && slot.canTake(job)) best = slot
    return best
  }

  #tick(): void {
    const now = performance.now()
    for (const slot of this.#slots) slot.tick(now)
    this.#pump()
  }
}
