import { expect } from 'chai'
import { countNaively } from './helpers/naiveWasm.ts'
import { mainOf, programOf, runByReference, runNatively } from './helpers/nativeRuns.ts'

/** Programs whose every step is counted. */
const programs: Record<string, Uint8Array> = {
  'straight code': mainOf('(local i32) (local.set 0 (i32.add (i32.const 1) (local.get 0)))'),
  'a loop': mainOf(`(local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 5))))`),
  'nested blocks with values': mainOf(`(local $i i32) (local $x i32)
    (loop $again
      (local.set $x
        (block $outer (result i32)
          (i32.add
            (block $inner (result i32)
              (drop (br_if $outer (i32.const 7) (i32.eq (local.get $i) (i32.const 1))))
              (drop (br_if $inner (i32.mul (local.get $i) (i32.const 3)) (i32.eq (local.get $i) (i32.const 2))))
              (local.get $x))
            (i32.const 4))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 4))))`),
  'a br_if with moves, and one out of the function': mainOf(`(local $i i32)
    (loop $again (result i32)
      (drop (block $out (result i32)
        (drop (br_if $out (local.get $i) (i32.eq (local.get $i) (i32.const 2))))
        (br_if 2 (i32.eq (local.get $i) (i32.const 4)))
        (i32.const 0)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $again)) drop`),
  'an if with and without else': mainOf(`(local $i i32) (local $x i32)
    (loop $again
      (if (i32.and (local.get $i) (i32.const 1)) (then (local.set $x (i32.sub (local.get $x) (i32.const 1)))))
      (local.set $x (if (result i32) (i32.and (local.get $i) (i32.const 2))
        (then (local.get $x)) (else (i32.const 9))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.ne (local.get $i) (i32.const 4))))`),
  'a br_table': mainOf(`(local $i i32)
    (loop $again
      (block $two (block $one (block $zero
        (br_table $zero $one $two (local.get $i)))
        (local.set $i (i32.const 5)) (br $again))
        (return))
      (local.set $i (i32.const 1)) (br $again))`),
  'a br_table with values': programOf(`
    (func $pick (param i32) (result i32)
      (block $b (result i32)
        (i32.add (block $a (result i32)
          (br_table $a $b 2 (i32.mul (local.get 0) (i32.const 3)) (local.get 0)))
          (i32.const 100))))
    (func (export "run") (local $i i32)
      (loop $again
        (i32.store (i32.const 0) (call $pick (local.get $i)))
        (call $output_write (i32.const 0) (i32.const 4))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const 4)))))`),
  'calls, with several results': programOf(`
    (func $two (param i32 i32) (result i32 i32) (i32.add (local.get 0) (i32.const 1)) (local.get 1))
    (func (export "run") (local $x i32)
      (call $two (i32.const 1) (i32.const 2))
      (call $two)
      (local.set $x)
      (drop)
      (unreachable))`),
  recursion: programOf(`
    (func $fib (param i32) (result i32)
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
        (then (local.get 0))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "run") (i32.store (i32.const 0) (call $fib (i32.const 5))) (call $output_write (i32.const 0) (i32.const 4)))`),
  'an exit from depth': programOf(`
    (func $down (param i32) (if (i32.eqz (local.get 0)) (then (call $exit (i32.const 7)))) (call $down (i32.sub (local.get 0) (i32.const 1))))
    (func (export "run") (call $down (i32.const 5)))`),
  'a call through the table, of an import too': programOf(`
    (type $read (func (param i32 i32 i32 i32) (result i32)))
    (type $size (func (param i32) (result i32)))
    (table 6 funcref)
    (elem (i32.const 1) $input_read $input_size $double)
    (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "run")
      (i32.store (i32.const 8) (call_indirect (type $size) (i32.const 21) (i32.const 3)))
      (i32.store (i32.const 4) (call_indirect (type $size) (i32.const 0) (i32.const 2)))
      (drop (call_indirect (type $read) (i32.const 0) (i32.const 3) (i32.const 200) (i32.const 300) (i32.const 1)))
      (call $output_write (i32.const 0) (i32.const 512))
      (drop (call_indirect (type $size) (i32.const 0) (i32.const 1))))`),
  'a start function, globals and select': programOf(`
    (global $g (mut i32) (i32.const 3))
    (func $begin (global.set $g (i32.add (global.get $g) (i32.const 4))))
    (start $begin)
    (func (export "run")
      (i32.store8 (i32.const 0) (select (global.get $g) (i32.const 1) (i32.const 1)))
      (i32.store8 (i32.const 1) (select (i32.const 5) (i32.const 6) (i32.load (i32.const 9))))
      (call $output_write (i32.const 0) (i32.const 2)))`),
  'a trap in the last of many instructions': mainOf(`(local $i i32)
    (local.set $i (i32.mul (i32.add (local.get $i) (i32.const 5)) (i32.const 3)))
    (i32.store (i32.const 0) (local.get $i))
    (drop (i32.load (i32.add (local.get $i) (i32.const 16))))
    (drop (i32.div_u (local.get $i) (i32.sub (local.get $i) (i32.const 15))))`),
  'a trap in the middle of a call': programOf(`
    (func $bad (param i32) (result i32) (i32.load (i32.mul (local.get 0) (i32.const 65533))))
    (func (export "run") (local i32)
      (local.set 0 (i32.add (call $bad (i32.const 0)) (call $bad (i32.const 1)))))`),
  unreachable: mainOf('(local i32) (block (br_if 0 (local.get 0)) (unreachable))'),
  'memory.grow within and beyond the maximum': mainOf(`
    (i32.store (i32.const 0) (memory.grow (i32.const 1)))
    (i32.store (i32.const 4) (memory.grow (i32.const 1)))
    (i32.store (i32.const 8) (memory.grow (i32.const -1)))
    (i32.store (i32.const 12) (memory.size))
    (i32.store (i32.const 131064) (i32.const 1))
    (call $output_write (i32.const 0) (i32.const 16))
    (i32.store (i32.const 131069) (i32.const 1))`),
  'copies and fills': mainOf(`
    (memory.fill (i32.const 100) (i32.const 7) (i32.const 300))
    (memory.copy (i32.const 0) (i32.const 110) (i32.const 200))
    (memory.copy (i32.const 50) (i32.const 0) (i32.const 200))
    (memory.copy (i32.const 65536) (i32.const 65536) (i32.const 0))
    (call $output_write (i32.const 3) (i32.const 300))
    (call $output_write (i32.const 3) (i32.const 100))
    (memory.copy (i32.const 65500) (i32.const 0) (i32.const 40))`),
  'reads beyond the input': mainOf(`
    (drop (call $input_read (i32.const 0) (i32.const 2) (i32.const 60) (i32.const 1000)))
    (drop (call $input_read (i32.const 9) (i32.const 0) (i32.const 60) (i32.const 1000)))
    (drop (call $input_read (i32.const 0) (i32.const -5) (i32.const 60) (i32.const 1000)))
    (drop (call $input_size (i32.const 1)))
    (drop (call $input_read (i32.const 0) (i32.const 0) (i32.const 65535) (i32.const 2)))`),
}

const input = Uint8Array.from({ length: 500 }, (_, i) => i)
const maxOutput = 600

describe('native engine: steps (decision 20)', () => {
  for (const [name, bytes] of Object.entries(programs)) {
    describe(`given ${name}`, () => {
      const whole = countNaively(bytes, { input, stepLimit: 100_000, maxOutput })

      it('when it is run to its end, then its steps are the naive count and the reference machine agrees', () => {
        const { both, precise } = runNatively(bytes, { input, maxOutput })
        expect(whole.status).not.equal('outOfSteps')
        expect(both).to.match(new RegExp(`^${whole.status}.* after ${whole.steps}\\b`))
        expect(both).equal(runByReference(bytes, { input, maxOutput }))
        expect(precise).equal(both)
      })

      it('when the limit is any number of steps, then it ends as the machine does', () => {
        for (let limit = 1; limit <= whole.steps + 1; limit++) {
          const stepLimit = BigInt(limit)
          const { both, precise, fast } = runNatively(bytes, { input, maxOutput, stepLimit })
          const naive = countNaively(bytes, { input, stepLimit: limit, maxOutput })
          expect(both, `limit ${limit}`).to.match(new RegExp(`^${naive.status}.* after ${naive.steps}\\b`))
          expect(precise).equal(both)
          expect(both).equal(runByReference(bytes, { input, maxOutput, stepLimit }))
          // of the fast build's answers only these are used
          if (!fast.startsWith('trapped')) expect(fast).equal(both)
        }
      })
    })
  }
})
