import { expect } from 'chai'
import { bytesToHex } from 'viem'
import {
  ProgramEntryError,
  ProgramImportError,
  ProgramLimitError,
  ProgramMemoryError,
} from '../src/errors/program.ts'
import { disassemble } from '../src/vm/lower/disassemble.ts'
import { withCall } from '../src/vm/lower/invoke.ts'
import { translate } from '../src/vm/lower/translate.ts'
import type { Program } from '../src/vm/program.ts'
import { assayEnvironment, type Environment } from '../src/vm/wasm/environment.ts'
import { assemble, handMade, leb, text } from './helpers/wasm.ts'
import { textModule } from './helpers/wasmText.ts'

const wordsOf = ({ code }: Program) =>
  Array.from({ length: code.length / 32 }, (_, pc) => disassemble(code, pc))

describe('translate', () => {
  describe('given a program', () => {
    it('begins with a stub: start, entry, end', () => {
      const nothing = { type: '->', code: '' }
      const other = { type: '->', locals: 'i32', code: 'nop' }
      const words = (start?: number) =>
        wordsOf(
          translate(textModule({ functions: [nothing, other], ...(start === undefined ? {} : { start }) })),
        )
      expect(words()).to.deep.equal(['s0 = call @4 weight 16', 'return', 'return', 'return', 'return'])
      expect(words(1)).to.deep.equal([
        's0 = call @4 weight 17',
        's0 = call @5 weight 16',
        'return',
        'return',
        'return',
        'return',
      ])
    })

    it('lays words out as the machine reads them', () => {
      const functions = [{ type: 'i32 i64 -> i64', code: 'local.get 1; i64.const -2; i64.add' }]
      const { code } = translate(textModule({ functions }))
      expect(bytesToHex(code.subarray(64, 96))).to.equal(
        '0x7c020002000100000000000000000000' + '0000000000000000fffffffffffffffe',
      )
    })

    it('appends stubs for host functions that are exported or stand in the table', () => {
      const imports = [
        ['input_size', 'i32 -> i32'],
        ['input_read', 'i32 i32 i32 i32 -> i32'],
        ['output_write', 'i32 i32 ->'],
        ['exit', 'i32 ->'],
      ] as const
      const program = translate(
        textModule({ functions: [], imports, table: [1, 4, 0], exports: [['leave', 3]] }),
      )
      expect(wordsOf(program).slice(2)).to.deep.equal([
        'return',
        'arg 0 s0',
        's1 = input_size',
        'return s1',
        'arg 0 s0',
        'arg 1 s1',
        'arg 2 s2',
        'arg 3 s3',
        's4 = input_read',
        'return s4',
        'arg 0 s0',
        'exit',
        'return',
      ])
      expect([...program.pcs]).to.deep.equal([3, 6, -1, 12, 2])
      expect(program.table).to.deep.equal([
        { type: 3, weight: 21, pc: 6 },
        { type: 1, weight: 16, pc: 2 },
        { type: 2, weight: 18, pc: 3 },
      ])
    })

    it('numbers structurally equal types alike, in the order of the type section (decision 19)', () => {
      const functions = ['i32 ->', '-> i32', 'i32 ->', '->'].map((type) => ({
        type,
        code: type === '-> i32' ? 'i32.const 0' : '',
      }))
      const { table } = translate(textModule({ functions, table: [0, 1, 2, 3, 4] }))
      expect(table.map(({ type }) => type)).to.deep.equal([2, 3, 2, 1, 1])
    })

    it('leaves null between element segments, the later of which count', () => {
      const bytes = assemble(`(module (memory (export "memory") 1) (table 10 funcref)
        (func $a) (func $b (param i32)) (func (export "run"))
        (elem (i32.const 1) func $a $a) (elem (i32.const 4) func $b) (elem (i32.const 2) func $b))`)
      const { table, pcs } = translate(bytes)
      expect(table.map(({ type, pc }) => [type, pc])).to.deep.equal([
        [0, 0],
        [1, pcs[0]],
        [2, pcs[1]],
        [0, 0],
        [2, pcs[1]],
      ])
    })

    it('gives globals as bits', () => {
      const globals = [
        ['i32', '-1'],
        ['i64', '-2'],
        ['f32', '0xffc00000'],
        ['f64', '0x7ff8000000000001'],
      ] as const
      expect([...translate(textModule({ functions: [], globals })).globals]).to.deep.equal([
        0xffffffffn,
        0xfffffffffffffffen,
        0xffc00000n,
        0x7ff8000000000001n,
      ])
    })

    it('writes data segments in order, to the pages that they touch alone', () => {
      const data = [
        [65_534, [1, 2, 3, 4]],
        [65_535, [9]],
        [0x3_0000, []],
      ] as const
      const bytes = handMade({
        memories: [1, 1, 4, 16],
        data: [
          3,
          ...data.flatMap(([offset, content]) => [
            ...[0, 0x41, ...leb(offset), 0x0b],
            ...[content.length, ...content],
          ]),
        ],
      })
      const { memory, initialPages, maxPages } = translate(bytes)
      expect([...memory.keys()]).to.deep.equal([0, 1])
      expect([...memory.get(0)!.subarray(-3)]).to.deep.equal([0, 1, 9])
      expect([...memory.get(1)!.subarray(0, 3)]).to.deep.equal([3, 4, 0])
      expect({ initialPages, maxPages }).to.deep.equal({ initialPages: 4, maxPages: 16 })
    })

    it('may grow to 4,096 pages where no maximum is declared', () => {
      expect(translate(handMade()).maxPages).to.equal(4_096)
    })

    it('gives the same words for the same bytes, wherever they lie', () => {
      const bytes = assemble(`(module (memory (export "memory") 1) (data (i32.const 8) "some")
        (func $f (param i32) (result i32) (if (result i32) (local.get 0) (then (call $f (i32.const 3))) (else (i32.const 1))))
        (func (export "run") (drop (call $f (i32.const 9)))))`)
      const elsewhere = new Uint8Array(bytes.length + 7)
      elsewhere.set(bytes, 7)
      const again = translate(elsewhere.subarray(7))
      const first = translate(bytes)
      expect(again.code).to.deep.equal(first.code)
      expect(again.memory).to.deep.equal(first.memory)
      expect(again.steps).to.deep.equal(first.steps)
    })

    it('does not depend on names and other custom sections', () => {
      const bytes = handMade()
      const named = Uint8Array.from([...bytes, 0, 8, ...text('name'), 1, 2, 3])
      expect(translate(named).code).to.deep.equal(translate(bytes).code)
    })
  })

  describe('given a module that is no program', () => {
    it('asks for an entry and for a memory', () => {
      const noEntry = handMade({ exports: [1, ...text('memory'), 2, 0] })
      expect(() => translate(noEntry)).to.throw(ProgramEntryError, 'neither')
      const both = handMade({
        exports: [3, ...text('run'), 0, 0, ...text('_start'), 0, 0, ...text('memory'), 2, 0],
      })
      expect(() => translate(both)).to.throw(ProgramEntryError, 'both')
      const memory = handMade({ exports: [2, ...text('run'), 2, 0, ...text('memory'), 2, 0] })
      expect(() => translate(memory)).to.throw(ProgramEntryError, 'is a memory')
      const withParameter = handMade({ types: [1, 0x60, 1, 0x7f, 0] })
      expect(() => translate(withParameter)).to.throw(ProgramEntryError, 'function (i32) -> ()')
      expect(() => translate(handMade({ memories: [], exports: [1, ...text('run'), 0, 0] }))).to.throw(
        ProgramMemoryError,
        'no memory is defined',
      )
      expect(() => translate(handMade({ exports: [1, ...text('run'), 0, 0] }))).to.throw(
        ProgramMemoryError,
        'exported as "memory"',
      )
    })

    it('has memory within the limits', () => {
      const memory = (...bytes: number[]) => handMade({ memories: [1, ...bytes] })
      expect(translate(memory(1, 1, ...leb(16_384))).maxPages).to.equal(16_384)
      expect(() => translate(memory(1, 1, ...leb(16_385)))).to.throw(ProgramMemoryError, 'above 16384')
      expect(() => translate(memory(0, ...leb(4_097)))).to.throw(ProgramMemoryError, 'above the maximum')
    })

    it('binds the host interface and nothing else (decision 25)', () => {
      const imported = (module: string, name: string, type: number) =>
        handMade({
          types: [2, 0x60, 0, 0, 0x60, 1, 0x7f, 0],
          imports: [1, ...text(module), ...text(name), 0, type],
          exports: [2, ...text('run'), 0, 1, ...text('memory'), 2, 0],
        })
      expect(() => translate(imported('assay', 'exit', 1))).not.to.throw()
      for (const [module, name, type] of [
        ['assay', 'exit', 0],
        ['assay', 'leave', 1],
        ['wasi_snapshot_preview1', 'proc_exit', 1],
        ['__proto__', 'exit', 1],
        ['assay', 'toString', 1],
      ] as const)
        expect(() => translate(imported(module, name, type))).to.throw(
          ProgramImportError,
          JSON.stringify(name),
        )
      const memory = handMade({ imports: [1, ...text('assay'), ...text('memory'), 2, 0, 1], memories: [] })
      expect(() => translate(memory)).to.throw(ProgramMemoryError, 'imported')
      const global = handMade({ imports: [1, ...text('assay'), ...text('g'), 3, 0x7f, 0] })
      expect(() => translate(global)).to.throw(ProgramImportError, 'constant global of i32')
    })
  })

  describe('given an environment for tests', () => {
    const environment: Environment = {
      programsOnly: false,
      imports: {
        ...assayEnvironment.imports,
        test: {
          print: { kind: 'function', params: ['i32'], results: [] },
          ask: { kind: 'function', params: [], results: ['i64'] },
          askTwice: { kind: 'function', params: [], results: ['i64', 'f32'] },
          base: { kind: 'global', type: 'i32', mutable: false, value: 3n },
          counter: { kind: 'global', type: 'i64', mutable: true, value: 9n },
          table: { kind: 'table', min: 10, max: 20 },
          memory: { kind: 'memory', min: 1, max: 2 },
        },
      },
    }
    const module = (body: string) => translate(assemble(`(module ${body})`), { environment })

    it('gives imported globals, table and memory as it defines them', () => {
      const { globals, table, initialPages, maxPages } = module(`
        (import "test" "base" (global $base i32)) (import "test" "counter" (global (mut i64)))
        (import "test" "table" (table 5 funcref)) (import "test" "memory" (memory 1))
        (global i32 (global.get $base)) (func $f) (elem (global.get $base) func $f)`)
      expect([...globals]).to.deep.equal([3n, 9n, 3n])
      expect(table).to.have.length(4)
      expect({ initialPages, maxPages }).to.deep.equal({ initialPages: 1, maxPages: 2 })
    })

    it('refuses imports that ask for other things than it defines', () => {
      for (const [asked, found] of [
        ['(import "test" "base" (global (mut i32)))', 'variable global of i32'],
        ['(import "test" "base" (global i64))', 'constant global of i64'],
        ['(import "test" "table" (table 11 funcref))', 'table'],
        ['(import "test" "memory" (memory 1 1))', 'memory'],
        ['(import "test" "print" (func (param i64)))', 'function (i64)'],
        ['(import "test" "base" (func))', 'function ()'],
        ['(import "test" "print" (global i32))', 'constant global of i32'],
      ] as const)
        expect(() => module(asked), asked).to.throw(ProgramImportError, `Found:    ${found}`)
    })

    it('calls a function that does nothing as a function that returns', () => {
      const program = module('(import "test" "print" (func $p (param i32))) (func (call $p (i32.const 5)))')
      expect(wordsOf(program)).to.deep.equal([
        'return',
        'arg 0 5',
        's0 = call @4 weight 17',
        'return',
        'return',
      ])
    })

    it('gives zeros for its results', () => {
      const program = module(`(import "test" "ask" (func (result i64)))
        (import "test" "askTwice" (func (result i64 f32)))`)
      expect(wordsOf(program)).to.deep.equal(['return', 'return 0', 'arg 0 0', 'arg 1 0', 'return'])
    })

    it('cuts a maximum that is larger than the machine, and needs no memory', () => {
      expect(module('(memory 0 65536)').maxPages).to.equal(16_384)
      expect(module('').maxPages).to.equal(0)
    })

    it('calls one function with constants', () => {
      const program = module('(func (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))')
      const called = withCall(program, 0, [0xffffffffn, 0xffffffffffffffffn])
      expect(wordsOf(called).slice(called.entry)).to.deep.equal([
        'arg 0 0xffffffff',
        'arg 1 0xffffffffffffffff',
        's0 = call @1 weight 20',
        's0 = result 0',
        's1 = result 1 last',
        'return',
      ])
    })
  })

  describe('given limits', function () {
    this.timeout(60_000)

    it('takes 2^20 words of code and not one more', () => {
      // tables of 1 + 16,385 words in one function, moves of a local onto itself in the other
      const table = [0x02, 0x40, 0x41, 0, 0x0e, ...leb(16_384), ...new Array<number>(16_385).fill(0), 0x0b]
      const tables = new Array<number[]>(63).fill(table).flat()
      const programOf = (words: number) => {
        // the stub is a call and a `return`, each function ends in one
        const moves = words - 63 * 16_386 - 4
        const codes = [
          [1, 1, 0x7f, ...new Array<number[]>(moves).fill([0x20, 0, 0x21, 0]).flat(), 0x0b],
          [0, ...tables, 0x0b],
        ]
        const code = [2, ...codes.flatMap((body) => leb(body.length).concat(body))]
        return handMade({ functions: [2, 0, 0], code })
      }
      const most = 1 << 20
      expect(translate(programOf(most)).code.length / 32).to.equal(most)
      expect(() => translate(programOf(most + 1))).to.throw(ProgramLimitError, 'instruction words')
    })
  })
})
