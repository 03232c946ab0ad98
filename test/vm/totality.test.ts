/** Case by case: every state and every word has a successor, the same one on-chain as in the reference machine. */
import { expect } from 'chai'
import { flag, limits, opcodeOf, opcodes } from '../../sdk/src/vm/isa.ts'
import { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import { committedTask } from '../../sdk/src/vm/reference/task.ts'
import type { ProgramImage } from '../../sdk/src/vm/state.ts'
import { encodeWord, type Word } from '../../sdk/src/vm/word.ts'
import { instruction, jobOf, programOf } from '../../sdk/test/helpers/vmStates.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { deployOneStep, expectSameStep, type OneStep } from './oneStep.ts'

const U64 = 2n ** 64n - 1n
const U32 = 2 ** 32 - 1
const PAGE = 65_536

type Change = (machine: ReferenceMachine) => void
type Given = {
  name?: string
  word?: Partial<Word>
  program?: Partial<ProgramImage>
  version?: number
  stepLimit?: bigint
  maxOutput?: number
  lengths?: readonly [bigint, bigint]
  change?: Change
}

function machineOf({ name = 'move', word, program, version, lengths, change, ...job }: Given) {
  const image = programOf([instruction(name, word)], program)
  const given = { ...(version === undefined ? {} : { version }), ...(lengths ? { lengths } : {}) }
  const machine = new ReferenceMachine(
    committedTask(jobOf(image, { input: new Uint8Array(300).fill(7), ...job }), given),
  )
  change?.(machine)
  return machine
}

const frame =
  (...values: bigint[]): Change =>
  (machine) => {
    for (const [index, value] of values.entries()) machine.frame.setValue(index, value)
  }
const args =
  (...values: number[]): Change =>
  (machine) => {
    for (const [index, value] of values.entries()) machine.args.setValue(index, BigInt(value))
  }
const set =
  (
    fields: Partial<Pick<ReferenceMachine, 'steps' | 'pages' | 'pc' | 'rep' | 'reserved' | 'stack'>>,
  ): Change =>
  (machine) => {
    Object.assign(machine, fields)
  }
const all =
  (...changes: Change[]): Change =>
  (machine) => {
    for (const change of changes) change(machine)
  }
const output =
  (length: number): Change =>
  (machine) => {
    machine.outputLength = length
  }
const suspended =
  (resultSlot: number): Change =>
  (machine) => {
    const { frame } = new ReferenceMachine(machine.task)
    machine.suspended = [{ frame, returnPc: U32, stack: U32, resultSlot }]
  }

const table = [
  { type: 0, weight: 0, pc: 0 },
  { type: 2, weight: 30, pc: 5 },
]
const constants = { flags: flag.constantA | flag.constantB }

const junk = 0xdead_beef_0000_0000n
const binary = (name: string, a: bigint, b: bigint): Given => ({ name, word: { b: 1 }, change: frame(a, b) })
const unary = (name: string, a: bigint): Given => ({ name, change: frame(a) })
const LEAST_32 = 1n << 31n
const LEAST_64 = 1n << 63n
const NAN_32 = 0x7fc0_0000n
const NAN_64 = 0x7ff8_0000_0000_0000n

/** What the machine is in afterwards. */
type Then = 'running' | 'halted' | 'trapped' | 'outOfSteps'
const rows: Record<string, [title: string, given: Given, then: Then][]> = {
  'a state that no task reaches': [
    ['steps at the limit', { stepLimit: 9n, change: set({ steps: 9n }) }, 'trapped'],
    ['steps one below the limit', { stepLimit: 9n, change: set({ steps: 8n }) }, 'outOfSteps'],
    ['a halt at the limit', { name: 'exit', stepLimit: 9n, change: set({ steps: 8n }) }, 'halted'],
    ['steps that cannot grow', { stepLimit: U64, change: set({ steps: U64 }) }, 'trapped'],
    ['steps that cannot grow afterwards', { stepLimit: U64, change: set({ steps: U64 - 1n }) }, 'outOfSteps'],
    ['more pages than the program may have', { change: set({ pages: 2 }) }, 'trapped'],
    ['as many pages as it may have', { program: { maxPages: 2 }, change: set({ pages: 2 }) }, 'running'],
    ['a program with too many pages', { program: { maxPages: 16_385 } }, 'trapped'],
    ['a program with as many pages as there are', { program: { maxPages: 16_384 } }, 'running'],
    ['an unknown version', { version: 2 }, 'trapped'],
    ['version 0', { version: 0 }, 'trapped'],
    ['a reserved bit', { change: set({ reserved: 1 }) }, 'trapped'],
    ['the highest reserved bit', { change: set({ reserved: 2 ** 31 }) }, 'trapped'],
    ['no code there can be', { change: set({ pc: 2 ** 20 }) }, 'trapped'],
    ['the greatest pc', { change: set({ pc: U32 }) }, 'trapped'],
    ['the last word there can be, which is zero', { change: set({ pc: 2 ** 20 - 1 }) }, 'trapped'],
    ['rep set on an ordinary instruction', { change: set({ rep: 1 }) }, 'trapped'],
  ],
  'an index': [
    ['slot a 1,023', { word: { a: 1_023 } }, 'running'],
    ['slot a 1,024', { word: { a: 1_024 } }, 'trapped'],
    ['slot a 65,535 that is a constant', { word: { a: 65_535, flags: 1 } }, 'running'],
    ['slot b 1,024', { name: 'i32.add', word: { b: 1_024 } }, 'trapped'],
    ['slot b 1,024 that is a constant', { name: 'i32.add', word: { b: 1_024, flags: 2 } }, 'running'],
    ['slot b 1,024 that is not used', { word: { b: 1_024 } }, 'running'],
    ['slot c 1,024', { name: 'select', word: { c: 1_024, ...constants } }, 'trapped'],
    ['slot d 1,023', { word: { d: 1_023 } }, 'running'],
    ['slot d 1,024', { word: { d: 1_024 } }, 'trapped'],
    ['slot d 1,024 of a call', { name: 'call', word: { d: 1_024 } }, 'trapped'],
    ['slot d 1,024 that is not used', { name: 'jump', word: { d: 1_024 } }, 'running'],
    ['argument 1,023', { name: 'arg', word: { t: 1_023 } }, 'running'],
    ['argument 1,024', { name: 'arg', word: { t: 1_024 } }, 'trapped'],
    ['global 1,024', { name: 'global_set', word: { t: 1_024 } }, 'trapped'],
    ['slot a 1,024 of a return without value', { name: 'return', word: { a: 1_024 } }, 'halted'],
    ['slot a 1,024 of a return with value', { name: 'return', word: { a: 1_024, flags: 4 } }, 'trapped'],
  ],
  'an address': [
    ['at the end', { name: 'i64.load', word: { t: PAGE - 8 } }, 'running'],
    ['that leaves memory', { name: 'i64.load', word: { t: PAGE - 7 } }, 'trapped'],
    ['at the end of no memory', { name: 'i32.store8', change: set({ pages: 0 }) }, 'trapped'],
    [
      'that would wrap',
      { name: 'i32.load', word: { t: U32 - 3 }, change: frame(BigInt(U32 - 3)) },
      'trapped',
    ],
    ['whose upper half is set', { name: 'i64.load', change: frame(U64 - BigInt(U32) + 5n) }, 'running'],
  ],
  'an i32 operand whose upper half is set': [
    ['of a sum', binary('i32.add', junk | 1n, junk | BigInt(U32)), 'running'],
    ['of a comparison', binary('i32.lt_s', junk | LEAST_32, junk | 1n), 'running'],
    ['of a divisor that is zero below it', binary('i32.div_u', 5n, junk), 'trapped'],
    ['of a conversion', unary('f64.convert_i32_s', junk | LEAST_32), 'running'],
    ['of an extension', unary('i64.extend_i32_s', junk | LEAST_32), 'running'],
    ['of an f32', binary('f32.add', junk | 0x3f80_0000n, junk | NAN_32), 'running'],
    [
      'of a condition that is zero below it',
      { name: 'jump_if', word: { t: 9 }, change: frame(junk) },
      'running',
    ],
    ['of a choice', { name: 'select', word: { b: 1, c: 2 }, change: frame(junk | 1n, 2n, junk) }, 'running'],
    ['of a table’s index', { name: 'jump_table', word: { y: 5n }, change: frame(junk | 3n) }, 'running'],
    ['of what is moved, all of it', unary('move', junk | 1n), 'running'],
    ['of a constant', { name: 'i32.add', word: { ...constants, x: junk | 1n, y: junk | 2n } }, 'running'],
    [
      'of a length that is zero below it',
      { name: 'memory_fill', word: { c: 2 }, change: frame(0n, 7n, junk) },
      'running',
    ],
    [
      'of an argument of the host',
      { name: 'output_write', change: (machine) => machine.args.setValue(1, junk) },
      'running',
    ],
    [
      'of a code to exit with',
      { name: 'exit', change: (machine) => machine.args.setValue(0, junk | 3n) },
      'halted',
    ],
  ],
  division: [
    ...(['i32', 'i64'] as const).flatMap((type): [string, Given, Then][] => {
      const least = type === 'i32' ? LEAST_32 : LEAST_64
      const minusOne = type === 'i32' ? BigInt(U32) : U64
      return [
        ...['div_s', 'div_u', 'rem_s', 'rem_u'].map((name): [string, Given, Then] => [
          `${type}.${name} by zero`,
          binary(`${type}.${name}`, least, 0n),
          'trapped',
        ]),
        [`${type}.div_s of the least by −1`, binary(`${type}.div_s`, least, minusOne), 'trapped'],
        [`${type}.div_s of the next by −1`, binary(`${type}.div_s`, least + 1n, minusOne), 'running'],
        [`${type}.rem_s of the least by −1`, binary(`${type}.rem_s`, least, minusOne), 'running'],
        [`${type}.div_u of the least by 2^n − 1`, binary(`${type}.div_u`, least, minusOne), 'running'],
        [`${type}.rem_u of the least by 2^n − 1`, binary(`${type}.rem_u`, least, minusOne), 'running'],
      ]
    }),
    ['constants by zero', { name: 'i64.div_u', word: { ...constants, x: 1n } }, 'trapped'],
  ],
  'a truncation': [
    ...opcodes
      .filter(({ name }) => /\.trunc_(sat_)?f/.test(name))
      .flatMap(({ name }): [string, Given, Then][] => {
        const isNarrow = name.includes('_f32_')
        const past: Then = name.includes('sat') ? 'running' : 'trapped'
        // of both widths, ±2^64 leave every range, and 1.5 none
        return [
          [`${name} of a NaN`, unary(name, isNarrow ? NAN_32 : NAN_64), past],
          [`${name} of infinity`, unary(name, isNarrow ? 0x7f80_0000n : 0x7ff0_0000_0000_0000n), past],
          [`${name} of 2^64`, unary(name, isNarrow ? 0x5f80_0000n : 0x43f0_0000_0000_0000n), past],
          [`${name} of −2^64`, unary(name, isNarrow ? 0xdf80_0000n : 0xc3f0_0000_0000_0000n), past],
          [`${name} of 1.5`, unary(name, isNarrow ? 0x3fc0_0000n : 0x3ff8_0000_0000_0000n), 'running'],
          [`${name} of −0.9`, unary(name, isNarrow ? 0xbf66_6666n : 0xbfec_cccc_cccc_cccdn), 'running'],
        ]
      }),
    ['i32.trunc_f64_s of 2^31', unary('i32.trunc_f64_s', 0x41e0_0000_0000_0000n), 'trapped'],
    ['i32.trunc_f64_s of −2^31 − 0.9', unary('i32.trunc_f64_s', 0xc1e0_0000_001c_cccdn), 'running'],
    ['i32.trunc_f64_s of −2^31 − 1', unary('i32.trunc_f64_s', 0xc1e0_0000_0020_0000n), 'trapped'],
    ['i32.trunc_f64_u of 2^32 − 0.1', unary('i32.trunc_f64_u', 0x41ef_ffff_fffc_cccdn), 'running'],
    ['i32.trunc_f64_u of 2^32', unary('i32.trunc_f64_u', 0x41f0_0000_0000_0000n), 'trapped'],
    ['i32.trunc_f64_u of −1', unary('i32.trunc_f64_u', 0xbff0_0000_0000_0000n), 'trapped'],
    ['i64.trunc_f64_s of 2^63', unary('i64.trunc_f64_s', 0x43e0_0000_0000_0000n), 'trapped'],
    ['i64.trunc_f64_s of −2^63', unary('i64.trunc_f64_s', 0xc3e0_0000_0000_0000n), 'running'],
  ],
  'a shift or rotation': [
    ...['shl', 'shr_s', 'shr_u', 'rotl', 'rotr'].flatMap((name) =>
      [31n, 32n, 33n, 63n, 64n, 65n, BigInt(U32), U64].flatMap((count): [string, Given, Then][] => [
        [`i32.${name} by ${count}`, binary(`i32.${name}`, 0x8000_0005n, count), 'running'],
        [`i64.${name} by ${count}`, binary(`i64.${name}`, 0x8000_0000_0000_0005n, count), 'running'],
      ]),
    ),
  ],
  'a jump table': [
    ['index', { name: 'jump_table', word: { y: 5n }, change: frame(3n) }, 'running'],
    ['index past its end', { name: 'jump_table', word: { y: 5n }, change: frame(BigInt(U32)) }, 'running'],
    ['target past 2^32', { name: 'jump_table', word: { y: U64 }, change: frame(BigInt(U32)) }, 'running'],
  ],
  'a call': [
    ['that takes the whole stack', { name: 'call', word: { x: BigInt(limits.stack) } }, 'running'],
    ['that takes one slot more', { name: 'call', word: { x: BigInt(limits.stack) + 1n } }, 'trapped'],
    ['of the greatest weight', { name: 'call', word: { x: U64 } }, 'trapped'],
    [
      'through the table',
      { name: 'call_indirect', word: { t: 2, x: 1n, flags: 1 }, program: { table } },
      'running',
    ],
    [
      'of another type',
      { name: 'call_indirect', word: { t: 1, x: 1n, flags: 1 }, program: { table } },
      'trapped',
    ],
    ['of null', { name: 'call_indirect', word: { t: 2, flags: 1 }, program: { table } }, 'trapped'],
    ['of null as type 0', { name: 'call_indirect', word: { flags: 1 }, program: { table } }, 'trapped'],
    ['of the last entry', { name: 'call_indirect', word: { x: 2n ** 18n - 1n, flags: 1 } }, 'trapped'],
    ['past the last entry', { name: 'call_indirect', word: { x: 2n ** 18n, flags: 1 } }, 'trapped'],
    [
      'without the stack for it',
      {
        name: 'call_indirect',
        word: { t: 2, x: 1n, flags: 1 },
        program: { table },
        change: set({ stack: 29 }),
      },
      'trapped',
    ],
  ],
  'a return': [
    ['of the last frame', { name: 'return', word: { flags: 4 } }, 'halted'],
    ['of a value to slot 1,023', { name: 'return', word: { flags: 4 }, change: suspended(1_023) }, 'running'],
    ['of a value to slot 1,024', { name: 'return', word: { flags: 4 }, change: suspended(1_024) }, 'trapped'],
    ['without a value, slot 1,024', { name: 'return', change: suspended(1_024) }, 'running'],
  ],
  'what takes several steps': [
    ['rep at the length', { name: 'memory_fill', change: all(frame(0n), set({ rep: 1 })) }, 'trapped'],
    ['rep past the length', { name: 'output_write', change: all(args(0, 5), set({ rep: 6 })) }, 'trapped'],
    [
      'nothing, at the end of memory',
      { name: 'memory_fill', word: { b: 1, c: 1 }, change: frame(65_536n) },
      'running',
    ],
    [
      'nothing, past memory',
      { name: 'memory_fill', word: { b: 1, c: 1 }, change: frame(65_537n) },
      'trapped',
    ],
    [
      'nothing, from past memory',
      { name: 'memory_copy', word: { b: 1, c: 2 }, change: frame(0n, 65_537n) },
      'trapped',
    ],
    [
      'a range that would wrap',
      { name: 'memory_copy', word: { b: 1, c: 2 }, change: frame(BigInt(U32), 0n, BigInt(U32)) },
      'trapped',
    ],
    ['output up to the cap', { name: 'output_write', maxOutput: 40, change: all(args(0, 40)) }, 'running'],
    ['output past the cap', { name: 'output_write', maxOutput: 40, change: all(args(0, 41)) }, 'trapped'],
    [
      'no output, past the cap',
      { name: 'output_write', maxOutput: 40, change: all(args(0, 0), output(41)) },
      'trapped',
    ],
    [
      'output up to 1 GiB',
      { name: 'output_write', maxOutput: U32, change: all(args(0, 40), output(2 ** 30 - 40)) },
      'running',
    ],
    [
      'output past 1 GiB',
      { name: 'output_write', maxOutput: U32, change: all(args(0, 41), output(2 ** 30 - 40)) },
      'trapped',
    ],
    ['an offset past the input', { name: 'input_read', change: args(0, U32, 0, 9) }, 'running'],
    ['no stream', { name: 'input_read', change: args(2, 0, 0, 9) }, 'running'],
    ['an input to past memory', { name: 'input_read', change: args(0, 0, PAGE, 9) }, 'trapped'],
    ['no input to past memory', { name: 'input_read', change: args(U32, 0, PAGE + 1, 9) }, 'trapped'],
  ],
  'an input that cannot be': [
    ['size of 2^64 − 1 bytes', { name: 'input_size', lengths: [U64, 0n] }, 'running'],
    [
      'reading at 1 GiB',
      { name: 'input_read', lengths: [U64, 0n], change: args(0, 2 ** 30 - 9, 0, 99) },
      'running',
    ],
    [
      'reading past 1 GiB',
      { name: 'input_read', lengths: [U64, 0n], change: args(0, 2 ** 30, 0, 99) },
      'running',
    ],
  ],
  'memory.grow': [
    ['to the most', { name: 'memory_grow', program: { maxPages: 9 }, change: frame(8n) }, 'running'],
    ['past the most', { name: 'memory_grow', program: { maxPages: 9 }, change: frame(9n) }, 'running'],
    ['by 2^32 − 1', { name: 'memory_grow', program: { maxPages: 9 }, change: frame(U64) }, 'running'],
  ],
}

// OS-2
describe('OneStepVM is total', () => {
  let vm: OneStep

  before(async () => {
    ;({ vm } = await networkHelpers.loadFixture(deployOneStep))
  })

  for (const [what, cases] of Object.entries(rows)) {
    describe(`given ${what}`, () => {
      for (const [title, given, then] of cases) {
        it(`${title}: ${then}`, async () => {
          const machine = machineOf(given)
          await expectSameStep(vm, machine, () => title)
          expect(machine.ending?.status ?? 'running').to.equal(then)
        })
      }
    })
  }

  it('traps with every opcode that there is not', async () => {
    for (let op = 0; op < 256; op++) {
      if (opcodeOf[op] !== undefined) continue
      const machine = new ReferenceMachine(jobOf(programOf([encodeWord({ op, flags: 255 })])))
      await expectSameStep(vm, machine, () => `opcode ${op}`)
      expect(machine.ending?.status).to.equal('trapped')
    }
  })

  it('ignores the bytes and flags that an instruction does not use', async () => {
    for (const { code, name } of opcodes) {
      const word = encodeWord({ op: code, d: 1, a: 2, b: 3, c: 4, t: 5, x: 6n, y: 7n })
      word[1] = 0xf0
      word.fill(0xff, 10, 12)
      await expectSameStep(vm, new ReferenceMachine(jobOf(programOf([word]))), () => name)
    }
  })
})
