import { assemble } from '../../../sdk/test/helpers/wasm.ts'

/** Counts down from the input, a little-endian u32, and writes four bytes: takes as long as it is told to. */
export const burn = assemble(`(module
  (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "assay" "output_write" (func $write (param i32 i32)))
  (memory (export "memory") 1 1)
  (func (export "run") (local $left i32) (local $x i32)
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4)))
    (local.set $left (i32.load (i32.const 0)))
    (block $done (loop $more
      (br_if $done (i32.eqz (local.get $left)))
      (local.set $x (i32.mul (i32.add (local.get $x) (i32.const 1)) (i32.const 1664525)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $more)))
    (i32.store (i32.const 0) (local.get $x))
    (call $write (i32.const 0) (i32.const 4))))`)

/** Inputs of {@link burn} that take this long each on a usual machine. */
export function burnInputs(tasks: number, milliseconds: number): Uint8Array[] {
  return Array.from({ length: tasks }, (_, task) => {
    const input = new DataView(new ArrayBuffer(4))
    input.setUint32(0, Math.round(milliseconds * 400_000) + task, true)
    return new Uint8Array(input.buffer)
  })
}

/** Modules that no provider may run, and why. */
export const badPrograms: Record<string, Uint8Array> = {
  'not wasm': new TextEncoder().encode('this is no module at all'),
  'wrong imports': assemble(`(module
    (import "env" "system" (func (param i32)))
    (memory (export "memory") 1 1)
    (func (export "run")))`),
  'no entry': assemble(`(module (memory (export "memory") 1 1) (func (export "main")))`),
}
