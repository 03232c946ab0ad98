import type { ProgramInfo } from 'assay'
import type { Hex } from 'viem'
import type { Slot } from './slot.ts'
import type { TaskOutcome } from './types.ts'

/** A program made ready, as all slots share it. */
export type LoadedProgram = {
  no: number
  programId: Hex
  /** The fast build, then the precise one. */
  builds: Uint8Array
  fastLength: number
  info: ProgramInfo
}

/** A shared input with the number by which children know it. */
export type SharedInput = { no: number; bytes: Uint8Array }

/** One call of `run` or `check`. */
export type Job = {
  id: number
  program: LoadedProgram
  /** Undefined for a mere check. */
  task:
    | {
        input: Uint8Array
        shared: SharedInput | undefined
        maxOutput: number
        stepLimit: bigint
        wallTimeMs: number
      }
    | undefined
  state: 'queued' | 'running' | 'settled'
  /** Which slot runs it, while it runs. */
  slot: Slot | undefined
  settle: (result: TaskOutcome | ProgramInfo | Error) => void
}
