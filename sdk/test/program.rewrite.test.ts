import { setFlagsFromString } from 'node:v8'
import { expect } from 'chai'
import { ProgramError, ProgramMemoryError } from '../src/errors/program.ts'
import { inspectProgram } from '../src/program/inspect.ts'
import { prepareProgram, withMemoryMaximum } from '../src/program/rewrite.ts'
import { assemble, bodies, handMade, leb, text } from './helpers/wasm.ts'

/** Instantiates a prepared module with a host that does nothing. */
function instantiate(program: Uint8Array) {
  const { bytes } = prepareProgram(program)
  const assay = { input_size: () => 0, input_read: () => 0, output_write: () => {}, exit: () => {} }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { assay })
  return exports as {
    memory: WebAssembly.Memory
    entry: () => void
    start?: () => void
    growFailed?: WebAssembly.Global<'i32'>
  }
}

/** Grows by `delta` and stores what came of it at address 0. */
const growing = (delta: number, maximum = '') =>
  assemble(`(module
    (memory (export "memory") 1 ${maximum})
    (global $mine (export "mine") (mut i32) (i32.const 7))
    (func (export "run") (i32.store (i32.const 0) (memory.grow (i32.const ${delta})))))`)

const answer = ({ memory }: { memory: WebAssembly.Memory }) => new DataView(memory.buffer).getInt32(0, true)

describe('withMemoryMaximum', () => {
  it('declares the maximum that holds', () => {
    const bytes = withMemoryMaximum(handMade())
    expect(inspectProgram(bytes).memory).to.deep.equal({ min: 1, max: 4_096, declaredMax: 4_096 })
    expect(WebAssembly.validate(bytes)).to.equal(true)
  })

  it('leaves everything else as it is', () => {
    const tail = { data: [1, 0, 0x41, 0, 0x0b, 2, 1, 2] }
    expect(withMemoryMaximum(handMade(tail))).to.deep.equal(
      handMade({ ...tail, memories: [1, 1, 1, ...leb(4_096)] }),
    )
    const declared = handMade({ memories: [1, 1, 1, ...leb(300)] })
    expect(withMemoryMaximum(declared)).to.deep.equal(declared)
  })

  it('takes sizes written in more bytes than needed', () => {
    const plain = handMade()
    const at = plain.indexOf(5, 8 + 6 + 4)
    const padded = Uint8Array.from([...plain.slice(0, at), 5, 0x83, 0x80, 0x00, ...plain.slice(at + 2)])
    expect(withMemoryMaximum(padded)).to.deep.equal(withMemoryMaximum(plain))
  })

  it('refuses what inspectProgram refuses', () => {
    expect(() => withMemoryMaximum(handMade({ memories: [1, 1, 1, ...leb(16_385)] }))).to.throw(
      ProgramMemoryError,
    )
  })
})

describe('prepareProgram', () => {
  it('exports what the host needs and nothing else', () => {
    const program = assemble(`(module
      (memory (export "memory") 1)
      (global (export "secret") i32 (i32.const 1))
      (func (export "helper"))
      (func (export "run")))`)
    expect(Object.keys(instantiate(program))).to.have.members(['memory', 'entry'])
  })

  it('turns the start function into an export', () => {
    const program = assemble(`(module
      (memory (export "memory") 1)
      (func $start (i32.store (i32.const 0) (i32.const 42)))
      (start $start)
      (func (export "run")))`)
    const exports = instantiate(program)
    expect(answer(exports)).to.equal(0)
    exports.start?.()
    expect(answer(exports)).to.equal(42)
  })

  it('keeps table, elements, globals, data and code as they are', () => {
    const program = assemble(`(module
      (type $t (func (param i32) (result i32)))
      (import "assay" "input_size" (func $size (type $t)))
      (memory (export "memory") 1)
      (table 3 funcref)
      (elem (i32.const 1) $double $size)
      (global $offset i32 (i32.const 4))
      (data (i32.const 100) "\\15")
      (func $double (type $t) (i32.mul (local.get 0) (i32.const 2)))
      (func (export "run")
        (drop (memory.grow (i32.const 1)))
        (i32.store (i32.const 0) (i32.add (global.get $offset)
          (call_indirect (type $t) (i32.load8_u (i32.const 100)) (i32.const 1))))))`)
    const exports = instantiate(program)
    exports.entry()
    expect(answer(exports)).to.equal(46)
  })

  describe('memory.grow', () => {
    it('answers the old size within the maximum', () => {
      const exports = instantiate(growing(3, '4'))
      exports.entry()
      expect(answer(exports)).to.equal(1)
      expect(exports.memory.buffer.byteLength).to.equal(4 * 65_536)
      expect(exports.growFailed?.value).to.equal(0)
    })

    it('answers −1 beyond it, declared or not', () => {
      for (const program of [growing(4, '4'), growing(4_096), growing(-1, '4'), growing(-1, '16384')]) {
        const exports = instantiate(program)
        exports.entry()
        expect(answer(exports)).to.equal(-1)
        expect(exports.growFailed?.value).to.equal(0)
      }
    })

    it('traps and raises the flag where the engine fails within it', () => {
      setFlagsFromString('--wasm-max-mem-pages=10')
      try {
        for (const maximum of ['16384', '11']) {
          const exports = instantiate(growing(10, maximum))
          expect(exports.entry, maximum).to.throw(WebAssembly.RuntimeError)
          expect(exports.growFailed?.value, maximum).to.equal(1)
        }
      } finally {
        setFlagsFromString('--wasm-max-mem-pages=65536')
      }
    })

    it('is guarded wherever it stands, however it is written', () => {
      const exports = [2, ...text('run'), 0, 2, ...text('memory'), 2, 0]
      const grow = [0x41, 1, 0x40, 0, 0x1a]
      const longGrow = [0x41, 1, 0x40, 0x80, 0x80, 0, 0x1a]
      const program = handMade({
        functions: [3, 0, 0, 0],
        exports,
        code: bodies([...grow, ...longGrow, 0x0b], [0x0b], [0x10, 0, 0x10, 1, ...grow, 0x0b]),
      })
      const instance = instantiate(program)
      instance.entry()
      expect(instance.memory.buffer.byteLength).to.equal(4 * 65_536)
      const { bytes } = prepareProgram(program)
      expect(bytes.filter((byte, at) => byte === 0x40 && bytes[at + 1] === 0)).to.have.length(1)
    })

    it('does not let a program reach the guard or its flag', () => {
      const grow = [0x41, 0, 0x40, 0, 0x1a]
      for (const code of [
        [...grow, 0x41, 0, 0x10, 1, 0x1a],
        [...grow, 0x41, 0, 0x24, 0],
      ])
        expect(() => prepareProgram(handMade({ code: bodies([...code, 0x0b]) }))).to.throw(ProgramError)
    })
  })

  describe('given random damage', () => {
    const whole = assemble(`(module
      (type $t (func (param i32) (result i32)))
      (import "assay" "input_size" (func $size (type $t)))
      (import "assay" "output_write" (func $write (param i32 i32)))
      (memory (export "memory") 1 9)
      (table 2 2 funcref) (elem (i32.const 0) $f $f)
      (global $g (mut i32) (i32.const 3))
      (data (i32.const 8) "assay")
      (func $f (type $t) (local i64) (block $b (loop $l (br_table $b $l (local.get 0)))) (i32.load offset=4 (local.get 0)))
      (func $s (drop (memory.grow (i32.const 1))))
      (start $s)
      (func (export "run") (global.set $g (call_indirect (type $t) (i32.const 1) (i32.const 0)))
        (call $write (i32.const 8) (call $size (i32.trunc_sat_f32_s (f32.const 1.5))))))`)

    it('throws by name, or yields a module exactly as valid as the program', () => {
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
      let state = seed
      const random = (below: number) => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        return Math.floor((state / 2 ** 32) * below)
      }
      let accepted = 0
      let valid = 0
      for (let i = 0; i < 4_000; i++) {
        const bytes = whole.slice()
        for (let n = 1 + random(3); n > 0; n--) bytes[8 + random(bytes.length - 8)] = random(256)
        try {
          const prepared = prepareProgram(bytes)
          const isValid = WebAssembly.validate(bytes)
          accepted++
          if (isValid) valid++
          expect(WebAssembly.validate(prepared.bytes), `seed ${seed}, round ${i}`).to.equal(isValid)
        } catch (error) {
          if (!(error instanceof ProgramError)) throw error
        }
      }
      expect(accepted, `seed ${seed}`).to.be.above(100)
      expect(valid, `seed ${seed}`).to.be.above(50).and.below(accepted)
    })
  })
})
