/**
 * Runs one task of a program by its instrumented modules, in this process: the host interface of docs/vm/machine.md, nothing
 * else. Providers run tasks in a sandbox that has the same of its own, runner/src/executor/guest.ts: whatever a program can
 * see has to change in both, and `runProgram` of the runner's tests compares them.
 */

/** A program's two builds. The precise one is asked for only where it is needed. */
export type NativeModules = {
  readonly fast: WebAssembly.Module
  readonly precise: () => WebAssembly.Module
}

export type NativeTask = {
  /** Stream 0. */
  input: Uint8Array
  /** Stream 1. */
  shared: Uint8Array
  /** Bytes of output beyond which a write traps. */
  maxOutput: number
  stepLimit: bigint
}

/** How a task ended, as the machine would end it. */
export type NativeEnding =
  | { status: 'halted'; exitCode: number; output: Uint8Array; steps: bigint }
  /** The reason in the words of V8 or of the host functions; `trapReasonOf` has the machine's for it. */
  | { status: 'trapped'; steps: bigint; reason: string }
  | { status: 'outOfSteps'; steps: bigint }
  /** The engine, not the program, came to its end. Never a result: another engine has to decide. */
  | { status: 'failed'; reason: string }

type Exports = {
  memory?: WebAssembly.Memory
  main: (stepLimit: bigint) => bigint
  left: WebAssembly.Global<'i64'>
  growFailed: WebAssembly.Global<'i32'>
}

/** Outputs and inputs of the machine end at 1 GiB. */
const contentBytes = 2 ** 30

/** Steps are counted down in an i64. No engine gets anywhere near. */
const countable = 2n ** 63n

/**
 * Runs a task. The fast build decides where the program halts or uses up its steps; where it traps, the precise
 * build runs it again from the beginning and counts exactly.
 */
export function runNative(modules: NativeModules, task: NativeTask): NativeEnding {
  // The machine traps before it reads anything.
  if (task.stepLimit < 1n) return { status: 'trapped', steps: 1n, reason: 'invalid state' }
  if (task.stepLimit >= countable) return { status: 'failed', reason: 'step limit is no i64' }
  const ending = runBuild(modules.fast, task)
  if (ending.status !== 'trapped') return ending
  let precise: WebAssembly.Module
  try {
    precise = modules.precise()
  } catch (error) {
    return { status: 'failed', reason: `precise build: ${String(error)}` }
  }
  return runBuild(precise, task)
}

/**
 * Runs a task by one build alone. Of the fast one's endings, *trapped* has a wrong number of steps.
 *
 * @param onMemory - For tests: given the program's memory before it begins, to look at when it has ended.
 */
export function runBuild(
  module: WebAssembly.Module,
  task: NativeTask,
  onMemory?: (memory: WebAssembly.Memory | undefined) => void,
): NativeEnding {
  const host = new Host(task)
  let exports: Exports | undefined
  let left: bigint
  try {
    exports = new WebAssembly.Instance(module, host.imports).exports as unknown as Exports
    host.memory = exports.memory
    onMemory?.(exports.memory)
    left = exports.main(task.stepLimit)
  } catch (error) {
    if (exports === undefined) return { status: 'failed', reason: `instance: ${String(error)}` }
    if (exports.growFailed.value !== 0) return { status: 'failed', reason: 'memory could not be grown' }
    left = exports.left.value
    if (error !== halt) {
      if (error !== trap && !(error instanceof WebAssembly.RuntimeError))
        return { status: 'failed', reason: String(error) }
      if (left >= 0n) {
        const reason = error === trap ? host.trapReason : (error as Error).message
        return { status: 'trapped', steps: task.stepLimit - left, reason }
      }
    }
  }
  if (left < 0n) return { status: 'outOfSteps', steps: task.stepLimit }
  const { exitCode, output } = host
  return { status: 'halted', exitCode, output, steps: task.stepLimit - left }
}

/** What is thrown to leave a program at any depth. Programs have no instruction that could catch it. */
const halt = { toString: () => 'halt' }
const trap = { toString: () => 'trap' }

const nothing = new Uint8Array(0)

/** The host interface of one task. */
class Host {
  readonly imports: WebAssembly.Imports
  memory: WebAssembly.Memory | undefined
  exitCode = 0
  trapReason = ''
  readonly #streams: readonly Uint8Array[]
  readonly #maxOutput: number
  #output = nothing
  #outputLength = 0

  constructor({ input, shared, maxOutput }: NativeTask) {
    this.#streams = [input, shared]
    this.#maxOutput = Math.min(maxOutput, contentBytes)
    this.imports = {
      assay: {
        input_size: (stream: number) => this.#sizeOf(stream >>> 0),
        input_read: (stream: number, offset: number, dst: number, length: number) =>
          this.#read(stream >>> 0, offset >>> 0, dst >>> 0, length >>> 0),
        output_write: (src: number, length: number) => this.#write(src >>> 0, length >>> 0),
        exit: (code: number) => {
          this.exitCode = code >>> 0
          throw halt
        },
      },
    }
  }

  get output(): Uint8Array {
    return this.#output.subarray(0, this.#outputLength)
  }

  #sizeOf(stream: number): number {
    return Math.min(this.#streams[stream]?.length ?? 0, contentBytes)
  }

  /** Copies what there is from `offset` on, at most `length` bytes. It is this clamped length that must fit. */
  #read(stream: number, offset: number, dst: number, length: number): number {
    const count = Math.max(0, Math.min(length, this.#sizeOf(stream) - offset))
    const target = this.#range(dst, count)
    if (count > 0) target.set(this.#streams[stream]!.subarray(offset, offset + count), dst)
    return count
  }

  #write(src: number, length: number): void {
    const source = this.#range(src, length)
    const end = this.#outputLength + length
    if (end > this.#maxOutput) this.#trap('output limit exceeded')
    if (end > this.#output.length) {
      const larger = new Uint8Array(Math.min(this.#maxOutput, Math.max(end, 2 * this.#output.length, 1_024)))
      larger.set(this.output)
      this.#output = larger
    }
    this.#output.set(source.subarray(src, src + length), this.#outputLength)
    this.#outputLength = end
  }

  /** The memory, after checking that a range of it exists. Start and length are unsigned, their sum is exact. */
  #range(start: number, length: number): Uint8Array {
    const bytes = this.memory === undefined ? nothing : new Uint8Array(this.memory.buffer)
    if (start + length > bytes.length) this.#trap('out of bounds memory access')
    return bytes
  }

  #trap(reason: string): never {
    this.trapReason = reason
    throw trap
  }
}
