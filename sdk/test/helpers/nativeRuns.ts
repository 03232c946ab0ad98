import { translate } from '../../src/vm/index.ts'
import { nativeModules } from '../../src/vm/native/engine.ts'
import { type NativeEnding, runBuild, runNative } from '../../src/vm/native/run.ts'
import { ReferenceMachine } from '../../src/vm/reference/machine.ts'
import { assemble } from './wasm.ts'

/** The host interface and a memory, before the functions of a test's program. */
const prelude = `
  (import "assay" "input_size" (func $input_size (param i32) (result i32)))
  (import "assay" "input_read" (func $input_read (param i32 i32 i32 i32) (result i32)))
  (import "assay" "output_write" (func $output_write (param i32 i32)))
  (import "assay" "exit" (func $exit (param i32)))`

/** A program of the text form: what follows the imports. */
export function programOf(text: string, memory = '(memory (export "memory") 1 2)'): Uint8Array<ArrayBuffer> {
  return assemble(`(module ${prelude} ${memory} ${text})`)
}

/** A program of one function, given by its locals and body. */
export const mainOf = (body: string) => programOf(`(func (export "run") ${body})`)

export type RunParameters = {
  input?: Uint8Array
  shared?: Uint8Array
  stepLimit?: bigint
  maxOutput?: number
}

const nothing = new Uint8Array(0)

/** One line for an ending, to compare engines by. */
export function lineOf(ending: NativeEnding): string {
  if (ending.status === 'failed') return `failed: ${ending.reason}`
  const { status, steps } = ending
  if (ending.status !== 'halted') return `${status} after ${steps}`
  return `halted ${ending.exitCode} after ${steps}: ${toText(ending.output)}`
}

const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Runs a program on the native engine, by both builds and by the precise one alone. */
export function runNatively(bytes: Uint8Array, parameters: RunParameters = {}) {
  const { input = nothing, shared = nothing, stepLimit = 100_000n, maxOutput = 4_096 } = parameters
  const modules = nativeModules(translate(bytes))
  const task = { input, shared, stepLimit, maxOutput }
  return {
    both: lineOf(runNative(modules, task)),
    precise: lineOf(runBuild(modules.precise(), task)),
    fast: lineOf(runBuild(modules.fast, task)),
  }
}

/** Runs a program on the reference machine. */
export function runByReference(bytes: Uint8Array, parameters: RunParameters = {}): string {
  const { input = nothing, shared = nothing, stepLimit = 100_000n, maxOutput = 4_096 } = parameters
  const machine = new ReferenceMachine({ program: translate(bytes), input, shared, stepLimit, maxOutput })
  while (machine.ending === undefined) machine.step()
  const { status, steps, exitCode, outputLength } = machine.ending
  if (status !== 'halted') return `${status} after ${steps}`
  return `halted ${exitCode} after ${steps}: ${toText(machine.output.read(0, Number(outputLength)))}`
}

/** Numbers below a bound, repeatable by `FUZZ_SEED`. */
export function random(): { seed: number; next: (bound: number) => number } {
  const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
  let state = seed | 1
  const next = (bound: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
  return { seed, next }
}
