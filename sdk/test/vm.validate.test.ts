import { expect } from 'chai'
import {
  InvalidProgramError,
  MalformedProgramError,
  NotWasmError,
  ProgramFeatureError,
  ProgramInstructionError,
  ProgramLimitError,
  WasmVersionError,
} from '../src/errors/program.ts'
import { readModule } from '../src/vm/wasm/module.ts'
import { bodies, type HandMade, handMade, header, leb, section, text } from './helpers/wasm.ts'
import { encode } from './helpers/wasmText.ts'

const read = (bytes: Uint8Array<ArrayBuffer>) => () => readModule(bytes)

/** Types of the modules here: 0 is () → (), 1 (i32) → (i32), 2 () → (i32 i32), 3 (i64) → (i32), 4 (i32 i32) → (). */
const types = [
  5, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 2, 0x7f, 0x7f, 0x60, 1, 0x7e, 1, 0x7f, 0x60, 2, 0x7f, 0x7f,
  0,
]

/** Function 0 is "run", () → (), function 1 has the type and the code; two globals, of which 1 is constant. */
function withCode(code: readonly number[], type = 0, others: HandMade = {}): Uint8Array<ArrayBuffer> {
  return handMade({
    types,
    functions: [2, 0, type],
    tables: [1, 0x70, 0, 1],
    globals: [2, 0x7f, 1, 0x41, 0, 0x0b, 0x7e, 0, 0x42, 0, 0x0b],
    code: bodies([0x0b], [...code, 0x0b]),
    ...others,
  })
}

type Case = readonly [title: string, code: string | readonly number[], reason: string, type?: number]

type ErrorClass = new (...parameters: never[]) => Error

function refuses(error: ErrorClass, cases: readonly Case[]): void {
  for (const [title, code, reason, type] of cases)
    it(`refuses ${title}`, () => {
      const bytes = withCode(typeof code === 'string' ? encode(code) : code, type)
      expect(WebAssembly.validate(bytes), 'V8').to.equal(false)
      expect(read(bytes)).to.throw(error, reason)
    })
}

describe('readModule', () => {
  describe('given code whose operands do not fit', () => {
    refuses(InvalidProgramError, [
      ['an operand that is missing', 'i32.const 1; i32.add; drop', 'expected i32, found nothing'],
      ['one of another type', 'i32.const 1; i64.const 1; i32.add; drop', 'expected i32, found i64'],
      ['a float for an integer', 'f32.const 0; i32.clz; drop', 'expected i32, found f32'],
      ['the wrong side of a conversion', 'f64.const 0; i32.trunc_sat_f32_s; drop', 'expected f32, found f64'],
      ['a wrong reinterpretation', 'i32.const 0; i64.reinterpret_f64; drop', 'expected f64, found i32'],
      ['a wrong sign extension', 'i32.const 0; i64.extend8_s; drop', 'expected i64, found i32'],
      ['a wrong address', 'i64.const 0; i32.load; drop', 'expected i32, found i64'],
      ['a wrong value to store', 'i32.const 0; i32.const 0; f64.store', 'expected f64, found i32'],
      [
        'a comparison used as what it compared',
        'i64.const 0; i64.const 0; i64.eq; i64.clz; drop',
        'found i32',
      ],
      ['a wrong length', 'i32.const 0; i32.const 0; i64.const 0; memory.copy', 'expected i32, found i64'],
      ['a wrong byte', 'i32.const 0; f32.const 0; i32.const 0; memory.fill', 'expected i32, found f32'],
      ['a wrong delta', 'i64.const 0; memory.grow; drop', 'expected i32, found i64'],
      ['values left over in a function', 'i32.const 0', 'values are left over'],
      ['values left over in a block', 'block; i32.const 0; end', 'values are left over'],
      ['a block without its result', 'block i32; end; drop', 'expected i32, found nothing'],
      ['a block that reaches below itself', 'i32.const 0; block i32; i32.eqz; end; drop', 'found nothing'],
      ['a function without its result', '', 'expected i32, found nothing', 1],
      ['a condition of another type', 'i64.const 0; if; end', 'expected i32, found i64'],
      [
        'an if without else that has a result',
        'i32.const 1; if i32; i32.const 1; end; drop',
        'type mismatch',
      ],
      [
        'an else of another type',
        'i32.const 1; if i32; i32.const 1; else; f32.const 1; end; drop',
        'found f32',
      ],
      [
        'a then-part of another type',
        'i32.const 1; if i32; f32.const 1; else; i32.const 1; end; drop',
        'found f32',
      ],
      ['parameters of a block that are missing', 'block type 1; end; drop', 'expected i32, found nothing'],
      [
        'results of a block in the wrong number',
        'block type 2; i32.const 1; end; drop; drop',
        'found nothing',
      ],
      ['an argument of another type', 'f32.const 0; call 1; drop', 'expected i32, found f32', 1],
      ['an argument through the table', 'i32.const 0; i32.const 0; call_indirect 3; drop', 'found i32'],
      ['an index into the table', 'i64.const 0; call_indirect 0', 'expected i32, found i64'],
      ['a branch without its value', 'block i32; br 0; end; drop', 'expected i32, found nothing'],
      ['a branch with another value', 'block i32; i64.const 0; br 0; end; drop', 'found i64'],
      [
        'a conditional branch without its value',
        'block i32; i32.const 1; br_if 0; end; drop',
        'found nothing',
      ],
      ['a return without its value', 'return', 'expected i32, found nothing', 1],
      ['a branch to a loop with its result', 'loop i32; i32.const 1; br_if 0; end; drop', 'found nothing'],
      [
        'values to choose from of two types',
        'i32.const 0; i64.const 0; i32.const 0; select; drop',
        'found i32',
      ],
      ['a local of another type', 'i64.const 0; local.set 0; i32.const 0', 'expected i32, found i64', 1],
      ['a tee of another type', 'i64.const 0; local.tee 0', 'expected i32, found i64', 1],
      ['a global of another type', 'i64.const 0; global.set 0', 'expected i32, found i64'],
      ['nothing to drop', 'drop', 'expected any, found nothing'],
      [
        'labels of different arity',
        'block; block i32; i32.const 0; i32.const 0; br_table 0 1; end; drop; end',
        'labels',
      ],
      [
        'labels of different types',
        'block i32; block i64; i32.const 0; i32.const 0; br_table 0 1; end; drop; i32.const 0; end; drop',
        'expected i64, found i32',
      ],
    ])

    it('accepts any operand where nothing is executed, of whatever type it must be', () => {
      for (const code of [
        'unreachable; i32.add; drop',
        'unreachable; select; i64.clz; drop',
        'unreachable; i64.const 0; i32.const 0; select; drop',
        'block i32; unreachable; block f32; unreachable; i32.const 1; br_table 0 1 1; end; drop; i32.const 0; end; drop',
        'loop; br 0; f32.store; end',
        'return; call 1; drop; call_indirect 3; drop',
        'unreachable; block type 1; i32.eqz; end; drop',
        'i32.const 0; if; unreachable; else; end',
      ]) {
        const bytes = withCode(encode(code), 0, { functions: [2, 0, 0] })
        expect(WebAssembly.validate(bytes), code).to.equal(true)
        expect(read(bytes), code).not.to.throw()
      }
    })

    refuses(InvalidProgramError, [
      [
        'a wrong operand behind unreachable',
        'unreachable; i64.const 0; i32.clz; drop',
        'expected i32, found i64',
      ],
      ['a wrong result behind unreachable', 'unreachable; i64.const 0', 'expected i32, found i64', 1],
      ['values left over behind unreachable', 'unreachable; i32.const 0; i32.const 0', 'left over', 1],
      ['a block that is never entered', 'unreachable; block; i32.eqz; drop; end', 'found nothing'],
      [
        'two types to choose from',
        'unreachable; i64.const 0; f32.const 0; i32.const 0; select; drop',
        'type mismatch',
      ],
    ])
  })

  describe('given code that names what is not there', () => {
    refuses(InvalidProgramError, [
      ['a local', 'local.get 1; drop', 'unknown local 1 of 1', 1],
      ['a local to set', 'i32.const 0; local.set 4294967295', 'unknown local', 1],
      ['a global', 'global.get 2; drop', 'unknown global 2 of 2'],
      ['a global that does not change', 'i64.const 0; global.set 1', 'global 1 is immutable'],
      ['a function', 'call 2', 'unknown function 2 of 2'],
      ['a type', 'i32.const 0; call_indirect 5', 'unknown type 5 of 5'],
      ['a type of a block', 'block type 5; end', 'unknown type 5 of 5'],
      ['a label', 'block; br 2; end', 'unknown label 2'],
      ['a label of a br_table', 'i32.const 0; br_table 0 1 0', 'unknown label 1'],
      ['the default label', 'i32.const 0; br_table 0 268435457', 'unknown label 268435457'],
    ])

    it('refuses memory instructions without a memory, and calls through no table', () => {
      const bare = (code: string) =>
        withCode(encode(code), 0, { memories: [], tables: [], exports: [1, ...text('run'), 0, 0] })
      for (const code of [
        'i32.const 0; i32.load; drop',
        'i32.const 0; i32.const 0; i32.store',
        'memory.size; drop',
        'i32.const 0; memory.grow; drop',
        'i32.const 0; i32.const 0; i32.const 0; memory.copy',
        'i32.const 0; i32.const 0; i32.const 0; memory.fill',
      ])
        expect(read(bare(code)), code).to.throw(InvalidProgramError, 'unknown memory 0')
      expect(read(bare('i32.const 0; call_indirect 0'))).to.throw(InvalidProgramError, 'unknown table 0')
    })
  })

  describe('given code that is not well-formed', () => {
    refuses(MalformedProgramError, [
      ['an else without if', 'block; else; end', 'else without if'],
      ['two elses', 'i32.const 0; if; else; else; end', 'else without if'],
      ['a body that goes on', [0x0b, 0x01], 'bytes after the end'],
      ['a body without end', [0x02, 0x40], 'unexpected end'],
      ['an integer of 32 bits that is too long', [0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x1a], 'integer'],
      ['an integer of 32 bits with bits too many', [0x41, 0xff, 0xff, 0xff, 0xff, 0x4f, 0x1a], 'integer'],
      [
        'an integer of 64 bits that is too long',
        [0x42, ...new Array<number>(10).fill(0x80), 0, 0x1a],
        '64 bits',
      ],
      ['one with bits too many', [0x42, ...new Array<number>(9).fill(0x80), 0x7e, 0x1a], '64 bits'],
      ['an index that is too long', [0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x1a], 'integer'],
      ['an index with bits too many', [0x20, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a], 'integer'],
    ])

    it('refuses a memory index of more than one byte, which V8 takes', () => {
      expect(read(withCode([0x3f, 0x80, 0x00, 0x1a]))).to.throw(MalformedProgramError, 'zero byte expected')
    })

    it('names instruction, function and offset', () => {
      const bytes = withCode([0x01, 0x41, 0xff, 0xff, 0xff, 0xff, 0x4f, 0x1a])
      expect(read(bytes))
        .to.throw(MalformedProgramError)
        .that.satisfies(({ facts }: MalformedProgramError) => {
          expect(facts).to.include({ Instruction: 'i32.const', Function: 1, Offset: bytes.length - 7 })
          return true
        })
      const invalid = withCode(encode('nop; i32.const 1; i64.clz; drop'))
      expect(read(invalid))
        .to.throw(InvalidProgramError)
        .that.satisfies(({ facts, functionIndex, offset }: InvalidProgramError) => {
          expect(facts).to.include({ Instruction: 'i64.clz', Function: 1, Offset: invalid.length - 3 })
          expect({ functionIndex, offset }).to.deep.equal({ functionIndex: 1, offset: invalid.length - 3 })
          return true
        })
    })

    it('accepts integers with as many bytes as they may have', () => {
      const longest = [
        [0x41, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x1a],
        [0x41, 0x80, 0x80, 0x80, 0x80, 0x78, 0x1a],
        [0x42, ...new Array<number>(9).fill(0x80), 0x7f, 0x1a],
        [0x42, ...new Array<number>(9).fill(0xff), 0x00, 0x1a],
        [0x23, 0x80, 0x80, 0x80, 0x80, 0x00, 0x1a],
      ]
      for (const code of longest) expect(read(withCode(code))).not.to.throw()
    })
  })

  describe('given alignments', () => {
    it('takes them up to the width of the access', () => {
      const widths: [opcode: number, width: number][] = [
        ...[2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2].map((width, i): [number, number] => [0x28 + i, width]),
        ...[2, 3, 2, 3, 0, 1, 0, 1, 2].map((width, i): [number, number] => [0x36 + i, width]),
      ]
      for (const [opcode, width] of widths) {
        const code = (align: number) => withCode([0x00, opcode, align, 0, ...(opcode < 0x36 ? [0x1a] : [])])
        expect(read(code(width)), `${opcode}`).not.to.throw()
        expect(WebAssembly.validate(code(width + 1))).to.equal(false)
        expect(read(code(width + 1)), `${opcode}`).to.throw(InvalidProgramError, 'alignment')
      }
      expect(read(withCode([0x00, 0x28, 0x80, 0x80, 0x80, 0x80, 0x02, 0, 0x1a]))).to.throw(
        InvalidProgramError,
      )
    })
  })

  describe('given instructions that Assay does not have', () => {
    const refused: [instruction: string, code: number[], feature: string][] = [
      ['v128.load', [0xfd, 0x00], 'SIMD'],
      ['i8x16.shuffle', [0xfd, 0x0d], 'SIMD'],
      ['f32x4.eq', [0xfd, 0x41], 'SIMD'],
      ['v128.not', [0xfd, 0x4d], 'SIMD'],
      ['i16x8.abs', [0xfd, 0x80, 0x01], 'SIMD'],
      ['i32x4.dot_i16x8_s', [0xfd, 0xba, 0x01], 'SIMD'],
      ['f64x2.convert_low_i32x4_u', [0xfd, 0xff, 0x01], 'SIMD'],
      ['0xfd 0x100', [0xfd, 0x80, 0x02], 'SIMD'],
      ['memory.atomic.notify', [0xfe, 0x00], 'threads'],
      ['i32.atomic.load', [0xfe, 0x10], 'threads'],
      ['i64.atomic.store32', [0xfe, 0x1d], 'threads'],
      ['i32.atomic.rmw.add', [0xfe, 0x1e], 'threads'],
      ['i64.atomic.rmw32.cmpxchg_u', [0xfe, 0x4e], 'threads'],
      ['try', [0x06, 0x40], 'exceptions'],
      ['throw', [0x08, 0x00], 'exceptions'],
      ['try_table', [0x1f, 0x40, 0], 'exceptions'],
      ['return_call', [0x12, 0x00], 'tail calls'],
      ['return_call_indirect', [0x13, 0x00, 0x00], 'tail calls'],
      ['ref.null', [0xd0, 0x70], 'reference types'],
      ['ref.func', [0xd2, 0x00], 'reference types'],
      ['table.get', [0x25, 0x00], 'reference types'],
      ['memory.init', [0xfc, 0x08, 0, 0], 'passive data segments'],
      ['data.drop', [0xfc, 0x09, 0], 'passive data segments'],
      ['table.init', [0xfc, 0x0c, 0, 0], 'table instructions'],
      ['table.fill', [0xfc, 0x11, 0], 'table instructions'],
      ['call_ref', [0x14, 0x00], 'typed function references'],
      ['0xfb 0x00', [0xfb, 0x00, 0x00], 'garbage collection'],
      ['0xff', [0xff], 'unknown'],
      ['0xfc 0x12', [0xfc, 0x12], 'unknown'],
    ]
    for (const [instruction, code, feature] of refused)
      it(`refuses ${instruction}`, () => {
        const bytes = withCode([0x01, ...code])
        expect(read(bytes))
          .to.throw(ProgramInstructionError, `Feature:     ${feature}\n`)
          .that.includes({ instruction, functionIndex: 1, offset: bytes.length - code.length - 1 })
      })

    it('refuses them behind code that is never executed as well', () => {
      expect(read(withCode([0x00, 0xfd, 0x4d]))).to.throw(ProgramInstructionError, 'v128.not')
    })

    it('refuses what they would need, by the feature (decision 24b)', () => {
      const features: [feature: string, sections: HandMade][] = [
        ['SIMD', { types: [1, 0x60, 1, 0x7b, 0] }],
        ['reference types', { types: [1, 0x60, 1, 0x6f, 0] }],
        ['reference types', { tables: [1, 0x6f, 0, 1] }],
        ['garbage collection', { types: [1, 0x5f, 0, 0] }],
        ['several tables', { tables: [2, 0x70, 0, 1, 0x70, 0, 1] }],
        ['passive segments', { data: [1, 1, 1, 7] }],
        ['passive segments', { tables: [1, 0x70, 0, 1], elements: [1, 1, 0, 1, 0] }],
        ['reference types', { tables: [1, 0x70, 0, 1], elements: [1, 4, 0x41, 0, 0x0b, 1, 0xd2, 0, 0x0b] }],
        ['several tables', { tables: [1, 0x70, 0, 1], elements: [1, 2, 1, 0x41, 0, 0x0b, 0, 0] }],
        ['several memories', { data: [1, 2, 1, 0x41, 0, 0x0b, 0] }],
        ['threads', { memories: [1, 3, 1, 1] }],
        ['64-bit memory', { memories: [1, 4, 1] }],
        ['exceptions', { exports: [2, ...text('run'), 0, 0, ...text('tag'), 4, 0] }],
        ['exceptions', { imports: [1, ...text('a'), ...text('b'), 4, 0, 0] }],
        ['SIMD', { code: bodies([0x02, 0x7b, 0x00, 0x0b, 0x0b]) }],
        ['reference types', { code: bodies([0x00, 0x1c, 1, 0x70, 0x0b]) }],
        ['several memories', { code: bodies([0x00, 0x28, 0x42, 0, 0, 0x0b]) }],
        ['several memories', { code: bodies([0x00, 0x3f, 1, 0x0b]) }],
        ['several tables', { code: bodies([0x00, 0x11, 0, 1, 0x0b]), tables: [1, 0x70, 0, 1] }],
      ]
      for (const [feature, sections] of features)
        expect(read(handMade(sections)), JSON.stringify(sections))
          .to.throw(ProgramFeatureError, `Feature:`)
          .that.includes({ feature })
      const tag = Uint8Array.from([...handMade(), ...section(13, [1, 0, 0])])
      expect(read(tag)).to.throw(ProgramFeatureError, 'exceptions')
    })

    it('accepts table index 0 in as many bytes as compilers leave room for (decision 24b)', () => {
      const code = [0x41, 0, 0x11, 0, 0x80, 0x80, 0x80, 0x80, 0x00]
      expect(read(withCode(code))).not.to.throw()
      expect(read(withCode([...code.slice(0, 4), 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]))).to.throw(
        MalformedProgramError,
      )
    })
  })

  describe('given a file that is no module', () => {
    it('says what it found instead', () => {
      expect(read(new Uint8Array())).to.throw(NotWasmError, 'nothing')
      expect(read(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0))).to.throw(NotWasmError, '7f 45 4c 46')
      expect(read(Uint8Array.from(header.slice(0, 6)))).to.throw(MalformedProgramError, 'unexpected end')
      expect(read(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0))).to.throw(
        WasmVersionError,
        '0d 00 01 00',
      )
    })

    it('refuses it wherever it is cut short', () => {
      const whole = withCode(encode('i32.const 1; if; nop; end'), 0, {
        elements: [1, 0, 0x41, 0, 0x0b, 1, 0],
        data: [1, 0, 0x41, 0, 0x0b, 2, 1, 2],
      })
      expect(read(whole)).not.to.throw()
      for (let length = 0; length < whole.length; length++) {
        const cut = whole.slice(0, length)
        // a file cut between sections can be a module, but none that has all its functions and exports
        expect(WebAssembly.validate(cut) && !endsWithSection(whole, length), `${length}`).to.equal(false)
        if (!endsWithSection(whole, length)) expect(read(cut), `${length}`).to.throw()
      }
    })
  })

  describe('given sections', () => {
    const cases: [title: string, bytes: () => Uint8Array<ArrayBuffer>, error: ErrorClass, reason: string][] =
      [
        [
          'one twice',
          () => joined(handMade(), section(11, [0]), section(11, [0])),
          MalformedProgramError,
          'twice',
        ],
        [
          'one out of order',
          () => joined(handMade(), section(1, [0])),
          MalformedProgramError,
          'out of order',
        ],
        [
          'an unknown one',
          () => joined(handMade(), section(14, [])),
          MalformedProgramError,
          'unknown section',
        ],
        [
          'one longer than its content',
          () => handMade({ types: [1, 0x60, 0, 0, 0] }),
          MalformedProgramError,
          'longer',
        ],
        [
          'one beyond the file',
          () => joined(header, [1, 5, 1, 0x60]),
          MalformedProgramError,
          'unexpected end',
        ],
        [
          'a custom one without a name',
          () => joined(handMade(), section(0, [])),
          MalformedProgramError,
          'end',
        ],
        [
          'a custom one whose name is longer',
          () => joined(handMade(), section(0, [5, 0x61])),
          MalformedProgramError,
          'count 5',
        ],
        [
          'a name that is not UTF-8',
          () => joined(handMade(), section(0, [2, 0xc0, 0x80])),
          MalformedProgramError,
          'UTF-8',
        ],
        [
          'a surrogate in a name',
          () => joined(handMade(), section(0, [3, 0xed, 0xa0, 0x80])),
          MalformedProgramError,
          'UTF-8',
        ],
        [
          'functions without bodies',
          () => handMade({ code: [] }),
          MalformedProgramError,
          '1 functions, 0 bodies',
        ],
        [
          'bodies without functions',
          () => handMade({ functions: [], exports: [] }),
          MalformedProgramError,
          '0 functions, 1 bodies',
        ],
        [
          'an announced data segment that is missing',
          () => handMade({ dataCount: [1] }),
          MalformedProgramError,
          '1 data segments announced',
        ],
        [
          'a mutability of 2',
          () => handMade({ globals: [1, 0x7f, 2, 0x41, 0, 0x0b] }),
          MalformedProgramError,
          'mutability',
        ],
        [
          'limits with unknown flags',
          () => handMade({ memories: [1, 8, 1] }),
          MalformedProgramError,
          'flags',
        ],
        [
          'an unknown kind of import',
          () => handMade({ imports: [1, ...text('a'), ...text('b'), 5, 0] }),
          MalformedProgramError,
          'kind of import',
        ],
        [
          'an unknown kind of export',
          () => handMade({ exports: [1, ...text('run'), 5, 0] }),
          MalformedProgramError,
          'kind of export',
        ],
        [
          'an unknown kind of data',
          () => handMade({ data: [1, 3, 0] }),
          MalformedProgramError,
          'kind of data',
        ],
        [
          'an unknown kind of elements',
          () => handMade({ tables: [1, 0x70, 0, 1], elements: [1, 8, 0] }),
          MalformedProgramError,
          'kind of element',
        ],
        [
          'two exports of one name',
          () => handMade({ exports: [2, ...text('run'), 0, 0, ...text('run'), 2, 0] }),
          InvalidProgramError,
          'duplicate export name',
        ],
        [
          'an export of nothing',
          () => handMade({ exports: [1, ...text('run'), 0, 1] }),
          InvalidProgramError,
          'unknown function 1',
        ],
        [
          'an export of no table',
          () => handMade({ exports: [1, ...text('t'), 1, 0] }),
          InvalidProgramError,
          'unknown table 0',
        ],
        [
          'an export of no global',
          () => handMade({ exports: [1, ...text('g'), 3, 0] }),
          InvalidProgramError,
          'unknown global 0',
        ],
        [
          'a function of no type',
          () => handMade({ functions: [1, 1] }),
          InvalidProgramError,
          'unknown type 1',
        ],
        [
          'a start that is not there',
          () => handMade({ start: [1] }),
          InvalidProgramError,
          'unknown function 1',
        ],
        [
          'a start with parameters',
          () => handMade({ types: [1, 0x60, 1, 0x7f, 0], start: [0] }),
          InvalidProgramError,
          'start is not',
        ],
        ['two memories', () => handMade({ memories: [2, 0, 1, 0, 1] }), Error, 'two memories'],
        [
          'a memory beyond addresses',
          () => handMade({ memories: [1, 0, ...leb(65_537)] }),
          InvalidProgramError,
          '65536 pages',
        ],
        [
          'a maximum beyond addresses',
          () => handMade({ memories: [1, 1, 1, ...leb(65_537)] }),
          InvalidProgramError,
          '65536 pages',
        ],
        [
          'a minimum above the maximum',
          () => handMade({ memories: [1, 1, 2, 1] }),
          InvalidProgramError,
          'minimum must not',
        ],
        [
          'a table with its minimum above the maximum',
          () => handMade({ tables: [1, 0x70, 1, 2, 1] }),
          InvalidProgramError,
          'minimum must not',
        ],
        [
          'an element that is no function',
          () => handMade({ tables: [1, 0x70, 0, 1], elements: [1, 0, 0x41, 0, 0x0b, 1, 1] }),
          InvalidProgramError,
          'unknown function 1',
        ],
        [
          'elements without a table',
          () => handMade({ elements: [1, 0, 0x41, 0, 0x0b, 1, 0] }),
          InvalidProgramError,
          'unknown table',
        ],
        [
          'elements that do not fit',
          () => handMade({ tables: [1, 0x70, 0, 1], elements: [1, 0, 0x41, 1, 0x0b, 1, 0] }),
          InvalidProgramError,
          'does not fit',
        ],
        [
          'elements at a negative place',
          () => handMade({ tables: [1, 0x70, 0, 1], elements: [1, 0, 0x41, 0x7f, 0x0b, 1, 0] }),
          InvalidProgramError,
          'does not fit',
        ],
        [
          'data without a memory',
          () =>
            handMade({ memories: [], exports: [1, ...text('run'), 0, 0], data: [1, 0, 0x41, 0, 0x0b, 0] }),
          InvalidProgramError,
          'unknown memory',
        ],
        [
          'data that does not fit',
          () => handMade({ data: [1, 0, 0x41, ...[0xff, 0xff, 0x03], 0x0b, 2, 1, 2] }),
          InvalidProgramError,
          'does not fit',
        ],
      ]
    for (const [title, bytes, error, reason] of cases)
      it(`refuses ${title}`, () => expect(read(bytes())).to.throw(error, reason))
  })

  describe('given constants', () => {
    const global = (...code: number[]) => handMade({ globals: [1, 0x7f, 0, ...code] })

    it('takes one constant of the type', () => {
      expect(readModule(global(0x41, 0x7f, 0x0b)).globals).to.deep.equal([
        { type: 0x7f, mutable: false, value: 0xffffffffn, imported: false },
      ])
    })

    for (const [title, code, reason] of [
      ['another type', [0x42, 0, 0x0b], 'expected i32, found i64'],
      ['nothing', [0x0b], 'found nothing'],
      ['two constants', [0x41, 0, 0x41, 0, 0x0b], 'one constant and its end'],
      ['a nop', [0x01, 0x41, 0, 0x0b], 'constant expression required, found nop'],
      ['arithmetic', [0x41, 0, 0x45, 0x0b], 'one constant and its end'],
      ['a global that is not imported', [0x23, 0, 0x0b], 'unknown global 0'],
    ] as const)
      it(`refuses ${title}`, () => expect(read(global(...code))).to.throw(InvalidProgramError, reason))

    it('refuses a global that is defined before, as WebAssembly 1.0 does', () => {
      const globals = [2, 0x7f, 0, 0x41, 0, 0x0b, 0x7f, 0, 0x23, 0, 0x0b]
      expect(read(handMade({ globals }))).to.throw(InvalidProgramError, 'unknown global 0')
    })
  })

  describe('given limits', () => {
    it('names what there is too much of', () => {
      const cases: [sections: HandMade, what: string][] = [
        [{ types: [1, 0x60, ...leb(991), ...new Array<number>(991).fill(0x7f), 0] }, 'values of a type'],
        [
          { globals: [...leb(1_025), ...new Array<number[]>(1_025).fill([0x7f, 0, 0x41, 0, 0x0b]).flat()] },
          'globals',
        ],
        [
          { code: bodies([0x00, 0x0e, ...leb(16_385), ...new Array<number>(16_387).fill(0), 0x0b]) },
          'entries of a br_table',
        ],
        [{ code: bodies([...new Array<number>(1 << 20).fill(0x01), 0x0b]) }, 'bytes of a function'],
        [
          { code: bodies([...new Array<number[]>(50_001).fill([0x02, 0x40]).flat(), 0x0b]) },
          'blocks within each other',
        ],
        [
          { tables: [1, 0x70, 0, ...leb(300_000)], elements: [1, 0, 0x41, 0x80, 0x80, 0x10, 0x0b, 1, 0] },
          'table entries',
        ],
      ]
      for (const [sections, what] of cases)
        expect(read(handMade(sections)), what).to.throw(ProgramLimitError, what)
    })

    it('has exactly so much', () => {
      const blocks = new Array<number[]>(50_000).fill([0x02, 0x40]).flat()
      const code = bodies([...blocks, ...new Array<number>(50_001).fill(0x0b)])
      expect(read(handMade({ code }))).not.to.throw()
      const table = bodies([0x00, 0x0e, ...leb(16_384), ...new Array<number>(16_385).fill(0), 0x0b])
      expect(read(handMade({ code: table }))).not.to.throw()
      const full = bodies([...new Array<number>((1 << 20) - 2).fill(0x01), 0x0b])
      expect(read(handMade({ code: full }))).not.to.throw()
    })
  })
})

function joined(...parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)))
}

/** Whether the first bytes of a module are whole sections. */
function endsWithSection(bytes: Uint8Array, length: number): boolean {
  let at = header.length
  // sections here are shorter than 128 bytes
  while (at < length) at += 2 + bytes[at + 1]!
  return at === length
}
