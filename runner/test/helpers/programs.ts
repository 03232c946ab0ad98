import { programIdOf } from 'assay'
import { instrumentProgram, runFast, translate } from 'assay/vm'
import { expect } from 'chai'
import { type NativeEnding, runNative } from '../../../sdk/src/vm/native/run.ts'
import { assemble } from '../../../sdk/test/helpers/wasm.ts'
import { type GuestEnding, type GuestTask, runGuest } from '../../src/executor/guest.ts'

const hostInterface = `
  (import "assay" "input_size" (func $size (param i32) (result i32)))
  (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "assay" "output_write" (func $write (param i32 i32)))
  (import "assay" "exit" (func $exit (param i32)))`

/**
 * A program whose `run` is some code, with the host interface as $size, $read, $write, $exit.
 * @param more - Definitions beside it.
 * @param memory - Its limits in pages.
 */
export function program(code: string, more = '', memory = '1') {
  const bytes = assemble(`(module ${hostInterface}
    (memory (export "memory") ${memory})
    ${more}
    (func (export "run") ${code}))`)
  return { program: bytes, programId: programIdOf(bytes) }
}

/** Writes out the i32 that an expression yields, little-endian. */
export const writing = (expression: string) =>
  `(i32.store (i32.const 0) ${expression}) (call $write (i32.const 0) (i32.const 4))`

/** Copies the task's input to the output. */
export const echo = program(
  `(call $write (i32.const 0)
    (call $read (i32.const 0) (i32.const 0) (i32.const 0) (call $size (i32.const 0))))`,
)

/** Does not end. */
export const endless = program('(loop $l (br $l))')

/** Ends after as many turns as the input says, if it says any; a turn is a few nanoseconds. */
export const spin = program(
  `(local $n i32)
   (drop (call $read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4)))
   (local.set $n (i32.load (i32.const 0)))
   (block $end (loop $l
     (br_if $end (i32.eqz (local.get $n)))
     (local.set $n (i32.sub (local.get $n) (i32.const 1)))
     (br $l)))
   (call $write (i32.const 0) (i32.const 4))`,
)

/** Little-endian bytes of an i32. */
export function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, value, true)
  return bytes
}

/** The i32 that some bytes begin with. */
export function readWord(bytes: Uint8Array, at = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(at, true)
}

const nothing = new Uint8Array(0)

/** What the SDK calls an ending, in the words of the sandbox. */
export function asGuest({ status, ...rest }: NativeEnding): GuestEnding {
  return { kind: status, ...rest } as GuestEnding
}

/**
 * Runs a program in this process as a child would: by the fast build, and by the precise one where that traps. What comes
 * out must be what the SDK's own native engine says, and what the interpreter says, unless the engine failed.
 */
export function runProgram(wasm: Uint8Array, given: Partial<Omit<GuestTask, 'module'>> = {}): GuestEnding {
  const program = translate(wasm)
  const { fast, precise } = instrumentProgram(program)
  const task = { input: nothing, shared: nothing, maxOutput: 1_000, stepLimit: 1n << 32n, ...given }
  const compiled = new WebAssembly.Module(fast)
  let ending = runGuest({ ...task, module: compiled })
  if (ending.kind === 'trapped') ending = runGuest({ ...task, module: new WebAssembly.Module(precise) })
  const twin = runNative({ fast: compiled, precise: () => new WebAssembly.Module(precise) }, task)
  expect(ending).to.deep.equal(asGuest(twin))
  if (ending.kind === 'failed') return ending
  const { status, steps, exitCode, output } = runFast({ ...task, program })
  expect({ kind: ending.kind, steps: ending.steps }).to.deep.equal({ kind: status, steps })
  if (ending.kind === 'halted') {
    expect(ending.exitCode).to.equal(exitCode)
    expect(Buffer.compare(ending.output, output)).to.equal(0)
  }
  return ending
}
