/** What follows an opcode in the code. */
export const immediate = {
  refused: 0,
  none: 1,
  block: 2,
  else: 3,
  end: 4,
  label: 5,
  labels: 6,
  call: 7,
  callIndirect: 8,
  selectTyped: 9,
  local: 10,
  global: 11,
  memarg: 12,
  memory: 13,
  grow: 14,
  i32: 15,
  i64: 16,
  f32: 17,
  f64: 18,
  prefixFc: 19,
} as const

/**
 * Kind of immediate of each one-byte opcode: WebAssembly 1.0, sign extension, the typed form of `select`, and
 * the prefix of saturating truncation and memory.copy/fill. Everything else is refused.
 */
export const immediates: Uint8Array = (() => {
  const table = new Uint8Array(256)
  const set = (from: number, to: number, kind: number) => table.fill(kind, from, to + 1)
  set(0x00, 0x01, immediate.none) // unreachable, nop
  set(0x02, 0x04, immediate.block) // block, loop, if
  set(0x05, 0x05, immediate.else)
  set(0x0b, 0x0b, immediate.end)
  set(0x0c, 0x0d, immediate.label) // br, br_if
  set(0x0e, 0x0e, immediate.labels) // br_table
  set(0x0f, 0x0f, immediate.none) // return
  set(0x10, 0x10, immediate.call)
  set(0x11, 0x11, immediate.callIndirect)
  set(0x1a, 0x1b, immediate.none) // drop, select
  set(0x1c, 0x1c, immediate.selectTyped)
  set(0x20, 0x22, immediate.local)
  set(0x23, 0x24, immediate.global)
  set(0x28, 0x3e, immediate.memarg) // loads and stores
  set(0x3f, 0x3f, immediate.memory) // memory.size
  set(0x40, 0x40, immediate.grow)
  set(0x41, 0x41, immediate.i32)
  set(0x42, 0x42, immediate.i64)
  set(0x43, 0x43, immediate.f32)
  set(0x44, 0x44, immediate.f64)
  set(0x45, 0xc4, immediate.none) // comparisons, arithmetic, conversions, sign extension
  set(0xfc, 0xfc, immediate.prefixFc)
  return table
})()

/** Memory indices after an accepted opcode of prefix 0xfc; undefined where it is refused. */
export function memoryIndicesAfterFc(opcode: number): number | undefined {
  if (opcode <= 0x07) return 0 // trunc_sat
  if (opcode === 0x0a) return 2 // memory.copy
  if (opcode === 0x0b) return 1 // memory.fill
  return undefined
}

/** The proposal that a refused opcode belongs to, for the message. */
export function featureOfOpcode(opcode: number, second?: number): string {
  if (opcode === 0xfd) return 'SIMD'
  if (opcode === 0xfe) return 'threads'
  if (opcode === 0xfb) return 'garbage collection'
  if (opcode === 0xfc) {
    if (second === 0x08 || second === 0x09) return 'passive data segments'
    if (second !== undefined && second >= 0x0c && second <= 0x11) return 'table instructions'
    return 'unknown'
  }
  if ((opcode >= 0x06 && opcode <= 0x0a) || [0x18, 0x19, 0x1f].includes(opcode)) return 'exceptions'
  if (opcode === 0x12 || opcode === 0x13) return 'tail calls'
  if ([0x14, 0x15, 0xd3, 0xd4, 0xd5, 0xd6].includes(opcode)) return 'typed function references'
  if (opcode === 0x25 || opcode === 0x26 || (opcode >= 0xd0 && opcode <= 0xd2)) return 'reference types'
  return 'unknown'
}

/** Lower-case hex of a byte, two digits. */
export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
