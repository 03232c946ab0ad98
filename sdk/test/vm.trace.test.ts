import { expect } from 'chai'
import {
  disassemble,
  FastMachine,
  functionNames,
  type Program,
  ReferenceMachine,
  type TraceStep,
  trace,
  translate,
} from '../src/vm/index.ts'
import { valueText } from '../src/vm/trace/values.ts'
import { assemble } from './helpers/wasm.ts'

/** Calls of both kinds, globals, floats, selects, memory of every width, copies over several leaves, host functions. */
const everything = assemble(`(module
  (import "assay" "input_size" (func $size (param i32) (result i32)))
  (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "assay" "output_write" (func $write (param i32 i32)))
  (import "assay" "exit" (func $exit (param i32)))
  (type $binary (func (param f64 f64) (result f64)))
  (memory (export "memory") 1 2)
  (global $count (mut i64) (i64.const -7))
  (global $ratio (mut f32) (f32.const 0.1))
  (table 3 funcref)
  (elem (i32.const 1) $add)
  (data (i32.const 16) "some data")
  (func $add (type $binary) (f64.add (local.get 0) (local.get 1)))
  (func $pair (param i32) (result i32 i64) (i32.add (local.get 0) (i32.const -1)) (i64.const 5000))
  (func $start (global.set $count (i64.add (global.get $count) (i64.const 1))))
  (start $start)
  (func (export "run") (local $i i32) (local $sum f64) (local $big i64)
    (global.set $ratio (f32.mul (global.get $ratio) (f32.const 3)))
    (drop (call $read (i32.const 0) (i32.const 1) (i32.const 1000) (call $size (i32.const 0))))
    (loop $again
      (local.set $sum (call_indirect (type $binary)
        (f64.convert_i32_s (local.get $i)) (local.get $sum) (i32.const 1)))
      (br_if $again (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (f64.store offset=8 (i32.const 2000) (local.get $sum))
    (i32.store8 (i32.const 77) (i32.const 0x1ff))
    (i64.store (i32.const 80) (global.get $count))
    (memory.copy (i32.const 3001) (i32.const 1000) (i32.const 300))
    (memory.fill (i32.const 3301) (i32.const 7) (i32.const 10))
    (drop (memory.grow (i32.const 1)))
    (call $pair (select (i32.const 3) (memory.size) (local.get $i)))
    (local.set $big)
    (drop)
    (i64.store (i32.const 88) (local.get $big))
    (call $write (i32.const 2999) (i32.const 320))
    (call $exit (i32.load16_s (i32.const 77)))))`)

const trapping = assemble(`(module
  (memory (export "memory") 1)
  (func $deep (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "_start") (drop (call $deep (i32.const 0)))))`)

const input = Uint8Array.from({ length: 333 }, (_, i) => i * 7)

function jobOf(wasm: Uint8Array, stepLimit = 10_000n) {
  const program = translate(wasm)
  return { program, input, shared: new Uint8Array(0), stepLimit, maxOutput: 1_000 }
}

const instructionsOf = (steps: readonly TraceStep[], name: string) =>
  steps.filter(({ instruction }) => new RegExp(`(^|= )${name.replace('.', '\\.')}( |$)`).test(instruction))

describe('trace', () => {
  describe('of a program that does everything', () => {
    const job = jobOf(everything)
    const whole = trace({ task: job, from: 0n, to: job.stepLimit, withStates: true })

    it('shows each step as the machines take it: pc, state, what is read and written', () => {
      const machine = new ReferenceMachine(job)
      const fast = new FastMachine().load(job)
      for (const step of whole.steps) {
        const { stateHash, pc, reads, writes, memory, instruction } = step
        expect(step.step).to.equal(machine.steps)
        expect(pc).to.equal(machine.pc)
        expect(stateHash, `step ${step.step}`).to.equal(fast.runTo(step.step).stateHash())
        expect(instruction).to.equal(disassemble(job.program.code, pc))
        expectValues(reads, machine)
        const before = copyOf(machine)
        machine.step()
        if (machine.ending !== undefined) continue
        expectValues(writes, machine)
        expect(step.jump ?? (step.moved?.to ? pc : pc + 1)).to.equal(machine.pc)
        expect(step.moved?.to ?? 0).to.equal(machine.rep)
        expectChangesNamed(step, before, copyOf(machine))
        const writable = memory.filter(({ access }) => access === 'write')
        for (const [at, byte] of copyOf(machine).memory.entries())
          if (byte !== before.memory[at])
            expect(
              writable.some(({ address, length }) => at >= address && at < address + length),
              `byte ${at} of step ${step.step}: ${instruction}`,
            ).to.equal(true)
      }
      expect(machine.ending?.status).to.equal('halted')
      expect(whole.ending).to.include({ status: 'halted', exitCode: 255, steps: machine.steps })
      expect(whole.last).to.deep.equal({ step: machine.steps, stateHash: machine.stateHash() })
    })

    it('names values by their types', () => {
      const [call] = instructionsOf(whole.steps, 'call_indirect')
      expect(call?.reads.map(({ text }) => text)).to.deep.equal([])
      const [sum] = instructionsOf(whole.steps, 'f64.add')
      expect(sum?.reads.map(({ name, text }) => `${name}=${text}`)).to.deep.equal(['s0=0', 's1=0'])
      const [ratio] = instructionsOf(whole.steps, 'f32.mul')
      expect(ratio?.reads.map(({ text }) => text)).to.deep.equal(['0.1', '3'])
      expect(ratio?.writes.map(({ text }) => text)).to.deep.equal(['0.3'])
      const [count] = instructionsOf(whole.steps, 'global_get')
      expect(
        [count?.reads, count?.writes].flat().map((value) => `${value?.name}=${value?.text}`),
      ).to.deep.equal(['g0=-7', 's0=-7'])
    })

    it('shows no more of an input than there is, and its length once all is read', () => {
      const reads = instructionsOf(whole.steps, 'input_read')
      expect(reads.length).to.be.greaterThan(2)
      expect(reads.flatMap(({ writes }) => writes.map(({ text }) => text))).to.deep.equal(['332'])
      const [read] = reads
      expect(read?.reads.map(({ name, text }) => `${name}=${text}`)).to.deep.equal([
        ...['stream=0', 'offset=1', 'destination=1000', 'length=333'],
      ])
      expect(read?.memory).to.deep.equal([{ access: 'write', address: 1_000, length: 332 }])
    })

    it('shows where memory is addressed, and how far a copy of several steps has come', () => {
      const [store] = instructionsOf(whole.steps, 'f64.store')
      expect(store?.memory).to.deep.equal([{ access: 'write', address: 2_008, length: 8 }])
      const copies = instructionsOf(whole.steps, 'memory_copy')
      // from 1000 to 3001, three leaves of 128 bytes and more on each side
      expect(copies.length).to.be.greaterThan(3)
      expect(copies[0]?.memory).to.deep.equal([
        { access: 'read', address: 1_000, length: 300 },
        { access: 'write', address: 3_001, length: 300 },
      ])
      expect(copies.map(({ moved }) => moved?.from).slice(1)).to.deep.equal(
        copies.map(({ moved }) => moved?.to).slice(0, -1),
      )
      expect(copies.at(-1)?.moved?.to).to.equal(0)
    })

    it('names functions by their exports and by the name section, and the stub not at all', () => {
      expect(whole.steps[0]?.function).to.equal(undefined)
      const run = whole.steps.find((step) => step.function?.name === 'run')
      expect(run?.function?.index).to.equal(7)
      // where a function begins
      expect(whole.steps[1]?.function?.index).to.equal(6)
      const [exit] = instructionsOf(whole.steps, 'exit')
      expect(exit?.function?.index).to.equal(7)
    })

    it('shows the same steps when it begins in the middle', () => {
      const part = trace({ task: job, from: 40n, to: 50n, withStates: true })
      expect(part.steps).to.deep.equal(whole.steps.slice(40, 50))
      expect(part.last.stateHash).to.equal(whole.steps[50]?.stateHash)
      expect(part.ending).to.equal(undefined)
    })
  })

  it('ends with the step that trapped, and says why', () => {
    const { steps, ending, last } = trace({ task: jobOf(trapping), from: 0n, to: 100n })
    const trapped = steps.at(-1)
    expect(trapped?.instruction).to.match(/i32\.div_u 1 s0$/)
    expect(trapped?.writes).to.deep.equal([])
    expect(ending).to.include({ status: 'trapped', trap: 'integer divide by zero', steps: last.step })
  })

  it('shows the last step of a task that is out of steps, with what it wrote', () => {
    const whole = trace({ task: jobOf(everything), from: 0n, to: 12n })
    const cut = trace({ task: jobOf(everything, 12n), from: 0n, to: 100n })
    expect(cut.ending?.status).to.equal('outOfSteps')
    expect(cut.steps).to.deep.equal(whole.steps)
  })

  it('has no steps after the end', () => {
    const { steps, ending } = trace({ task: jobOf(trapping), from: 1_000n, to: 1_010n })
    expect(steps).to.deep.equal([])
    expect(ending?.status).to.equal('trapped')
  })
})

describe('functionNames', () => {
  const names = (program: Program) => [...functionNames(program.module).values()]
  const nameSection = (content: readonly number[]) => [
    ...[0, content.length + 5, 4],
    ...new TextEncoder().encode('name'),
    ...content,
  ]

  it('reads the name section', () => {
    const section = nameSection([1, 6, 1, 1, 3, 0x61, 0x62, 0x63])
    const program = translate(Uint8Array.from([...trapping, ...section]))
    expect(functionNames(program.module).get(1)).to.equal('abc')
  })

  it('makes nothing of a name section that is damaged', () => {
    for (const content of [[1, 60, 1], [1, 3, 1, 1, 9], [1], [1, 2, 0xff, 0xff]]) {
      const program = translate(Uint8Array.from([...trapping, ...nameSection(content)]))
      expect(names(program), String(content)).to.deep.equal(['_start'])
    }
  })
})

describe('valueText', () => {
  const f32 = (value: number) => BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]!)
  const f64 = (value: number) => new BigUint64Array(new Float64Array([value]).buffer)[0]!

  it('writes integers signed, addresses not, other bits in hex', () => {
    expect(valueText(0xffff_ffffn, 'i32')).to.equal('-1')
    expect(valueText(0xffff_ffffn, 'u32')).to.equal('4294967295')
    expect(valueText(2n ** 64n - 2n, 'i64')).to.equal('-2')
    expect([1_023n, 1_024n].map((bits) => valueText(bits, 'bits'))).to.deep.equal(['1023', '0x400'])
  })

  it('writes floats with the digits that tell them apart', () => {
    for (const value of [0.1, -0, 1, 16_777_217, 3.4e38, 1e-45, Infinity, -Infinity, 1 / 3]) {
      const text32 = valueText(f32(value), 'f32')
      expect(f32(Number(text32)), text32).to.equal(f32(value))
      expect(f64(Number(valueText(f64(value), 'f64')))).to.equal(f64(value))
    }
    expect(valueText(f32(0.1), 'f32')).to.equal('0.1')
    expect(valueText(f32(-0), 'f32')).to.equal('-0')
  })

  it('writes NaNs with sign and payload', () => {
    expect(valueText(0x7fc0_0000n, 'f32')).to.equal('nan:0x400000')
    expect(valueText(0xfff8_0000_0000_0001n, 'f64')).to.equal('-nan:0x8000000000001')
  })
})

function expectValues(values: TraceStep['reads'], machine: ReferenceMachine): void {
  for (const { name, bits } of values) {
    const [, kind, index = 0] = /^(s|g|arg )(\d+)$/.exec(name) ?? []
    const tree = { s: machine.frame, g: machine.globals, 'arg ': machine.args }[kind ?? '']
    if (tree !== undefined)
      expect(bits, `${name} in step ${machine.steps}`).to.equal(tree.value(Number(index)))
  }
}

type Copy = { depth: number; slots: bigint[]; caller: bigint[]; globals: bigint[]; memory: Uint8Array }

function copyOf({ frame, globals, memory, suspended }: ReferenceMachine): Copy {
  const slotsOf = (tree = frame) => Array.from({ length: 64 }, (_, i) => tree.value(i))
  return {
    depth: suspended.length,
    slots: slotsOf(),
    caller: slotsOf(suspended.at(-1)?.frame),
    globals: Array.from({ length: 4 }, (_, i) => globals.value(i)),
    memory: memory.read(0, 4_096),
  }
}

/** Whatever changed is among what the step says that it wrote. */
function expectChangesNamed({ writes, instruction }: TraceStep, before: Copy, after: Copy): void {
  const named = new Set(writes.map(({ name }) => name))
  const slots = after.depth < before.depth ? before.caller : before.slots
  for (const [i, value] of after.slots.entries())
    if (after.depth <= before.depth && value !== slots[i]) expect([...named], instruction).to.include(`s${i}`)
  for (const [i, value] of after.globals.entries())
    if (value !== before.globals[i]) expect([...named], instruction).to.include(`g${i}`)
}
