import { expect } from 'chai'
import {
  MalformedProgramError,
  NotWasmError,
  ProgramEntryError,
  ProgramError,
  ProgramFeatureError,
  ProgramImportError,
  ProgramInstructionError,
  ProgramLimitError,
  ProgramMemoryError,
  WasmVersionError,
} from '../src/errors/program.ts'
import { inspectProgram } from '../src/program/inspect.ts'
import { assemble, bodies, type HandMade, handMade, header, leb, section, text } from './helpers/wasm.ts'

const wholeInterface = assemble(`(module
  (import "assay" "input_size" (func (param i32) (result i32)))
  (import "assay" "input_read" (func (param i32 i32 i32 i32) (result i32)))
  (import "assay" "output_write" (func (param i32 i32)))
  (import "assay" "exit" (func (param i32)))
  (memory (export "memory") 2 100)
  (func (export "_start") (drop (memory.grow (i32.const 1)))))`)

/** A body that is `run`'s, and a `run` of its own where it needs another module around it. */
const withCode = (...code: number[]) => handMade({ code: bodies([...code, 0x0b]) })

describe('inspectProgram', () => {
  describe('given a program', () => {
    it('reads what it asks for', () => {
      expect(inspectProgram(wholeInterface)).to.deep.equal({
        size: wholeInterface.length,
        memory: { min: 2, max: 100, declaredMax: 100 },
        imports: ['input_size', 'input_read', 'output_write', 'exit'],
        exports: [
          { name: 'memory', kind: 'memory', index: 0 },
          { name: '_start', kind: 'function', index: 4 },
        ],
        entry: '_start',
        hasStart: false,
      })
    })

    it('takes 4096 pages for the maximum where none is declared', () => {
      expect(inspectProgram(handMade()).memory).to.deep.equal({ min: 1, max: 4096 })
    })

    it('notes a start function', () => {
      const bytes = assemble(
        '(module (memory (export "memory") 1) (func $s) (start $s) (func (export "run")))',
      )
      expect(inspectProgram(bytes)).to.include({ hasStart: true, entry: 'run' })
    })

    it('lists a host function once that is imported twice', () => {
      const imports = [2, ...text('assay'), ...text('exit'), 0, 1, ...text('assay'), ...text('exit'), 0, 1]
      const exports = [2, ...text('run'), 0, 2, ...text('memory'), 2, 0]
      const bytes = handMade({ types: [2, 0x60, 0, 0, 0x60, 1, 0x7f, 0], imports, exports })
      expect(inspectProgram(bytes).imports).to.deep.equal(['exit'])
    })

    it('accepts the later features that Assay has', () => {
      const bytes = assemble(`(module
        (memory (export "memory") 1)
        (global $g (mut i32) (i32.const 0))
        (table 2 2 funcref)
        (elem (i32.const 0) $pair $pair)
        (type $t (func (result i32 i64)))
        (func $pair (type $t) (i32.const -2147483648) (i64.const -9223372036854775808))
        (func (export "run") (local f64) (local i64)
          (memory.copy (i32.const 0) (i32.const 8) (i32.const 8))
          (memory.fill (i32.const 0) (i32.const 8) (i32.const 8))
          (drop (i32.extend8_s (i32.trunc_sat_f64_u (f64.const 1e300))))
          (block $b (loop $l (br_table $b $l $b (global.get $g))))
          (drop (call_indirect (type $t) (i32.const 0))) (drop)))`)
      expect(inspectProgram(bytes).entry).to.equal('run')
    })

    it('accepts a table index written in more than one byte', () => {
      const tables = [1, 0x70, 0, 1]
      const code = bodies([0x41, 0, 0x11, 0, 0x80, 0x80, 0, 0x0b])
      expect(inspectProgram(handMade({ tables, code })).entry).to.equal('run')
    })
  })

  describe('given something else', () => {
    it('refuses other files', () => {
      expect(() => inspectProgram(new Uint8Array())).to.throw(NotWasmError, 'Found:    nothing')
      expect(() => inspectProgram(new TextEncoder().encode('(module)'))).to.throw(NotWasmError)
      expect(() => inspectProgram(Uint8Array.of(0, 0x61, 0x73))).to.throw(NotWasmError)
    })

    it('refuses other versions', () => {
      const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)
      expect(() => inspectProgram(component)).to.throw(WasmVersionError, '0d 00 01 00')
    })

    it('refuses a module cut short at any byte, always by name', () => {
      for (const whole of [
        wholeInterface,
        handMade({ globals: [1, 0x7f, 0, 0x41, 5, 0x0b], dataCount: [1], data: [1, 1, 1, 9] }),
      ])
        for (let length = 0; length < whole.length; length++)
          expect(() => inspectProgram(whole.subarray(0, length)), `first ${length} bytes`).to.throw(
            ProgramError,
          )
    })
  })

  describe('imports', () => {
    const importing = (line: string) =>
      assemble(`(module ${line} (memory (export "memory") 1) (func (export "run")))`)
    const cases: [title: string, line: string, facts: string[]][] = [
      ['another module', '(import "env" "abort" (func (param i32 i32 i32 i32)))', ['"env" "abort"']],
      ['WASI', '(import "wasi_snapshot_preview1" "fd_write" (func (param i32)))', ['"fd_write"']],
      ['an unknown name', '(import "assay" "clock" (func (result i64)))', ['"assay" "clock"', '-> (i64)']],
      [
        'a wrong parameter',
        '(import "assay" "exit" (func (param i64)))',
        ['Found:    function (i64) -> ()', 'Expected: function (i32) -> ()'],
      ],
      ['a wrong result', '(import "assay" "input_size" (func (param i32)))', ['-> (i32)']],
      ['a global', '(import "assay" "exit" (global i32))', ['Found:    global']],
      ['a table', '(import "assay" "exit" (table 1 funcref))', ['Found:    table']],
    ]
    for (const [title, line, facts] of cases)
      it(`refuses ${title} and names the import`, () => {
        const inspect = () => inspectProgram(importing(line))
        for (const fact of facts) expect(inspect).to.throw(ProgramImportError, fact)
      })

    it('shows names of hostile files harmlessly', () => {
      const name = `\u001b[2J${'x'.repeat(500)}`
      const bytes = handMade({ imports: [1, ...text(name), ...text('y'), 0, 0] })
      expect(() => inspectProgram(bytes))
        .to.throw(ProgramImportError)
        .that.satisfies(({ message }: Error) => !message.includes('\u001b') && message.length < 600)
    })
  })

  describe('entry', () => {
    const refused: [title: string, exports: string, reason: string][] = [
      ['no entry', '(func (export "main"))', 'neither'],
      ['two entries', '(func (export "run")) (func (export "_start"))', 'both'],
      ['an entry with a parameter', '(func (export "run") (param f32))', 'function (f32) -> ()'],
      ['an entry with a result', '(func (export "_start") (result i32) (i32.const 1))', '-> (i32)'],
      ['an entry that is no function', '(global (export "run") i32 (i32.const 1))', '"run" is a global'],
    ]
    for (const [title, exports, reason] of refused)
      it(`refuses ${title}`, () => {
        const bytes = assemble(`(module (memory (export "memory") 1) ${exports})`)
        expect(() => inspectProgram(bytes)).to.throw(ProgramEntryError, reason)
      })

    it('refuses a host function as entry', () => {
      const exports = [2, ...text('run'), 0, 0, ...text('memory'), 2, 0]
      const imports = [1, ...text('assay'), ...text('exit'), 0, 1]
      const bytes = handMade({ types: [2, 0x60, 0, 0, 0x60, 1, 0x7f, 0], imports, exports })
      expect(() => inspectProgram(bytes)).to.throw(ProgramEntryError, 'function (i32) -> ()')
    })
  })

  describe('memory', () => {
    const memory = (...limits: number[]) => handMade({ memories: [1, ...limits] })

    it('accepts up to 16384 pages, and 4096 without a declared maximum', () => {
      expect(inspectProgram(memory(1, ...leb(16_384), ...leb(16_384))).memory.max).to.equal(16_384)
      expect(inspectProgram(memory(0, ...leb(4_096))).memory).to.deep.equal({ min: 4_096, max: 4_096 })
      expect(inspectProgram(memory(1, 0, 0)).memory).to.deep.equal({ min: 0, max: 0, declaredMax: 0 })
    })

    const refused: [title: string, bytes: Uint8Array, reason: string][] = [
      ['a maximum of 16385 pages', memory(1, 1, ...leb(16_385)), 'above 16384'],
      ['4097 pages without a maximum', memory(0, ...leb(4_097)), 'minimum is above'],
      ['a minimum above the maximum', memory(1, 2, 1), 'minimum is above'],
      ['shared memory', memory(3, 1, 1), 'shared'],
      ['64-bit memory', memory(4, 1), '64-bit'],
      ['pages of another size', memory(8, 1, 0), 'unknown flags 0x08'],
      ['two memories', handMade({ memories: [2, 0, 1, 0, 1] }), '2 memories'],
      ['no memory', handMade({ memories: [], exports: [1, ...text('run'), 0, 0] }), 'no memory is defined'],
      ['a memory that is not exported', handMade({ exports: [1, ...text('run'), 0, 0] }), 'exported'],
      [
        'a memory exported under another name',
        handMade({ exports: [2, ...text('run'), 0, 0, ...text('mem'), 2, 0] }),
        'exported',
      ],
      [
        'a function named memory',
        handMade({ exports: [2, ...text('run'), 0, 0, ...text('memory'), 0, 0] }),
        'exported',
      ],
      [
        'an imported memory',
        handMade({ memories: [], imports: [1, ...text('assay'), ...text('memory'), 2, 0, 1] }),
        'imported',
      ],
    ]
    for (const [title, bytes, reason] of refused)
      it(`refuses ${title}`, () => {
        expect(() => inspectProgram(bytes)).to.throw(ProgramMemoryError, reason)
      })
  })

  describe('instructions', () => {
    const refused: [title: string, code: number[], opcode: string, feature: string][] = [
      ['SIMD', [0xfd, 0x0c, ...Array(16).fill(0), 0x1a], '0xfd', 'SIMD'],
      ['atomics', [0xfe, 0x03, 0x00], '0xfe', 'threads'],
      ['try', [0x06, 0x40, 0x19, 0x0b], '0x06', 'exceptions'],
      ['try_table', [0x1f, 0x40, 0x00, 0x0b], '0x1f', 'exceptions'],
      ['throw', [0x08, 0x00], '0x08', 'exceptions'],
      ['return_call', [0x12, 0x00], '0x12', 'tail calls'],
      ['return_call_indirect', [0x13, 0x00, 0x00], '0x13', 'tail calls'],
      ['call_ref', [0x14, 0x00], '0x14', 'typed function references'],
      ['ref.null', [0xd0, 0x70, 0x1a], '0xd0', 'reference types'],
      ['ref.func', [0xd2, 0x00, 0x1a], '0xd2', 'reference types'],
      ['table.get', [0x25, 0x00], '0x25', 'reference types'],
      ['table.grow', [0xfc, 0x0f, 0x00], '0xfc 0x0f', 'table instructions'],
      ['memory.init', [0xfc, 0x08, 0x00, 0x00], '0xfc 0x08', 'passive data segments'],
      ['struct.new', [0xfb, 0x00, 0x00], '0xfb', 'garbage collection'],
      ['an opcode nobody has', [0xff], '0xff', 'unknown'],
    ]
    for (const [title, code, opcode, feature] of refused)
      it(`refuses ${title}`, () => {
        expect(() => inspectProgram(withCode(0x01, ...code)))
          .to.throw(ProgramInstructionError, `Opcode:   ${opcode}\n`)
          .that.satisfies((error: Error) => error.message.includes(`Feature:  ${feature}`))
      })

    it('says where: function index with imports counted, offset in the file', () => {
      const bytes = handMade({
        types: [2, 0x60, 0, 0, 0x60, 1, 0x7f, 0],
        imports: [1, ...text('assay'), ...text('exit'), 0, 1],
        functions: [2, 0, 0],
        code: bodies([0x0b], [0x01, 0x01, 0xfd, 0x0b]),
      })
      expect(() => inspectProgram(bytes))
        .to.throw(ProgramInstructionError)
        .that.includes({ functionIndex: 2, offset: bytes.length - 2 })
    })

    it('finds what stands behind every kind of immediate', () => {
      const before = [
        [0x41, 0xff, 0xff, 0xff, 0xff, 0x7f],
        [0x42, ...Array(9).fill(0xfd), 0x7f],
        [0x43, 0xfd, 0xfd, 0xfd, 0xfd],
        [0x44, ...Array(8).fill(0xfd)],
        [0x02, 0x40],
        [0x03, 0x7f],
        [0x04, 0x80, 0x00],
        [0x05],
        [0x0c, 0x06],
        [0x0e, 0x02, 0x06, 0x06, 0x06],
        [0x10, 0x00],
        [0x1c, 0x01, 0x7d],
        [0x20, 0xfd, 0x01],
        [0x28, 0x02, 0xfd, 0x01],
        [0x3f, 0x00],
        [0x40, 0x80, 0x00],
        [0xfc, 0x0a, 0x00, 0x00],
        [0xfc, 0x0b, 0x00],
        [0xfc, 0x07],
        [0xc4],
      ]
      for (const code of before) {
        const bytes = withCode(...code, 0xfe)
        expect(() => inspectProgram(bytes), code.join())
          .to.throw(ProgramInstructionError)
          .that.includes({ offset: bytes.length - 2 })
      }
    })

    it('refuses encodings that readers could take differently', () => {
      const malformed = [
        [0x41, 0x80, 0x80, 0x80, 0x80, 0x10],
        [0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
        [0x42, ...Array(9).fill(0x80), 0x01],
        [0x20, 0x80, 0x80, 0x80, 0x80, 0x10],
        [0x28, 0x04, 0x00],
        [0x0b, 0x01],
        [0x02, 0x40],
        [0x10, 0x01],
        [0x23, 0x00],
        [0x11, 0x01, 0x00],
        [0x11, 0x00, 0x00],
        [0x02, 0x01, 0x0b],
      ]
      for (const code of malformed)
        expect(() => inspectProgram(withCode(...code)), code.join()).to.throw(MalformedProgramError)
      expect(() => inspectProgram(withCode(0x28, 0x42, 0x00, 0x00))).to.throw(
        ProgramFeatureError,
        'several memories',
      )
      expect(() => inspectProgram(withCode(0x3f, 0x01))).to.throw(ProgramFeatureError, 'several memories')
    })
  })

  describe('sections', () => {
    const features: [title: string, sections: HandMade, feature: string][] = [
      ['v128 parameters', { types: [1, 0x60, 1, 0x7b, 0] }, 'SIMD'],
      ['externref locals', { code: [1, 4, 1, 1, 0x6f, 0x0b] }, 'reference types'],
      ['externref tables', { tables: [1, 0x6f, 0, 1] }, 'reference types'],
      ['two tables', { tables: [2, 0x70, 0, 1, 0x70, 0, 1] }, 'several tables'],
      ['funcref globals', { globals: [1, 0x70, 0, 0xd0, 0x70, 0x0b] }, 'reference types'],
      ['struct types', { types: [1, 0x5f, 0, 0] }, 'garbage collection'],
      [
        'element segments of expressions',
        { tables: [1, 0x70, 0, 1], elements: [1, 4, 0x41, 0, 0x0b, 0] },
        'reference types',
      ],
      ['computed constants', { globals: [1, 0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b] }, 'computed constants'],
    ]
    for (const [title, sections, feature] of features)
      it(`refuses ${title}`, () => {
        expect(() => inspectProgram(handMade(sections))).to.throw(ProgramFeatureError, feature)
      })

    it('refuses tags', () => {
      const bytes = [...header, ...section(1, [1, 0x60, 0, 0]), ...section(13, [1, 0, 0])]
      expect(() => inspectProgram(Uint8Array.from(bytes))).to.throw(ProgramFeatureError, 'exceptions')
    })

    it('refuses segments that do not fit, so that starting never fails', () => {
      const data = (offset: number[], length: number) => ({
        data: [1, 0, 0x41, ...offset, 0x0b, length, ...Array(length)],
      })
      expect(inspectProgram(handMade(data([0xfe, 0xff, 0x03], 2))).size).to.be.above(0)
      expect(() => inspectProgram(handMade(data([0xff, 0xff, 0x03], 2)))).to.throw(
        MalformedProgramError,
        'fit',
      )
      expect(() => inspectProgram(handMade(data([0x7f], 0)))).to.throw(MalformedProgramError, 'fit')
      const elements = { tables: [1, 0x70, 0, 1], elements: [1, 0, 0x41, 1, 0x0b, 1, 0] }
      expect(() => inspectProgram(handMade(elements))).to.throw(MalformedProgramError, 'fit')
    })

    it('refuses disorder, doubles, leftovers and gaps', () => {
      const malformed: HandMade[] = [
        { functions: [2, 0, 0] },
        { code: [] },
        { functions: [1, 7] },
        { exports: [2, ...text('run'), 0, 0, ...text('run'), 2, 0] },
        { exports: [1, ...text('run'), 0, 1] },
        { exports: [1, ...text('run'), 9, 0] },
        { start: [1] },
        { dataCount: [1] },
        { data: [1, 1, 0], dataCount: [2] },
        { memories: [1, 0, 1, 0] },
      ]
      for (const sections of malformed)
        expect(() => inspectProgram(handMade(sections)), JSON.stringify(sections)).to.throw(
          MalformedProgramError,
        )
      const twice = [...handMade(), ...section(5, [1, 0, 1])]
      expect(() => inspectProgram(Uint8Array.from(twice))).to.throw(MalformedProgramError, 'order')
      const unknown = [...handMade(), ...section(14, [])]
      expect(() => inspectProgram(Uint8Array.from(unknown))).to.throw(
        MalformedProgramError,
        'unknown section',
      )
    })
  })

  describe('bounds', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0x0f]

    it('refuses counts and sizes beyond the file without believing them', () => {
      const sections: HandMade[] = [
        { types: huge },
        { types: [1, 0x60, ...huge] },
        { imports: huge },
        { imports: [1, ...huge] },
        { functions: huge },
        { tables: huge },
        { memories: huge },
        { globals: huge },
        { exports: huge },
        { elements: huge },
        { code: huge },
        { data: huge },
        { data: [1, 1, ...huge] },
        { code: [1, 7, ...huge, 0x7f, 0x0b] },
      ]
      for (const content of sections)
        expect(() => inspectProgram(handMade(content)), JSON.stringify(content)).to.throw(
          MalformedProgramError,
        )
      for (let id = 0; id < 13; id++)
        expect(() => inspectProgram(Uint8Array.from([...header, id, ...huge]))).to.throw(
          MalformedProgramError,
        )
    })

    it('refuses bodies, locals, branch tables and lists beyond its limits', () => {
      const tooLong = Array<number>(2 ** 20).fill(0x01)
      const many = (count: number, item: number[]) => leb(count).concat(Array(count).fill(item).flat())
      const limited: HandMade[] = [
        { code: bodies(tooLong.concat(0x0b)) },
        { code: [1, 6, 1, ...leb(50_001), 0x7f, 0x0b] },
        { code: bodies([0x0e, ...leb(16_385), ...Array(16_386).fill(0), 0x0b]) },
        { types: [1, 0x60, ...leb(1_001), ...Array(1_001).fill(0x7f), 0] },
        { imports: many(1_001, [...text('assay'), ...text('exit'), 0, 0]) },
        { exports: many(10_001, [...text('x'), 0, 0]) },
      ]
      for (const content of limited)
        expect(() => inspectProgram(handMade(content))).to.throw(ProgramLimitError)
    })
  })
})
