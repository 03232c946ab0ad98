/**
 * The one table of the Assay VM's instructions: what they are called and what they use. All machines read it or are generated
 * from it, as are contracts/verification/vm/Isa.sol and docs/vm/isa.md. What each instruction does: docs/vm/machine.md.
 * WebAssembly's own instructions, as the validator takes them, are a list of their own: wasm/opcodes.ts. What a change asks
 * for, and when the version rises: docs/vm/README.md, "Changing the machine".
 */

/** Version of the machine, part of every programId. */
export const vmVersion = 1

/** Bits of the flags byte. */
export const flag = { constantA: 1, constantB: 2, hasValue: 4, emptiesArgs: 8 } as const

/** What an instruction is, for who decodes it. Numeric ones are `unary` or `binary`. */
export type Form =
  | 'trap'
  | 'jump'
  | 'branch'
  | 'jumpTable'
  | 'return'
  | 'call'
  | 'callIndirect'
  | 'select'
  | 'move'
  | 'arg'
  | 'result'
  | 'globalGet'
  | 'globalSet'
  | 'load'
  | 'store'
  | 'memorySize'
  | 'memoryGrow'
  | 'memoryCopy'
  | 'memoryFill'
  | 'inputSize'
  | 'inputRead'
  | 'outputWrite'
  | 'exit'
  | 'unary'
  | 'binary'

export type NumberType = 'i32' | 'i64' | 'f32' | 'f64'

export type Opcode = {
  /** WebAssembly's name where the instruction is WebAssembly's. */
  readonly name: string
  /** First byte of the word; WebAssembly's opcode where the instruction has one of a byte. */
  readonly code: number
  /** WebAssembly's opcode after the prefix 0xfc, where it is one of two bytes. */
  readonly afterFc?: number
  readonly form: Form
  /** Which of the operands A, B, C it reads. `return` reads A only with flag.hasValue. */
  readonly reads: '' | 'a' | 'ab' | 'abc'
  /** Whether it uses `d` as the slot that it writes; `call` and `callIndirect` leave the write to the return. */
  readonly writes: boolean
  /** Loads and stores: bytes in memory, and whether a load extends the sign. */
  readonly width?: 1 | 2 | 4 | 8
  readonly signed?: true
  /** The type of what is loaded, stored or computed, where it is a number. */
  readonly type?: NumberType
  /** Unary and binary: the type of all operands. */
  readonly operand?: NumberType
  /** Unary and binary: whether there are operands that make it trap. */
  readonly traps?: true
  /** Whether `t` is the index of an argument or a global. */
  readonly indexed?: true
  /** Whether it takes its operands from the args. */
  readonly host?: true
  /** Whether it moves bytes over several steps, counted by `rep`. */
  readonly repeats?: true
  /** Executed by OneStepFloat. */
  readonly float?: true
}

const control: Opcode[] = [
  { name: 'unreachable', code: 0x00, form: 'trap', reads: '', writes: false },
  { name: 'jump', code: 0x0c, form: 'jump', reads: '', writes: false },
  { name: 'jump_if', code: 0x0d, form: 'branch', reads: 'a', writes: false },
  { name: 'jump_table', code: 0x0e, form: 'jumpTable', reads: 'a', writes: false },
  { name: 'return', code: 0x0f, form: 'return', reads: 'a', writes: false },
  { name: 'call', code: 0x10, form: 'call', reads: '', writes: true },
  { name: 'call_indirect', code: 0x11, form: 'callIndirect', reads: 'a', writes: true },
  { name: 'jump_unless', code: 0x12, form: 'branch', reads: 'a', writes: false },
  { name: 'select', code: 0x1b, form: 'select', reads: 'abc', writes: true },
  { name: 'move', code: 0x20, form: 'move', reads: 'a', writes: true },
  { name: 'arg', code: 0x21, form: 'arg', reads: 'a', writes: false, indexed: true },
  { name: 'result', code: 0x22, form: 'result', reads: '', writes: true, indexed: true },
  { name: 'global_get', code: 0x23, form: 'globalGet', reads: '', writes: true, indexed: true },
  { name: 'global_set', code: 0x24, form: 'globalSet', reads: 'a', writes: false, indexed: true },
]

type Access = [name: string, width: 1 | 2 | 4 | 8, signed?: true]

const loads = (
  [
    ['i32.load', 4],
    ['i64.load', 8],
    ['f32.load', 4],
    ['f64.load', 8],
    ['i32.load8_s', 1, true],
    ['i32.load8_u', 1],
    ['i32.load16_s', 2, true],
    ['i32.load16_u', 2],
    ['i64.load8_s', 1, true],
    ['i64.load8_u', 1],
    ['i64.load16_s', 2, true],
    ['i64.load16_u', 2],
    ['i64.load32_s', 4, true],
    ['i64.load32_u', 4],
  ] satisfies Access[]
).map(
  ([name, width, signed], index): Opcode => ({
    name,
    code: 0x28 + index,
    form: 'load',
    reads: 'a',
    writes: true,
    width: width as 1 | 2 | 4 | 8,
    type: typeOf(name),
    ...(signed === true ? { signed } : {}),
  }),
)

const stores = (
  [
    ['i32.store', 4],
    ['i64.store', 8],
    ['f32.store', 4],
    ['f64.store', 8],
    ['i32.store8', 1],
    ['i32.store16', 2],
    ['i64.store8', 1],
    ['i64.store16', 2],
    ['i64.store32', 4],
  ] satisfies Access[]
).map(
  ([name, width], index): Opcode => ({
    name,
    code: 0x36 + index,
    form: 'store',
    reads: 'ab',
    writes: false,
    width: width as 1 | 2 | 4 | 8,
    type: typeOf(name),
  }),
)

const memory: Opcode[] = [
  { name: 'memory_size', code: 0x3f, form: 'memorySize', reads: '', writes: true },
  { name: 'memory_grow', code: 0x40, form: 'memoryGrow', reads: 'a', writes: true },
  {
    name: 'memory_copy',
    code: 0xe0,
    afterFc: 0x0a,
    form: 'memoryCopy',
    reads: 'abc',
    writes: false,
    repeats: true,
  },
  {
    name: 'memory_fill',
    code: 0xe1,
    afterFc: 0x0b,
    form: 'memoryFill',
    reads: 'abc',
    writes: false,
    repeats: true,
  },
]

const host: Opcode[] = [
  { name: 'input_size', code: 0xf0, form: 'inputSize', reads: '', writes: true, host: true },
  { name: 'input_read', code: 0xf1, form: 'inputRead', reads: '', writes: true, host: true, repeats: true },
  {
    name: 'output_write',
    code: 0xf2,
    form: 'outputWrite',
    reads: '',
    writes: false,
    host: true,
    repeats: true,
  },
  { name: 'exit', code: 0xf3, form: 'exit', reads: '', writes: false, host: true },
]

const compare = 'eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'
const compareFloat = 'eq ne lt gt le ge'
const integer = 'clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr'
const float = 'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign'
const unaryNames = new Set('eqz clz ctz popcnt abs neg ceil floor trunc nearest sqrt'.split(' '))
const trappingNames = new Set('div_s div_u rem_s rem_u'.split(' '))

/** WebAssembly's numeric instructions from 0x45 on, in the order of their opcodes, without the reinterpretations. */
const numeric: Opcode[] = [
  ...series(0x45, 'i32', compare, 'i32'),
  ...series(0x50, 'i64', compare, 'i32'),
  ...series(0x5b, 'f32', compareFloat, 'i32'),
  ...series(0x61, 'f64', compareFloat, 'i32'),
  ...series(0x67, 'i32', integer),
  ...series(0x79, 'i64', integer),
  ...series(0x8b, 'f32', float),
  ...series(0x99, 'f64', float),
  ...conversions(
    0xa7,
    'i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u ' +
      'i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s ' +
      'f32.convert_i64_u f32.demote_f64 f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32',
  ),
  ...conversions(0xc0, 'i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s'),
  ...conversions(
    0xd0,
    'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u i64.trunc_sat_f32_s i64.trunc_sat_f32_u ' +
      'i64.trunc_sat_f64_s i64.trunc_sat_f64_u',
  ).map((opcode, index) => ({ ...opcode, afterFc: index })),
]

function typeOf(name: string): NumberType {
  return name.slice(0, 3) as NumberType
}

/** Instructions on one type, with consecutive opcodes; comparisons give another. */
function series(first: number, operand: NumberType, names: string, type = operand): Opcode[] {
  return names.split(' ').map((name, index) => {
    const isUnary = unaryNames.has(name)
    return {
      name: `${operand}.${name}`,
      code: first + index,
      form: isUnary ? 'unary' : 'binary',
      reads: isUnary ? 'a' : 'ab',
      writes: true,
      type,
      operand,
      ...(operand.startsWith('f') ? { float: true as const } : {}),
      ...(trappingNames.has(name) ? { traps: true as const } : {}),
    }
  })
}

/** The name of a conversion ends in the type of its operand; what extends the sign within a type names no other. */
function conversions(first: number, names: string): Opcode[] {
  return names.split(' ').map((name, index) => ({
    name,
    code: first + index,
    form: 'unary',
    reads: 'a',
    writes: true,
    type: typeOf(name),
    operand: (/_([if](?:32|64))/.exec(name)?.[1] as NumberType | undefined) ?? typeOf(name),
    ...(/f(32|64)/.test(name) ? { float: true as const } : {}),
    ...(/\.trunc_f/.test(name) ? { traps: true as const } : {}),
  }))
}

/** All instructions, in the order of their opcodes. */
export const opcodes: readonly Opcode[] = [
  ...control,
  ...loads,
  ...stores,
  ...memory,
  ...numeric,
  ...host,
].sort((left, right) => left.code - right.code)

/** By opcode; undefined where no instruction has it. */
export const opcodeOf: readonly (Opcode | undefined)[] = (() => {
  const table: (Opcode | undefined)[] = new Array(256).fill(undefined)
  for (const opcode of opcodes) table[opcode.code] = opcode
  return table
})()

const byName: ReadonlyMap<string, number> = new Map(opcodes.map(({ name, code }) => [name, code]))

/** The number of a named instruction, `op('i32.add')`; a name that is not in the table is a mistake of the caller. */
export function op(name: string): number {
  const code = byName.get(name)
  if (code === undefined) throw new TypeError(`No instruction of the VM is named ${name}.`)
  return code
}

/** Limits of the machine. Those of modules that are translated are in wasm/limits.ts. */
export const limits = {
  /** Slots of a frame, arguments, globals. */
  slots: 1_024,
  codeWords: 1 << 20,
  tableEntries: 1 << 18,
  /** Pages of 64 KiB. */
  pages: 16_384,
  /** Slots of all frames together, with 16 more for each call. */
  stack: 1_048_576,
  stackPerCall: 16,
  contentBytes: 2 ** 30,
  stepLimit: 2 ** 44,
} as const

/** Bytes of a page, the unit that WebAssembly counts memory in. */
export const pageSize = 65_536

/** Depths of the trees. */
export const depth = {
  content: 23,
  memory: 23,
  output: 23,
  code: 18,
  table: 16,
  globals: 6,
  frame: 6,
  args: 6,
} as const

/** Memory that a program may grow to where it declares no maximum, in pages. */
export const defaultMaxPages = 4_096
