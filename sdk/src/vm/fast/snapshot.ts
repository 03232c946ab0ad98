import type { Ending, MachineTask } from '../engine.ts'

/** A machine's state after some steps, to which the same machine can return while it has the same task. */
export type Snapshot = {
  readonly steps: bigint
  readonly task: MachineTask
  readonly cells: Uint8Array
  readonly frames: Uint8Array
  readonly links: Uint8Array
  readonly globals: Uint8Array
  /** Pages of memory that differ from the program's, by number. Never changed. */
  readonly pages: ReadonlyMap<number, Uint8Array>
  readonly ending: Ending | undefined
}
