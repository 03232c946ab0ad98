import type { Hex } from 'viem'
import { FastMachineError } from '../errors/fastMachine.ts'
import type { Ending, MachineTask } from '../vm/engine.ts'
import { FastMachine } from '../vm/fast/machine.ts'
import type { Snapshot } from '../vm/fast/snapshot.ts'
import { witness } from '../vm/proof/witness.ts'
import type { ReferenceMachine } from '../vm/reference/machine.ts'
import { type CommittedTask, committedTask } from '../vm/reference/task.ts'
import { referenceOf } from '../vm/stateAt.ts'

/** The states of one task as somebody's own execution has them. After its end a task is in its ended state for ever. */
export type TaskStates = {
  /** Hashes of the states after so many steps; ascending. */
  hashesAt: (steps: readonly bigint[]) => Promise<Hex[]>
  /** What proves the step that follows the state after so many. */
  witnessAt: (step: bigint) => Promise<Uint8Array>
}

export type TaskTraceOptions = {
  /**
   * Bytes of memory that snapshots may take.
   * @default 256 MiB
   */
  snapshotBytes?: number | undefined
  /**
   * Called about every tenth of a second of execution; may wait, or throw to give up.
   * @default lets others have their turn
   */
  pause?: (() => Promise<void>) | undefined
}

/** Milliseconds of execution between two pauses. */
const betweenPauses = 100

/**
 * The states of a task, executed by the fast machine. Snapshots are kept at the states that were asked for: a game that
 * narrows a range executes the task once, then a part of the range each round. Where they take too much memory those are
 * given up that cost the least steps to reach again.
 */
export class TaskTrace implements TaskStates {
  readonly task: MachineTask
  readonly #snapshotBytes: number
  readonly #pause: () => Promise<void>
  #machine: FastMachine | undefined
  #committed: CommittedTask | undefined
  /** Ascending; the first is the first state. */
  #snapshots: Snapshot[] = []
  /** How many snapshots have a page of memory. */
  #uses = new Map<Uint8Array, number>()
  #bytes = 0
  #executed = 0n
  /** Steps that take about as long as there is between two pauses: some programs are a thousand times slower than others. */
  #stretch = 2 ** 20
  #last: Promise<unknown> = Promise.resolve()

  constructor(task: MachineTask, { snapshotBytes = 2 ** 28, pause = nextTurn }: TaskTraceOptions = {}) {
    this.task = task
    this.#snapshotBytes = snapshotBytes
    this.#pause = pause
  }

  /** @throws {FastMachineError} if the host gives no more memory. */
  hashesAt(steps: readonly bigint[]): Promise<Hex[]> {
    return this.#inTurn(async () => {
      const hashes: Hex[] = []
      for (const step of steps) {
        const machine = await this.#goTo(step)
        hashes.push(machine.stateHash())
        this.#keep(machine)
      }
      return hashes
    })
  }

  /** @throws {FastMachineError} if the host gives no more memory. */
  witnessAt(step: bigint): Promise<Uint8Array> {
    return this.#inTurn(async () => witness(this.#reference(await this.#goTo(step))))
  }

  /**
   * The machine after so many steps, to be looked at and stepped.
   * @throws {FastMachineError} if the host gives no more memory.
   */
  stateAt(step: bigint): Promise<ReferenceMachine> {
    return this.#inTurn(async () => this.#reference(await this.#goTo(step)))
  }

  /**
   * How the task ends.
   * @throws {FastMachineError} if the host gives no more memory.
   */
  finish(): Promise<Ending> {
    return this.#inTurn(async () => (await this.#goTo(this.task.stepLimit || 1n)).ending!)
  }

  /** Gives the machine up, and with it the memory of the program; another one goes on from the snapshots. */
  release(): void {
    this.#machine = undefined
  }

  /** Steps executed so far, those that were executed again included. */
  get executed(): bigint {
    return this.#executed
  }

  /** Bytes of memory that the snapshots take. */
  get snapshotBytes(): number {
    return this.#bytes
  }

  #reference(machine: FastMachine): ReferenceMachine {
    this.#committed ??= committedTask(this.task)
    return referenceOf(machine, this.#committed)
  }

  async #goTo(step: bigint): Promise<FastMachine> {
    const machine = this.#begun()
    // the states in between are kept: they may be nearer than the present one
    const nearest = this.#snapshots.findLast(({ steps }) => steps <= step)!
    if (machine.steps > step || machine.steps < nearest.steps) machine.restore(nearest)
    try {
      while (machine.steps < step && machine.ending === undefined) {
        const before = machine.steps
        const next = before + BigInt(this.#stretch)
        const started = Date.now()
        machine.runTo(next < step ? next : step)
        this.#executed += machine.steps - before
        if (next >= step) continue
        const took = Date.now() - started
        if (took > 2 * betweenPauses) this.#stretch = Math.max(2 ** 16, this.#stretch / 2)
        else if (took < betweenPauses / 2) this.#stretch = Math.min(2 ** 28, this.#stretch * 2)
        await this.#pause()
      }
    } catch (error) {
      // what was executed is kept, where it was not the machine that failed
      if (!(error instanceof FastMachineError)) this.#keep(machine)
      this.release()
      throw error
    }
    return machine
  }

  #begun(): FastMachine {
    if (this.#machine !== undefined) return this.#machine
    const machine = new FastMachine().load(this.task)
    this.#machine = machine
    if (this.#snapshots.length === 0) this.#keep(machine)
    return machine
  }

  #keep(machine: FastMachine): void {
    const at = this.#snapshots.findLastIndex(({ steps }) => steps <= machine.steps)
    if (this.#snapshots[at]?.steps === machine.steps) return
    const snapshot = machine.snapshot()
    this.#snapshots.splice(at + 1, 0, snapshot)
    this.#bytes += ownBytes(snapshot)
    for (const page of snapshot.pages.values()) {
      const uses = this.#uses.get(page) ?? 0
      if (uses === 0) this.#bytes += page.length
      this.#uses.set(page, uses + 1)
    }
    while (this.#bytes > this.#snapshotBytes && this.#snapshots.length > 1) this.#giveUp()
  }

  /** Gives up the snapshot that the one before it replaces best. */
  #giveUp(): void {
    const steps = this.#snapshots.map((snapshot) => snapshot.steps)
    let at = 1
    for (let i = 2; i < steps.length; i++) if (steps[i]! - steps[i - 1]! < steps[at]! - steps[at - 1]!) at = i
    const [snapshot] = this.#snapshots.splice(at, 1) as [Snapshot]
    this.#bytes -= ownBytes(snapshot)
    for (const page of snapshot.pages.values()) {
      const uses = this.#uses.get(page)! - 1
      if (uses > 0) this.#uses.set(page, uses)
      else {
        this.#uses.delete(page)
        this.#bytes -= page.length
      }
    }
  }

  /** One machine: who asks waits for those who asked before. */
  #inTurn<value>(ask: () => Promise<value>): Promise<value> {
    const turn = this.#last.then(ask, ask)
    this.#last = turn
    return turn
  }
}

/** What no other snapshot shares. */
function ownBytes({ frames, links, globals, cells }: Snapshot): number {
  return frames.length + links.length + globals.length + cells.length
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
