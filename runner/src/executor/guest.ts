/**
 * Runs one task by a program's instrumented builds: the host interface of docs/vm/machine.md, nothing else. Part of the
 * sandboxed child, which may read only its own files: no imports here. The SDK has the same for engines in one's own
 * process, sdk/src/vm/native/run.ts: whatever a program can see has to change in both, and `runProgram` of the tests compares them.
 */

export type GuestEnding =
  | { kind: 'halted'; steps: bigint; exitCode: number; output: Uint8Array }
  /** The reason in the words of V8 or of the host functions. */
  | { kind: 'trapped'; steps: bigint; reason: string }
  | { kind: 'outOfSteps'; steps: bigint }
  /** The engine, not the program, came to its end. Never a result. */
  | { kind: 'failed'; reason: string }

export type GuestTask = {
  module: WebAssembly.Module
  input: Uint8Array
  shared: Uint8Array
  maxOutput: number
  /** At least 1. */
  stepLimit: bigint
}

// Globals are taken away from the child before it meets a program.
const { Instance, RuntimeError } = WebAssembly
const Bytes = Uint8Array
const text = String
const { min, max } = Math

const nothing: Uint8Array = new Bytes(0)
const zero = 0n
const firstCapacity = 1_024
/** Bytes that inputs and outputs of the machine may have. */
const contentBytes = 1_073_741_824
const keptCapacity = 65_536

/** What is thrown to leave a program at any depth. Programs have no instruction that could catch it. */
const halt = { toString: () => 'halt' }
const trap = { toString: () => 'trap' }

// One task at a time: the host functions work on this state, so that they need not be made anew for each task.
let memory: WebAssembly.Memory | undefined
let memoryBytes = nothing
let input = nothing
let shared = nothing
let maxOutput = 0
let output = nothing
let outputLength = 0
let exitCode = 0
let trapReason = ''

/** The machine's streams end at 1 GiB. */
const streamBytes = (bytes: Uint8Array) =>
  bytes.length > contentBytes ? bytes.subarray(0, contentBytes) : bytes

const streamOf = (stream: number) => (stream === 0 ? input : stream === 1 ? shared : nothing)

function raise(reason: string): never {
  trapReason = reason
  throw trap
}

/** The bytes of the memory; the old view dies whenever the memory grows. */
function view(): Uint8Array {
  if (memory === undefined) return raise('out of bounds memory access')
  const { buffer } = memory
  if (memoryBytes.buffer !== buffer) memoryBytes = new Bytes(buffer)
  return memoryBytes
}

/**
 * The memory, after checking that a range of it exists. Start and length are unsigned 32-bit numbers, their sum
 * is exact. An empty range may begin at the memory's end, not beyond.
 */
function range(start: number, length: number): Uint8Array {
  const bytes = view()
  if (start + length > bytes.length) return raise('out of bounds memory access')
  return bytes
}

const assay = {
  input_size: (stream: number): number => streamOf(stream).length,

  /** Copies what there is from `offset` on, at most `len` bytes. It is this clamped length that must fit. */
  input_read: (stream: number, offset: number, dst: number, len: number): number => {
    const bytes = streamOf(stream)
    const from = offset >>> 0
    const to = dst >>> 0
    const count = max(0, min(len >>> 0, bytes.length - from))
    const target = range(to, count)
    if (count > 0) target.set(bytes.subarray(from, from + count), to)
    return count
  },

  output_write: (src: number, len: number): void => {
    const from = src >>> 0
    const count = len >>> 0
    const source = range(from, count)
    const end = outputLength + count
    if (end > maxOutput) raise('output limit exceeded')
    if (end > output.length) {
      const larger = new Bytes(min(maxOutput, max(end, 2 * output.length, firstCapacity)))
      larger.set(output.subarray(0, outputLength))
      output = larger
    }
    output.set(source.subarray(from, from + count), outputLength)
    outputLength = end
  },

  exit: (code: number): never => {
    exitCode = code >>> 0
    throw halt
  },
}

const imports = { assay }

type Exports = {
  memory: WebAssembly.Memory
  /** The program from its beginning to its end: step limit → steps left. */
  main: (stepLimit: bigint) => bigint
  /** Steps left: negative where the limit was passed. */
  left: WebAssembly.Global<'i64'>
  /** Not 0 after the engine failed to give memory that the program may have. */
  growFailed: WebAssembly.Global<'i32'>
}

/**
 * Lets go of all that the last task used, so that it can be collected.
 * @returns the bytes of its memory.
 */
export function releaseGuest(): number {
  const size = memory === undefined ? 0 : memory.buffer.byteLength
  memory = undefined
  memoryBytes = nothing
  input = nothing
  shared = nothing
  if (output.length > keptCapacity) output = nothing
  return size
}

/**
 * Runs one of a program's builds in a fresh instance. Of the fast build's endings, *trapped* has a wrong number of
 * steps: the precise one then has to run.
 * @returns how it ended; `output` is a view that holds until the next task or `releaseGuest`.
 */
export function runGuest(task: GuestTask): GuestEnding {
  input = streamBytes(task.input)
  shared = streamBytes(task.shared)
  maxOutput = min(task.maxOutput, contentBytes)
  memory = undefined
  memoryBytes = nothing
  outputLength = 0
  exitCode = 0
  const { stepLimit } = task
  let exports: Exports | undefined
  let left: bigint
  try {
    exports = new Instance(task.module, imports).exports as Exports
    memory = exports.memory
    left = exports.main(stepLimit)
  } catch (error) {
    if (exports === undefined) return { kind: 'failed', reason: `instance: ${text(error)}` }
    if (exports.growFailed.value !== 0) return { kind: 'failed', reason: 'memory could not be grown' }
    left = exports.left.value
    if (error !== halt) {
      const reason = trapReasonOf(error)
      if (reason === undefined) return { kind: 'failed', reason: text(error) }
      if (left >= zero) return { kind: 'trapped', steps: stepLimit - left, reason }
    }
  }
  if (left < zero) return { kind: 'outOfSteps', steps: stepLimit }
  return { kind: 'halted', steps: stepLimit - left, exitCode, output: output.subarray(0, outputLength) }
}

/**
 * Tells a program's trap from an engine's failure. A trap is a WebAssembly.RuntimeError out of the program
 * itself; everything else (stack overflow, memory that could not be had, what nobody thought of) depends on the
 * machine and must not become a result.
 */
function trapReasonOf(error: unknown): string | undefined {
  if (error === trap) return trapReason
  return error instanceof RuntimeError ? error.message : undefined
}
