import { contentRoot, emptyRoot, programIdOf } from 'assay'
import { runFast, translate } from 'assay/vm'
import { expect } from 'chai'
import { bodies, handMade, leb, text } from '../../sdk/test/helpers/wasm.ts'
import {
  ExecutorClosedError,
  ExecutorLimitError,
  ProgramRefusedError,
  TaskAbortedError,
  TaskTimeoutError,
} from '../src/executor/errors.ts'
import { createExecutor } from '../src/executor/pool.ts'
import type { Executor, ExecutorOptions, ProgramSource } from '../src/executor/types.ts'
import { canSeeProcesses, isAlive, isBuried, sandboxesOf, until } from './helpers/processes.ts'
import { echo, endless, program, readWord, spin, word, writing } from './helpers/programs.ts'

type Given = {
  input?: Uint8Array
  shared?: Uint8Array
  maxOutput?: number
  stepLimit?: bigint
  wallTimeMs?: number
  signal?: AbortSignal
}

const defaults = { input: new Uint8Array(0), maxOutput: 1_000, stepLimit: 2n ** 40n, wallTimeMs: 20_000 }
const anyId = programIdOf(handMade())

describe('createExecutor', function () {
  this.timeout(30_000)
  let executor: Executor
  afterEach(() => executor.close())

  const open = (options: Partial<ExecutorOptions> = {}) => {
    executor = createExecutor({ slots: 1, memoryPages: 4_096, ...options })
  }
  const run = (source: ProgramSource, given: Given = {}) => executor.run({ ...source, ...defaults, ...given })
  const taskOf = (source: ProgramSource, given: Given = {}) => ({ ...source, ...defaults, ...given })
  /** What the machine takes, in this process. */
  const stepsOf = ({ program }: ProgramSource, given: Given = {}) => {
    const { input, shared = new Uint8Array(0), maxOutput, stepLimit } = { ...defaults, ...given }
    return runFast({ program: translate(program), input, shared, maxOutput, stepLimit }).steps
  }
  const failure = async (promise: Promise<unknown>): Promise<Error> => {
    try {
      return expect.fail(`did not fail: ${JSON.stringify(await promise, (_, v) => String(v))}`)
    } catch (error) {
      return error as Error
    }
  }

  describe('run', () => {
    it('tells how a program halted, in the terms of a result leaf', async () => {
      open()
      const input = new Uint8Array(300).map((_, i) => i)
      const { wallMs, ...outcome } = await run(echo, { input })
      expect(outcome).to.deep.equal({
        status: 'halted',
        exitCode: 0,
        output: input,
        outputRoot: contentRoot(input),
        outputLength: 300,
        steps: stepsOf(echo, { input }),
        engine: 'native',
      })
      expect(wallMs).to.be.within(0, 20_000)
    })

    it('tells the exit code', async () => {
      open()
      expect(await run(program('(call $exit (i32.const -1))'))).to.include({
        status: 'halted',
        exitCode: 2 ** 32 - 1,
        outputRoot: emptyRoot,
      })
    })

    it('tells a trap, without output', async () => {
      open()
      const trapping = program('(call $write (i32.const 0) (i32.const 9)) (unreachable)')
      const outcome = await run(trapping)
      expect(outcome).to.include({
        status: 'trapped',
        exitCode: 0,
        outputLength: 0,
        outputRoot: emptyRoot,
        steps: stepsOf(trapping),
      })
      expect(outcome.output).to.have.length(0)
    })

    it('ends a task that is out of steps, at any limit', async () => {
      open()
      const input = word(1_000)
      const whole = stepsOf(spin, { input })
      for (const stepLimit of [1n, 100n, whole - 1n])
        expect(await run(spin, { input, stepLimit })).to.include({
          ...{ status: 'outOfSteps', steps: stepLimit, outputLength: 0, outputRoot: emptyRoot },
        })
      expect(await run(spin, { input, stepLimit: whole })).to.include({ status: 'halted', steps: whole })
    })

    it('counts steps beyond 32 bits', async () => {
      open()
      const stepLimit = 2n ** 32n + 5n
      expect(await run(endless, { stepLimit })).to.include({ status: 'outOfSteps', steps: stepLimit })
    })

    it('moves inputs, shared inputs and outputs of any size', async () => {
      open()
      const pages = '(memory.grow (i32.const 200))'
      const both = program(
        `(drop ${pages})
         (call $write (i32.const 0) (call $read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1)))
         (call $write (i32.const 0) (call $read (i32.const 1) (i32.const 0) (i32.const 0) (i32.const -1)))`,
      )
      for (const [inputLength, sharedLength] of [
        [0, 0],
        [1, 4_096],
        [4_080, 4_092],
        [65_531, 262_139],
        [262_128, 262_140],
        [262_144, 1],
        [1_000_001, 2_000_001],
      ] as const) {
        const input = new Uint8Array(inputLength).map((_, i) => i * 7)
        const shared = new Uint8Array(sharedLength).map((_, i) => i * 11)
        const { output } = await run(both, { input, shared, maxOutput: inputLength + sharedLength })
        expect(
          Buffer.compare(output, Buffer.concat([input, shared])),
          `${inputLength}, ${sharedLength}`,
        ).to.equal(0)
      }
    })

    it('keeps thousands of tiny tasks apart', async () => {
      open({ slots: 2 })
      const tasks = Array.from({ length: 3_000 }, (_, i) =>
        run(i % 3 === 0 ? spin : echo, { input: word(i) }),
      )
      expect((await Promise.all(tasks)).map(({ output }) => readWord(output))).to.deep.equal(
        Array.from({ length: 3_000 }, (_, i) => i),
      )
    })

    it('keeps shared inputs of several jobs apart', async () => {
      open({ slots: 2 })
      const readShared = program(
        '(drop (call $read (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 4))) (call $write (i32.const 0) (i32.const 4))',
      )
      const shared = Array.from({ length: 7 }, (_, i) => word(100 + i))
      const tasks = Array.from({ length: 200 }, (_, i) => run(readShared, { shared: shared[(i * i) % 7]! }))
      const answers = (await Promise.all(tasks)).map(({ output }) => readWord(output))
      expect(answers).to.deep.equal(Array.from({ length: 200 }, (_, i) => 100 + ((i * i) % 7)))
      expect(readWord((await run(readShared)).output)).to.equal(0)
    })

    it('goes on with more programs than a child holds', async () => {
      open()
      const programs = Array.from({ length: 40 }, (_, i) => program(writing(`(i32.const ${i})`)))
      for (const round of [programs, programs.toReversed()])
        for (const [i, source] of round.entries())
          expect(readWord((await run(source)).output)).to.equal(round === programs ? i : 39 - i)
    })

    it('starts tasks in the order of the calls', async () => {
      open()
      const done: number[] = []
      await Promise.all(
        Array.from({ length: 50 }, async (_, i) => run(echo, { input: word(i) }).then(() => done.push(i))),
      )
      expect(done).to.deep.equal(Array.from({ length: 50 }, (_, i) => i))
    })
  })

  describe('memory', () => {
    it('grows to the maximum of the program and not beyond', async () => {
      open()
      const touched = `(i32.store (i32.const 0) (memory.grow (i32.const 4095)))
        (memory.fill (i32.const 65536) (i32.const 1) (i32.const 268369920))
        (i32.store (i32.const 4) (memory.grow (i32.const 1)))
        (call $write (i32.const 0) (i32.const 8))`
      const { output } = await run(program(touched))
      expect([readWord(output), readWord(output, 4)]).to.deep.equal([1, -1])
    })

    it('is there in full and fresh, task after task', async () => {
      // Two of these memories are more than the child may have: each must be gone before the next grows.
      const none = { maxProgramBytes: 1_000, maxInputBytes: 0, maxSharedBytes: 0, maxOutputBytes: 4 }
      open({ memoryPages: 16_384, ...none })
      const greedy = program(
        `${writing('(i32.add (i32.load (i32.const 65536)) (memory.grow (i32.const 16382)))')}
         (memory.fill (i32.const 65536) (i32.const 1) (i32.const 99))`,
        '',
        '2 16384',
      )
      for (let i = 0; i < 10; i++) expect(readWord((await run(greedy, { maxOutput: 4 })).output)).to.equal(2)
    })
  })

  describe('given an engine that fails', () => {
    it('traps where the stack of the machine ends, wherever that of the engine does', async () => {
      open()
      for (const locals of ['', '(local i64)'.repeat(900)]) {
        const deep = program('(call $f)', `(func $f ${locals} (call $f))`)
        expect(await run(deep)).to.include({ status: 'trapped', steps: stepsOf(deep) })
      }
      expect(await run(echo)).to.include({ status: 'halted' })
    })

    it('gives programs a deep stack where the system allows', async function () {
      if (process.platform !== 'linux') this.skip()
      open()
      const down = `(func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))))`
      expect(await run(program('(call $f (i32.const 50000))', down))).to.include({ status: 'halted' })
    })
  })

  describe('interpret', () => {
    it('ends tasks as the native engine does, several at a time', async () => {
      open({ slots: 2 })
      const trapping = program('(drop (i32.div_u (i32.const 1) (i32.load (i32.const 0))))')
      const tasks = [
        taskOf(echo, { input: word(5), shared: word(6) }),
        taskOf(spin, { input: word(1_000) }),
        taskOf(trapping),
        taskOf(endless, { stepLimit: 1_000n }),
        taskOf(program('(call $exit (i32.const 9))')),
      ]
      for (const task of tasks) {
        const { wallMs: _, trap: __, engine, ...outcome } = await executor.interpret(task)
        expect(engine).to.equal('fast')
        expect(await executor.run(task)).to.deep.include(outcome)
      }
      const answers = await Promise.all(tasks.map((task) => executor.interpret(task)))
      expect(answers.map(({ status }) => status)).to.deep.equal([
        ...['halted', 'halted', 'trapped', 'outOfSteps', 'halted'],
      ])
    })

    it('ends with its wall time, its signal and the executor', async () => {
      open()
      const late = executor.interpret(taskOf(endless, { wallTimeMs: 50 }))
      expect(await failure(late)).to.be.instanceOf(TaskTimeoutError)
      const controller = new AbortController()
      const aborted = executor.interpret(taskOf(endless, { signal: controller.signal }))
      setImmediate(() => controller.abort())
      expect(await failure(aborted)).to.be.instanceOf(TaskAbortedError)
      expect(await executor.interpret(taskOf(echo, { input: word(3) }))).to.include({ outputLength: 4 })
      const closed = [executor.interpret(taskOf(endless)), executor.interpret(taskOf(echo))].map(failure)
      await executor.close()
      for (const error of await Promise.all(closed)) expect(error).to.be.instanceOf(ExecutorClosedError)
    })

    it('gives no task to a thread that is ending, though its answer came', async () => {
      open({ slots: 1 })
      await executor.interpret(taskOf(echo, { input: word(1) }))
      const controller = new AbortController()
      const dropped = executor.interpret(taskOf(echo, { input: word(2), signal: controller.signal }))
      // The answer is there, but not read yet, when the task is aborted.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
      controller.abort()
      const next = executor.interpret(taskOf(echo, { input: word(3) }))
      expect(await failure(dropped)).to.be.instanceOf(TaskAbortedError)
      expect(await next).to.include({ outputLength: 4 })
    })
  })

  describe('wall time', () => {
    it('ends an endless loop without a result, and the pool lives on (decision 6)', async () => {
      open()
      const [stuck, next] = await Promise.allSettled([
        run(endless, { wallTimeMs: 50 }),
        run(echo, { input: word(1) }),
      ])
      expect(stuck)
        .to.have.property('reason')
        .that.is.instanceOf(TaskTimeoutError)
        .and.includes({ wallTimeMs: 50 })
      expect(next).to.have.nested.property('value.outputLength', 4)
    })

    it('blames the task that hangs, not its neighbours', async () => {
      open({ slots: 2 })
      const hangs = (i: number) => i % 200 === 50
      await Promise.all(Array.from({ length: 200 }, () => run(echo)))
      const hanging = program(
        `(drop (call $read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4)))
         (loop $l (br_if $l (i32.eq (i32.rem_u (i32.load (i32.const 0)) (i32.const 200)) (i32.const 50))))
         (call $write (i32.const 0) (i32.const 4))`,
      )
      const tasks = Array.from({ length: 400 }, (_, i) => run(hanging, { input: word(i), wallTimeMs: 1_000 }))
      for (const [i, outcome] of (await Promise.allSettled(tasks)).entries()) {
        if (hangs(i))
          expect(outcome, `task ${i}`).to.have.property('reason').that.is.instanceOf(TaskTimeoutError)
        else expect(outcome, `task ${i}`).to.have.nested.property('value.outputLength', 4)
      }
    })

    it('does not let quick tasks wait behind a slow one while another slot is free', async () => {
      open({ slots: 2 })
      await Promise.all(Array.from({ length: 400 }, () => run(spin, { input: word(1) })))
      const controller = new AbortController()
      const slow = run(spin, { input: word(-1), signal: controller.signal })
      const quick = Array.from({ length: 200 }, (_, i) => run(spin, { input: word(i) }))
      slow.catch(() => {})
      const answers = await Promise.all(quick)
      controller.abort()
      expect(answers.map(({ output }) => readWord(output))).to.deep.equal(
        Array.from({ length: 200 }, (_, i) => i),
      )
      expect(await failure(slow)).to.be.instanceOf(TaskAbortedError)
    })
  })

  describe('given tasks of very different length', () => {
    it('finishes all of them, whichever child is ended on the way', async () => {
      open({ slots: 2 })
      // Up to some tens of milliseconds, so that children are recalled from and ended again and again.
      const lengths = Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? 1_000_000 * ((i * 31) % 41) : i))
      const tasks = lengths.map((length) => run(spin, { input: word(length) }))
      expect((await Promise.all(tasks)).map(({ output }) => readWord(output))).to.deep.equal(lengths)
    })
  })

  describe('signal', () => {
    it('ends a running task and drops a waiting one', async () => {
      open()
      await run(echo)
      const controller = new AbortController()
      const { signal } = controller
      const tasks = [run(endless, { signal }), run(echo, { signal }), run(echo)]
      setImmediate(() => controller.abort(new Error('enough')))
      const [running, waiting, other] = await Promise.allSettled(tasks)
      for (const outcome of [running, waiting])
        expect(outcome)
          .to.have.property('reason')
          .that.is.instanceOf(TaskAbortedError)
          .with.nested.property('cause.message', 'enough')
      expect(other).to.have.property('status', 'fulfilled')
    })

    it('refuses at once when it is aborted already', async () => {
      open()
      expect(await failure(run(echo, { signal: AbortSignal.abort() }))).to.be.instanceOf(TaskAbortedError)
    })
  })

  describe('limits', () => {
    it('refuses tasks beyond what the sandbox was set up for', async () => {
      open({ maxInputBytes: 4, maxSharedBytes: 5, maxOutputBytes: 6 })
      const beyond: Given[] = [
        { input: new Uint8Array(5) },
        { shared: new Uint8Array(6) },
        { maxOutput: 7 },
        { maxOutput: -1 },
        { maxOutput: Number.NaN },
        { wallTimeMs: Number.NaN },
        { stepLimit: 0n },
        { stepLimit: -1n },
        { stepLimit: 2n ** 44n + 1n },
        { wallTimeMs: Number.POSITIVE_INFINITY },
      ]
      for (const given of beyond)
        expect(await failure(run(echo, { maxOutput: 6, ...given }))).to.be.instanceOf(ExecutorLimitError)
      expect(await run(echo, { input: word(1), shared: new Uint8Array(5), maxOutput: 6 })).to.include({
        status: 'halted',
      })
    })
  })

  describe('check', () => {
    it('tells what a program asks for', async () => {
      open()
      expect(await executor.check(echo)).to.deep.include({ entry: 'run', memory: { min: 1, max: 4_096 } })
      expect(await executor.check(echo)).to.include({ entry: 'run' })
    })

    const refused: [title: string, bytes: Uint8Array, cause: string][] = [
      ['other files', new TextEncoder().encode('#!/bin/sh'), 'NotWasmError'],
      [
        'foreign imports',
        handMade({ imports: [1, ...text('env'), ...text('f'), 0, 0] }),
        'ProgramImportError',
      ],
      ['a memory above 16384 pages', handMade({ memories: [1, 1, 1, ...leb(16_385)] }), 'ProgramMemoryError'],
      ['SIMD', handMade({ code: bodies([0xfd, 0x0c, 0x0b]) }), 'ProgramInstructionError'],
    ]
    for (const [title, bytes, cause] of refused)
      it(`refuses ${title} before any child sees them`, async () => {
        open()
        const source = { programId: anyId, program: bytes }
        expect(await failure(executor.check(source)))
          .to.be.instanceOf(ProgramRefusedError)
          .with.nested.property('cause.name', cause)
        expect(await failure(run(source))).to.be.instanceOf(ProgramRefusedError)
      })

    it('refuses code whose operands do not fit', async () => {
      open()
      const bytes = handMade({ code: bodies([0x6a, 0x1a, 0x0b]) })
      const source = { programId: anyId, program: bytes }
      expect(await failure(executor.check(source)))
        .to.be.instanceOf(ProgramRefusedError)
        .with.nested.property('cause.name', 'InvalidProgramError')
      expect(await failure(run(source))).to.be.instanceOf(ProgramRefusedError)
      expect(await run(echo)).to.include({ status: 'halted' })
    })

    it('refuses a module that is another program than it is called', async () => {
      open()
      const source = { ...echo, programId: spin.programId }
      const error = await failure(executor.check(source))
      expect(error).to.be.instanceOf(ProgramRefusedError)
      expect(error.message).to.include(`the module is program ${echo.programId}`)
      expect(await failure(run(source))).to.be.instanceOf(ProgramRefusedError)
      expect(await failure(executor.interpret(taskOf(source)))).to.be.instanceOf(ProgramRefusedError)
    })

    it('refuses a memory larger than the sandbox gives', async () => {
      open({ memoryPages: 100 })
      const source = program('', '', '1 101')
      expect((await failure(executor.check(source))).message)
        .to.include('101 pages')
        .and.include('gives 100')
      expect(await executor.check(program('', '', '1 100'))).to.have.property('entry')
    })

    it('refuses files that are too large', async () => {
      open({ maxProgramBytes: 50 })
      expect(await failure(executor.check(echo))).to.be.instanceOf(ProgramRefusedError)
    })

    it('refuses a compile bomb in bounded time, and the pool lives on', async function () {
      this.timeout(20_000)
      open({ compileTimeMs: 1_000 })
      const source = { programId: anyId, program: compileBomb }
      const error = await failure(executor.check(source))
      expect(error).to.be.instanceOf(ProgramRefusedError)
      expect(await run(echo)).to.include({ status: 'halted' })
    })
  })

  describe('given a child that is killed from outside', () => {
    before(function () {
      if (!canSeeProcesses) this.skip()
    })

    it('leaves the task that it was at to the interpreter, runs the others elsewhere, and lives on', async () => {
      const fallbacks: { programId: string; reason: string }[] = []
      open({ onFallback: (fallback) => fallbacks.push(fallback) })
      await executor.check(endless)
      await run(echo)
      const [pid] = sandboxesOf(process.pid)
      const stepLimit = 2n ** 30n
      const stuck = run(endless, { stepLimit })
      const next = run(echo, { input: word(6) })
      setImmediate(() => process.kill(pid!, 'SIGKILL'))
      expect(await stuck).to.include({ status: 'outOfSteps', steps: stepLimit, engine: 'fast' })
      expect(fallbacks).to.deep.equal([{ programId: endless.programId, reason: 'process ended' }])
      expect((await next).output).to.deep.equal(word(6))
      expect(sandboxesOf(process.pid)).to.have.length(1).and.not.include(pid)
    })

    it('replaces it when it was idle', async () => {
      open()
      await run(echo)
      const [pid] = sandboxesOf(process.pid)
      process.kill(pid!, 'SIGKILL')
      await until(() => isBuried(pid!), 'the child is gone')
      expect(await run(echo)).to.include({ status: 'halted' })
    })
  })

  describe('close', () => {
    it('rejects what is not done and leaves no process behind', async () => {
      open({ slots: 2 })
      await Promise.all([run(echo), run(spin), run(echo), run(spin)])
      const tasks = [run(endless), run(endless), run(echo)].map(failure)
      const pids = canSeeProcesses ? sandboxesOf(process.pid) : []
      await executor.close()
      for (const error of await Promise.all(tasks)) expect(error).to.be.instanceOf(ExecutorClosedError)
      expect(pids.filter(isAlive)).to.deep.equal([])
      expect(await failure(run(echo))).to.be.instanceOf(ExecutorClosedError)
    })

    it('may be called twice, and before anything ran', async () => {
      open()
      await executor.close()
      await executor.close()
    })
  })
})

/** Blocks of a thousand values, and branches to them by the hundred thousand: each is four bytes and a thousand moves. */
const compileBomb: Uint8Array = (() => {
  const values = Array<number>(1_000).fill(0x7e)
  const types = [2, 0x60, 0, 0, 0x60, 0, ...leb(1_000), ...values]
  const pushes = Array.from({ length: 1_000 }, () => [0x42, 0]).flat()
  const branches = Array.from({ length: 200_000 }, () => [0x41, 0, 0x0d, 0]).flat()
  const drops = Array<number>(1_000).fill(0x1a)
  const body = [[0x02, 0x01], pushes, branches, [0x0b], drops, [0x0b]].flat()
  return handMade({
    types,
    functions: [8].concat(Array(8).fill(0)),
    code: bodies(...Array<number[]>(8).fill(body)),
  })
})()
