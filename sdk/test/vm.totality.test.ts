import { expect } from 'chai'
import { InvalidProgramError, MalformedProgramError } from '../src/errors/program.ts'
import { flag, opcodeOf, opcodes, pageSize } from '../src/vm/isa.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { ReferenceMachine } from '../src/vm/reference/machine.ts'
import { committedTask } from '../src/vm/reference/task.ts'
import { readWord } from '../src/vm/word.ts'
import { seed, seeded } from './helpers/property.ts'
import {
  instruction,
  jobOf,
  machineOf,
  programOf,
  Random,
  randomMachine,
  randomWord,
  stepped,
} from './helpers/vmStates.ts'
import { bodies, handMade, text } from './helpers/wasm.ts'

const { constantA, constantB, hasValue } = flag
type Refusal = typeof InvalidProgramError | typeof MalformedProgramError
const junk = 0xdead_beef_0000_0000n

// One test for each row of the table of cases that every machine has to decide alike.
describe('Totality of the reference machine', () => {
  it('Running with steps ≥ stepLimit, pages > maxPages, maxPages > 16,384, reserved bits, unknown version: traps before anything is read', () => {
    const odd = (
      change: (machine: ReferenceMachine) => void,
      job = jobOf(programOf([instruction('move')])),
    ) => {
      const machine = new ReferenceMachine(job)
      change(machine)
      return machine
    }
    const wide = jobOf(programOf([instruction('move')], { maxPages: 16_385 }))
    const machines = [
      odd((machine) => {
        machine.steps = machine.task.stepLimit
      }),
      odd((machine) => {
        machine.pages = 2
      }),
      odd(() => {}, wide),
      odd((machine) => {
        machine.reserved = 1
      }),
      new ReferenceMachine(committedTask(jobOf(programOf([instruction('move')])), { version: 2 })),
    ]
    for (const machine of machines) {
      const steps = machine.steps
      expect(stepped(machine)).to.equal('invalid state')
      expect(machine.ending?.steps).to.equal(steps + 1n)
    }
    const most = odd((machine) => {
      machine.steps = 2n ** 64n - 1n
    })
    expect(stepped(most)).to.equal('invalid state')
    expect(most.ending?.steps, 'steps + 1 saturates').to.equal(2n ** 64n - 1n)
  })

  it('pc ≥ 2^20: traps; past the program: the zero word, which is unreachable', () => {
    for (const [pc, result] of [
      [2 ** 20, 'invalid instruction'],
      [2 ** 32 - 1, 'invalid instruction'],
      [2 ** 20 - 1, 'unreachable'],
      [1, 'unreachable'],
    ] as const) {
      const machine = machineOf([instruction('move')])
      machine.pc = pc
      expect(stepped(machine)).to.equal(result)
    }
  })

  it('unknown opcode, or a slot, argument or global ≥ 1,024 that is used: traps; unused fields are ignored', () => {
    const known = new Set(opcodes.map(({ code }) => code))
    for (let code = 0; code < 256; code++) {
      const word = new Uint8Array(32)
      word[0] = code
      if (!known.has(code))
        expect(stepped(machineOf([word])), `opcode ${code}`).to.equal('invalid instruction')
    }
    const refused = [
      instruction('move', { d: 1_024 }),
      instruction('move', { a: 1_024 }),
      instruction('i32.add', { b: 0xffff }),
      instruction('select', { c: 1_024, flags: constantA | constantB | 0xfc }),
      instruction('arg', { t: 1_024 }),
      instruction('result', { t: 2 ** 32 - 1 }),
      instruction('global_get', { t: 1_024 }),
      instruction('global_set', { t: 1_024 }),
      instruction('call', { d: 1_024 }),
      instruction('call_indirect', { d: 1_024 }),
      instruction('input_read', { d: 1_024 }),
      instruction('return', { a: 1_024, flags: hasValue }),
    ]
    for (const word of refused) expect(stepped(machineOf([word]))).to.equal('invalid instruction')
    const unused = { a: 0xffff, b: 0xffff, c: 0xffff, d: 0xffff, t: 2 ** 32 - 1, x: 1n, y: 1n }
    const ignored = [
      instruction('move', { ...unused, d: 0, flags: constantA }),
      instruction('i32.add', { ...unused, d: 0, flags: 0xff }),
      instruction('jump_if', { ...unused, flags: constantA | 0xf0 }),
      instruction('memory_size', { ...unused, d: 0 }),
      instruction('i32.eqz', { ...unused, a: 0, d: 0 }),
      instruction('i32.store', { ...unused, t: 0, flags: constantA | constantB }),
      instruction('memory_fill', { ...unused, c: 0, flags: constantA | constantB }),
    ]
    for (const word of ignored) expect(stepped(machineOf([word]))).to.equal('running')
    expect(stepped(machineOf([instruction('return', unused)]))).to.equal('halted')
    expect(stepped(machineOf([instruction('exit', unused)]))).to.equal('halted')
    const padded = instruction('move', { d: 3, flags: constantA, x: 9n })
    padded.fill(0xff, 10, 12)
    expect(machineOf([padded]).runTo(1).frame.value(3)).to.equal(9n)
  })

  it('i32 operands: low 32 bits are read, results are zero-extended', () => {
    const machine = machineOf(
      [
        instruction('i32.add', { d: 2, a: 0, b: 1 }),
        instruction('i32.load8_s', { d: 3, flags: constantA, x: junk }),
      ],
      [junk | 0xffff_fffen, junk | 1n],
    )
    machine.memory.write(0, Uint8Array.of(0x80))
    machine.runTo(2)
    expect(machine.frame.value(2)).to.equal(0xffff_ffffn)
    expect(machine.frame.value(3)).to.equal(0xffff_ff80n)
  })

  it('address: base + offset + width in 64 bits; beyond the pages it traps and does not wrap', () => {
    const load = (x: bigint, t: number) =>
      stepped(machineOf([instruction('i64.load', { flags: constantA, x, t })]))
    expect(load(BigInt(pageSize - 8), 0)).to.equal('running')
    expect(load(0n, pageSize - 8)).to.equal('running')
    expect(load(BigInt(pageSize - 8), 1)).to.equal('out of bounds memory access')
    expect(load(0xffff_fff8n, 8)).to.equal('out of bounds memory access')
    expect(load(0xffff_ffffn, 2 ** 32 - 1)).to.equal('out of bounds memory access')
  })

  it('rep ≠ 0 on an ordinary instruction, or rep ≥ len on a repeating one: traps', () => {
    const at = (word: Uint8Array, rep: number, length: bigint) => {
      const machine = machineOf([word], [length])
      machine.args.setValue(1, length)
      machine.rep = rep
      return stepped(machine)
    }
    const fill = instruction('memory_fill', { flags: constantA | constantB, c: 0 })
    expect(at(instruction('move'), 1, 9n)).to.equal('invalid instruction')
    expect(at(instruction('exit'), 1, 9n)).to.equal('invalid instruction')
    for (const word of [fill, instruction('output_write')]) {
      expect(at(word, 9, 9n)).to.equal('invalid state')
      expect(at(word, 2 ** 32 - 1, 9n)).to.equal('invalid state')
      expect(at(word, 1, 0n)).to.equal('invalid state')
    }
    expect(at(fill, 8, 9n)).to.equal('running')
  })

  it('br_table: the unsigned least of index and n is added to pc in 64 bits', () => {
    for (const [index, y, pc] of [
      [0n, 3n, 2],
      [3n, 3n, 5],
      [4n, 3n, 5],
      [0xffff_ffffn, 3n, 5],
      [junk, 3n, 2],
      [0xffff_ffffn, 2n ** 64n - 1n, 2 ** 32 - 1],
      [0xffff_fffcn, 2n ** 63n, 2 ** 32 - 2],
    ] as const) {
      const machine = machineOf([instruction('move'), instruction('jump_table', { a: 0, y })], [index])
      machine.pc = 1
      expect(stepped(machine)).to.equal('running')
      expect(machine.pc, `${index} of ${y}`).to.equal(pc)
    }
  })

  it('division by 0 traps, the least by −1 traps, its remainder is 0', () => {
    const divide = (name: string, x: bigint, y: bigint) => {
      const machine = machineOf([instruction(name, { d: 0, flags: constantA | constantB, x, y })])
      const result = stepped(machine)
      return result === 'running' ? machine.frame.value(0) : result
    }
    for (const name of ['div_s', 'div_u', 'rem_s', 'rem_u']) {
      expect(divide(`i32.${name}`, 1n, junk)).to.equal('integer divide by zero')
      expect(divide(`i64.${name}`, 1n, 0n)).to.equal('integer divide by zero')
    }
    expect(divide('i32.div_s', 2n ** 31n, 2n ** 32n - 1n)).to.equal('integer overflow')
    expect(divide('i64.div_s', 2n ** 63n, 2n ** 64n - 1n)).to.equal('integer overflow')
    expect(divide('i32.rem_s', 2n ** 31n, 2n ** 32n - 1n)).to.equal(0n)
    expect(divide('i64.rem_s', 2n ** 63n, 2n ** 64n - 1n)).to.equal(0n)
  })

  it('trunc of NaN or out of range traps; trunc_sat gives 0 or the nearest bound', () => {
    const convert = (name: string, x: bigint) => {
      const machine = machineOf([instruction(name, { d: 0, flags: constantA, x })])
      const result = stepped(machine)
      return result === 'running' ? machine.frame.value(0) : result
    }
    expect(convert('i32.trunc_f64_s', 0x7ff8_0000_0000_0000n)).to.equal('invalid conversion to integer')
    expect(convert('i32.trunc_f64_s', 0x41e0_0000_0000_0000n)).to.equal('integer overflow')
    expect(convert('i64.trunc_f32_u', 0xbf80_0000n)).to.equal('integer overflow')
    expect(convert('i32.trunc_sat_f64_s', 0x7ff8_0000_0000_0000n)).to.equal(0n)
    expect(convert('i32.trunc_sat_f64_s', 0x41e0_0000_0000_0000n)).to.equal(0x7fff_ffffn)
    expect(convert('i64.trunc_sat_f32_u', 0xbf80_0000n)).to.equal(0n)
    expect(convert('i64.trunc_sat_f64_s', 0xfff0_0000_0000_0000n)).to.equal(2n ** 63n)
  })

  it('shifts and rotations: the count is taken modulo the width', () => {
    const shift = (name: string, x: bigint, y: bigint) =>
      machineOf([instruction(name, { d: 0, flags: constantA | constantB, x, y })])
        .runTo(1)
        .frame.value(0)
    expect(shift('i32.shl', 1n, 33n)).to.equal(2n)
    expect(shift('i64.shr_s', 2n ** 63n, 127n)).to.equal(2n ** 64n - 1n)
    expect(shift('i32.rotr', 1n, junk | 32n)).to.equal(1n)
    expect(shift('i64.rotl', 2n ** 63n, 65n)).to.equal(1n)
  })

  it('call_indirect: an index ≥ 2^18, null, or another type number traps', () => {
    const table = [
      { type: 0, weight: 0, pc: 0 },
      { type: 2, weight: 30, pc: 5 },
    ]
    const call = (index: bigint, t: number) => {
      const machine = machineOf([instruction('call_indirect', { a: 0, t })], [index], {
        program: { table },
      })
      return [stepped(machine), machine] as const
    }
    expect(call(2n ** 18n, 0)[0]).to.equal('undefined element')
    expect(call(0xffff_ffffn, 2)[0]).to.equal('undefined element')
    expect(call(2n, 0)[0]).to.equal('undefined element')
    expect(call(0n, 0)[0]).to.equal('uninitialized element')
    expect(call(1n, 1)[0]).to.equal('indirect call type mismatch')
    const [result, machine] = call(junk | 1n, 2)
    expect(result).to.equal('running')
    expect([machine.pc, machine.stack, machine.suspended.length]).to.deep.equal([5, 1_048_576 - 30, 1])
  })

  it('return with suspended = 0 halts; otherwise the link is opened, and a result slot ≥ 1,024 traps', () => {
    const returns = (flags: number, resultSlot: number) => {
      const machine = machineOf([instruction('return', { a: 0, flags })], [7n])
      const frame = machineOf([]).frame
      machine.suspended.push({ frame, returnPc: 3, stack: 11, resultSlot })
      return [stepped(machine), machine] as const
    }
    expect(stepped(machineOf([instruction('return', { flags: hasValue })], [7n]))).to.equal('halted')
    expect(returns(hasValue, 1_024)[0]).to.equal('invalid state')
    const [result, machine] = returns(hasValue, 1_023)
    expect([result, machine.pc, machine.stack]).to.deep.equal(['running', 3, 11])
    expect(machine.frame.value(1_023)).to.equal(7n)
    expect(returns(0, 0xffff)[0]).to.equal('running')
  })

  it('missing function, malformed module, active segment out of bounds: refused by the translator; start, entry and the end are a stub', () => {
    const table = { tables: [1, 0x70, 0, 1] }
    const refused: [reason: string, bytes: Uint8Array, error: Refusal][] = [
      ['unknown function 7', handMade({ code: bodies([0x00, 0x10, 7, 0x0b]) }), InvalidProgramError],
      ['unknown function 7', handMade({ start: [7] }), InvalidProgramError],
      ['unknown function 7', handMade({ exports: [1, ...text('run'), 0, 7] }), InvalidProgramError],
      [
        'unknown function 7',
        handMade({ ...table, elements: [1, 0, 0x41, 0, 0x0b, 1, 7] }),
        InvalidProgramError,
      ],
      ['', handMade().subarray(0, -1), MalformedProgramError],
      ['does not fit', handMade({ ...table, elements: [1, 0, 0x41, 1, 0x0b, 1, 0] }), InvalidProgramError],
      ['does not fit', handMade({ data: [1, 0, 0x41, 0x7f, 0x0b, 1, 9] }), InvalidProgramError],
      [
        'does not fit',
        handMade({ data: [1, 0, 0x41, ...[0xff, 0xff, 0x03], 0x0b, 2, 1, 2] }),
        InvalidProgramError,
      ],
    ]
    for (const [reason, bytes, error] of refused) expect(() => translate(bytes)).to.throw(error, reason)
    const { code, entry } = translate(handMade({ start: [0] }))
    expect(entry).to.equal(0)
    const stub = [0, 1, 2].map((pc) => readWord(code, pc))
    expect(stub.map(({ op }) => opcodeOf[op]?.name)).to.deep.equal(['call', 'call', 'return'])
    const past = readWord(translate(handMade()).code, 2 ** 20 - 1)
    expect(past.op).to.equal(0)
  })

  it(seeded('encoding: any word in any state steps, traps or halts; nothing throws'), () => {
    const random = new Random(seed)
    for (let run = 0; run < 400; run++) {
      const machine = randomMachine(random, randomWord(random))
      for (let step = 0; step < 4; step++) {
        const { steps, ending } = machine
        machine.step()
        expect(machine.stateHash()).to.match(/^0x[0-9a-f]{64}$/)
        if (ending === undefined && steps < 2n ** 64n - 1n) expect(machine.steps).to.equal(steps + 1n)
      }
    }
  })
})
