import { instrumentProgram, translate } from 'assay/vm'
import { expect } from 'chai'
import { runBuild } from '../../sdk/src/vm/native/run.ts'
import { runGuest } from '../src/executor/guest.ts'
import { asGuest, program, readWord, runProgram, word, writing } from './helpers/programs.ts'

type Given = { input?: Uint8Array; shared?: Uint8Array; maxOutput?: number; stepLimit?: bigint }

function run(code: string, given: Given = {}, more = '', memory = '1') {
  // the helper compares the steps with the interpreter's
  const { steps: _, ...ending } = { steps: 0n, ...runProgram(program(code, more, memory).program, given) }
  return ending
}

const fastBuild = (wasm: Uint8Array) => new WebAssembly.Module(instrumentProgram(translate(wasm)).fast)

/** What a program that halts has written, as an i32. */
function result(code: string, given: Given = {}, more = '', memory = '1'): number {
  const ending = run(code, given, more, memory)
  if (ending.kind !== 'halted') expect.fail(`ended as ${JSON.stringify(ending)}`)
  return readWord(ending.output)
}

const read = (stream: number, offset: number, dst: number, len: number) =>
  `(call $read (i32.const ${stream}) (i32.const ${offset}) (i32.const ${dst}) (i32.const ${len}))`
const write = (src: number, len: number) => `(call $write (i32.const ${src}) (i32.const ${len}))`
const outOfBounds = { kind: 'trapped', reason: 'out of bounds memory access' }
const five = Uint8Array.of(1, 2, 3, 4, 5)

describe('runGuest', () => {
  describe('when the entry returns', () => {
    it('halts with code 0 and what was written', () => {
      const ending = run(`${write(0, 2)} ${write(1, 1)}`, {}, '(data (i32.const 0) "abc")')
      expect(ending).to.deep.equal({ kind: 'halted', exitCode: 0, output: new TextEncoder().encode('abb') })
    })

    it('starts each time from nothing', () => {
      const code = `(i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
        (global.set $g (i32.add (global.get $g) (i32.const 1)))
        ${writing('(i32.add (i32.load (i32.const 8)) (global.get $g))')}`
      const module = fastBuild(program(code, '(global $g (mut i32) (i32.const 0))').program)
      const task = { module, input: word(0), shared: word(0), maxOutput: 9, stepLimit: 1_000n }
      for (let i = 0; i < 3; i++) {
        const ending = runGuest(task)
        expect(ending.kind === 'halted' && readWord(ending.output)).to.equal(2)
      }
    })

    it('runs the start function first, with the whole host interface', () => {
      const more = `(func $first ${write(0, 1)} (i32.store8 (i32.const 0) (i32.const 66))) (start $first) (data (i32.const 0) "A")`
      expect(run(write(0, 1), {}, more)).to.deep.include({
        kind: 'halted',
        output: new TextEncoder().encode('AB'),
      })
    })
  })

  describe('exit', () => {
    it('halts at any depth, with the code as unsigned 32 bits (decision 18)', () => {
      const deep = `(func $deep (param i32)
        (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (call $exit (i32.const -2))))
        (unreachable))`
      expect(run(`${write(0, 1)} (call $deep (i32.const 1000)) (unreachable)`, {}, deep)).to.deep.equal({
        kind: 'halted',
        exitCode: 4_294_967_294,
        output: Uint8Array.of(0),
      })
    })

    it('halts in the start function, without an entry', () => {
      const more = '(func $first (call $exit (i32.const 7))) (start $first)'
      expect(run('(unreachable)', {}, more)).to.deep.include({ kind: 'halted', exitCode: 7 })
    })
  })

  describe('input_size', () => {
    it('ends at a gigabyte, as reading does', () => {
      const input = new Uint8Array(2 ** 30 + 9)
      const last = read(0, 2 ** 30 - 1, 0, 5)
      const { program: wasm } = program(writing(`(i32.add (call $size (i32.const 0)) ${last})`))
      const task = { module: fastBuild(wasm), input, shared: word(0), maxOutput: 9, stepLimit: 1_000n }
      for (const ending of [runGuest(task), asGuest(runBuild(task.module, task))])
        expect(ending.kind === 'halted' && readWord(ending.output)).to.equal(2 ** 30 + 1)
    })

    it('tells the streams, and 0 for others', () => {
      const given = { input: five, shared: new Uint8Array(70_000) }
      const size = (stream: number) => result(writing(`(call $size (i32.const ${stream}))`), given)
      expect([0, 1, 2, -1].map(size)).to.deep.equal([5, 70_000, 0, 0])
    })
  })

  describe('input_read', () => {
    it('copies from either stream and says how much', () => {
      expect(result(`(drop ${read(0, 1, 9, 3)}) ${write(9, 4)}`, { input: five })).to.equal(
        readWord(Uint8Array.of(2, 3, 4, 0)),
      )
      expect(result(`(drop ${read(1, 0, 9, 4)}) ${write(9, 4)}`, { shared: five })).to.equal(readWord(five))
      expect(result(writing(read(0, 1, 9, 3)), { input: five })).to.equal(3)
    })

    it('clamps the length to what there is', () => {
      expect(result(writing(read(0, 3, 9, 100)), { input: five })).to.equal(2)
      expect(result(writing(read(0, 0, 9, -1)), { input: five })).to.equal(5)
      expect(result(writing(read(0, 5, 9, 1)), { input: five })).to.equal(0)
    })

    it('reads nothing past the end, from an unknown stream, or of no length', () => {
      expect(result(writing(read(0, 6, 9, 4)), { input: five })).to.equal(0)
      expect(result(writing(read(0, -1, 9, -1)), { input: five })).to.equal(0)
      expect(result(writing(read(7, 0, 9, 4)), { input: five })).to.equal(0)
      expect(result(writing(read(0, 0, 9, 0)), { input: five })).to.equal(0)
    })

    it('checks the clamped length against the memory, not the one asked for', () => {
      expect(result(writing(read(0, 0, 65_531, 1_000)), { input: five })).to.equal(5)
      expect(
        run(read(0, 0, 65_532, 1_000).replace(/^/, '(drop ').concat(')'), { input: five }),
      ).to.deep.equal(outOfBounds)
    })

    it('lets an empty range begin at the end of the memory and not beyond', () => {
      expect(result(writing(read(0, 9, 65_536, 4)), { input: five })).to.equal(0)
      for (const dst of [65_537, -1])
        expect(run(`(drop ${read(0, 9, dst, 4)})`, { input: five })).to.deep.equal(outOfBounds)
    })

    it('does not wrap at 32 bits', () => {
      expect(run(`(drop ${read(0, 0, -2, 5)})`, { input: five })).to.deep.equal(outOfBounds)
    })

    it('sees the memory as it is after growing', () => {
      const grown = `(drop ${read(0, 0, 0, 1)}) (drop (memory.grow (i32.const 1))) (drop ${read(0, 0, 131_068, 4)})`
      expect(result(`${grown} ${write(131_068, 4)}`, { input: five })).to.equal(readWord(five))
    })
  })

  describe('output_write', () => {
    it('takes up to maxOutput bytes in all', () => {
      const ending = run(`${write(0, 6)} ${write(0, 4)}`, { maxOutput: 10 })
      expect(ending).to.deep.equal({ kind: 'halted', exitCode: 0, output: new Uint8Array(10) })
      expect(run(write(0, 0), { maxOutput: 0 })).to.deep.include({ kind: 'halted' })
    })

    it('traps beyond', () => {
      const beyond = { kind: 'trapped', reason: 'output limit exceeded' }
      expect(run(`${write(0, 6)} ${write(0, 5)}`, { maxOutput: 10 })).to.deep.equal(beyond)
      expect(run(write(0, 1), { maxOutput: 0 })).to.deep.equal(beyond)
    })

    it('traps outside of the memory', () => {
      for (const [src, len] of [
        [65_535, 2],
        [-1, 2],
        [0, -1],
        [65_537, 0],
      ] as const)
        expect(run(write(src, len), { maxOutput: 2 ** 32 - 1 }), `${src} ${len}`).to.deep.equal(outOfBounds)
      expect(run(write(65_536, 0))).to.deep.include({ kind: 'halted' })
    })

    it('keeps what it took, whatever becomes of the memory and of the task after it', () => {
      const module = fastBuild(program(write(0, 3), '(data (i32.const 0) "abc")').program)
      const many = `(local $i i32) (loop $l ${write(0, 3)} (i32.store8 (i32.const 0) (local.get $i))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000))))`
      const ending = run(many, { maxOutput: 9_000 })
      expect(
        ending.kind === 'halted' && [ending.output.length, ending.output[6], ending.output[8_997]],
      ).to.deep.equal([9_000, 1, 2_998 & 0xff])
      const next = runGuest({ module, input: five, shared: five, maxOutput: 3, stepLimit: 1_000n })
      expect(next.kind === 'halted' && new TextDecoder().decode(next.output)).to.equal('abc')
    })
  })

  describe('traps', () => {
    const cases: [title: string, code: string, reason: RegExp, more?: string][] = [
      ['unreachable', `${write(0, 4)} (unreachable)`, /unreachable/],
      ['division by zero', '(drop (i32.div_u (i32.const 1) (i32.const 0)))', /divide by zero/],
      ['overflow', '(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))', /divide result/],
      ['truncation of NaN', '(drop (i32.trunc_f32_s (f32.const nan)))', /float unrepresentable/],
      ['a load beyond the memory', '(drop (i32.load (i32.const 65533)))', /out of bounds/],
      [
        'a fill beyond the memory',
        '(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))',
        /out of bounds/,
      ],
      [
        'a null table entry',
        '(call_indirect (type $t) (i32.const 0))',
        /./,
        '(type $t (func)) (table 1 funcref)',
      ],
      [
        'an entry beyond the table',
        '(call_indirect (type $t) (i32.const 9))',
        /./,
        '(type $t (func)) (table 1 funcref)',
      ],
      ['a trap in the start function', '', /unreachable/, '(func $s (unreachable)) (start $s)'],
    ]
    for (const [title, code, reason, more] of cases)
      it(`ends as trapped at ${title}`, () => {
        const ending = run(code, {}, more)
        expect(ending).to.have.keys('kind', 'reason').and.include({ kind: 'trapped' })
        expect(ending.kind === 'trapped' && ending.reason).to.match(reason)
      })
  })

  describe('memory.grow', () => {
    it('gives up to the maximum, and −1 beyond', () => {
      expect(result(writing('(memory.grow (i32.const 9))'), {}, '', '1 10')).to.equal(1)
      expect(result(writing('(memory.grow (i32.const 10))'), {}, '', '1 10')).to.equal(-1)
      expect(result(writing('(memory.grow (i32.const 4096))'))).to.equal(-1)
    })
  })

  describe('steps', () => {
    it('run out at the limit, wherever that falls, and not before', () => {
      const counting = `(local $n i32) (local.set $n (i32.const 50))
        (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) ${write(0, 3)}`
      const whole = runProgram(program(counting).program)
      if (whole.kind !== 'halted') return expect.fail(whole.kind)
      for (const stepLimit of [1n, 2n, 3n, 10n, 57n, whole.steps - 1n])
        expect(run(counting, { stepLimit })).to.deep.equal({ kind: 'outOfSteps' })
      expect(run(counting, { stepLimit: whole.steps })).to.deep.include({ kind: 'halted' })
    })

    it('end a program that does not', () => {
      expect(run('(loop $l (br $l))', { stepLimit: 1_000_000n })).to.deep.equal({ kind: 'outOfSteps' })
    })

    it('are counted up to a trap, the last one included', () => {
      const trapping = '(drop (i32.div_u (i32.const 1) (i32.load (i32.const 0))))'
      expect(run(trapping)).to.include({ kind: 'trapped' })
      expect(run(trapping, { stepLimit: 2n })).to.deep.equal({ kind: 'outOfSteps' })
    })
  })

  describe('endings that depend on the machine', () => {
    it('are failures: a stack of the engine that is smaller than the budget of the machine', () => {
      const locals = '(local i64)'.repeat(900)
      const ending = run('(call $f)', {}, `(func $f ${locals} (call $f))`)
      expect(ending).to.include({ kind: 'failed' })
      expect(ending.kind === 'failed' && ending.reason).to.match(/call stack/)
    })
  })
})
