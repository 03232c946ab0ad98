import { contentRoot, type ErrorFacts, emptyRoot } from 'assay'
import { trapReasonOf } from 'assay/vm'
import { EngineFailureError, ProgramRefusedError, TaskTimeoutError } from './errors.ts'
import { FrameFault } from './frameReader.ts'
import { answer, endedHeaderBytes, haltedHeaderBytes, maxReasonLength, order } from './frames.ts'
import type { Job, LoadedProgram, SharedInput } from './job.ts'
import type { Sandbox, SandboxEnd, SandboxEvents } from './sandbox.ts'
import type { TaskOutcome } from './types.ts'

/** Something the child was told and must answer. Answers come in order. */
type Entry = { kind: 'program' | 'shared' | 'task'; job: Job }

export type SlotHost = {
  /** Starts a child. */
  open: (events: SandboxEvents) => Pick<Sandbox, 'pid' | 'send' | 'kill'>
  compileTimeMs: number
  /** Puts jobs back to the front of the queue, in order. */
  requeue: (jobs: Job[]) => void
  /** No job of this program can run. */
  refuse: (program: LoadedProgram, error: Error) => void
  /** The slot can take more, or is down. */
  onChange: () => void
  /** The child does not even start. */
  onDeadStart: (error: Error) => void
}

const startTimeMs = 10_000
const transferTimeMs = 30_000
/** So much expected work is sent ahead, that a child need not wait for the next task. */
const aheadMs = 4
const aheadTasks = 32
const aheadBytes = 256 * 1_024
/** What waits behind a task that takes this long may be better off elsewhere. */
const recallMs = 20
const heldPrograms = 8
const heldShared = 2
const startAttempts = 3
const longestBackoffMs = 5_000

/** One child at a time, and what it is at. */
export class Slot {
  readonly #host: SlotHost
  #state: 'down' | 'starting' | 'ready' = 'down'
  #sandbox: ReturnType<SlotHost['open']> | undefined
  #entries: Entry[] = []
  #headSince = 0
  #overdue: Entry | undefined
  /** What waits behind the head has been called back. */
  #stalled = false
  /** Set once this side ends the child; `late` is what it took too long over, if anything. */
  #ending: { late: Entry | undefined } | undefined
  #exited = false
  #programs = new Map<number, LoadedProgram>()
  #shared = new Map<number, SharedInput>()
  /** Moving average of the current program's task times. */
  #meanMs: number | undefined
  #lastProgram: LoadedProgram | undefined
  #failures = 0
  #notBefore = 0
  #ended: (() => void) | undefined

  constructor(host: SlotHost) {
    this.#host = host
  }

  get pid(): number | undefined {
    return this.#sandbox?.pid
  }

  /** How much it has to do. */
  get load(): number {
    return this.#entries.length
  }

  get ready(): boolean {
    return this.#state === 'ready' && this.#ending === undefined && !this.#exited
  }

  get starting(): boolean {
    return this.#state === 'starting'
  }

  canStart(now: number): boolean {
    return this.#state === 'down' && now >= this.#notBefore
  }

  canTake({ task }: Job): boolean {
    if (!this.ready) return false
    const load = this.#entries.length
    if (load === 0) return true
    if (task === undefined || this.#meanMs === undefined) return false
    const depth = Math.min(aheadTasks, Math.floor(aheadMs / Math.max(this.#meanMs, 0.001)))
    return !this.#stalled && load < depth && task.input.length * (load + 1) <= aheadBytes
  }

  start(now: number): void {
    this.#state = 'starting'
    this.#headSince = now
    this.#ending = undefined
    this.#exited = false
    this.#sandbox = this.#host.open({
      frameLimit: () => this.#frameLimit(),
      onFrame: (kind, payload) => this.#onFrame(kind, payload),
      onExit: () => {
        this.#exited = true
      },
      onEnd: (end) => this.#onEnd(end),
    })
  }

  /** Takes a job from the queue: sends what the child lacks, then the task. */
  assign(job: Job, now: number): void {
    const sandbox = this.#sandbox!
    const { program, task } = job
    job.state = 'running'
    job.slot = this
    if (this.#entries.length === 0) this.#headSince = now
    if (program !== this.#lastProgram) this.#meanMs = undefined
    this.#lastProgram = program
    if (this.#hold(this.#programs, program, heldPrograms, order.dropProgram)) {
      sandbox.send(order.program, [program.no, program.fastLength], program.builds)
      this.#entries.push({ kind: 'program', job })
    } else if (task === undefined) {
      job.settle(program.info)
      return
    }
    if (task === undefined) return
    const { shared, input, maxOutput, stepLimit } = task
    if (shared !== undefined && this.#hold(this.#shared, shared, heldShared, order.dropShared)) {
      sandbox.send(order.shared, [shared.no], shared.bytes)
      this.#entries.push({ kind: 'shared', job })
    }
    const steps = [Number(stepLimit & 0xffff_ffffn), Number(stepLimit >> 32n)]
    sandbox.send(order.task, [job.id, program.no, shared?.no ?? 0, maxOutput, ...steps], input)
    this.#entries.push({ kind: 'task', job })
  }

  /** Looks at the clock: ends what took too long, and calls back what should not wait behind it. */
  tick(now: number): void {
    const age = now - this.#headSince
    const [head, ...behind] = this.#entries
    if (this.#state === 'starting' && age > startTimeMs) this.#kill()
    if (!this.ready || head === undefined) return
    const isGhost = head.job.state === 'settled' || head.job.slot !== this
    if (isGhost && head.kind === 'task' && age > recallMs) this.#kill()
    else if (age > this.#limitOf(head)) {
      // The answer may be here already, unread because this process was busy: look again at the next turn.
      if (this.#overdue === head) this.#kill(head)
      this.#overdue = head
    } else if (age > recallMs && head.kind === 'task') this.#recall(behind)
  }

  /** Ends the child if it is at this job. */
  abort(job: Job): void {
    if (this.#entries[0]?.job === job) this.#kill()
  }

  /** Ends the child for good. */
  close(): Promise<void> {
    this.#notBefore = Number.POSITIVE_INFINITY
    if (this.#state === 'down') return Promise.resolve()
    const ended = new Promise<void>((resolve) => {
      this.#ended = resolve
    })
    this.#kill()
    return ended
  }

  #kill(late?: Entry): void {
    this.#ending ??= { late }
    this.#sandbox?.kill()
  }

  #limitOf({ kind, job }: Entry): number {
    if (kind === 'program') return this.#host.compileTimeMs
    return kind === 'shared' ? transferTimeMs : job.task!.wallTimeMs
  }

  /** Gives back what waits here. The child gets to it all the same, unless it is at the wrong thing for too long. */
  #recall(behind: Entry[]): void {
    this.#stalled = true
    const jobs = behind.filter(
      ({ kind, job }) => kind === 'task' && job.state === 'running' && job.slot === this,
    )
    if (jobs.length > 0) this.#host.requeue(jobs.map(({ job }) => job))
  }

  /** Notes that the child holds something, drops what it used longest ago. @returns whether it must be sent. */
  #hold<T extends { no: number }>(held: Map<number, T>, item: T, limit: number, drop: number): boolean {
    const isNew = !held.delete(item.no)
    held.set(item.no, item)
    if (!isNew || held.size <= limit) return isNew
    const [oldest] = held.keys()
    held.delete(oldest!)
    this.#sandbox!.send(drop, [oldest!])
    return true
  }

  #frameLimit(): number {
    const task = this.#entries[0]?.job.task
    return Math.max(endedHeaderBytes + 4 * maxReasonLength, haltedHeaderBytes + (task?.maxOutput ?? 0))
  }

  #onFrame(kind: number, payload: Buffer): void {
    if (this.#state === 'starting') {
      if (kind !== answer.ready) throw new FrameFault(`answer ${kind} before it was ready`)
      this.#state = 'ready'
      this.#host.onChange()
      return
    }
    const entry = this.#entries.shift()
    if (entry === undefined) throw new FrameFault(`answer ${kind} without a question`)
    this.#headSince = performance.now()
    try {
      if (entry.kind === 'program') this.#onProgram(entry, kind, payload)
      else if (entry.kind === 'shared')
        expectField(kind === answer.shared, payload, entry.job.task?.shared?.no)
      else this.#onTask(entry.job, kind, payload)
    } catch (error) {
      if (error instanceof FrameFault) this.#entries.unshift(entry)
      throw error
    }
    if (this.#stalled) this.#reclaim()
    this.#host.onChange()
  }

  /** What was called back and does not run elsewhere yet may as well run here: the child has it. */
  #reclaim(): void {
    this.#stalled = false
    for (const { job } of this.#entries) {
      if (job.state !== 'queued') continue
      job.state = 'running'
      job.slot = this
    }
  }

  #onProgram({ job }: Entry, kind: number, payload: Buffer): void {
    const { program } = job
    expectField(kind === answer.program, payload, program.no)
    const reason = payload.toString('utf8', 4)
    if (reason !== '') {
      this.#programs.delete(program.no)
      this.#host.refuse(program, new ProgramRefusedError({ programId: program.programId, reason }))
    } else if (job.task === undefined) job.settle(program.info)
  }

  #onTask(job: Job, kind: number, payload: Buffer): void {
    expectField(kind >= answer.halted && kind <= answer.failed, payload, job.id)
    if (payload.length < (kind === answer.halted ? haltedHeaderBytes : endedHeaderBytes))
      throw new FrameFault('answer is too short')
    const wallMs = payload.readDoubleLE(4) / 1_000
    if (!(wallMs >= 0 && wallMs < Number.POSITIVE_INFINITY)) throw new FrameFault('wall time is no time')
    this.#meanMs = this.#meanMs === undefined ? wallMs : 0.7 * this.#meanMs + 0.3 * wallMs
    this.#failures = 0
    if (job.state === 'settled') return
    job.settle(outcomeOf(kind, payload, { wallMs, stepLimit: job.task!.stepLimit }))
  }

  #onEnd({ code, signal, stderr, fault }: SandboxEnd): void {
    const wasStarting = this.#state === 'starting'
    const entries = this.#entries
    const ending = this.#ending
    this.#state = 'down'
    this.#sandbox = undefined
    this.#entries = []
    this.#overdue = undefined
    this.#stalled = false
    this.#programs.clear()
    this.#shared.clear()
    this.#ended?.()

    const facts: ErrorFacts = {
      'Exit code': code ?? 'none',
      Signal: signal ?? 'none',
      Stderr: stderr === '' ? undefined : stderr.slice(0, 500),
    }
    const why = fault ?? (ending === undefined ? 'process ended' : 'took too long')
    if (ending === undefined || wasStarting) this.#backOff()
    if (wasStarting && this.#failures >= startAttempts && this.#ended === undefined)
      this.#host.onDeadStart(new EngineFailureError({ reason: `sandbox does not start: ${why}`, facts }))
    // A child that was ended may have answered in its last moment, and begun with the next task: that is not to blame.
    const isOwn = ({ job }: Entry) => job.state === 'running' && job.slot === this
    const blamed = ending === undefined ? entries[0] : entries.find((entry) => entry === ending.late)
    if (blamed !== undefined && isOwn(blamed)) this.#blame(blamed, why, ending !== undefined, facts)
    const waiting = new Set(entries.filter(isOwn).map(({ job }) => job))
    if (waiting.size > 0) this.#host.requeue([...waiting])
    this.#host.onChange()
  }

  #blame({ kind, job }: Entry, why: string, isLate: boolean, facts: ErrorFacts): void {
    const { programId } = job.program
    if (kind === 'program') {
      const reason = `compiling: ${why}${isLate ? ` (${this.#host.compileTimeMs} ms)` : ''}`
      this.#host.refuse(job.program, new ProgramRefusedError({ programId, reason }))
    } else if (kind === 'task' && isLate)
      job.settle(new TaskTimeoutError({ programId, wallTimeMs: job.task!.wallTimeMs }))
    else job.settle(new EngineFailureError({ reason: why, facts }))
  }

  #backOff(): void {
    this.#failures++
    const delay = this.#failures < 2 ? 0 : Math.min(longestBackoffMs, 50 * 2 ** (this.#failures - 2))
    this.#notBefore = Math.max(this.#notBefore, performance.now() + delay)
  }
}

function expectField(isExpectedKind: boolean, payload: Buffer, field: number | undefined): void {
  if (!isExpectedKind || payload.length < 4 || payload.readUInt32LE(0) !== field)
    throw new FrameFault('answer to another question')
}

/**
 * The outcome that an answer tells. The output's root is computed here and not in the child: one that was taken
 * over can then still lie about the output, but never about which bytes the root stands for.
 */
function outcomeOf(
  kind: number,
  payload: Buffer,
  { wallMs, stepLimit }: { wallMs: number; stepLimit: bigint },
): TaskOutcome | Error {
  if (kind === answer.failed)
    return new EngineFailureError({ reason: payload.toString('utf8', endedHeaderBytes) })
  const steps = payload.readBigUInt64LE(12)
  if (steps < 1n || steps > stepLimit || (kind === answer.outOfSteps && steps !== stepLimit))
    throw new FrameFault(`${steps} steps of ${stepLimit}`)
  if (kind === answer.halted) {
    const output = new Uint8Array(payload.subarray(haltedHeaderBytes))
    return {
      status: 'halted',
      exitCode: payload.readUInt32LE(20),
      output,
      outputRoot: output.length === 0 ? emptyRoot : contentRoot(output),
      outputLength: output.length,
      steps,
      engine: 'native',
      wallMs,
    }
  }
  const nothing = { exitCode: 0, output: new Uint8Array(0), outputRoot: emptyRoot, outputLength: 0 }
  if (kind === answer.outOfSteps) return { ...nothing, status: 'outOfSteps', steps, engine: 'native', wallMs }
  const trap = trapReasonOf(payload.toString('utf8', endedHeaderBytes))
  return { ...nothing, status: 'trapped', steps, trap, engine: 'native', wallMs }
}
