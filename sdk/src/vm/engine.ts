import type { Hex } from 'viem'
import type { TaskStatus } from '../trees/result.ts'
import type { ProgramImage } from './state.ts'

/**
 * Why a task trapped: the texts of WebAssembly's own test suite, then the machine's. Reasons are diagnostics of an
 * engine and no part of a result.
 */
export type TrapReason =
  | 'unreachable'
  | 'integer divide by zero'
  | 'integer overflow'
  | 'invalid conversion to integer'
  | 'out of bounds memory access'
  | 'undefined element'
  | 'uninitialized element'
  | 'indirect call type mismatch'
  | 'call stack exhausted'
  | 'output limit exceeded'
  | 'invalid instruction'
  | 'invalid state'

/** How a task ended: what its row holds, with the output itself. */
export type Ending = {
  status: TaskStatus
  /** What the program gave to `exit`, as u32; 0 unless halted. */
  exitCode: number
  /** Empty unless halted. */
  output: Uint8Array
  /** Content root of the output. */
  outputRoot: Hex
  outputLength: number
  /** At least 1. */
  steps: bigint
  /** Only of a task that trapped, and only where the engine knows. */
  trap?: TrapReason
}

/** One task as machines take it: a program, its two inputs and its limits. A `Job` of the market has many. */
export type MachineTask = {
  program: ProgramImage
  /** The task's own input, stream 0. */
  input: Uint8Array
  /** The input that all tasks share, stream 1; empty where there is none. */
  shared: Uint8Array
  /** u64. */
  stepLimit: bigint
  /** Bytes, u32. */
  maxOutput: number
}

/** Something that executes a task to its end. All engines end it alike. */
export type Engine = {
  name: 'native' | 'fast' | 'reference'
  run(task: MachineTask): Promise<Ending>
}
