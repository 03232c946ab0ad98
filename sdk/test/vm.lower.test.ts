import { expect } from 'chai'
import { ProgramLimitError } from '../src/errors/program.ts'
import { disassemble } from '../src/vm/lower/disassemble.ts'
import { extraStepsOf, stepsOf } from '../src/vm/lower/steps.ts'
import { translate } from '../src/vm/lower/translate.ts'
import type { Program } from '../src/vm/program.ts'
import { type TextFunction, type TextModule, textModule } from './helpers/wasmText.ts'

const wordsOf = ({ code }: Program, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => disassemble(code, from + i))

/** Words of the first function of a module, which begins at pc 2, behind the stub. */
function lowered(one: TextFunction, others: Partial<TextModule> = {}): string[] {
  const { functions = [], ...rest } = others
  const bytes = textModule({ ...rest, functions: [one, ...functions] })
  expect(WebAssembly.validate(bytes), 'valid').to.equal(true)
  const program = translate(bytes)
  const first = others.imports?.length ?? 0
  return wordsOf(program, 2, program.pcs[first + 1]!)
}

/** Costs of the instructions of the first function: `1+2` is 1, and 2 more for a taken branch. */
function costs(one: TextFunction, others: Partial<TextModule> = {}): string {
  const { functions = [], ...rest } = others
  const { steps } = translate(textModule({ ...rest, functions: [one, ...functions] }))
  return Array.from(steps.costs.subarray(0, steps.firsts[1]), (cost) =>
    extraStepsOf(cost) === 0 ? `${stepsOf(cost)}` : `${stepsOf(cost)}+${extraStepsOf(cost)}`,
  ).join(' ')
}

describe('translate, function by function', () => {
  describe('given operands', () => {
    it('takes locals and constants where they are', () => {
      const code = 'local.get 0; i32.const 7; i32.add; local.get 1; i32.sub'
      expect(lowered({ type: 'i32 i32 -> i32', code })).to.deep.equal([
        's2 = i32.add s0 7',
        's2 = i32.sub s2 s1',
        'return s2',
      ])
    })

    it('writes constants as 64 bits, those of 32 bits without a sign', () => {
      const constants = 'i32.const -1; drop; i64.const -2; i64.const 0x123456789abcdef; i64.mul; drop'
      expect(lowered({ type: '-> i32', code: `${constants}; i32.const -1` })).to.deep.equal([
        's0 = i64.mul 0xfffffffffffffffe 0x123456789abcdef',
        'return 0xffffffff',
      ])
      expect(lowered({ type: '-> f32', code: 'f32.const 0xffc00001' })).to.deep.equal(['return 0xffc00001'])
      expect(lowered({ type: '-> f64', code: 'f64.const 0x8000000000000001' })).to.deep.equal([
        'return 0x8000000000000001',
      ])
    })

    it('folds nothing', () => {
      expect(lowered({ type: '-> i32', code: 'i32.const 1; i32.const 2; i32.add' })).to.deep.equal([
        's0 = i32.add 1 2',
        'return s0',
      ])
    })

    it('has no word for reinterpretations, drops and nops', () => {
      const code =
        'local.get 0; i32.reinterpret_f32; nop; local.get 0; drop; f32.reinterpret_i32; i32.trunc_f32_u'
      expect(lowered({ type: 'f32 -> i32', code })).to.deep.equal(['s1 = i32.trunc_f32_u s0', 'return s1'])
    })

    it('keeps the value that a local had when it was pushed', () => {
      const code = 'local.get 0; local.get 1; local.get 0; i32.const 5; local.set 0; i32.add; i32.add'
      expect(lowered({ type: 'i32 i32 -> i32', code })).to.deep.equal([
        's2 = move s0',
        's4 = move s0',
        's0 = move 5',
        's3 = i32.add s1 s4',
        's2 = i32.add s2 s3',
        'return s2',
      ])
    })
  })

  describe('given local.set and local.tee', () => {
    it('has the instruction before write the local', () => {
      const code =
        'local.get 0; i32.eqz; local.set 1; local.get 0; i32.popcnt; local.tee 0; local.get 1; i32.or'
      expect(lowered({ type: 'i32 i32 -> i32', code })).to.deep.equal([
        's1 = i32.eqz s0',
        's0 = i32.popcnt s0',
        's2 = i32.or s0 s1',
        'return s2',
      ])
    })

    it('moves where the old value is still an operand', () => {
      const code = 'local.get 0; local.get 0; i32.eqz; local.set 0'
      expect(lowered({ type: 'i32 -> i32', code })).to.deep.equal([
        's2 = i32.eqz s0',
        's1 = move s0',
        's0 = move s2',
        'return s1',
      ])
    })

    it('moves what another instruction or a label stands behind', () => {
      const code = 'local.get 0; i32.eqz; i32.const 3; i32.const 4; i32.store; local.set 0'
      expect(lowered({ type: 'i32 ->', code })).to.deep.equal([
        's1 = i32.eqz s0',
        'i32.store 3+0 4',
        's0 = move s1',
        'return',
      ])
      const block = 'block i32; local.get 0; i32.eqz; end; local.set 0'
      expect(lowered({ type: 'i32 ->', code: block })).to.deep.equal([
        's1 = i32.eqz s0',
        's0 = move s1',
        'return',
      ])
    })

    it('forwards out of a loop, whose label is at its beginning', () => {
      const code = 'loop i32; local.get 0; i32.eqz; end; local.set 0'
      expect(lowered({ type: 'i32 ->', code })).to.deep.equal(['s0 = i32.eqz s0', 'return'])
    })

    it('moves a parameter of a loop, to whose label others come', () => {
      const code =
        'local.get 0; i32.eqz; loop type 2; local.set 0; local.get 0; local.get 0; br_if 0; end; drop'
      expect(lowered({ type: 'i32 ->', code }, { types: ['i32 -> i32'] })).to.deep.equal([
        's1 = i32.eqz s0',
        's0 = move s1',
        'jump_unless s0 @7',
        's1 = move s0',
        'jump @3',
        's1 = move s0',
        'return',
      ])
    })

    it('forwards again after values were moved away', () => {
      const code = 'local.get 0; i32.const 1; local.set 0; local.get 0; i32.clz; local.set 0'
      expect(lowered({ type: 'i32 -> i32', code })).to.deep.equal([
        's1 = move s0',
        's0 = move 1',
        's0 = i32.clz s0',
        'return s1',
      ])
    })

    it('moves locals and constants, a local onto itself too', () => {
      const code = 'local.get 1; local.tee 0; local.set 0; i32.const 9; local.tee 1; local.set 0'
      expect(lowered({ type: 'i32 i32 ->', code })).to.deep.equal([
        's0 = move s1',
        's0 = move s0',
        's1 = move 9',
        's0 = move s1',
        'return',
      ])
    })
  })

  describe('given instructions with three operands', () => {
    it('moves a constant that must be in a slot', () => {
      const code = 'local.get 0; i64.const 5; i32.const 1; select; i64.const 6; local.get 1; select'
      expect(lowered({ type: 'i64 i32 -> i64', code })).to.deep.equal([
        's4 = move 1',
        's2 = select s0 5 s4',
        's2 = select s2 6 s1',
        'return s2',
      ])
    })

    it('does so for copies and fills', () => {
      const code =
        'i32.const 0; local.get 0; i32.const 9; memory.copy; local.get 0; i32.const 1; local.get 0; memory.fill'
      expect(lowered({ type: 'i32 ->', code })).to.deep.equal([
        's3 = move 9',
        'memory_copy 0 s0 s3',
        'memory_fill s0 1 s0',
        'return',
      ])
    })
  })

  describe('given memory and globals', () => {
    it('has the offset in the word', () => {
      const code =
        'local.get 0; i64.load8_s 4294967295; i32.const 8; i32.load 4; i32.const 3; f32.const 0; f32.store 1; drop; drop'
      expect(lowered({ type: 'i32 ->', code })).to.deep.equal([
        's1 = i64.load8_s s0+4294967295',
        's2 = i32.load 8+4',
        'f32.store 3+1 0',
        'return',
      ])
    })

    it('reads and writes globals, asks for pages and grows', () => {
      const code = 'global.get 1; global.set 1; i64.const 1; global.set 0; memory.size; memory.grow; drop'
      const globals = [
        ['i64', '-1'],
        ['f32', '0x3f800000'],
      ] as const
      expect(lowered({ type: '->', code }, { globals })).to.deep.equal([
        's0 = global_get g1',
        'global_set g1 s0',
        'global_set g0 1',
        's0 = memory_size',
        's0 = memory_grow s0',
        'return',
      ])
    })

    it('has an opcode of its own for each saturating truncation', () => {
      const code = 'local.get 0; i32.trunc_sat_f32_s; drop; local.get 0; i64.trunc_sat_f32_u; drop'
      expect(lowered({ type: 'f32 ->', code })).to.deep.equal([
        's1 = i32.trunc_sat_f32_s s0',
        's1 = i64.trunc_sat_f32_u s0',
        'return',
      ])
    })
  })

  describe('given blocks', () => {
    it('settles the operands below them', () => {
      const code = 'local.get 0; i32.const 4; block; end; i32.add; local.get 0; loop; end; i32.add'
      expect(lowered({ type: 'i32 -> i32', code })).to.deep.equal([
        's1 = move s0',
        's2 = move 4',
        's1 = i32.add s1 s2',
        's2 = move s0',
        's1 = i32.add s1 s2',
        'return s1',
      ])
    })

    it('joins the ways of an if in the slots of its results', () => {
      const code = 'local.get 0; if i32; local.get 1; else; i32.const 2; end'
      expect(lowered({ type: 'i32 i32 -> i32', code })).to.deep.equal([
        'jump_unless s0 @5',
        's2 = move s1',
        'jump @6',
        's2 = move 2',
        'return s2',
      ])
      expect(costs({ type: 'i32 i32 -> i32', code })).to.equal('0 1 0 2 0 1 1')
    })

    it('does not jump over an else from where nothing arrives', () => {
      const code = 'local.get 0; if i32; i32.const 1; return; else; i32.const 2; end'
      expect(lowered({ type: 'i32 -> i32', code })).to.deep.equal([
        'jump_unless s0 @4',
        'return 1',
        's1 = move 2',
        'return s1',
      ])
      expect(costs({ type: 'i32 -> i32', code })).to.equal('0 1 0 1 0 0 1 1')
    })

    it('passes parameters, to the else as well', () => {
      const code = 'local.get 0; local.get 0; if type 2; i32.eqz; else; i32.clz; end'
      const types = ['i32 -> i32']
      expect(lowered({ type: 'i32 -> i32', code }, { types })).to.deep.equal([
        's1 = move s0',
        'jump_unless s0 @6',
        's1 = i32.eqz s1',
        'jump @7',
        's1 = i32.clz s1',
        'return s1',
      ])
    })

    it('emits nothing that cannot be reached, and goes on behind the block', () => {
      const code =
        'block; br 0; i32.const 1; drop; block; br 1; end; loop; br 0; end; end; i32.const 3; return; unreachable'
      expect(lowered({ type: '-> i32', code })).to.deep.equal(['jump @3', 'return 3'])
      expect(costs({ type: '-> i32', code })).to.equal('0 1 0 0 0 0 0 0 0 0 0 0 1 0 0')
    })

    it('counts the code behind an endless loop as reachable', () => {
      expect(lowered({ type: '->', code: 'loop; br 0; end; unreachable' })).to.deep.equal([
        'jump @2',
        'unreachable',
      ])
    })
  })

  describe('given branches', () => {
    it('jumps back with one word', () => {
      const code = 'loop; local.get 0; br_if 0; end'
      expect(lowered({ type: 'i32 ->', code })).to.deep.equal(['jump_if s0 @2', 'return'])
    })

    it('moves values only where they are not in place', () => {
      const inPlace = 'block i32; local.get 0; i32.eqz; local.get 0; br_if 0; end'
      expect(lowered({ type: 'i32 -> i32', code: inPlace })).to.deep.equal([
        's1 = i32.eqz s0',
        'jump_if s0 @4',
        'return s1',
      ])
      const symbolic = 'block i32; i32.const 7; local.get 0; br_if 0; i32.eqz; end'
      expect(lowered({ type: 'i32 -> i32', code: symbolic })).to.deep.equal([
        'jump_unless s0 @5',
        's1 = move 7',
        'jump @6',
        's1 = i32.eqz 7',
        'return s1',
      ])
      expect(costs({ type: 'i32 -> i32', code: symbolic })).to.equal('0 0 0 1+2 1 0 1')
    })

    it('moves a value down that is in a slot of its own, but not in the one of the label', () => {
      const code = 'block i32; local.get 0; i32.eqz; local.get 0; i32.clz; local.get 0; br_if 0; i32.add; end'
      expect(lowered({ type: 'i32 -> i32', code })).to.deep.equal([
        's1 = i32.eqz s0',
        's2 = i32.clz s0',
        'jump_unless s0 @7',
        's1 = move s2',
        'jump @8',
        's1 = i32.add s1 s2',
        'return s1',
      ])
    })

    it('moves several values downwards in ascending order', () => {
      const code =
        'block type 2; local.get 0; i32.eqz; local.get 0; i32.clz; local.get 0; i32.ctz; br 0; end; i32.add'
      expect(lowered({ type: 'i32 -> i32', code }, { types: ['-> i32 i32'] })).to.deep.equal([
        's1 = i32.eqz s0',
        's2 = i32.clz s0',
        's3 = i32.ctz s0',
        's1 = move s2',
        's2 = move s3',
        'jump @8',
        's1 = i32.add s1 s2',
        'return s1',
      ])
    })

    it('returns where the label is the function', () => {
      const code = 'local.get 0; local.get 0; br_if 0; drop; i32.const 1; br 0'
      expect(lowered({ type: 'i32 -> i32', code })).to.deep.equal([
        'jump_unless s0 @4',
        'return s0',
        'return 1',
      ])
      expect(costs({ type: 'i32 -> i32', code })).to.equal('0 0 1+1 0 0 1 0')
    })

    it('has the edges of a br_table cost the same', () => {
      const code = 'block; block; local.get 0; br_table 0 1 2 0; end; end'
      expect(lowered({ type: 'i32 ->', code })).to.deep.equal([
        'jump_table s0 0..3',
        'jump @7',
        'jump @7',
        'return',
        'jump @7',
        'return',
      ])
      expect(costs({ type: 'i32 ->', code })).to.equal('0 0 0 2 0 0 1')
    })

    it('has one stub for each label of a br_table with values', () => {
      const code =
        'block i32; block i32; local.get 0; i32.eqz; local.get 0; br_table 1 0 1 2; end; i32.clz; end'
      expect(lowered({ type: 'i32 -> i32', code })).to.deep.equal([
        's1 = i32.eqz s0',
        'jump_table s0 0..3',
        'jump @8',
        'jump @10',
        'jump @8',
        'jump @12',
        's1 = move s1',
        'jump @15',
        's1 = move s1',
        'jump @14',
        's1 = move s1',
        'return s1',
        's1 = i32.clz s1',
        'return s1',
      ])
      expect(costs({ type: 'i32 -> i32', code })).to.equal('0 0 0 1 0 4 0 1 0 1')
    })

    it('has stubs of its own for each br_table', () => {
      const table = (label: number) => `i32.const 7; local.get 0; br_table ${label}`
      const code = `block i32; local.get 0; if; ${table(1)}; end; ${table(0)}; end`
      expect(lowered({ type: 'i32 -> i32', code })).to.deep.equal([
        'jump_unless s0 @7',
        'jump_table s0 0..0',
        'jump @5',
        's1 = move 7',
        'jump @11',
        'jump_table s0 0..0',
        'jump @9',
        's1 = move 7',
        'jump @11',
        'return s1',
      ])
    })

    it('moves constants and locals on the edges of a br_table', () => {
      const code = 'block type 2; i32.const 1; local.get 0; local.get 0; br_table 0 1; end'
      expect(lowered({ type: 'i32 -> i32 i32', code }, { types: ['-> i32 i32'] })).to.deep.equal([
        'jump_table s0 0..1',
        'jump @5',
        'jump @8',
        's1 = move 1',
        's2 = move s0',
        'jump @11',
        'arg 0 1',
        'arg 1 s0',
        'return',
        'arg 0 s1',
        'arg 1 s2',
        'return',
      ])
      expect(costs({ type: 'i32 -> i32 i32', code }, { types: ['-> i32 i32'] })).to.equal('0 0 0 0 5 0 3')
    })
  })

  describe('given calls', () => {
    const callee: TextFunction = { type: 'i32 i64 -> i32', locals: 'f64', code: 'local.get 0' }

    it('passes arguments, and names place and weight', () => {
      const code = 'local.get 0; i64.const 3; call 1; local.set 0'
      expect(lowered({ type: 'i32 ->', code }, { functions: [callee] })).to.deep.equal([
        'arg 0 s0',
        'arg 1 3',
        's0 = call @6 weight 20',
        'return',
      ])
      expect(costs({ type: 'i32 ->', code }, { functions: [callee] })).to.equal('0 0 3 0 1')
    })

    it('fetches several results, and empties the arguments with the last', () => {
      const several: TextFunction = { type: '-> i32 i32 i64', code: 'i32.const 1; i32.const 2; i64.const 3' }
      const code = 'call 1; local.set 1; drop; local.set 0'
      expect(lowered({ type: 'i32 i64 ->', code }, { functions: [several] })).to.deep.equal([
        's0 = call @8 weight 19',
        's2 = result 0',
        's3 = result 1',
        's1 = result 2 last',
        's0 = move s2',
        'return',
      ])
      expect(costs({ type: 'i32 i64 ->', code }, { functions: [several] })).to.equal('4 0 0 1 1')
    })

    it('writes nothing where there is no result', () => {
      const nothing: TextFunction = { type: '->', code: '' }
      const code = 'local.get 0; i32.eqz; call 1; local.set 0'
      expect(lowered({ type: 'i32 ->', code }, { functions: [nothing] })).to.deep.equal([
        's1 = i32.eqz s0',
        's0 = call @6 weight 16',
        's0 = move s1',
        'return',
      ])
    })

    it('calls through the table by the dense number of the type', () => {
      // types: run, this, callee, one that is equal to the callee's
      const code = 'local.get 0; i64.const 1; local.get 0; call_indirect 3'
      const others = { functions: [callee], types: ['i32 i64 -> i32'], table: [1] }
      expect(lowered({ type: 'i32 -> i32', code }, others)).to.deep.equal([
        'arg 0 s0',
        'arg 1 1',
        's1 = call_indirect s0 type 3',
        'return s1',
      ])
    })

    it('has instructions for the host functions', () => {
      const imports = [
        ['input_size', 'i32 -> i32'],
        ['input_read', 'i32 i32 i32 i32 -> i32'],
        ['output_write', 'i32 i32 ->'],
        ['exit', 'i32 ->'],
      ] as const
      const code =
        'i32.const 1; call 0; local.set 0; i32.const 1; i32.const 0; local.get 0; i32.const 64; call 1; drop; ' +
        'local.get 0; i32.const 5; call 2; local.get 0; call 3'
      expect(lowered({ type: 'i32 ->', code }, { imports })).to.deep.equal([
        'arg 0 1',
        's0 = input_size',
        'arg 0 1',
        'arg 1 0',
        'arg 2 s0',
        'arg 3 64',
        's1 = input_read',
        'arg 0 s0',
        'arg 1 5',
        'output_write',
        'arg 0 s0',
        'exit',
        'return',
      ])
    })
  })

  describe('given frames', () => {
    it('counts locals and the operands of reachable code', () => {
      const deep = 'i32.const 1; i32.const 1; i32.const 1; drop; drop; drop'
      const { slots } = translate(
        textModule({
          functions: [
            { type: 'i32 i32 ->', locals: 'i64', code: deep },
            { type: '->', code: `return; ${deep}` },
            { type: '-> i32 i32', code: 'i32.const 1; i32.const 2' },
          ],
        }),
      )
      expect([...slots]).to.deep.equal([6, 0, 2, 0])
    })

    it('has 1,024 slots at most', () => {
      const withLocals = (count: number) =>
        textModule({
          functions: [
            { type: '->', locals: 'i32 '.repeat(count).trim(), code: 'i32.const 1; i32.const 1; drop; drop' },
          ],
        })
      expect(translate(withLocals(1_022)).slots[0]).to.equal(1_024)
      expect(() => translate(withLocals(1_023))).to.throw(ProgramLimitError, 'slots')
      expect(() => translate(withLocals(1_025))).to.throw(ProgramLimitError, 'slots')
    })
  })
})
