import { TraceGivenUpError } from '../errors/dispute.ts'
import { sleep } from '../utils/sleep.ts'
import { type TaskStates, TaskTrace, type TaskTraceOptions } from './trace.ts'

/** Milliseconds after which an execution that waits for a more urgent one looks again. */
const recheck = 20

type Entry = {
  states: TaskStates
  /** How many questions are being answered, and until when the most urgent one has to be. */
  running: number
  deadline: number
  isGivenUp: boolean
}

/**
 * The traces that a driver keeps at a time: each has a machine with the program's memory. The most urgent one executes, the
 * others wait; where there are too many the one is given up that was idle for longest, else the least urgent.
 */
export class TracePool {
  readonly #size: number
  readonly #options: TaskTraceOptions
  /** The one that was used last stands last. */
  readonly #entries = new Map<object, Map<number, Entry>>()
  #order: Entry[] = []

  constructor({ size = 4, ...options }: { size?: number | undefined } & TaskTraceOptions = {}) {
    this.#size = size
    this.#options = options
  }

  /** The states of a task, to be known by a deadline. */
  statesOf(
    owner: object,
    task: number,
    deadline: number,
    machineTask: () => ConstructorParameters<typeof TaskTrace>[0],
  ): TaskStates {
    const ask = async <answer>(question: (states: TaskStates) => Promise<answer>): Promise<answer> => {
      const entry = await this.#admit(owner, task, deadline, machineTask)
      try {
        return await question(entry.states)
      } finally {
        entry.running--
      }
    }
    return {
      hashesAt: (steps) => ask((states) => states.hashesAt(steps)),
      witnessAt: (step) => ask((states) => states.witnessAt(step)),
    }
  }

  /** An entry that counts one question more. */
  async #admit(
    owner: object,
    task: number,
    deadline: number,
    machineTask: () => ConstructorParameters<typeof TaskTrace>[0],
  ): Promise<Entry> {
    for (;;) {
      const known = this.#entries.get(owner)?.get(task)
      if (known !== undefined && !known.isGivenUp) {
        this.#order = [...this.#order.filter((one) => one !== known), known]
        known.deadline = known.running === 0 ? deadline : Math.min(known.deadline, deadline)
        known.running++
        return known
      }
      if (this.#order.length >= this.#size) this.#giveUp(deadline)
      if (this.#order.length < this.#size) break
      await sleep(recheck)
    }
    const entry: Entry = { states: undefined as never, running: 1, deadline, isGivenUp: false }
    const pause = () => this.#pause(entry)
    entry.states = new TaskTrace(machineTask(), { ...this.#options, pause })
    const own = this.#entries.get(owner) ?? new Map<number, Entry>()
    this.#entries.set(owner, own.set(task, entry))
    this.#order.push(entry)
    return entry
  }

  #giveUp(deadline: number): void {
    const idle = this.#order.find(({ running }) => running === 0)
    const later = this.#order.filter((entry) => entry.deadline > deadline)
    const last = idle ?? later.sort((left, right) => right.deadline - left.deadline)[0]
    if (last === undefined) return
    last.isGivenUp = true
    this.#order = this.#order.filter((entry) => entry !== last)
    for (const [owner, own] of this.#entries) {
      for (const [task, entry] of own) if (entry === last) own.delete(task)
      if (own.size === 0) this.#entries.delete(owner)
    }
  }

  /** Between two parts of an execution. */
  async #pause(entry: Entry): Promise<void> {
    await sleep(0)
    const hasToWait = () =>
      this.#order.some(({ running, deadline }) => running > 0 && deadline < entry.deadline)
    while (!entry.isGivenUp && hasToWait()) await sleep(recheck)
    if (entry.isGivenUp) throw new TraceGivenUpError()
  }
}
