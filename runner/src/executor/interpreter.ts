import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { EngineFailureError, ExecutorClosedError, TaskAbortedError, TaskTimeoutError } from './errors.ts'
import type { InterpreterAnswer, InterpreterOrder } from './interpreterThread.ts'
import type { ExecutorTask, TaskOutcome } from './types.ts'

/** Without `.ts` where this is a build. */
const script = new URL(`./interpreterThread${extname(import.meta.url)}`, import.meta.url)

type Entry = {
  task: ExecutorTask
  settle: (result: TaskOutcome | Error) => void
  isSettled: boolean
  late: NodeJS.Timeout | undefined
}

/**
 * Runs tasks on the machine's interpreter, in threads of this process. It needs no sandbox: a program is data to it,
 * and there is nothing of the engine's own that could differ between machines but a lack of memory.
 */
export class Interpreter {
  readonly #most: number
  readonly #queue: Entry[] = []
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, Entry>()
  #closed = false

  /** @param threads - How many tasks may run at a time. */
  constructor(threads: number) {
    this.#most = threads
  }

  /**
   * Runs a task whose limits were checked. Its wall time begins when its turn comes.
   * @throws {TaskTimeoutError | EngineFailureError | TaskAbortedError | ExecutorClosedError}
   */
  run(task: ExecutorTask): Promise<TaskOutcome> {
    const { signal } = task
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new ExecutorClosedError())
      const onAbort = () => entry.settle(new TaskAbortedError({ cause: signal?.reason }))
      const entry: Entry = {
        task,
        isSettled: false,
        late: undefined,
        settle: (result) => {
          if (entry.isSettled) return
          entry.isSettled = true
          signal?.removeEventListener('abort', onAbort)
          if (result instanceof Error) {
            this.#drop(entry)
            reject(result)
          } else resolve(result)
        },
      }
      if (signal?.aborted) return onAbort()
      signal?.addEventListener('abort', onAbort)
      this.#queue.push(entry)
      this.#pump()
    })
  }

  /** Rejects what is not done and ends all threads. */
  async close(): Promise<void> {
    this.#closed = true
    for (const entry of [...this.#queue.splice(0), ...this.#busy.values()])
      entry.settle(new ExecutorClosedError())
    await Promise.all([...this.#busy.keys(), ...this.#idle.splice(0)].map((worker) => worker.terminate()))
  }

  #pump(): void {
    while (this.#busy.size < this.#most && !this.#closed) {
      const entry = this.#queue.shift()
      if (entry === undefined) return
      if (!entry.isSettled) this.#start(this.#idle.pop() ?? this.#open(), entry)
    }
  }

  #open(): Worker {
    const worker = new Worker(script)
    const fail = (reason: string) => {
      const at = this.#idle.indexOf(worker)
      if (at >= 0) this.#idle.splice(at, 1)
      void worker.terminate()
      this.#finish(worker, new EngineFailureError({ reason: `interpreter: ${reason}` }))
    }
    worker.on('message', (answer: InterpreterAnswer) => {
      // Nobody waits for it any more: the thread was told to end, and its end is what comes next.
      if (this.#busy.get(worker)?.isSettled !== false) return
      worker.unref()
      this.#idle.push(worker)
      const { outcome, failure } = answer
      if (outcome === undefined) return fail(failure)
      this.#finish(worker, { ...outcome, engine: 'fast' })
    })
    worker.on('error', (error) => fail(String(error)))
    worker.on('exit', () => fail('its thread ended'))
    return worker
  }

  #start(worker: Worker, entry: Entry): void {
    const { programId, program, input, shared, stepLimit, maxOutput, wallTimeMs } = entry.task
    this.#busy.set(worker, entry)
    worker.ref()
    entry.late = setTimeout(
      () => entry.settle(new TaskTimeoutError({ programId, wallTimeMs })),
      Math.min(wallTimeMs, 2 ** 31 - 1),
    )
    // Inputs are views of what all tasks share: a message would carry all of it.
    const order: InterpreterOrder = {
      ...{ programId, program: program.slice(), input: input.slice(), stepLimit, maxOutput },
      shared: shared?.slice() ?? new Uint8Array(0),
    }
    worker.postMessage(order)
  }

  #finish(worker: Worker, result: TaskOutcome | Error): void {
    const entry = this.#busy.get(worker)
    this.#busy.delete(worker)
    clearTimeout(entry?.late)
    entry?.settle(result)
    this.#pump()
  }

  /** Ends the thread that is at a task which nobody waits for. */
  #drop(entry: Entry): void {
    for (const [worker, current] of this.#busy) if (current === entry) void worker.terminate()
  }
}
