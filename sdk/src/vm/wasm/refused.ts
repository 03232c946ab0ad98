import { hex } from './immediates.ts'
import { opcode } from './opcodes.ts'

/** An instruction that is not on the list of accepted ones: what it is called and where it comes from. */
export type Refused = { readonly instruction: string; readonly feature: string }

const oneByte: Readonly<Record<number, readonly [instruction: string, feature: string]>> = {
  6: ['try', 'exceptions'],
  7: ['catch', 'exceptions'],
  8: ['throw', 'exceptions'],
  9: ['rethrow', 'exceptions'],
  10: ['throw_ref', 'exceptions'],
  18: ['return_call', 'tail calls'],
  19: ['return_call_indirect', 'tail calls'],
  20: ['call_ref', 'typed function references'],
  21: ['return_call_ref', 'typed function references'],
  24: ['delegate', 'exceptions'],
  25: ['catch_all', 'exceptions'],
  31: ['try_table', 'exceptions'],
  37: ['table.get', 'reference types'],
  38: ['table.set', 'reference types'],
  208: ['ref.null', 'reference types'],
  209: ['ref.is_null', 'reference types'],
  210: ['ref.func', 'reference types'],
  211: ['ref.eq', 'typed function references'],
  212: ['ref.as_non_null', 'typed function references'],
  213: ['br_on_null', 'typed function references'],
  214: ['br_on_non_null', 'typed function references'],
}

const afterFc: Readonly<Record<number, readonly [instruction: string, feature: string]>> = {
  8: ['memory.init', 'passive data segments'],
  9: ['data.drop', 'passive data segments'],
  12: ['table.init', 'table instructions'],
  13: ['elem.drop', 'table instructions'],
  14: ['table.copy', 'table instructions'],
  15: ['table.grow', 'table instructions'],
  16: ['table.size', 'table instructions'],
  17: ['table.fill', 'table instructions'],
}

/** `-` stands for numbers without an instruction. */
const compare = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'
const lanes = (shape: string, list: string) =>
  list.split(' ').map((name) => (name === '-' || name.includes('.') ? name : `${shape}.${name}`))

const simd: readonly string[] = [
  ...lanes(
    'v128',
    'load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u load8_splat load16_splat load32_splat ' +
      'load64_splat store const i8x16.shuffle i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat ' +
      'f32x4.splat f64x2.splat i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane i16x8.extract_lane_s ' +
      'i16x8.extract_lane_u i16x8.replace_lane i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane ' +
      'i64x2.replace_lane f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane',
  ),
  ...lanes('i8x16', compare),
  ...lanes('i16x8', compare),
  ...lanes('i32x4', compare),
  ...lanes('f32x4', 'eq ne lt gt le ge'),
  ...lanes('f64x2', 'eq ne lt gt le ge'),
  ...lanes(
    'v128',
    'not and andnot or xor bitselect any_true load8_lane load16_lane load32_lane load64_lane store8_lane ' +
      'store16_lane store32_lane store64_lane load32_zero load64_zero f32x4.demote_f64x2_zero ' +
      'f64x2.promote_low_f32x4',
  ),
  ...lanes(
    'i8x16',
    'abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u f32x4.ceil f32x4.floor f32x4.trunc ' +
      'f32x4.nearest shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u f64x2.ceil f64x2.floor min_s ' +
      'min_u max_s max_u f64x2.trunc avgr_u i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u ' +
      'i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u',
  ),
  ...lanes(
    'i16x8',
    'abs neg q15mulr_sat_s all_true bitmask narrow_i32x4_s narrow_i32x4_u extend_low_i8x16_s extend_high_i8x16_s ' +
      'extend_low_i8x16_u extend_high_i8x16_u shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u ' +
      'f64x2.nearest mul min_s min_u max_s max_u - avgr_u extmul_low_i8x16_s extmul_high_i8x16_s ' +
      'extmul_low_i8x16_u extmul_high_i8x16_u',
  ),
  ...lanes(
    'i32x4',
    'abs neg - all_true bitmask - - extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u ' +
      'shl shr_s shr_u add - - sub - - - mul min_s min_u max_s max_u dot_i16x8_s - extmul_low_i16x8_s ' +
      'extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u',
  ),
  ...lanes(
    'i64x2',
    'abs neg - all_true bitmask - - extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u ' +
      'shl shr_s shr_u add - - sub - - - mul eq ne lt_s gt_s le_s ge_s extmul_low_i32x4_s extmul_high_i32x4_s ' +
      'extmul_low_i32x4_u extmul_high_i32x4_u',
  ),
  ...lanes('f32x4', 'abs neg - sqrt add sub mul div min max pmin pmax'),
  ...lanes('f64x2', 'abs neg - sqrt add sub mul div min max pmin pmax'),
  ...lanes(
    'i32x4',
    'trunc_sat_f32x4_s trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u trunc_sat_f64x2_s_zero ' +
      'trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u',
  ),
]

const atomicWidths = (instruction: string) =>
  [
    'i32.atomic.@',
    'i64.atomic.@',
    'i32.atomic.@8_u',
    'i32.atomic.@16_u',
    'i64.atomic.@8_u',
    'i64.atomic.@16_u',
    'i64.atomic.@32_u',
  ].map((form) => form.replace('@', instruction))

const threads: readonly string[] = [
  ...'memory.atomic.notify memory.atomic.wait32 memory.atomic.wait64 atomic.fence'.split(' '),
  ...new Array<string>(12).fill('-'),
  ...atomicWidths('load'),
  ...atomicWidths('store').map((name) => name.replace('_u', '')),
  ...['add', 'sub', 'and', 'or', 'xor', 'xchg', 'cmpxchg'].flatMap((operation) =>
    atomicWidths('rmw').map((name) =>
      name.endsWith('_u') ? name.replace('_u', `.${operation}_u`) : `${name}.${operation}`,
    ),
  ),
]

/** What a refused opcode would be. `second` is the number after a prefix. */
export function refusedInstruction(code: number, second?: number): Refused {
  const number = second === undefined ? hex(code) : `${hex(code)} ${hex(second)}`
  const named = (name: string | undefined, feature: string) => ({
    instruction: name === undefined || name === '-' ? number : name,
    feature,
  })
  if (code === 0xfb) return named(undefined, 'garbage collection')
  if (code === 0xfd) return named(simd[second ?? -1], 'SIMD')
  if (code === 0xfe) return named(threads[second ?? -1], 'threads')
  const found = code === opcode.prefixFc ? afterFc[second ?? -1] : oneByte[code]
  return named(found?.[0], found?.[1] ?? 'unknown')
}
