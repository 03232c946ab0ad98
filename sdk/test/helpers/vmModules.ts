/** Modules that together reach what random words hardly do: calls of many shapes, repeating instructions, host streams. */
export const vmModules: Readonly<Record<string, string>> = {
  'recursion with several results': `(module
    (memory (export "memory") 1)
    (func $split (param i64 i32) (result i64 i32 i64)
      (if (i32.eqz (local.get 1)) (then (return (local.get 0) (i32.const 7) (i64.const -1))))
      (call $split (i64.add (i64.mul (local.get 0) (i64.const 6364136223846793005)) (i64.const 1)) (i32.sub (local.get 1) (i32.const 1)))
      (drop) (i32.add (i32.const 3)) (i64.extend_i32_s (local.get 1)))
    (func (export "run") (local i64 i32 i64)
      (call $split (i64.const 5) (i32.const 20)) (local.set 2) (local.set 1) (local.set 0)
      (i64.store (i32.const 8) (local.get 0)) (i32.store (i32.const 16) (local.get 1)) (i64.store offset=4 (i32.const 20) (local.get 2))
      (call $split (i64.const 9) (i32.const 2)) (drop) (drop) (local.set 0) (i64.store (i32.const 4093) (local.get 0))))`,

  'calls through the table': `(module
    (type $unary (func (param i32) (result i32)))
    (type $pair (func (param i32 i32) (result i32 i32)))
    (memory (export "memory") 1)
    (table 5 funcref)
    (elem (i32.const 0) $double $negate $swap $fill)
    (func $double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
    (func $negate (param i32) (result i32) (i32.sub (i32.const 0) (local.get 0)))
    (func $swap (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
    (func $fill (param i32) (result i32) (local i32 i64 f64) (memory.fill (i32.const 100) (local.get 0) (i32.const 300)) (i32.load8_u (i32.const 399)))
    (func $each (param i32) (result i32) (call_indirect (type $unary) (i32.const 21) (local.get 0)))
    (func (export "run") (local i32)
      (loop $next
        (i32.store (i32.add (i32.const 1000) (i32.shl (local.get 0) (i32.const 2))) (call $each (select (i32.const 3) (local.get 0) (i32.eq (local.get 0) (i32.const 2)))))
        (br_if $next (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3))))
      (call_indirect (type $pair) (i32.const 1) (i32.const 2) (i32.const 2))
      (i32.store (i32.const 2000)) (i32.store (i32.const 2004))
      (drop (call $each (i32.const 2)))))`,

  'copies at every alignment': `(module
    (memory (export "memory") 1 3)
    (data (i32.const 0) "the quick brown fox jumps over the lazy dog, and back")
    (func (export "run") (local i32)
      (loop $next
        (memory.copy (i32.add (i32.const 200) (i32.mul (local.get 0) (i32.const 37))) (i32.mul (local.get 0) (i32.const 11)) (i32.mul (local.get 0) (i32.const 50)))
        (memory.copy (i32.mul (local.get 0) (i32.const 5)) (i32.add (i32.const 190) (local.get 0)) (i32.const 260))
        (br_if $next (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 5))))
      (drop (memory.grow (i32.const 1)))
      (memory.fill (i32.const 65500) (i32.const 0x1fe) (i32.const 200))
      (memory.copy (i32.const 65530) (i32.const 0) (i32.const 70))
      (memory.copy (i32.const 131072) (i32.const 131072) (i32.const 0))
      (i32.store (i32.const 8) (memory.grow (i32.const 2)))
      (i32.store (i32.const 12) (memory.size))
      (memory.copy (i32.const 131072) (i32.const 131072) (i32.const 1))))`,

  'inputs and output': `(module
    (import "assay" "input_size" (func $size (param i32) (result i32)))
    (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "assay" "output_write" (func $write (param i32 i32)))
    (import "assay" "exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (global $sum (mut i64) (i64.const 0))
    (func $stop (param i32) (if (i32.eqz (local.get 0)) (then (call $exit (i32.wrap_i64 (global.get $sum))))) (call $stop (i32.sub (local.get 0) (i32.const 1))))
    (func (export "run") (local i32 i32)
      (local.set 1 (call $size (i32.const 0)))
      (loop $next
        (drop (call $read (i32.const 0) (local.get 0) (i32.add (i32.const 77) (local.get 0)) (i32.const 200)))
        (call $write (i32.add (i32.const 77) (local.get 0)) (i32.const 90))
        (global.set $sum (i64.add (global.get $sum) (i64.load8_u offset=77 (local.get 0))))
        (br_if $next (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 150))) (local.get 1))))
      (i32.store (i32.const 0) (call $read (i32.const 1) (i32.const 10) (i32.const 1000) (i32.const 100000)))
      (i32.store (i32.const 4) (call $read (i32.const 9) (i32.const 0) (i32.const 0) (i32.const 100)))
      (call $write (i32.const 0) (i32.const 8))
      (call $stop (i32.const 5))))`,

  'endless recursion with many locals': `(module
    (memory (export "memory") 1)
    (func $deep (param i64) (result i64) (local ${'i64 '.repeat(900)})
      (local.set 900 (i64.mul (local.get 0) (i64.const 3)))
      (i64.add (call $deep (local.get 900)) (local.get 900)))
    (func (export "run") (drop (call $deep (i64.const 1)))))`,

  'a switch and floats': `(module
    (memory (export "memory") 1)
    (func $step (param i32 f64) (result f64)
      (block $a (block $b (block $c (block $d
        (br_table $a $b $c $d (local.get 0)))
        (return (f64.sqrt (local.get 1))))
        (return (f64.div (local.get 1) (f64.const 0))))
        (return (f64.promote_f32 (f32.nearest (f32.demote_f64 (local.get 1))))))
      (f64.copysign (f64.const -3.25) (local.get 1)))
    (func (export "run") (local i32 f64)
      (local.set 1 (f64.const -2.5))
      (loop $next
        (f64.store (i32.shl (local.get 0) (i32.const 3)) (local.tee 1 (call $step (local.get 0) (f64.sub (local.get 1) (f64.convert_i32_s (local.get 0))))))
        (br_if $next (i32.lt_s (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 6))))
      (i64.store (i32.const 800) (i64.trunc_sat_f64_s (local.get 1)))
      (drop (i32.trunc_f64_s (local.get 1)))))`,

  'constants everywhere': `(module
    (memory (export "memory") 1)
    (global $g (mut i64) (i64.const 11))
    (func $constant (result i64) (i64.const 0x123456789abcdef0))
    (func (export "run") (local i32 i64)
      (global.set $g (i64.const -5))
      (i64.store (i32.const 100) (i64.const 0x1122334455667788))
      (i64.store32 offset=3 (i32.const 4090) (i64.const -2))
      (i32.store8 (i32.const 127) (i32.const 300))
      (local.set 0 (i32.sub (i32.const 100) (i32.load8_s (i32.const 127))))
      (local.set 1 (i64.shl (i64.const 3) (i64.extend_i32_u (local.get 0))))
      (local.set 1 (i64.xor (select (i64.const 1) (i64.const 2) (local.get 0)) (select (local.get 1) (i64.const 9) (i32.const 0))))
      (i64.store (i32.const 200) (i64.add (call $constant) (local.get 1)))
      (i32.store (i32.const 300) (i32.add (i32.const 2) (i32.const 40)))
      (if (i32.const 0) (then unreachable))
      (block $out (br_table 0 0 $out (i32.const 7)))
      (drop (i32.load offset=65533 (i32.const 0)))))`,

  'a long way': `(module
    (memory (export "memory") 1)
    (func $fibonacci (param i32) (result i32)
      (if (i32.lt_s (local.get 0) (i32.const 2)) (then (return (local.get 0))))
      (i32.add (call $fibonacci (i32.sub (local.get 0) (i32.const 1))) (call $fibonacci (i32.sub (local.get 0) (i32.const 2)))))
    (func (export "run") (local i32 i32)
      (local.set 0 (i32.const 2))
      (loop $numbers
        (if (i32.eqz (i32.load8_u (local.get 0))) (then
          (local.set 1 (i32.mul (local.get 0) (local.get 0)))
          (block $done (loop $multiples
            (br_if $done (i32.ge_u (local.get 1) (i32.const 3000)))
            (i32.store8 (local.get 1) (i32.const 1))
            (local.set 1 (i32.add (local.get 1) (local.get 0)))
            (br $multiples)))))
        (br_if $numbers (i32.ne (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3000))))
      (i32.store (i32.const 4000) (call $fibonacci (i32.const 14)))))`,
}
