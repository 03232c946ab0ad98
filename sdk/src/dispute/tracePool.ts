import { TraceGivenUpError } from '../errors/dispute.ts'
import { sleep } from '../utils/sleep.ts'
import type { MachineTask } from '../vm/engine.ts'
import { type TaskStates, TaskTrace } from './trace.ts'

/** Milliseconds after which an execution that waits for a more urgent one looks again. */
const recheck = 20

/** Until when an answer is needed, and whether it still is. */
export type Urgency = {
  /** In seconds: the least is the most urgent. */
  deadline: number
  isOver?: (() => boolean) | undefined
}

export type TracePoolOptions = {
  /**
   * How many tasks may be in execution at a time: each takes the memory of its program.
   * @default 4
   */
  size?: number | undefined
  /**
   * Bytes of memory that the snapshots of all tasks may take.
   * @default 512 MiB
   */
  snapshotBytes?: number | undefined
}

type Entry = {
  trace: TaskTrace
  /** Who waits for an answer. */
  asking: Set<Urgency>
  /** Whether it may have a machine. */
  isExecuting: boolean
}

/**
 * The traces that a driver keeps. The most urgent one executes, the others wait; what nobody needs any more is given up.
 * Where too many would execute, the least urgent one gives its machine up and goes on from its snapshots later.
 */
export class TracePool {
  readonly #size: number
  readonly #snapshotBytes: number
  readonly #owners = new WeakMap<object, Map<number, Entry>>()
  /** The one that was used last stands last. */
  #entries: Entry[] = []

  constructor({ size = 4, snapshotBytes = 2 ** 29 }: TracePoolOptions = {}) {
    this.#size = size
    this.#snapshotBytes = snapshotBytes
  }

  /**
   * The states of a task.
   * @throws {TraceGivenUpError} from its functions, where a more urgent task took the machine or nobody needs the answer
   */
  statesOf(owner: object, task: number, urgency: Urgency, machineTask: () => MachineTask): TaskStates {
    const ask = async <answer>(question: (states: TaskStates) => Promise<answer>): Promise<answer> => {
      const entry = this.#entryOf(owner, task, machineTask)
      entry.asking.add(urgency)
      try {
        await this.#admit(entry)
        return await question(entry.trace)
      } finally {
        entry.asking.delete(urgency)
        if (!entry.isExecuting && entry.asking.size === 0) entry.trace.release()
        this.#tidy()
      }
    }
    return {
      hashesAt: (steps) => ask((states) => states.hashesAt(steps)),
      witnessAt: (step) => ask((states) => states.witnessAt(step)),
    }
  }

  #entryOf(owner: object, task: number, machineTask: () => MachineTask): Entry {
    const own = this.#owners.get(owner) ?? new Map<number, Entry>()
    this.#owners.set(owner, own)
    const known = own.get(task)
    const isKept = known !== undefined && this.#entries.includes(known)
    const entry: Entry = isKept ? known : { trace: undefined as never, asking: new Set(), isExecuting: false }
    if (!isKept) {
      const snapshotBytes = this.#snapshotBytes / 2
      entry.trace = new TaskTrace(machineTask(), { snapshotBytes, pause: () => this.#pause(entry) })
      own.set(task, entry)
    }
    this.#entries = [...this.#entries.filter((one) => one !== entry), entry]
    return entry
  }

  /** Waits until the task may have a machine. */
  async #admit(entry: Entry): Promise<void> {
    while (!entry.isExecuting) {
      const executing = this.#entries.filter(({ isExecuting }) => isExecuting)
      if (executing.length < this.#size) break
      const idle = executing.find((one) => deadlineOf(one) === undefined)
      const least = idle ?? executing.toSorted((left, right) => deadlineOf(right)! - deadlineOf(left)!)[0]!
      const own = deadlineOf(entry)
      if (own === undefined) throw new TraceGivenUpError()
      if (idle === undefined && deadlineOf(least)! <= own) {
        await sleep(recheck)
        continue
      }
      least.isExecuting = false
      if (least.asking.size === 0) least.trace.release()
    }
    entry.isExecuting = true
  }

  /** Between two parts of an execution. */
  async #pause(entry: Entry): Promise<void> {
    await sleep(0)
    for (;;) {
      const own = deadlineOf(entry)
      if (own === undefined || !entry.isExecuting) throw new TraceGivenUpError()
      const isMostUrgent = this.#entries.every((one) => !one.isExecuting || (deadlineOf(one) ?? own) >= own)
      if (isMostUrgent) return
      await sleep(recheck)
    }
  }

  /** Forgets those that were used longest ago, where the snapshots of all take too much memory. */
  #tidy(): void {
    let bytes = this.#entries.reduce((sum, { trace }) => sum + trace.snapshotBytes, 0)
    for (const entry of this.#entries.slice(0, -1)) {
      if (bytes <= this.#snapshotBytes) return
      if (entry.asking.size > 0) continue
      bytes -= entry.trace.snapshotBytes
      this.#entries = this.#entries.filter((one) => one !== entry)
    }
  }
}

/** When somebody needs an answer; undefined where nobody does any more. */
function deadlineOf({ asking }: Entry): number | undefined {
  const deadlines = [...asking].filter(({ isOver }) => !isOver?.()).map(({ deadline }) => deadline)
  return deadlines.length === 0 ? undefined : Math.min(...deadlines)
}
