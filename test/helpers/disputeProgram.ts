/** What the tests of disputes compute: a small program, its inputs, and its tasks as the machine takes them. */

import { contentRef, inputsTree } from '../../sdk/src/trees/index.ts'
import { type MachineTask, translate } from '../../sdk/src/vm/index.ts'
import { vmVersion } from '../../sdk/src/vm/isa.ts'
import { programIdOfImage, programRoots } from '../../sdk/src/vm/state.ts'
import { assemble } from '../../sdk/test/helpers/wasm.ts'

/** Mixes the bytes of its input into eight bytes of output, the first byte being how often. The last ends with 3 steps. */
const program = translate(
  assemble(`(module
    (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "assay" "output_write" (func $write (param i32 i32)))
    (memory (export "memory") 1 2)
    (func $mix (param i64 i64) (result i64)
      (i64.add (i64.mul (local.get 0) (i64.const 6364136223846793005)) (i64.xor (local.get 1) (i64.const 1442695040888963407))))
    (func (export "run") (local i32 i64 f64)
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 100) (i32.const 64)))
      (drop (call $read (i32.const 1) (i32.const 0) (i32.const 300) (i32.const 40)))
      (loop $next
        (local.set 1 (call $mix (local.get 1) (i64.load8_u offset=100 (i32.and (local.get 0) (i32.const 63)))))
        (local.set 2 (f64.add (f64.mul (local.get 2) (f64.const 1.5)) (f64.convert_i32_u (local.get 0))))
        (br_if $next (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.load8_u (i32.const 100)))))
      (i64.store (i32.const 200) (local.get 1))
      (f64.store (i32.const 208) (local.get 2))
      (memory.copy (i32.const 216) (i32.const 300) (i32.const 40))
      (call $write (i32.const 200) (i32.const 56))))`),
)
const roots = programRoots(program)

export const PROGRAM_ID = programIdOfImage(program, roots)

/** As the game takes it. */
export const PROGRAM_PARTS = {
  codeRoot: roots.code,
  memoryRoot: roots.memory,
  globalsRoot: roots.globals,
  tableRoot: roots.table,
  entry: program.entry,
  initialPages: program.initialPages,
  maxPages: program.maxPages,
  version: vmVersion,
}

export const SHARED = Uint8Array.from({ length: 40 }, (_, i) => 3 * i + 1)

/** The input of a task: how long it runs depends on its number, so that traces need one, two and three rounds. */
export function inputOf(index: number): Uint8Array<ArrayBuffer> {
  const rounds = [60, 1, 3, 200, 20][index % 5] as number
  return Uint8Array.from({ length: 64 }, (_, i) => (i === 0 ? rounds : (7 * i + index) & 0xff))
}

export interface Limits {
  stepLimit: bigint
  maxOutput: number
}

export const LIMITS: Limits = { stepLimit: 4_000n, maxOutput: 1_000 }

export function machineTask(
  input: Uint8Array,
  limits: Limits = LIMITS,
  shared: Uint8Array = SHARED,
): MachineTask {
  return { program, input, shared, ...limits }
}

/** The inputs of a job: their tree and what the game wants to know of one. */
export function inputsOf(inputs: readonly Uint8Array<ArrayBuffer>[]) {
  const refs = inputs.map((bytes) => contentRef(bytes))
  const tree = inputsTree(refs)
  return {
    root: tree.root,
    parts: (index: number) => ({
      inputRoot: refs[index]?.root as string,
      inputLength: BigInt(refs[index]?.length as number),
      inputProof: tree.proof(index),
    }),
  }
}
