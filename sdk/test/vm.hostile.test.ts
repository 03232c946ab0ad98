import { expect } from 'chai'
import {
  InvalidProgramError,
  MalformedProgramError,
  ProgramError,
  ProgramLimitError,
} from '../src/errors/program.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { maxMergedValues, maxNesting, maxPassedValues, moduleLimits } from '../src/vm/wasm/limits.ts'
import { bodies, type HandMade, handMade, leb, section, text } from './helpers/wasm.ts'
import { textModule } from './helpers/wasmText.ts'

const refused = (sections: HandMade) => () => translate(handMade(sections))
const many = (times: number, ...bytes: number[]) =>
  Array.from({ length: times * bytes.length }, (_, i) => bytes[i % bytes.length]!)

/** The largest count that a file can name. */
const huge = leb(0xffffffff)

describe('translate, given a hostile module', function () {
  this.timeout(60_000)

  it('refuses counts that the file has no room for, before it makes room', () => {
    const cases: HandMade[] = [
      { types: huge },
      { types: [1, 0x60, ...huge] },
      { imports: huge },
      { functions: huge },
      { tables: huge },
      { memories: huge },
      { globals: huge },
      { exports: huge },
      { tables: [1, 0x70, 0, 1], elements: huge },
      { tables: [1, 0x70, 0, 1], elements: [1, 0, 0x41, 0, 0x0b, ...huge] },
      { code: huge },
      { code: [1, ...huge] },
      { code: bodies([0x00, 0x0e, ...huge, 0, 0x0b]) },
      { data: huge },
      { data: [1, 0, 0x41, 0, 0x0b, ...huge] },
      { exports: [1, ...huge, 0x61] },
    ]
    for (const sections of cases)
      expect(refused(sections), JSON.stringify(sections))
        .to.throw(ProgramError)
        .that.satisfies(
          (error: Error) => error instanceof MalformedProgramError || error instanceof ProgramLimitError,
        )
  })

  it('refuses 2^32 locals without counting to there', () => {
    const locals = (...groups: number[]) => [1, ...leb(groups.length + 1), ...groups, 0x0b]
    expect(refused({ code: locals(1, ...huge, 0x7f) })).to.throw(ProgramLimitError, 'slots')
    expect(refused({ code: locals(2, ...huge, 0x7f, ...huge, 0x7e) })).to.throw(ProgramLimitError, 'slots')
  })

  it('does not build the 4 GiB that a memory asks for', () => {
    expect(refused({ memories: [1, 0, ...leb(65_536)] })).to.throw(ProgramError, 'maximum')
    expect(refused({ memories: [1, 1, ...leb(65_536), ...leb(65_536)] })).to.throw(ProgramError, '16384')
    const largest = translate(handMade({ memories: [1, 1, ...leb(16_384), ...leb(16_384)] }))
    expect(largest.memory.size).to.equal(0)
    const table = translate(handMade({ tables: [1, 0x70, 0, ...huge] }))
    expect(table.table).to.have.length(0)
  })

  it('does not fill a gigabyte with a byte in each page', () => {
    const pages = 4_097
    const segments = Array.from({ length: pages }, (_, page) => [
      0,
      0x41,
      ...signed(page * 65_536),
      0x0b,
      1,
      1,
    ])
    const data = [...leb(pages), ...segments.flat()]
    expect(refused({ memories: [1, 1, ...leb(pages), ...leb(pages)], data })).to.throw(
      ProgramLimitError,
      'pages with data',
    )
  })

  it('takes blocks within each other in proportion to their bytes', () => {
    const deep = (depth: number) => [...many(depth, 0x02, 0x40), ...many(depth, 0x0b), 0x0b]
    expect(refused({ code: bodies(deep(50_000)) })).not.to.throw()
    expect(refused({ code: bodies(deep(50_001)) })).to.throw(ProgramLimitError, 'blocks within each other')
    const loops = (depth: number) => [...many(depth, 0x03, 0x40), 0x0c, 0x00, ...many(depth, 0x0b)]
    expect(refused({ code: bodies([...loops(1_000), ...loops(1_000), 0x0b]) })).not.to.throw()
    expect(refused({ code: bodies([...loops(1_001), 0x0b]) })).to.throw(
      ProgramLimitError,
      'loops within each other',
    )
  })

  it('bounds the values that few bytes can pass on', () => {
    // a block of 900 parameters and results moves 3,600 values for 4 bytes
    const values = many(900, 0x7f)
    const types = [2, 0x60, 0, 0, 0x60, ...leb(900), ...values, ...leb(900), ...values]
    const constants = many(900, 0x41, 0)
    const blocks = Math.ceil(maxPassedValues / 3_600) + 1
    const passing = (opening: number[]) =>
      handMade({
        types,
        code: bodies([...opening, ...many(blocks, 0x02, 0x01, 0x0b), ...many(900, 0x1a), 0x0b]),
      })
    expect(() => translate(passing(constants))).to.throw(ProgramLimitError, 'values passed')
    expect(() => translate(passing([0x00]))).to.throw(ProgramLimitError, 'values passed')
  })

  it('bounds the locals and operands that V8 keeps at blocks and branches', () => {
    const locals = (code: readonly number[]) => {
      const body = [1, ...leb(1_000), 0x7e, ...code, 0x0b]
      return { code: [1, ...leb(body.length), ...body] }
    }
    const merges = (code: number[], each: number) => {
      const most = Math.floor(maxMergedValues / each)
      expect(refused(locals(many(most, ...code)))).not.to.throw()
      expect(refused(locals(many(most + 1, ...code)))).to.throw(ProgramLimitError, 'blocks and branches')
    }
    merges([0x03, 0x40, 0x0b], 4_000)
    merges([0x02, 0x40, 0x0b], 1_000)
    merges([0x41, 0, 0x04, 0x40, 0x0b], 1_000)
    merges([0x41, 0, 0x0d, 0], 1_000)
    merges([0x41, 7, 0x02, 0x40, 0x0c, 0, 0x0b, 0x1a], 2_002)
    merges([0x02, 0x40, 0x41, 0, 0x0e, 2, 0, 1, 0, 0x0b], 3_000)
    // what cannot be reached costs V8 nothing
    expect(refused(locals([0x00, ...many(20_000, 0x03, 0x40, 0x0b)]))).not.to.throw()
  })

  it('bounds the loops of many functions together', () => {
    const body = [1, ...leb(1_000), 0x7e, ...many(8_000, 0x03, 0x40, 0x0b), 0x0b]
    const functions = (count: number) => ({
      functions: [...leb(count), ...many(count, 0)],
      code: [...leb(count), ...Array.from({ length: count }, () => [...leb(body.length), ...body]).flat()],
    })
    expect(refused(functions(2))).not.to.throw()
    expect(refused(functions(3))).to.throw(ProgramLimitError, 'values passed')
  })

  it('bounds bodies of functions with many parameters, which V8 would refuse once they are rewritten', () => {
    const caller = (params: number, bytes: number) => {
      const code = many(bytes / 2 - 1, 0x10, 0)
      const body = [0, ...code, 0x0b]
      return {
        types: [2, 0x60, 0, 0, 0x60, ...leb(params), ...many(params, 0x7f), 0],
        functions: [2, 0, 1],
        code: [2, 2, 0, 0x0b, ...leb(body.length), ...body],
      }
    }
    expect(refused(caller(126, 1 << 18))).not.to.throw()
    expect(refused(caller(126, (1 << 18) + 2))).to.throw(ProgramLimitError, 'more than 125 parameters')
    expect(refused(caller(125, (1 << 18) + 2))).not.to.throw()
  })

  it('looks at each label of a br_table once, however often it stands there', () => {
    const values = many(900, 0x7f)
    const types = [2, 0x60, 0, 0, 0x60, 0, ...leb(900), ...values]
    const table = [0x0e, ...leb(10_000), ...many(10_001, 0)]
    const block = [0x02, 0x01, ...many(900, 0x41, 0), 0x41, 0, ...table, 0x0b, ...many(900, 0x1a)]
    const code = [...block, ...block, 0x0b]
    expect(refused({ types, code: bodies(code) })).not.to.throw()
  })

  it('sets a local under a thousand copies of others in time', () => {
    // pushes 400 locals, then sets one that is not among them, over and over
    const pushes = Array.from({ length: 400 }, (_, i) => [0x20, ...leb(i)]).flat()
    const sets = many(100_000, 0x41, 0, 0x21, ...leb(500))
    const body = [1, ...leb(501), 0x7f, ...pushes, ...sets, ...many(400, 0x1a), 0x0b]
    expect(refused({ code: [1, ...leb(body.length), ...body] })).not.to.throw()
  })

  it('ends for every prefix and every flipped byte of a real program, with a named error or a program', () => {
    const whole = textModule({
      imports: [['exit', 'i32 ->']],
      functions: [
        {
          type: 'i32 -> i32',
          locals: 'i64',
          code: 'block i32; local.get 0; local.get 0; br_table 0 0 1; end; call 0; local.get 0',
        },
        { type: '->', code: 'i32.const 0; call_indirect 0; loop; i32.const 1; br_if 0; end' },
      ],
      table: [1, 2, 0],
      globals: [['f64', '7']],
      data: [[8, [1, 2, 3]]],
      run: 'i32.const 3; call 1; drop; i32.const 0; i32.const 8; i32.const 2; memory.copy',
    })
    const outcome = (bytes: Uint8Array<ArrayBuffer>) => {
      try {
        return translate(bytes)
      } catch (error) {
        expect(error).to.be.instanceOf(ProgramError)
        return undefined
      }
    }
    expect(outcome(whole)).not.to.equal(undefined)
    for (let length = 0; length < whole.length; length++) outcome(whole.slice(0, length))
    for (let at = 0; at < whole.length; at++)
      for (const value of [
        0x00,
        0x01,
        0x0b,
        0x40,
        0x7f,
        0x80,
        0xfc,
        0xff,
        whole[at]! ^ 0x01,
        whole[at]! ^ 0x20,
      ]) {
        const other = whole.slice()
        other[at] = value
        // nothing is accepted here that V8 refuses
        if (outcome(other) !== undefined)
          expect(WebAssembly.validate(other), `${at}: ${value}`).to.equal(true)
      }
  })

  it('keeps hostile names out of messages', () => {
    const name = `\u001b[31m${'x'.repeat(300)}`
    const imports = [1, ...text('assay'), ...text(name), 0, 0]
    expect(refused({ imports }))
      .to.throw(ProgramError)
      .that.satisfies(({ message }: Error) => !message.includes('\u001b') && message.length < 600)
  })

  it('refuses sections of a gigabyte in a file of a few bytes', () => {
    const bytes = Uint8Array.from([...handMade().subarray(0, 8), 1, ...leb(2 ** 30), 1])
    expect(() => translate(bytes)).to.throw(MalformedProgramError, 'unexpected end')
    const custom = Uint8Array.from([...handMade(), ...section(0, [...leb(2 ** 31), 0x61])])
    expect(() => translate(custom)).to.throw(MalformedProgramError, 'count 2147483648')
    expect(() => translate(handMade({ start: huge }))).to.throw(InvalidProgramError, 'unknown function')
  })

  it('accepts nothing that is too much for V8: modules at each limit (decision 22)', () => {
    const { types, functions, imports, exports } = moduleLimits
    const elements = moduleLimits['element segments']
    const segments = moduleLimits['data segments']
    const values = many(moduleLimits['values of a type'], 0x7f)
    const entries = moduleLimits['table entries']
    const names = (count: number, kind: number) =>
      Array.from({ length: count }, (_, i) => [...text(`e${i}`), kind, 0]).flat()
    const cases: [what: string, sections: HandMade][] = [
      ['types', { types: [...leb(types), ...many(types, 0x60, 0, 0)] }],
      [
        'values of a type',
        { types: [2, 0x60, 0, 0, 0x60, ...leb(values.length), ...values, ...leb(values.length), ...values] },
      ],
      [
        'functions',
        {
          functions: [...leb(functions), ...many(functions, 0)],
          code: [...leb(functions), ...many(functions, 2, 0, 0x0b)],
        },
      ],
      [
        'imports',
        {
          types: [2, 0x60, 0, 0, 0x60, 1, 0x7f, 0],
          imports: [...leb(imports), ...many(imports, ...text('assay'), ...text('exit'), 0, 1)],
          exports: [2, ...text('run'), 0, ...leb(imports), ...text('memory'), 2, 0],
        },
      ],
      [
        'exports',
        {
          exports: [...leb(exports), ...text('run'), 0, 0, ...text('memory'), 2, 0, ...names(exports - 2, 0)],
        },
      ],
      ['globals', { globals: [...leb(1_024), ...many(1_024, 0x7f, 0, 0x41, 0, 0x0b)] }],
      [
        'element segments',
        { tables: [1, 0x70, 0, 1], elements: [...leb(elements), ...many(elements, 0, 0x41, 0, 0x0b, 1, 0)] },
      ],
      ['data segments', { data: [...leb(segments), ...many(segments, 0, 0x41, 0, 0x0b, 1, 7)] }],
      [
        'table entries',
        {
          tables: [1, 0x70, 0, ...leb(entries)],
          elements: [1, 0, 0x41, 0, 0x0b, ...leb(entries), ...many(entries, 0)],
        },
      ],
      ['blocks', { code: bodies([...many(maxNesting, 0x02, 0x40), ...many(maxNesting + 1, 0x0b)]) }],
      ['bytes of a function', { code: bodies([...many((1 << 20) - 2, 0x01), 0x0b]) }],
    ]
    for (const [what, sections] of cases) {
      const bytes = handMade(sections)
      expect(() => translate(bytes), what).not.to.throw()
      expect(WebAssembly.validate(bytes), what).to.equal(true)
    }
  })
})

/** Signed LEB128 of a number that needs its sign bit clear. */
function signed(value: number): number[] {
  const bytes = leb(value)
  return bytes[bytes.length - 1]! < 0x40 ? bytes : [...bytes.slice(0, -1), bytes[bytes.length - 1]! | 0x80, 0]
}
