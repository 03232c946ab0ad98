import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { contentRoot } from '../src/trees/index.ts'
import type { Ending } from '../src/vm/engine.ts'
import { fastEngine } from '../src/vm/fast/index.ts'
import { translate } from '../src/vm/index.ts'
import { createNativeEngine } from '../src/vm/native/engine.ts'
import { referenceEngine } from '../src/vm/reference/engine.ts'
import { mainOf, programOf, random, runByReference, runNatively } from './helpers/nativeRuns.ts'

const script = fileURLToPath(new URL('./helpers/nativeWorker.ts', import.meta.url))

/** Runs a program natively in a thread with the stack that the engine has in a provider's child. */
function runInThread(bytes: Uint8Array, stepLimit: bigint): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, {
      workerData: { bytes, stepLimit },
      resourceLimits: { stackSizeMb: 64 },
    })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** The line of an ending of the reference machine, and that the native engine's is the same. */
function agreed(bytes: Uint8Array, parameters: Parameters<typeof runNatively>[1] = {}): string {
  const { both, precise } = runNatively(bytes, parameters)
  expect(both).equal(runByReference(bytes, parameters))
  expect(precise).equal(both)
  return both
}

const f64 = (...bits: bigint[]) => new Uint8Array(BigUint64Array.from(bits).buffer)
const payload = 0x7ff4_0000_0000_1234n
const negative = 0xfff8_0000_0000_0001n

describe('native engine: programs made to part it from the machine', () => {
  describe('bits of NaNs (decision 17)', () => {
    const results = (expressions: string[], locals = '') =>
      mainOf(`${locals} (drop (call $input_read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64)))
        ${expressions.map((expression, i) => `(f64.store (i32.const ${512 + 8 * i}) ${expression})`).join('\n')}
        (call $output_write (i32.const 512) (i32.const ${8 * expressions.length}))`)
    const a = '(f64.load (i32.const 0))'
    const b = '(f64.load (i32.const 8))'

    it('given payloads, when they are only moved, then every bit stays', () => {
      const program = results(
        [
          a,
          `(local.tee $x ${b})`,
          '(local.get $x)',
          `(select ${a} ${b} (i32.const 1))`,
          `(f64.neg ${a})`,
          `(f64.abs ${b})`,
        ],
        '(local $x f64)',
      )
      const line = agreed(program, { input: f64(payload, negative) })
      expect(line).to.include('341200000000f47f')
      expect(line).to.include('34120000000' + '0f4ff')
    })

    it('given arithmetic that yields NaNs, when their bits can be seen, then they are canonical', () => {
      const one = 'ceil floor trunc nearest sqrt'.split(' ').map((name) => `(f64.${name} ${a})`)
      const two = 'add sub mul div min max'.split(' ').map((name) => `(f64.${name} ${b} ${a})`)
      const line = agreed(results([...one, ...two]), { input: f64(payload, negative) })
      expect(line).to.match(/: (000000000000f87f){11}$/)
    })

    it('given results that go through neg, locals, blocks, calls and conversions, when stored, then bits are the machine’s', () => {
      const program = programOf(`
        (global $g (mut f64) (f64.const 0))
        (func $nan (param f64) (result f64) (f64.div (local.get 0) (local.get 0)))
        (func $pass (param f64) (result f64) (local f64) (local.set 1 (f64.mul (local.get 0) (local.get 0))) (f64.neg (local.get 1)))
        (func (export "run") (local $x f64) (local $y f64) (local $z f64) (local $i i32)
          (f64.store (i32.const 0) (f64.neg (call $nan (f64.const 0))))
          (f64.store (i32.const 8) (call $pass (f64.const nan:0x8000000000001)))
          (f64.store (i32.const 16) (f64.copysign (f64.const 1) (f64.sub (f64.const inf) (f64.const inf))))
          (local.set $x (f64.div (f64.const 0) (f64.const 0)))
          (local.set $y (f64.add (local.get $x) (f64.const 1)))
          (i64.store (i32.const 24) (i64.reinterpret_f64 (local.get $y)))
          (f64.store (i32.const 32) (block (result f64) (br_if 0 (f64.sqrt (f64.const -1)) (local.get $i)) (drop) (f64.div (f64.const 0) (f64.const -0))))
          (f64.store (i32.const 40) (f64.promote_f32 (f32.sub (f32.const inf) (f32.const inf))))
          (f32.store (i32.const 48) (f32.demote_f64 (f64.const nan:0xc000000000000)))
          (local.set $z (f64.sub (f64.const inf) (f64.const inf)))
          (loop $again
            (local.set $z (select (f64.abs (local.get $z)) (f64.neg (local.get $z)) (local.get $i)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 4))))
          (f64.store (i32.const 56) (local.get $z))
          (global.set $g (f64.min (f64.const nan) (f64.const 1)))
          (f64.store (i32.const 64) (global.get $g))
          (i32.store (i32.const 72) (i32.trunc_sat_f64_s (f64.div (f64.const 0) (f64.const 0))))
          (f64.store (i32.const 80) (if (result f64) (f64.eq (local.get $x) (local.get $x)) (then (f64.const 1)) (else (f64.nearest (local.get $x)))))
          (call $output_write (i32.const 0) (i32.const 88)))`)
      const line = agreed(program)
      expect(line).to.include('000000000000f8ff')
      expect(line).to.include('0000c07f')
    })

    it('given random float programs, when their results are stored as bits, then they are the machine’s', () => {
      const { seed, next } = random()
      const names = 'add sub mul div min max copysign'.split(' ')
      const unary = 'abs neg sqrt ceil floor trunc nearest'.split(' ')
      const expression = (depth: number): string => {
        const kind = next(depth > 3 ? 3 : 8)
        if (kind < 2) return `(local.get ${next(4)})`
        if (kind === 2) return `(f64.load (i32.const ${8 * next(4)}))`
        if (kind < 5)
          return `(f64.${names[next(names.length)]} ${expression(depth + 1)} ${expression(depth + 1)})`
        if (kind === 5) return `(f64.${unary[next(unary.length)]} ${expression(depth + 1)})`
        if (kind === 6) return `(local.tee ${next(4)} ${expression(depth + 1)})`
        return `(select ${expression(depth + 1)} ${expression(depth + 1)} (i32.const ${next(2)}))`
      }
      for (let i = 0; i < 40; i++) {
        const body = Array.from({ length: 8 }, (_, at) =>
          next(2) === 0
            ? `(local.set ${next(4)} ${expression(0)})`
            : `(f64.store (i32.const ${512 + 8 * at}) ${expression(0)})`,
        )
        const program = mainOf(`(local f64 f64 f64 f64)
          (drop (call $input_read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64)))
          ${body.join('\n')} (call $output_write (i32.const 512) (i32.const 64))`)
        const line = agreed(program, { input: f64(payload, negative, 0n, 0x7ff0_0000_0000_0000n) })
        expect(line, `seed ${seed}`).to.match(/^halted/)
      }
    })
  })

  describe('recursion (decision 15)', () => {
    const deep = (locals: number) =>
      programOf(`
        (func $down (param i32) (result i32) (local ${'i64 '.repeat(locals)})
          (if (i32.eqz (local.get 0)) (then (call $exit (i32.const 5))))
          (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
        (func (export "run") (drop (call $down (i32.const 1000000))))`)

    it('given frames of many locals, when the budget is used up, then the thread’s stack sufficed', async () => {
      const program = deep(1_000)
      const expected = runByReference(program)
      expect(expected).to.match(/^trapped/)
      expect(await runInThread(program, 100_000n)).equal(expected)
    })

    it('given frames as small as can be, when the budget is used up, then the thread’s stack sufficed', async () => {
      // 2 slots of local and operand, and 16: 58,254 frames; five steps each, and the trap’s
      const line = await runInThread(deep(0), 10_000_000n)
      expect(line).to.match(/^trapped after \d+$/)
      const limit = BigInt(line.split(' ').at(-1)!)
      expect(await runInThread(deep(0), limit - 1n)).equal(`outOfSteps after ${limit - 1n}`)
    })

    it('given a small stack, when V8’s own ends first, then the fallback decides and is counted', async () => {
      const reasons: string[] = []
      const engine = createNativeEngine({
        fallback: fastEngine,
        onFallback: (reason) => reasons.push(reason),
      })
      const nothing = new Uint8Array(0)
      // 200 values that live across each call: more than a thread's usual stack has room for, in any tier of V8
      const each = (piece: (i: number) => string) =>
        Array.from({ length: 200 }, (_, i) => piece(i)).join('\n')
      const program = translate(
        programOf(`
          (func $down (param i64) (result i64) (local ${'i64 '.repeat(200)})
            ${each((i) => `(local.set ${i + 1} (i64.add (local.get 0) (i64.load (i32.const ${8 * i}))))`)}
            (local.set 0 (call $down (i64.add (local.get 0) (i64.const 1))))
            ${each((i) => `(local.set 0 (i64.mul (local.get 0) (local.get ${i + 1})))`)}
            (local.get 0))
          (func (export "run") (drop (call $down (i64.const 0))))`),
      )
      const job = { program, input: nothing, shared: nothing, stepLimit: 10n ** 7n, maxOutput: 0 }
      const ending: Ending = await engine.run(job)
      expect(ending).to.deep.equal(await fastEngine.run(job))
      expect(ending.status).equal('trapped')
      expect(reasons).to.have.lengthOf(1)
      expect(reasons[0]).to.include('call stack')
    })
  })

  it('given a machine short of memory, when memory.grow fails in V8, then the engine fails (decision 16)', () => {
    const program = programOf(
      '(func (export "run") (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable))))',
      '(memory (export "memory") 1024 1025)',
    )
    expect(agreed(program)).to.match(/^halted/)
    const node = ['--conditions=assay-source', '--wasm-max-mem-pages=1024', '--no-warnings', script]
    const { stdout, stderr } = spawnSync(process.execPath, node, { input: program, encoding: 'utf8' })
    expect(stdout, stderr).equal('failed: memory could not be grown')
  })

  it('given equal and unequal types, when called through the table, then structure decides (decision 19)', () => {
    const call = (type: string, index: number) =>
      programOf(`
        (type $a (func (param i32) (result i32))) (type $b (func (param i32) (result i32)))
        (type $c (func (param i32 i32) (result i32))) (type $d (func (param i32) (result i64)))
        (type $e (func (param i32) (result i32 i64))) (type $f (func (param i32 i64 i64) (result i32)))
        (table 4 funcref) (elem (i32.const 0) $x $y)
        (func $x (type $b) (local.get 0)) (func $y (type $d) (i64.const 1))
        (func (export "run")
          ${type === '$c' ? '(i32.const 1)' : ''} (i32.const 1) ${type === '$f' ? '(i64.const 0) (i64.const 0)' : ''}
          (call_indirect (type ${type}) (i32.const ${index}))
          ${type === '$e' ? '(drop)' : ''} (drop))`)
    const ends = (['$a', '$b', '$c', '$d', '$e', '$f'] as const).map((type) =>
      [0, 1, 2, 4, -1].map((index) => agreed(call(type, index)).split(' ')[0]),
    )
    const trapped = ['trapped', 'trapped', 'trapped', 'trapped']
    expect(ends).to.deep.equal([
      ['halted', ...trapped],
      ['halted', ...trapped],
      ['trapped', ...trapped],
      ['trapped', 'halted', 'trapped', 'trapped', 'trapped'],
      ['trapped', ...trapped],
      ['trapped', ...trapped],
    ])
  })

  it('given a br_table of 16,384 entries with values, when any is taken, then it costs the same (decision 20)', () => {
    const labels = Array.from({ length: 16_384 }, (_, i) => i % 3).join(' ')
    const program = (index: number) =>
      mainOf(`(i32.store (i32.const 0) (block $x (result i32) (i32.add (i32.const 1) (block $y (result i32)
        (i32.add (i32.const 2) (block $z (result i32) (br_table ${labels} 0 (i32.const 5) (i32.const ${index}))))))))
        (call $output_write (i32.const 0) (i32.const 4))`)
    expect(agreed(program(0))).equal('halted 0 after 16: 08000000')
    for (const index of [1, 2, 16_383, 16_384, -1]) expect(agreed(program(index))).to.match(/^halted/)
  })

  it('given copies and fills at random, when they are done, then bytes and steps are the machine’s (decision 14)', () => {
    const program = mainOf(`(local $at i32)
      (drop (call $input_read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 12000)))
      (loop $again
        (memory.copy (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)) (i32.load offset=8 (local.get $at)))
        (memory.fill (i32.load (local.get $at)) (local.get $at) (i32.and (i32.load offset=8 (local.get $at)) (i32.const 31)))
        (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 12))) (i32.const 12000))))
      (call $output_write (i32.const 16384) (i32.const 4096))`)
    const { seed, next } = random()
    const numbers = Array.from({ length: 3_000 }, (_, i) => (i % 3 === 2 ? next(600) : 16_384 + next(1_024)))
    const input = new Uint8Array(Uint32Array.from(numbers).buffer)
    expect(agreed(program, { input }), `seed ${seed}`).to.match(/^halted 0/)
  })

  it('given overlapping copies at every two alignments, when they are done, then bytes and steps are the machine’s (decision 14)', async () => {
    const program = mainOf(`(local $i i32)
      (drop (call $input_read (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 600)))
      (loop $again
        (memory.copy
          (i32.add (i32.const 1024) (i32.and (local.get $i) (i32.const 127)))
          (i32.add (i32.const 1024) (i32.shr_u (local.get $i) (i32.const 7)))
          (i32.rem_u (i32.mul (local.get $i) (i32.const 37)) (i32.const 400)))
        (i32.store8 offset=1024 (i32.and (local.get $i) (i32.const 511)) (local.get $i))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16384))))
      (call $output_write (i32.const 1024) (i32.const 600))`)
    const input = Uint8Array.from({ length: 600 }, (_, i) => i ^ (i >> 5))
    const job = { input, shared: new Uint8Array(0), stepLimit: 10n ** 6n, maxOutput: 600 }
    const { exitCode, steps, output } = await fastEngine.run({ program: translate(program), ...job })
    const { both, precise } = runNatively(program, job)
    expect(both).equal(`halted ${exitCode} after ${steps}: ${Buffer.from(output).toString('hex')}`)
    expect(precise).equal(both)
  })

  it('given an exit from depth, when frames and operands wait, then it halts in that step (decision 18)', () => {
    const program = (depth: number) =>
      programOf(`
        (func $down (param i32) (result i32)
          (if (i32.eqz (local.get 0)) (then
            (i32.store (i32.const 0) (i32.const 0x01020304))
            (call $output_write (i32.const 0) (i32.const 4))
            (call $exit (i32.const -2))))
          (i32.add (i32.const 7) (call $down (i32.sub (local.get 0) (i32.const 1)))))
        (func (export "run") (drop (i32.div_u (call $down (i32.const ${depth})) (i32.const 0))))`)
    for (const depth of [0, 1, 2_000]) {
      const ended = agreed(program(depth))
      expect(ended).to.match(/^halted 4294967294 after \d+: 04030201$/)
      const steps = BigInt(/after (\d+)/.exec(ended)![1]!)
      expect(agreed(program(depth), { stepLimit: steps })).equal(ended)
      expect(agreed(program(depth), { stepLimit: steps - 1n })).equal(`outOfSteps after ${steps - 1n}`)
    }
  })

  it('given an output written in pieces, when it halts, then its root is that of the content with these bytes (decision 10)', async () => {
    const program = translate(
      mainOf(`(local $i i32)
        (drop (call $input_read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4096)))
        (loop $again
          (call $output_write (i32.mul (local.get $i) (i32.const 3)) (i32.rem_u (i32.mul (local.get $i) (i32.const 29)) (i32.const 131)))
          (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 300))))`),
    )
    const input = Uint8Array.from({ length: 4_096 }, (_, i) => i * 7)
    const job = { program, input, shared: new Uint8Array(0), stepLimit: 100_000n, maxOutput: 2 ** 20 }
    const native = createNativeEngine({ fallback: fastEngine, onFallback: expect.fail })
    for (const engine of [referenceEngine, fastEngine, native]) {
      const { status, output, outputLength, outputRoot } = await engine.run(job)
      expect({ status, length: output.length }, engine.name).to.deep.equal({
        status: 'halted',
        length: 19_601,
      })
      expect(outputLength).equal(output.length)
      expect(outputRoot, engine.name).equal(contentRoot(output))
    }
  })

  it('given outputs at the cap, when the last byte fits, then it halts; one more traps (decision 18)', () => {
    const write = (length: number) =>
      mainOf(`(call $output_write (i32.const 0) (i32.const 4000)) (call $output_write (i32.const 9) (i32.const ${length}))
        (call $output_write (i32.const 65536) (i32.const 0))`)
    expect(agreed(write(96))).to.match(/^halted/)
    expect(agreed(write(97))).to.match(/^trapped after 38$/)
    expect(agreed(write(-1))).to.match(/^trapped after 38$/)
  })

  it('given a trap in the last second, when the fast build has run into it, then the precise one counts it (decision 21)', () => {
    const program = mainOf(`(local $i i32)
      (loop $again (br_if $again (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000000))))
      (drop (i32.rem_u (local.get $i) (i32.sub (local.get $i) (i32.const 3000000))))`)
    const { both, fast } = runNatively(program, { stepLimit: 10n ** 9n })
    expect(both).equal('trapped after 9000003')
    expect(fast).to.match(/^trapped/)
  })

  it('given a trap, when the native engine knows why, then it has the machine’s word for it (decision 2)', async () => {
    const native = createNativeEngine({ fallback: fastEngine, onFallback: expect.fail })
    const divide = (op: string, a: number, b: number) =>
      `(drop (i32.${op} (i32.const ${a}) (i32.const ${b})))`
    const bodies: [body: string, native?: string][] = [
      ['(drop (i32.load (i32.const -1)))', 'out of bounds memory access'],
      ['(call $output_write (i32.const -1) (i32.const 1))', 'out of bounds memory access'],
      ['(memory.fill (i32.const 0) (i32.const 0) (i32.const -1))', 'out of bounds memory access'],
      ['(call $output_write (i32.const 0) (i32.const 65))', 'output limit exceeded'],
      [divide('div_u', 1, 0), 'integer divide by zero'],
      [divide('rem_s', 1, 0), 'integer divide by zero'],
      [divide('div_s', -(2 ** 31), -1), 'integer overflow'],
      // V8 has one message for several reasons
      ['(unreachable)'],
      ['(drop (i32.trunc_f32_s (f32.const nan)))'],
    ]
    for (const [body, word] of bodies) {
      const program = translate(mainOf(body))
      const nothing = new Uint8Array(0)
      const job = { program, input: nothing, shared: nothing, stepLimit: 100n, maxOutput: 64 }
      const [{ trap: found }, { trap }] = [await native.run(job), await referenceEngine.run(job)]
      expect(found, body).equal(word)
      expect(trap, body).to.be.a('string')
      if (word !== undefined) expect(trap, body).equal(word)
    }
  })

  it('given step limits that no machine reaches, when it runs, then none of them becomes a smaller one', () => {
    const program = mainOf('(call $exit (i32.const 3))')
    expect(agreed(program, { stepLimit: 2n ** 63n - 1n })).equal('halted 3 after 3: ')
    expect(runNatively(program, { stepLimit: 2n ** 63n }).both).to.match(/^failed/)
    expect(agreed(program, { stepLimit: 1n })).equal('outOfSteps after 1')
    expect(runNatively(program, { stepLimit: 0n }).both).equal(runByReference(program, { stepLimit: 0n }))
  })

  it('given a loop without end, when the limit is reached, then the fast build says so by itself (decision 21)', () => {
    const { fast, both } = runNatively(mainOf('(loop $again (br $again))'), { stepLimit: 1_000_000n })
    expect(fast).equal('outOfSteps after 1000000')
    expect(both).equal(fast)
  })
})
