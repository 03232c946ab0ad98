import type { Ending, MachineTask } from '../engine.ts'

/** A state of a task, to which any machine that has the same task can go. */
export type Snapshot = {
  readonly steps: bigint
  readonly task: MachineTask
  readonly cells: Uint8Array
  readonly frames: Uint8Array
  readonly links: Uint8Array
  readonly globals: Uint8Array
  /** Pages of memory that differ from the program's, by number. Never changed. */
  readonly pages: ReadonlyMap<number, Uint8Array>
  /** Bytes past it may be there, too: it only grows. */
  readonly output: Uint8Array
  readonly ending: Ending | undefined
}
