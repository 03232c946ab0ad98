import type { MachineTask } from '../../src/vm/engine.ts'
import { flag, pageSize } from '../../src/vm/isa.ts'

import { instruction, jobOf, programOf } from './vmStates.ts'

const { constantA, constantB, hasValue, emptiesArgs } = flag

/**
 * A small program that uses every part of the machine: it copies its input to memory over a page's border, adds up the
 * bytes by a function called through the table, doubles what it has read, and writes it and the sum to the output.
 */
export function sampleJob(): MachineTask {
  const destination = BigInt(pageSize - 60)
  const words = [
    // 0: input_read(0, 3, pageSize − 60, 200) → slot 0
    instruction('arg', { flags: constantA, t: 0, x: 0n }),
    instruction('arg', { flags: constantA, t: 1, x: 3n }),
    instruction('arg', { flags: constantA, t: 2, x: destination }),
    instruction('arg', { flags: constantA, t: 3, x: 200n }),
    instruction('input_read', { d: 0 }),
    // 5: slot 1, slot 2 ← sum(destination, slot 0), through the table
    instruction('arg', { flags: constantA, t: 0, x: destination }),
    instruction('arg', { a: 0, t: 1 }),
    instruction('call_indirect', { d: 1, flags: constantA, x: 1n, t: 2 }),
    instruction('result', { d: 2, t: 20, flags: emptiesArgs }),
    // 9: the sum goes to a global and, as a float, to memory
    instruction('global_set', { a: 1, t: 17 }),
    instruction('f64.convert_i64_u', { d: 17, a: 1 }),
    instruction('f64.div', { d: 17, a: 17, flags: constantB, y: 0x4008_0000_0000_0000n }),
    instruction('f64.store', { a: 18, b: 17, t: pageSize - 3 }),
    // 13: what was read again, behind it; 7 bytes overlap
    instruction('i32.add', { d: 3, a: 0, flags: constantB, y: destination - 7n }),
    instruction('memory_copy', { a: 3, flags: constantB, y: destination, c: 0 }),
    instruction('memory_grow', { d: 4, flags: constantA, x: 1n }),
    instruction('memory_size', { d: 5 }),
    instruction('memory_fill', { flags: constantA | constantB, x: 2n * destination, y: 0xabn, c: 0 }),
    // 18: output_write(destination − 10, 2 · slot 0)
    instruction('arg', { flags: constantA, t: 0, x: destination - 10n }),
    instruction('i32.shl', { d: 6, a: 0, flags: constantB, y: 1n }),
    instruction('arg', { a: 6, t: 1 }),
    instruction('output_write'),
    instruction('arg', { flags: constantA, t: 0, x: 1n }),
    instruction('input_size', { d: 7 }),
    instruction('arg', { a: 7, t: 0 }),
    instruction('exit'),

    // 26: sum(pointer, count) → i64: slot 2 the sum, slot 3 a byte; args[20] ← the last byte
    instruction('jump_unless', { a: 1, t: 32 }),
    instruction('i64.load8_u', { d: 3, a: 0 }),
    instruction('i64.add', { d: 2, a: 2, b: 3 }),
    instruction('i32.add', { d: 0, a: 0, flags: constantB, y: 1n }),
    instruction('i32.sub', { d: 1, a: 1, flags: constantB, y: 1n }),
    instruction('jump', { t: 26 }),
    instruction('arg', { a: 3, t: 20 }),
    instruction('return', { a: 2, flags: hasValue }),
  ]
  const program = programOf(words, {
    table: [
      { type: 0, weight: 0, pc: 0 },
      { type: 2, weight: 20, pc: 26 },
    ],
    globals: BigUint64Array.of(1n, 2n ** 64n - 1n),
    memory: new Map([[1, Uint8Array.from({ length: pageSize }, (_, at) => (at < 500 ? at & 0xff : 0))]]),
    initialPages: 2,
    maxPages: 3,
  })
  const input = Uint8Array.from({ length: 150 }, (_, at) => (at * 7 + 1) & 0xff)
  return jobOf(program, { input, shared: Uint8Array.of(1, 2, 3), stepLimit: 5_000n, maxOutput: 1_000 })
}
