import { flag, limits, type Opcode, opcodeOf } from '../isa.ts'
import type { ProgramImage } from '../state.ts'
import { fieldAt, wordSize } from '../word.ts'

/** The instructions of a program, field by field. */
export type Words = {
  count: number
  code: DataView
  /** Undefined where the instruction traps whatever the state: unknown, or with an index out of range. */
  opcodes: readonly (Opcode | undefined)[]
  flags: Uint8Array
  d: Uint16Array
  a: Uint16Array
  b: Uint16Array
  c: Uint16Array
  t: Uint32Array
}

/** What the fast machine has to know beyond single instructions. */
export type Analysis = {
  /**
   * For each instruction, and for the end of the code, the part it belongs to. Parts are what jumps and the way from one
   * instruction to the next hold together: the functions, since frames change only where one part calls or returns to another.
   */
  part: Uint32Array
  /** By part: bytes of its frame, which end in a slot that is always zero and behind which the arguments stand. */
  frameBytes: Uint16Array
  /** By part: where the zero slot stands. */
  zeroSlot: Uint16Array
  /** By part: whether it may return with arguments. */
  leaves: Uint8Array
  /** Arguments that the program uses: 0 to this. */
  args: number
  /** The most instructions that run without a jump, the jump included. */
  longestRun: number
}

/**
 * Passes over the code in which arguments are followed from returns to callers. A translated program takes two, since its callers
 * fetch all results at once. Another one in which they come back through longer chains of calls is not regular: its frames are larger.
 */
const mostPasses = 8

/** Forms that end the way straight on. */
const ending: ReadonlySet<Opcode['form']> = new Set<Opcode['form']>([
  'trap',
  'jump',
  'jumpTable',
  'return',
  'exit',
])

/** Whether an instruction ends the way straight on, goes elsewhere for a while, or takes more than one step. */
function leavesRun(opcode: Opcode | undefined): boolean {
  if (opcode === undefined || ending.has(opcode.form)) return true
  return opcode.form === 'call' || opcode.form === 'callIndirect' || opcode.repeats === true
}

/** Reads the fields of all instructions. */
export function readWords(bytes: Uint8Array): Words {
  const count = Math.min(Math.floor(bytes.length / wordSize), limits.codeWords)
  const code = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [d, a, b, c] = Array.from({ length: 4 }, () => new Uint16Array(count)) as [
    Uint16Array,
    Uint16Array,
    Uint16Array,
    Uint16Array,
  ]
  const flags = new Uint8Array(count)
  const t = new Uint32Array(count)
  const opcodes: (Opcode | undefined)[] = new Array(count)
  const words = { count, code, opcodes, flags, d, a, b, c, t }
  for (let i = 0; i < count; i++) {
    const at = i * wordSize
    flags[i] = bytes[at + fieldAt.flags]!
    d[i] = code.getUint16(at + fieldAt.d)
    a[i] = code.getUint16(at + fieldAt.a)
    b[i] = code.getUint16(at + fieldAt.b)
    c[i] = code.getUint16(at + fieldAt.c)
    t[i] = code.getUint32(at + fieldAt.t)
    opcodes[i] = opcodeOf[bytes[at + fieldAt.op]!]
    if (greatestIndex(words, i) >= limits.slots) opcodes[i] = undefined
  }
  return words
}

/** The greatest slot that an instruction reads or writes; −1 without one. */
function greatestSlot({ opcodes, flags, d, a, b, c }: Words, i: number): number {
  const opcode = opcodes[i]
  if (!opcode) return -1
  const { form, reads, writes } = opcode
  let greatest = -1
  const hasA = form === 'return' ? (flags[i]! & flag.hasValue) !== 0 : reads !== ''
  if (hasA && !(flags[i]! & flag.constantA)) greatest = a[i]!
  if (reads.includes('b') && !(flags[i]! & flag.constantB)) greatest = Math.max(greatest, b[i]!)
  if (reads.includes('c')) greatest = Math.max(greatest, c[i]!)
  // that of a call is written when it returns, to the same frame
  if (writes) greatest = Math.max(greatest, d[i]!)
  return greatest
}

function greatestIndex(words: Words, i: number): number {
  return Math.max(greatestSlot(words, i), words.opcodes[i]?.indexed === true ? words.t[i]! : -1)
}

/** The highest index of a `jump_table`; what is above 2^32 is no different. */
export function tableBound({ code }: Words, i: number): number {
  const at = i * wordSize + fieldAt.y
  return code.getUint32(at) !== 0 ? 0xffff_ffff : code.getUint32(at + 4)
}

/** Finds the parts of a program, their frames, and what arguments pass between them. */
export function analyse(words: Words, program: ProgramImage): Analysis {
  const { part, parts } = findParts(words)
  const slots = new Uint16Array(parts)
  for (let i = 0; i < words.count; i++) {
    const at = part[i]!
    slots[at] = Math.max(slots[at]!, greatestSlot(words, i) + 1)
  }
  const { args, leaves } = followArguments(words, program, part, slots)
  const frameBytes = new Uint16Array(parts)
  const zeroSlot = new Uint16Array(parts)
  for (let at = 0; at < parts; at++) {
    zeroSlot[at] = 8 * slots[at]!
    frameBytes[at] = ((slots[at]! + 2) >> 1) << 4
  }
  return { part, frameBytes, zeroSlot, leaves, args, longestRun: findLongestRun(words) }
}

function findParts(words: Words): { part: Uint32Array; parts: number } {
  const { count, opcodes, t } = words
  // joined[i]: how many ways more begin than end to cross from i to i + 1
  const joined = new Int32Array(count + 2)
  const join = (from: number, to: number) => {
    if (from === to) return
    joined[Math.min(from, to)]!++
    joined[Math.max(from, to)]!--
  }
  for (let i = 0; i < count; i++) {
    const form = opcodes[i]?.form ?? 'trap'
    if (!ending.has(form)) join(i, i + 1)
    if ((form === 'jump' || form === 'branch') && t[i]! <= count) join(i, t[i]!)
    if (form === 'jumpTable') join(i, Math.min(i + 1 + tableBound(words, i), count))
  }
  const part = new Uint32Array(count + 1)
  let parts = 0
  let open = 0
  for (let i = 0; i <= count; i++) {
    part[i] = parts
    open += joined[i]!
    if (open === 0) parts++
  }
  return { part, parts: parts + 1 }
}

/**
 * How many arguments may be set where a part is called and where it returns. What a translator emits sets the arguments of a
 * call right before it. Where some other program jumps with arguments set, every part may have any.
 */
function followArguments(
  words: Words,
  { table }: ProgramImage,
  part: Uint32Array,
  slots: Uint16Array,
): { args: number; leaves: Uint8Array } {
  const { count, opcodes, flags, t } = words
  // host instructions look at the first four
  let args = 4
  for (let i = 0; i < count; i++) {
    const form = opcodes[i]?.form
    if (form === 'arg' || form === 'result') args = Math.max(args, t[i]! + 1)
  }
  const left = new Uint16Array(slots.length)
  const byType = new Map<number, number[]>()
  for (const { type, pc } of table) {
    if (type === 0 || pc > count) continue
    const targets = byType.get(type)
    if (targets) targets.push(part[pc]!)
    else byType.set(type, [part[pc]!])
  }
  const called = (targets: readonly number[], set: number): number => {
    let returned = 0
    for (const target of targets) {
      slots[target] = Math.max(slots[target]!, set)
      returned = Math.max(returned, left[target]!)
    }
    return returned
  }

  let regular = true
  let changed = true
  for (let pass = 0; changed && regular; pass++) {
    changed = false
    let set = 0
    for (let i = 0; i < count; i++) {
      const form = opcodes[i]?.form ?? 'trap'
      if (form === 'arg') set = Math.max(set, t[i]! + 1)
      else if (form === 'result') set = flags[i]! & flag.emptiesArgs ? 0 : set
      else if (form === 'call') set = t[i]! > count ? 0 : called([part[t[i]!]!], set)
      else if (form === 'callIndirect') set = called(byType.get(t[i]!) ?? [], set)
      else if (form === 'inputSize' || form === 'inputRead' || form === 'outputWrite') set = 0
      else if (form === 'jump' || form === 'branch' || form === 'jumpTable') regular &&= set === 0
      else if (form === 'return' && set > left[part[i]!]!) {
        left[part[i]!] = set
        changed = true
      }
      if (ending.has(form)) set = 0
    }
    // the end of the code may be reached with arguments, and traps there
    regular &&= pass < mostPasses
  }
  if (!regular) {
    left.fill(args)
    for (let at = 0; at < slots.length; at++) slots[at] = Math.max(slots[at]!, args)
  }
  return { args, leaves: Uint8Array.from(left, (set) => (set > 0 ? 1 : 0)) }
}

function findLongestRun({ count, opcodes }: Words): number {
  let longest = 1
  let run = 1
  for (let i = count - 1; i >= 0; i--) {
    run = leavesRun(opcodes[i]) ? 1 : run + 1
    longest = Math.max(longest, run)
  }
  return longest
}
