import type { WatFunctions } from './types.ts'

/** Bytes at the beginning and at the end of the task's input that the seed depends on. */
export const seedBytes = 64

/** What the generator adds at each step (2^64 divided by the golden ratio). */
export const goldenGamma = 0x9e3779b97f4a7c15n

/**
 * splitmix64 (Steele, Lea, Flood, 2014), seeded by the size of the task's input and its first and last 64 bytes,
 * which are read through the first byte of the caller's buffer.
 */
export const randomState = `
  (global $seeded (mut i32) (i32.const 0))
  (global $random (mut i64) (i64.const 0))

  (func $mix (param $z i64) (result i64)
    (local.set $z (i64.mul
      (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 30)))
      (i64.const 0xbf58476d1ce4e5b9)))
    (local.set $z (i64.mul
      (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 27)))
      (i64.const 0x94d049bb133111eb)))
    (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 31))))

  (func $seed_with (param $value i64)
    (global.set $random (call $mix
      (i64.add (i64.add (global.get $random) (local.get $value)) (i64.const ${goldenGamma})))))

  (func $seed_range (param $from i32) (param $to i32) (param $scratch i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
        (drop (call $input_read (i32.const 0) (local.get $from) (local.get $scratch) (i32.const 1)))
        (call $seed_with (i64.load8_u (local.get $scratch)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $next))))

  (func $seed (param $scratch i32)
    (local $size i32) (local $head i32)
    (local.set $size (call $input_size (i32.const 0)))
    (local.set $head (select (local.get $size) (i32.const ${seedBytes})
      (i32.lt_u (local.get $size) (i32.const ${seedBytes}))))
    (call $seed_with (i64.extend_i32_u (local.get $size)))
    (call $seed_range (i32.const 0) (local.get $head) (local.get $scratch))
    (call $seed_range
      (select (i32.sub (local.get $size) (i32.const ${seedBytes})) (local.get $head)
        (i32.gt_u (i32.sub (local.get $size) (local.get $head)) (i32.const ${seedBytes})))
      (local.get $size)
      (local.get $scratch))
    (global.set $seeded (i32.const 1)))

  (func $next_random (result i64)
    (global.set $random (i64.add (global.get $random) (i64.const ${goldenGamma})))
    (call $mix (global.get $random)))`

export const randomFunctions: WatFunctions = {
  random_get: `(param $to i32) (param $length i32) (result i32)
    (local $word i64)
    (if (i32.eqz (local.get $length)) (then (return (i32.const 0))))
    (if (i32.eqz (global.get $seeded)) (then (call $seed (local.get $to))))
    (block $tail
      (loop $next
        (br_if $tail (i32.lt_u (local.get $length) (i32.const 8)))
        (i64.store (local.get $to) (call $next_random))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $length (i32.sub (local.get $length) (i32.const 8)))
        (br $next)))
    (block $done
      (br_if $done (i32.eqz (local.get $length)))
      (local.set $word (call $next_random))
      (loop $next
        (i64.store8 (local.get $to) (local.get $word))
        (local.set $word (i64.shr_u (local.get $word) (i64.const 8)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (br_if $next (local.get $length))))
    (i32.const 0)`,
}
