import type { ProgramInfo, TaskStatus } from 'assay'
import type { TrapReason } from 'assay/vm'
import type { Hex } from 'viem'

/** A program by its id. A module of another id is refused. */
export type ProgramSource = { programId: Hex; program: Uint8Array }

export type ExecutorTask = ProgramSource & {
  /** Stream 0. */
  input: Uint8Array
  /** Stream 1. Pass the same array for all tasks of a job: it then travels to each child once. */
  shared?: Uint8Array | undefined
  /** Bytes of output beyond which a write traps. */
  maxOutput: number
  /** Steps after which the task is out of them: 1 to 2^44. */
  stepLimit: bigint
  /** Milliseconds after which the task is ended without a result. */
  wallTimeMs: number
  /** Aborts the task, running or not. */
  signal?: AbortSignal | undefined
}

/** How a program ended, with the fields of a result leaf. Without output and exit code unless it halted. */
export type TaskOutcome = {
  status: TaskStatus
  exitCode: number
  output: Uint8Array
  outputRoot: Hex
  outputLength: number
  steps: bigint
  /** Why it trapped, where the engine knows: for people, no part of the result. */
  trap?: TrapReason | undefined
  /** Which engine ended it: native in a sandbox, or the interpreter. */
  engine: 'native' | 'fast'
  /** Time that the engine took, milliseconds. */
  wallMs: number
}

export type ExecutorOptions = {
  /** Children, and so tasks at a time; at least 1. */
  slots: number
  /**
   * Pages of 64 KiB that a program may declare.
   * @default 16384
   */
  memoryPages?: number | undefined
  /**
   * Milliseconds that compiling a program may take.
   * @default 10000
   */
  compileTimeMs?: number | undefined
  /**
   * Bytes of a program.
   * @default 32 MiB
   */
  maxProgramBytes?: number | undefined
  /**
   * Bytes of one task's input.
   * @default 64 MiB
   */
  maxInputBytes?: number | undefined
  /**
   * Bytes of a shared input. A child holds the last two that it needed.
   * @default 256 MiB
   */
  maxSharedBytes?: number | undefined
  /**
   * The largest `maxOutput` a task may ask for.
   * @default 64 MiB
   */
  maxOutputBytes?: number | undefined
  /** Told once, line by line, which walls of the operating system are missing on this machine. */
  onMissingWall?: ((line: string) => void) | undefined
  /** Told of each task that the native engine failed at, so that the interpreter has to decide. */
  onFallback?: ((fallback: { programId: Hex; reason: string }) => void) | undefined
}

/** What an executor was set up for; defaults filled in. A job beyond any of it must not be claimed. */
export type ExecutorLimits = Readonly<
  Required<
    Record<
      | 'memoryPages'
      | 'compileTimeMs'
      | 'maxProgramBytes'
      | 'maxInputBytes'
      | 'maxSharedBytes'
      | 'maxOutputBytes',
      number
    >
  >
>

export type Executor = {
  readonly slots: number
  readonly limits: ExecutorLimits
  /**
   * Runs one task in a fresh instance. Tasks start in the order of the calls, once their program is built. Where the native
   * engine fails for a reason of its own (its stack, its memory, a dead process), the interpreter runs the task from its
   * beginning.
   *
   * @throws {TaskTimeoutError} it outlived `wallTimeMs`, in both engines together.
   * @throws {EngineFailureError} the interpreter failed, too.
   * @throws {ProgramRefusedError} as `check`.
   * @throws {ExecutorLimitError | TaskAbortedError | ExecutorClosedError}
   */
  run: (task: ExecutorTask) => Promise<TaskOutcome>
  /**
   * Runs one task on the interpreter, whatever the native engine would say.
   *
   * @throws what `run` throws
   */
  interpret: (task: ExecutorTask) => Promise<TaskOutcome>
  /**
   * Translates a program and compiles it in the sandbox, without running any of it.
   *
   * @throws {ProgramRefusedError} it cannot be translated, has another id, needs what the sandbox does not have, or
   * does not compile in time. The cause is the SDK's `ProgramError` where there is one.
   */
  check: (program: ProgramSource) => Promise<ProgramInfo>
  /** Rejects what is not done, ends all children and waits for them. */
  close: () => Promise<void>
}
