import { expect } from 'chai'
import { emptyRoot } from '../src/trees/index.ts'
import { flag, opcodes, pageSize } from '../src/vm/isa.ts'
import { runReference } from '../src/vm/reference/engine.ts'
import type { ReferenceMachine } from '../src/vm/reference/machine.ts'
import { seed, seeded } from './helpers/property.ts'
import { judge } from './helpers/vmNumeric.ts'
import { sampleJob } from './helpers/vmProgram.ts'
import {
  edges,
  instruction,
  jobOf,
  machineOf,
  programOf,
  Random,
  randomValue,
  stepped,
} from './helpers/vmStates.ts'
import { assemble } from './helpers/wasm.ts'

const runs = Number(process.env.FUZZ_RUNS ?? 200)
const { constantA, constantB, hasValue, emptiesArgs } = flag
const junk = 0xdead_beef_0000_0000n

/** Steps until the first instruction has ended, well or badly. */
function finish(machine: ReferenceMachine): void {
  while (machine.pc === 0 && machine.ending === undefined) machine.step()
  expect(machine.ending?.trap).to.equal(undefined)
}

describe('The reference machine', () => {
  describe('control', () => {
    it('should jump, and branch on the low 32 bits', () => {
      for (const [name, condition, pc] of [
        ['jump', 0n, 7],
        ['jump_if', 1n, 7],
        ['jump_if', junk, 1],
        ['jump_unless', junk, 7],
        ['jump_unless', junk | 1n, 1],
      ] as const) {
        const machine = machineOf([instruction(name, { a: 0, t: 7 })], [condition])
        expect(stepped(machine)).to.equal('running')
        expect(machine.pc, `${name} ${condition}`).to.equal(pc)
      }
    })

    it('should copy all 64 bits by move and select', () => {
      const machine = machineOf(
        [
          instruction('move', { d: 5, a: 0 }),
          instruction('select', { d: 6, a: 0, b: 1, c: 2 }),
          instruction('select', { d: 7, a: 0, b: 1, c: 3 }),
          instruction('move', { d: 1_023, flags: constantA, x: 2n ** 64n - 1n }),
        ],
        [junk | 5n, junk | 6n, 1n, junk],
      ).runTo(4)
      expect(machine.frame.value(5)).to.equal(junk | 5n)
      expect(machine.frame.value(6)).to.equal(junk | 5n)
      expect(machine.frame.value(7)).to.equal(junk | 6n)
      expect(machine.frame.value(1_023)).to.equal(2n ** 64n - 1n)
    })

    it('should pass arguments, give locals of zero, return a value and further results (decision 13)', () => {
      const machine = machineOf([
        instruction('move', { d: 3, flags: constantA, x: 99n }),
        instruction('arg', { t: 0, flags: constantA, x: junk | 5n }),
        instruction('call', { d: 2, t: 6, x: 20n }),
        instruction('result', { d: 4, t: 1 }),
        instruction('result', { d: 5, t: 1_023, flags: emptiesArgs }),
        instruction('return', { a: 2, flags: hasValue }),
        // callee: slot 3 is its own
        instruction('i64.add', { d: 3, a: 0, b: 3 }),
        instruction('arg', { t: 1, a: 3 }),
        instruction('arg', { t: 1_023, flags: constantA, x: 8n }),
        instruction('return', { a: 3, flags: hasValue }),
      ])
      machine.runTo(4)
      expect(machine.stack).to.equal(1_048_576 - 20)
      expect(machine.frame.value(3)).to.equal(junk | 5n)
      expect(machine.args.value(0)).to.equal(0n)
      machine.runTo(7)
      expect(machine.stack).to.equal(1_048_576)
      expect(machine.frame.value(2)).to.equal(junk | 5n)
      expect(machine.frame.value(3)).to.equal(99n)
      expect(machine.args.value(1)).to.equal(junk | 5n)
      machine.runTo(9)
      expect(machine.frame.value(4)).to.equal(junk | 5n)
      expect(machine.frame.value(5)).to.equal(8n)
      expect(machine.args.value(1)).to.equal(0n)
      expect(machine.runTo(99).ending).to.deep.include({ status: 'halted', exitCode: 0, steps: 10n })
    })

    it('should take stack by weights, and trap below zero (decision 15)', () => {
      const recursion = [instruction('call', { t: 0, x: 17n })]
      const machine = machineOf(recursion).runTo(100_000)
      expect(machine.ending?.trap).to.equal('call stack exhausted')
      expect(machine.ending?.steps).to.equal(BigInt(Math.floor(1_048_576 / 17) + 1))
      expect(stepped(machineOf([instruction('call', { t: 0, x: 2n ** 64n - 1n })]))).to.equal(
        'call stack exhausted',
      )
      expect(stepped(machineOf([instruction('call', { t: 0, x: 1_048_576n })]))).to.equal('running')
    })

    it('should end the host’s exit at any depth in one step (decision 18)', () => {
      const machine = machineOf([
        instruction('call', { t: 1, x: 1n }),
        instruction('arg', { t: 0, flags: constantA, x: junk | 7n }),
        instruction('exit'),
      ])
      expect(machine.runTo(9).ending).to.deep.include({ status: 'halted', exitCode: 7, steps: 3n })
    })
  })

  describe('memory', () => {
    const accesses = opcodes.filter(({ form }) => form === 'load' || form === 'store')
    /** Of the addresses in the code: none, one that no width divides, one at the end of the page, the greatest. */
    const offsets = [0, 3, pageSize - 5, 2 ** 32 - 1]
    const module = accesses.flatMap(({ name, form, type }) => {
      const bits = {
        i32: 'i64.extend_i32_u',
        i64: '',
        f32: 'i64.extend_i32_u (i32.reinterpret_f32',
        f64: 'i64.reinterpret_f64',
      }
      const close = type === 'f32' ? '))' : ')'
      const value = {
        i32: '(i32.wrap_i64 (local.get 1))',
        i64: '(local.get 1)',
        f32: '(f32.reinterpret_i32 (i32.wrap_i64 (local.get 1)))',
        f64: '(f64.reinterpret_i64 (local.get 1))',
      }[type!]
      const address = '(i32.wrap_i64 (local.get 0))'
      return offsets.map((offset) => {
        const access = `${name} offset=${offset} ${address}`
        const body =
          form === 'load'
            ? `${bits[type!] ? `(${bits[type!]}` : '(block (result i64)'} (${access})${close}`
            : `(${access} ${value}) (i64.const 0)`
        return `(func (export "${name}+${offset}") (param i64 i64) (result i64) ${body})`
      })
    })
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(assemble(`(module (memory (export "memory") 1) ${module.join('\n')})`)),
    )
    const nativeMemory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer)

    for (const { name, form } of accesses)
      it(`${name} should do what WebAssembly does, at every border`, () => {
        const native = judge(exports[`${name}+3`])
        const fill = new Random(4).bytes(pageSize)
        nativeMemory.set(fill)
        const values = [...edges.slice(0, 20), 0x7f80_0001n, 0x7ff0_0000_0000_0001n, 0x8182_8384_8586_8788n]
        const places = [0, 1, 60, 117, 118, 119, 122, 124, 125, pageSize - 11, pageSize - 10, pageSize - 8]
        places.push(
          pageSize - 7,
          pageSize - 6,
          pageSize - 5,
          pageSize - 4,
          pageSize - 3,
          2 ** 32 - 3,
          2 ** 32 - 1,
        )
        const machine = machineOf([instruction(name, { d: 2, a: 0, b: 1, t: 3 })])
        machine.memory.write(0, fill)
        for (const [run, place] of places.entries()) {
          const value = values[run % values.length]!
          const state = machineOf(
            [instruction(name, { d: 2, a: 0, b: 1, t: 3 })],
            [junk | BigInt(place), value],
          )
          state.memory = machine.memory
          const expected = native(BigInt(place), value)
          expect(stepped(state)).to.equal(expected === undefined ? 'out of bounds memory access' : 'running')
          if (expected === undefined) continue
          if (form === 'load') expect(state.frame.value(2)).to.equal(expected)
          expect(machine.memory.read(0, 256)).to.deep.equal(nativeMemory.slice(0, 256))
          expect(machine.memory.read(pageSize - 64, 64)).to.deep.equal(nativeMemory.slice(pageSize - 64))
        }
      })

    /** Anywhere in the page, about its end, about the end of all addresses, or such that the offset leads there. */
    const randomPlace = (random: Random, offset: number): number => {
      const end = random.pick([pageSize, pageSize, 2 ** 32, pageSize - offset, 2 ** 32 - offset])
      return (random.chance(40) ? random.below(pageSize) : end - 20 + random.below(30)) >>> 0
    }

    for (const { name, form } of accesses)
      it(seeded(`${name} should do what WebAssembly does, at random places`), () => {
        const random = new Random(seed)
        const fill = random.bytes(pageSize)
        nativeMemory.set(fill)
        const { memory } = machineOf([])
        memory.write(0, fill)
        let inside = 0
        for (let run = 0; run < runs; run++) {
          const offset = random.pick(offsets)
          const [place, value] = [randomPlace(random, offset), randomValue(random)]
          const state = machineOf(
            [instruction(name, { d: 2, a: 0, b: 1, t: offset })],
            [junk | BigInt(place), value],
          )
          state.memory = memory
          const expected = judge(exports[`${name}+${offset}`])(BigInt(place), value)
          const text = `run ${run}: ${place} + ${offset}`
          const ends = expected === undefined ? 'out of bounds memory access' : 'running'
          expect(stepped(state), text).to.equal(ends)
          if (expected === undefined) continue
          inside++
          if (form === 'load') expect(state.frame.value(2), text).to.equal(expected)
          const start = Math.max(0, Math.min(place + offset, pageSize - 8) - 8)
          const around = nativeMemory.slice(start, start + 16)
          expect(memory.read(start, around.length), text).to.deep.equal(around)
        }
        expect(Buffer.compare(memory.read(0, pageSize), nativeMemory)).to.equal(0)
        expect(inside).to.be.greaterThan(runs / 10)
      })

    it('should grow to the program’s maximum and no further (decision 16)', () => {
      const grow = [instruction('memory_grow', { d: 1, a: 0 }), instruction('memory_size', { d: 2 })]
      for (const [delta, result, pages] of [
        [2n, 1n, 3],
        [3n, 0xffff_ffffn, 1],
        [junk, 1n, 1],
        [0xffff_ffffn, 0xffff_ffffn, 1],
      ] as const) {
        const machine = machineOf(grow, [delta], { program: { maxPages: 3 } }).runTo(2)
        expect(machine.frame.value(1)).to.equal(result)
        expect(machine.frame.value(2)).to.equal(BigInt(pages))
      }
    })
  })

  describe('repeating instructions (decision 14)', () => {
    const stepsOf = (to: number, from: number, length: number) => {
      if (length === 0) return 1
      const [a, b] = [((to % 128) + length - 1) >> 7, ((from % 128) + length - 1) >> 7]
      return to % 128 === from % 128 ? 1 + a : 1 + a + b
    }

    it(seeded('should copy as WebAssembly does, overlapping or not, in the steps of the formula'), () => {
      const random = new Random(seed)
      for (let run = 0; run < 100; run++) {
        const [to, from, length] = [random.below(600), random.below(600), random.below(500)]
        const bytes = random.bytes(1_200)
        const machine = machineOf(
          [instruction('memory_copy', { a: 0, b: 1, c: 2 })],
          [to, from, length].map((value) => junk | BigInt(value)),
        )
        machine.memory.write(0, bytes)
        finish(machine)
        bytes.copyWithin(to, from, from + length)
        expect(machine.memory.read(0, 1_200), `${to} ${from} ${length}`).to.deep.equal(bytes)
        expect(Number(machine.steps)).to.equal(stepsOf(to, from, length))
        expect(machine.rep).to.equal(0)
      }
    })

    it('should count from the end only where the destination is behind the source', () => {
      for (const [to, from, rep] of [
        [101, 100, 72],
        [100, 100, 28],
        [100, 101, 27],
      ] as const) {
        const machine = machineOf(
          [instruction('memory_copy', { a: 0, b: 1, c: 2 })],
          [to, from, 100].map(BigInt),
        )
        machine.step()
        expect(machine.rep, `${from} to ${to}`).to.equal(rep)
      }
    })

    it(seeded('should fill, read inputs and write outputs in the steps of their formulas'), () => {
      const random = new Random(seed)
      for (let run = 0; run < 60; run++) {
        const [to, from, length] = [random.below(600), random.below(300), random.below(500)]
        const input = random.bytes(random.below(900))

        const filling = machineOf(
          [instruction('memory_fill', { a: 0, flags: constantB, y: 0x1abn, c: 1 })],
          [BigInt(to), BigInt(length)],
        )
        finish(filling)
        expect(Number(filling.steps)).to.equal(stepsOf(to, to, length))
        const filled = new Uint8Array(1_200).fill(0xab, to, to + length)
        expect(filling.memory.read(0, 1_200)).to.deep.equal(filled)

        const stream = random.below(3)
        const reading = machineOf(
          [instruction('input_read', { d: 9 })],
          [],
          stream === 0 ? { input } : { shared: input },
        )
        for (const [index, value] of [stream, from, to, length].entries())
          reading.args.setValue(index, junk | BigInt(value))
        finish(reading)
        const part = stream === 2 ? new Uint8Array(0) : input.slice(from, from + length)
        expect(Number(reading.steps)).to.equal(stepsOf(to, from, part.length))
        expect(reading.frame.value(9)).to.equal(BigInt(part.length))
        expect(reading.memory.read(to, part.length)).to.deep.equal(part)
        expect(reading.args.value(3)).to.equal(0n)

        const already = random.below(300)
        const writing = machineOf([instruction('output_write')], [], { maxOutput: already + length })
        writing.output.write(0, input.subarray(0, already))
        writing.outputLength = already
        writing.memory.write(0, input)
        for (const [index, value] of [from, length].entries()) writing.args.setValue(index, BigInt(value))
        finish(writing)
        expect(Number(writing.steps)).to.equal(stepsOf(already, from, length))
        expect(writing.outputLength).to.equal(already + length)
        expect(writing.output.read(already, length)).to.deep.equal(writing.memory.read(from, length))
      }
    })

    it('should trap a write that would not end within the job’s limit, in one step', () => {
      for (const [maxOutput, result] of [
        [300, 'running'],
        [299, 'output limit exceeded'],
      ] as const) {
        const machine = machineOf([instruction('output_write')], [], { maxOutput })
        machine.args.setValue(1, 300n)
        expect(stepped(machine)).to.equal(result)
      }
    })

    it('should check a range that nothing is moved in', () => {
      for (const [start, result] of [
        [BigInt(pageSize), 'running'],
        [BigInt(pageSize + 1), 'out of bounds memory access'],
      ] as const) {
        const copy = instruction('memory_copy', { flags: constantA | constantB, x: start, y: 0n, c: 0 })
        expect(stepped(machineOf([copy]))).to.equal(result)
        const read = machineOf([instruction('input_read')])
        read.args.setValue(2, start)
        expect(stepped(read)).to.equal(result)
      }
    })
  })

  describe('endings', () => {
    it('should count the step that traps, exits or returns last (decision 4)', () => {
      expect(machineOf([]).runTo(9).ending).to.deep.include({
        status: 'trapped',
        steps: 1n,
        trap: 'unreachable',
      })
      expect(machineOf([instruction('return')]).runTo(9).ending).to.deep.include({
        status: 'halted',
        steps: 1n,
      })
    })

    it('should halt at exactly the step limit, and be out of steps one before (decision 4)', () => {
      const words = [instruction('move'), instruction('return')]
      expect(machineOf(words, [], { stepLimit: 2n }).runTo(9).ending?.status).to.equal('halted')
      expect(machineOf(words, [], { stepLimit: 1n }).runTo(9).ending).to.deep.include({
        status: 'outOfSteps',
        steps: 1n,
      })
      const traps = machineOf([instruction('move')], [], { stepLimit: 2n }).runTo(9)
      expect(traps.ending).to.deep.include({ status: 'trapped', steps: 2n })
    })

    it('should keep output and exit code of a halted task only (decision 5)', () => {
      const write = [instruction('arg', { t: 1, flags: constantA, x: 5n }), instruction('output_write')]
      const job = (last: Uint8Array, stepLimit: bigint) => jobOf(programOf([...write, last]), { stepLimit })
      const halted = runReference(job(instruction('return'), 9n))
      expect(halted).to.deep.include({ status: 'halted', outputLength: 5, output: new Uint8Array(5) })
      for (const [last, limit] of [
        [instruction('unreachable'), 9n],
        [instruction('jump', { t: 2 }), 9n],
      ] as const) {
        const ending = runReference(job(last, limit))
        expect(ending.status).not.to.equal('halted')
        expect(ending).to.deep.include({
          outputLength: 0,
          outputRoot: emptyRoot,
          output: new Uint8Array(0),
          exitCode: 0,
        })
      }
    })

    it('should end in one state whatever the reason of a trap (decision 2)', () => {
      const ends = [
        instruction('unreachable'),
        instruction('i32.div_u', { flags: constantB, y: 0n }),
        instruction('i32.load', { t: 2 ** 32 - 1 }),
        instruction('call', { x: 2n ** 40n }),
      ].map((word) => machineOf([word]).runTo(1))
      expect(new Set(ends.map(({ ending }) => ending?.trap)).size).to.equal(4)
      expect(new Set(ends.map((machine) => machine.stateHash())).size).to.equal(1)
    })

    it('should stay ended (decision 4)', () => {
      const machine = machineOf([]).runTo(1)
      const hash = machine.stateHash()
      machine.step()
      expect(machine.stateHash()).to.equal(hash)
    })

    it('should end the sample task as it was written to', () => {
      const { exitCode, outputLength, output, steps } = runReference(sampleJob())
      expect({ exitCode, outputLength, steps }).to.deep.equal({ exitCode: 3, outputLength: 294, steps: 920n })
      expect(output.slice(10, 20)).to.deep.equal(sampleJob().input.slice(3, 13))
    })
  })
})
