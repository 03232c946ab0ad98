import { emptyRoot } from 'assay'
import { expect } from 'chai'
import { EngineFailureError, ProgramRefusedError, TaskTimeoutError } from '../src/executor/errors.ts'
import { FrameFault } from '../src/executor/frameReader.ts'
import { answer, order } from '../src/executor/frames.ts'
import type { Job, LoadedProgram } from '../src/executor/job.ts'
import type { SandboxEnd, SandboxEvents } from '../src/executor/sandbox.ts'
import { Slot } from '../src/executor/slot.ts'

/** A slot whose child is played by the test, word for word. */
class Stage {
  sent: { kind: number; fields: readonly number[] }[] = []
  requeued: number[] = []
  settled = new Map<number, unknown>()
  deadStarts: Error[] = []
  killed = false
  events!: SandboxEvents
  #jobs: Job[] = []

  readonly slot = new Slot({
    compileTimeMs: 500,
    open: (events) => {
      this.events = events
      this.killed = false
      return {
        pid: 1,
        send: (kind, fields) => this.sent.push({ kind, fields }),
        kill: () => {
          this.killed = true
        },
      }
    },
    requeue: (jobs) => {
      for (const job of jobs) Object.assign(job, { state: 'queued', slot: undefined })
      this.requeued.push(...jobs.map(({ id }) => id))
    },
    refuse: (program, error) => {
      for (const job of this.#jobs) if (job.program === program) job.settle(error)
    },
    onChange: () => {},
    onDeadStart: (error) => this.deadStarts.push(error),
  })

  start(): this {
    this.slot.start(performance.now())
    this.events.onFrame(answer.ready, Buffer.alloc(0))
    return this
  }

  assign(program: LoadedProgram, wallTimeMs = 1_000): Job {
    const id = this.#jobs.length + 1
    const job: Job = {
      id,
      program,
      task: { input: new Uint8Array(0), shared: undefined, maxOutput: 8, stepLimit: 1_000n, wallTimeMs },
      state: 'queued',
      slot: undefined,
      settle: (result) => {
        job.state = 'settled'
        this.settled.set(id, result)
      },
    }
    this.#jobs.push(job)
    this.slot.assign(job, performance.now())
    return job
  }

  compiled(no: number, reason = ''): void {
    this.events.onFrame(answer.program, Buffer.concat([u32(no), Buffer.from(reason)]))
  }

  halted(id: number, wallUs = 5, output: Uint8Array = new Uint8Array(0), steps = 7n): void {
    this.events.onFrame(answer.halted, Buffer.concat([u32(id), f64(wallUs), u64(steps), u32(0), output]))
  }

  end(end: Partial<SandboxEnd> = {}): void {
    this.events.onExit()
    this.events.onEnd({ code: null, signal: 'SIGKILL', stderr: '', fault: undefined, ...end })
  }

  /** A clock so many milliseconds later. */
  tick(ms: number): void {
    this.slot.tick(performance.now() + ms)
  }
}

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}
const f64 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

const program = (no: number): LoadedProgram => ({
  no,
  programId: `0x${no.toString(16).padStart(64, '0')}`,
  builds: new Uint8Array(2),
  fastLength: 1,
  info: {
    ...{ programId: `0x${no.toString(16).padStart(64, '0')}`, size: 1, instructions: 1 },
    ...{ memory: { min: 1, max: 1 }, imports: [], entry: 'run', hasStart: false },
  },
})
const first = program(1)

/** A stage whose child holds `first` and has three tasks of it. */
function withThreeTasks(): Stage {
  const stage = new Stage().start()
  stage.assign(first)
  stage.compiled(1)
  stage.assign(first)
  stage.assign(first)
  return stage
}

describe('Slot', () => {
  describe('given a child that keeps to the rules', () => {
    it('sends a program once, and forgets the one used longest ago beyond eight', () => {
      const stage = new Stage().start()
      const use = (no: number, isNew: boolean) => {
        const { id } = stage.assign(program(no))
        if (isNew) stage.compiled(no)
        stage.halted(id)
      }
      for (let no = 1; no <= 8; no++) use(no, true)
      use(1, false)
      use(9, true)
      use(1, false)
      use(2, true)
      const drops = stage.sent.filter(({ kind }) => kind === order.dropProgram).map(({ fields }) => fields[0])
      expect(drops).to.deep.equal([2, 3])
      expect(stage.sent.filter(({ kind }) => kind === order.program)).to.have.length(10)
    })

    it('settles tasks with what it was told', () => {
      const stage = withThreeTasks()
      stage.halted(1, 2_500, Uint8Array.of(1))
      stage.events.onFrame(
        answer.trapped,
        Buffer.concat([u32(2), f64(1), u64(9n), Buffer.from('divide by zero')]),
      )
      stage.events.onFrame(answer.failed, Buffer.concat([u32(3), f64(1), u64(0n), Buffer.from('stack')]))
      expect(stage.settled.get(1)).to.include({ status: 'halted', outputLength: 1, steps: 7n, wallMs: 2.5 })
      expect(stage.settled.get(2)).to.include({
        status: 'trapped',
        trap: 'integer divide by zero',
        steps: 9n,
        outputRoot: emptyRoot,
      })
      expect(stage.settled.get(3)).to.be.instanceOf(EngineFailureError)
      const last = stage.assign(first)
      stage.events.onFrame(answer.outOfSteps, Buffer.concat([u32(4), f64(1), u64(1_000n)]))
      expect(stage.settled.get(last.id)).to.include({ status: 'outOfSteps', steps: 1_000n, outputLength: 0 })
      expect(stage.slot.load).to.equal(0)
    })

    it('refuses all tasks of a program that does not compile, and takes the answers about them', () => {
      const stage = new Stage().start()
      for (let i = 0; i < 2; i++) stage.assign(first)
      stage.compiled(1, 'CompileError')
      for (const id of [1, 2]) expect(stage.settled.get(id)).to.be.instanceOf(ProgramRefusedError)
      for (const id of [1, 2]) stage.events.onFrame(answer.failed, Buffer.concat([u32(id), f64(1), u64(0n)]))
      expect(stage.slot.load).to.equal(0)
    })
  })

  describe('given a child that was taken over', () => {
    const lies: [title: string, kind: number, payload: Buffer][] = [
      ['of an unknown kind', 99, Buffer.alloc(28)],
      ['about another task', answer.halted, Buffer.concat([u32(2), f64(1), u64(7n), u32(0)])],
      ['without all fields', answer.halted, u32(1)],
      ['with a time that is none', answer.halted, Buffer.concat([u32(1), f64(Number.NaN), u64(7n), u32(0)])],
      ['with a time before the start', answer.trapped, Buffer.concat([u32(1), f64(-1), u64(7n)])],
      ['without steps', answer.halted, Buffer.concat([u32(1), f64(1), u64(0n), u32(0)])],
      ['with more steps than the limit', answer.trapped, Buffer.concat([u32(1), f64(1), u64(1_001n)])],
      ['that steps ran out before the limit', answer.outOfSteps, Buffer.concat([u32(1), f64(1), u64(999n)])],
      ['about a program instead', answer.program, u32(1)],
      ['that it is up, again', answer.ready, Buffer.alloc(0)],
    ]
    for (const [title, kind, payload] of lies)
      it(`takes no answer ${title}`, () => {
        const stage = withThreeTasks()
        expect(() => stage.events.onFrame(kind, payload)).to.throw(FrameFault)
        expect(stage.settled.size).to.equal(0)
        stage.end({ fault: 'no such answer' })
        expect(stage.settled.get(1)).to.be.instanceOf(EngineFailureError)
        expect(stage.requeued).to.deep.equal([2, 3])
      })

    it('takes no answer before it is up, and none without a question', () => {
      const stage = new Stage()
      stage.slot.start(performance.now())
      expect(() => stage.halted(1)).to.throw(FrameFault)
      expect(() => new Stage().start().halted(1)).to.throw(FrameFault)
    })

    it('takes no more output than the task may have', () => {
      const stage = withThreeTasks()
      stage.halted(1)
      stage.halted(2)
      stage.halted(3)
      const reasonsOnly = stage.events.frameLimit()
      stage.assign(first).task!.maxOutput = 1_000_000
      expect(stage.events.frameLimit()).to.equal(1_000_024).and.above(reasonsOnly)
    })
  })

  describe('when a task takes too long', () => {
    it('ends the child at the second look, blames that task, gives back the others', () => {
      const stage = withThreeTasks()
      stage.tick(1_001)
      expect(stage.killed).to.equal(false)
      stage.tick(1_001)
      expect(stage.killed).to.equal(true)
      stage.end()
      expect(stage.settled.get(1)).to.be.instanceOf(TaskTimeoutError)
      expect(stage.settled.size).to.equal(1)
      expect(stage.requeued).to.deep.equal([2, 3])
    })

    it('blames nobody when the answer came at the last moment', () => {
      const stage = withThreeTasks()
      stage.tick(1_001)
      stage.tick(1_001)
      stage.halted(1)
      stage.end()
      expect(stage.settled.get(1)).to.include({ status: 'halted' })
      expect(stage.settled.size).to.equal(1)
      expect(stage.requeued).to.deep.equal([2, 3])
    })

    it('does not count the time of the task before', () => {
      const stage = withThreeTasks()
      stage.tick(1_001)
      stage.halted(1)
      stage.tick(990)
      stage.tick(990)
      expect(stage.killed).to.equal(false)
    })

    it('refuses the program when it is the compiler that does', () => {
      const stage = new Stage().start()
      stage.assign(first)
      stage.tick(501)
      stage.tick(501)
      stage.end()
      expect(stage.settled.get(1)).to.be.instanceOf(ProgramRefusedError)
    })
  })

  describe('when a task takes longer than those behind it should wait', () => {
    it('gives them back, and takes them again if nobody else did', () => {
      const stage = withThreeTasks()
      stage.tick(21)
      expect(stage.requeued).to.deep.equal([2, 3])
      stage.tick(22)
      expect(stage.requeued).to.have.length(2)
      stage.halted(1)
      stage.halted(2)
      stage.halted(3)
      expect([...stage.settled.keys()]).to.deep.equal([1, 2, 3])
    })

    it('takes no more meanwhile', () => {
      const stage = new Stage().start()
      const job = stage.assign(first)
      stage.compiled(1)
      stage.halted(1)
      stage.assign(first)
      expect(stage.slot.canTake(job)).to.equal(true)
      stage.tick(1)
      expect(stage.slot.canTake(job)).to.equal(true)
      stage.tick(21)
      expect(stage.slot.canTake(job)).to.equal(false)
      stage.halted(2)
      expect(stage.slot.canTake(job)).to.equal(true)
    })

    it('ends a child that is at what others do already, and blames nobody', () => {
      const stage = withThreeTasks()
      const other = new Slot({} as never)
      stage.tick(21)
      stage.halted(1)
      expect(stage.requeued).to.deep.equal([2, 3])
      stage.tick(21)
      const third = stage.assign(first)
      third.slot = other
      stage.halted(2)
      stage.halted(3)
      stage.tick(19)
      expect(stage.killed).to.equal(false)
      stage.tick(21)
      expect(stage.killed).to.equal(true)
      stage.end()
      expect([...stage.settled.keys()]).to.deep.equal([1, 2, 3])
      expect(stage.slot.canStart(performance.now())).to.equal(true)
    })
  })

  describe('when the child dies', () => {
    it('blames what it was at, gives back the rest, says how it died', () => {
      const stage = withThreeTasks()
      stage.halted(1)
      stage.end({ signal: 'SIGABRT', stderr: 'out of memory' })
      expect(stage.settled.get(2)).to.be.instanceOf(EngineFailureError)
      expect(String(stage.settled.get(2)))
        .to.include('SIGABRT')
        .and.include('out of memory')
      expect(stage.requeued).to.deep.equal([3])
    })

    it('waits longer and longer before it starts another', () => {
      const stage = new Stage()
      const waits: number[] = []
      for (let i = 0; i < 12; i++) {
        stage.slot.start(performance.now())
        stage.end()
        const now = performance.now()
        let wait = 0
        while (!stage.slot.canStart(now + wait)) wait += 5
        waits.push(wait)
      }
      expect(waits).to.deep.equal(waits.toSorted((a, b) => a - b))
      expect(waits[0]).to.equal(0)
      expect(waits.at(-1)).to.be.within(2_501, 5_000)
      expect(stage.deadStarts.length).to.equal(10)
    })

    it('gives up on a child that does not come up in time', () => {
      const stage = new Stage()
      stage.slot.start(performance.now())
      stage.tick(9_000)
      expect(stage.killed).to.equal(false)
      stage.tick(10_001)
      expect(stage.killed).to.equal(true)
    })
  })
})
