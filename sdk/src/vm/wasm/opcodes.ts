// WebAssembly's instructions as its specification lists them, apart from the machine's table on purpose: a mistake in one of
// the two does not validate what it then executes. sdk/test/vm.isa.test.ts compares them.
import { valueType } from './types.ts'

/** What an instruction is to the validator. */
export const form = {
  refused: 0,
  unreachable: 1,
  nop: 2,
  block: 3,
  else: 4,
  end: 5,
  br: 6,
  brIf: 7,
  brTable: 8,
  return: 9,
  call: 10,
  callIndirect: 11,
  drop: 12,
  select: 13,
  selectTyped: 14,
  localGet: 15,
  localSet: 16,
  localTee: 17,
  globalGet: 18,
  globalSet: 19,
  load: 20,
  store: 21,
  memorySize: 22,
  memoryGrow: 23,
  i32Const: 24,
  i64Const: 25,
  f32Const: 26,
  f64Const: 27,
  unary: 28,
  binary: 29,
  reinterpret: 30,
  prefixFc: 31,
} as const

/** Opcodes that the validator asks for by themselves. */
export const opcode = { block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, prefixFc: 0xfc } as const

/** Opcodes after the prefix 0xfc. */
export const afterFc = { truncSatLast: 0x07, memoryCopy: 0x0a, memoryFill: 0x0b } as const

/** `form` of each opcode of one byte; 0 where it is refused. */
export const forms = new Uint8Array(256)
/** Type of the operands: of the address's companion for stores, of all operands of numeric instructions. */
export const operandTypes = new Uint8Array(256)
/** Type of the result of loads and numeric instructions. */
export const resultTypes = new Uint8Array(256)
/** Largest exponent of a load's or store's alignment: its own width. */
export const widthExponents = new Uint8Array(256)
/** Names of the text format of the opcodes of one byte that are accepted. */
export const names: string[] = new Array<string>(256).fill('')

const { i32, i64, f32, f64 } = valueType
const typeOf: Record<string, number> = { i32, i64, f32, f64 }

/** Names instructions with consecutive opcodes; the forms follow in the same order, or are the same for all. */
function series(first: number, list: string, formOfEach: number | ((name: string) => number)): void {
  list.split(' ').forEach((name, index) => {
    const code = first + index
    names[code] = name
    forms[code] = typeof formOfEach === 'number' ? formOfEach : formOfEach(name)
  })
}

function set(code: number, name: string, what: number): void {
  series(code, name, what)
}

set(0x00, 'unreachable', form.unreachable)
set(0x01, 'nop', form.nop)
series(0x02, 'block loop if', form.block)
set(0x05, 'else', form.else)
set(0x0b, 'end', form.end)
set(0x0c, 'br', form.br)
set(0x0d, 'br_if', form.brIf)
set(0x0e, 'br_table', form.brTable)
set(0x0f, 'return', form.return)
set(0x10, 'call', form.call)
set(0x11, 'call_indirect', form.callIndirect)
set(0x1a, 'drop', form.drop)
set(0x1b, 'select', form.select)
set(0x1c, 'select', form.selectTyped)
set(0x20, 'local.get', form.localGet)
set(0x21, 'local.set', form.localSet)
set(0x22, 'local.tee', form.localTee)
set(0x23, 'global.get', form.globalGet)
set(0x24, 'global.set', form.globalSet)
series(
  0x28,
  'i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s i64.load8_u ' +
    'i64.load16_s i64.load16_u i64.load32_s i64.load32_u',
  form.load,
)
series(
  0x36,
  'i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32',
  form.store,
)
set(0x3f, 'memory.size', form.memorySize)
set(0x40, 'memory.grow', form.memoryGrow)
set(0x41, 'i32.const', form.i32Const)
set(0x42, 'i64.const', form.i64Const)
set(0x43, 'f32.const', form.f32Const)
set(0x44, 'f64.const', form.f64Const)

const unaryNames = /\.(eqz|clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt)$/
const arity = (name: string) => (unaryNames.test(name) ? form.unary : form.binary)
const each = (type: string, list: string) => list.replace(/\S+/g, (name) => `${type}.${name}`)
const comparisons = 'eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'
const floatComparisons = 'eq ne lt gt le ge'
const integers = 'clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr'
const floats = 'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign'
series(0x45, each('i32', comparisons), arity)
series(0x50, each('i64', comparisons), arity)
series(0x5b, each('f32', floatComparisons), arity)
series(0x61, each('f64', floatComparisons), arity)
series(0x67, each('i32', integers), arity)
series(0x79, each('i64', integers), arity)
series(0x8b, each('f32', floats), arity)
series(0x99, each('f64', floats), arity)
series(
  0xa7,
  'i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u ' +
    'i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u ' +
    'f32.convert_i64_s f32.convert_i64_u f32.demote_f64 f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s ' +
    'f64.convert_i64_u f64.promote_f32',
  form.unary,
)
series(
  0xbc,
  'i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64',
  form.reinterpret,
)
series(0xc0, 'i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s', form.unary)
forms[opcode.prefixFc] = form.prefixFc

/** Names of the accepted instructions after the prefix 0xfc; the first eight are unary. */
export const namesAfterFc: readonly string[] = [
  ...'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u'.split(' '),
  ...'i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u'.split(' '),
  ...['', '', 'memory.copy', 'memory.fill'],
]

for (let code = 0x28; code <= 0xc4; code++) {
  const name = names[code]!
  const [own, ...rest] = name.split(/[._]/)
  const ownType = typeOf[own!] ?? 0
  // the type that a conversion comes from is the last one named
  const from = rest.map((part) => typeOf[part]).findLast((type) => type !== undefined)
  operandTypes[code] = from ?? ownType
  resultTypes[code] = /\.(eqz|eq|ne|[lg][te](_[su])?)$/.test(name) ? i32 : ownType
  if (forms[code] !== form.load && forms[code] !== form.store) continue
  const bits = /(8|16|32)(_[su])?$/.exec(name.slice(4))?.[1]
  widthExponents[code] = Math.log2(Number(bits ?? own!.slice(1)) / 8)
}
