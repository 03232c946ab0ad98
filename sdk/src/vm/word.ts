import { flag, limits, type Opcode, opcodeOf } from './isa.ts'

/** Bytes of an instruction. */
export const wordSize = 32

/** Where the fields stand in an instruction; each is big-endian and fills the place up to the next, `c` two bytes. */
export const fieldAt = { op: 0, flags: 1, d: 2, a: 4, b: 6, c: 8, t: 12, x: 16, y: 24 } as const

/** An instruction. What its fields mean: docs/vm/machine.md. */
export type Word = {
  op: number
  flags: number
  /** u16: slots. */
  d: number
  a: number
  b: number
  c: number
  /** u32. */
  t: number
  /** u64. */
  x: bigint
  y: bigint
}

const none: Word = { op: 0, flags: 0, d: 0, a: 0, b: 0, c: 0, t: 0, x: 0n, y: 0n }

/** The instruction at a place of the code; past its end the zero word, which is `unreachable`. */
export function readWord(code: Uint8Array, pc: number): Word {
  const at = pc * wordSize
  if (at + wordSize > code.length) return none
  const view = new DataView(code.buffer, code.byteOffset + at, wordSize)
  return {
    op: view.getUint8(fieldAt.op),
    flags: view.getUint8(fieldAt.flags),
    d: view.getUint16(fieldAt.d),
    a: view.getUint16(fieldAt.a),
    b: view.getUint16(fieldAt.b),
    c: view.getUint16(fieldAt.c),
    t: view.getUint32(fieldAt.t),
    x: view.getBigUint64(fieldAt.x),
    y: view.getBigUint64(fieldAt.y),
  }
}

/** The 32 bytes of an instruction; fields that are left out are zero. */
export function encodeWord(fields: Partial<Word> & { op: number }): Uint8Array {
  const word = { ...none, ...fields }
  const bytes = new Uint8Array(wordSize)
  const view = new DataView(bytes.buffer)
  view.setUint8(fieldAt.op, word.op)
  view.setUint8(fieldAt.flags, word.flags)
  view.setUint16(fieldAt.d, word.d)
  view.setUint16(fieldAt.a, word.a)
  view.setUint16(fieldAt.b, word.b)
  view.setUint16(fieldAt.c, word.c)
  view.setUint32(fieldAt.t, word.t)
  view.setBigUint64(fieldAt.x, word.x)
  view.setBigUint64(fieldAt.y, word.y)
  return bytes
}

/** The slots that an instruction reads: a and b unless they are constants, and c. */
export function slotsRead({ flags, a, b, c }: Word, { form, reads }: Opcode): number[] {
  if (form === 'return' && !(flags & flag.hasValue)) return []
  const slots: number[] = []
  if (reads.includes('a') && !(flags & flag.constantA)) slots.push(a)
  if (reads.includes('b') && !(flags & flag.constantB)) slots.push(b)
  if (reads.includes('c')) slots.push(c)
  return slots
}

/** Whether the slot `d` is written by the instruction itself; a call leaves that to the return. */
export function writesSlot({ form, writes }: Opcode): boolean {
  return writes && form !== 'call' && form !== 'callIndirect'
}

/**
 * The instruction's entry in the table, or undefined where rule 3 of a step makes it trap: unknown, or `rep` is set on
 * an instruction that does not repeat, or an index that it uses is out of range.
 */
export function lawful(word: Word, rep: number): Opcode | undefined {
  const opcode = opcodeOf[word.op]
  if (opcode === undefined) return undefined
  if (rep !== 0 && opcode.repeats !== true) return undefined
  const used = slotsRead(word, opcode)
  if (opcode.writes) used.push(word.d)
  if (opcode.indexed === true) used.push(word.t)
  return used.every((index) => index < limits.slots) ? opcode : undefined
}
