import { expect } from 'chai'
import { MalformedProgramError, PrivateProgramError, ProgramEntryError, programInfo } from '../src/index.ts'
import { privateProgram, saltBytes } from '../src/private/privateProgram.ts'
import { FastMachine } from '../src/vm/fast/machine.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { assemble } from './helpers/wasm.ts'

type Streams = { input?: Uint8Array; shared?: Uint8Array }

/** Runs a program on the machine. */
function execute(program: Uint8Array, { input = new Uint8Array(), shared = new Uint8Array() }: Streams) {
  const job = { program: translate(program), input, shared, stepLimit: 1n << 30n, maxOutput: 1 << 20 }
  const machine = new FastMachine().load(job)
  const { status, output, exitCode } = machine.finish()
  expect(status).to.equal('halted')
  return { output, exitCode, memory: machine.readMemory(0, machine.pages * 65_536) }
}

const imports = `
  (import "assay" "output_write" (func $write (param i32 i32)))
  (import "assay" "input_size" (func $size (param i32) (result i32)))
  (import "assay" "exit" (func $exit (param i32)))
  (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1)`

/** Writes the sizes of streams 0, 1 and 2, how much of 0 was read, and what was read of 0 and 1. */
const echo = assemble(`(module ${imports}
  (data (i32.const 0) "what stands at the beginning of the memory")
  (func (export "run")
    (i32.store (i32.const 1024) (call $size (i32.const 0)))
    (i32.store (i32.const 1028) (call $size (i32.const 1)))
    (i32.store (i32.const 1032) (call $size (i32.const 2)))
    (i32.store (i32.const 1036) (call $read (i32.const 0) (i32.const 0) (i32.const 2048) (i32.const 1000)))
    (drop (call $read (i32.const 1) (i32.const 2) (i32.const 4096) (i32.const 1000)))
    (call $write (i32.const 0) (i32.const 64))
    (call $write (i32.const 1024) (i32.const 16))
    (call $write (i32.const 2048) (call $size (i32.const 0)))
    (call $write (i32.const 4096) (i32.const 100))))`)

const word = Uint8Array.from({ length: saltBytes }, (_, i) => 200 - i)
const salted = (bytes: Uint8Array) => Uint8Array.from([...word, ...bytes])
const bytesOf = (text: string) => new TextEncoder().encode(text)

/** The program as it is and the private one must agree on everything but the word. */
function expectAlike(program: Uint8Array, { input = new Uint8Array(), shared }: Streams): void {
  const plain = execute(program, { input, ...(shared && { shared }) })
  const hidden = execute(privateProgram(program), {
    input: salted(input),
    ...(shared && { shared: Uint8Array.from([...word.toReversed(), ...shared]) }),
  })
  expect(hidden.output.subarray(0, saltBytes)).to.deep.equal(word)
  expect(hidden.output.subarray(saltBytes)).to.deep.equal(plain.output)
  expect(hidden.exitCode).to.equal(plain.exitCode)
  expect(Buffer.from(hidden.memory).equals(plain.memory)).to.equal(true)
}

describe('privateProgram', () => {
  describe('given a program that reads both inputs', () => {
    it('computes the same behind the word, and leaves the memory as it was', () => {
      expectAlike(echo, { input: bytesOf('a secret'), shared: bytesOf('known to all tasks') })
    })

    it('computes the same of an empty input and without a shared one', () => {
      expectAlike(echo, {})
    })

    it('is a program that providers take, with the same memory and entry, and is the same each time', () => {
      const made = privateProgram(echo)
      const { memory, entry } = programInfo(made)
      expect({ memory, entry }).to.deep.equal({ memory: programInfo(echo).memory, entry: 'run' })
      expect(privateProgram(echo)).to.deep.equal(made)
    })
  })

  it('never lets a program read the word, whatever offset it asks for', () => {
    for (const offset of [0, 1, -1, -16, -32, -33, -34, 2 ** 31 - 1, -(2 ** 31), 5, 6]) {
      const program = assemble(`(module ${imports} (func (export "run")
        (i32.store (i32.const 64) (call $read (i32.const 0) (i32.const ${offset}) (i32.const 128) (i32.const 64)))
        (call $write (i32.const 64) (i32.const 128))))`)
      expectAlike(program, { input: bytesOf('plain') })
    }
  })

  it('reaches calls through the table', () => {
    const program = assemble(`(module ${imports}
      (type $unary (func (param i32) (result i32)))
      (type $reader (func (param i32 i32 i32 i32) (result i32)))
      (table 4 4 funcref)
      (elem (i32.const 1) $size $read $other)
      (func $other (param i32) (result i32) (i32.const 77))
      (func (export "run")
        (i32.store (i32.const 64) (call_indirect (type $unary) (i32.const 0) (i32.const 1)))
        (i32.store (i32.const 68) (call_indirect (type $unary) (i32.const 0) (i32.const 3)))
        (i32.store (i32.const 72)
          (call_indirect (type $reader) (i32.const 0) (i32.const 0) (i32.const 80) (i32.const 64) (i32.const 2)))
        (call $write (i32.const 64) (i32.const 64))))`)
    expectAlike(program, { input: bytesOf('through the table') })
  })

  it('writes the word before what a start function writes', () => {
    const program = assemble(`(module ${imports}
      (func $begin (call $write (i32.const 512) (call $read (i32.const 0) (i32.const 0) (i32.const 512) (i32.const 5))))
      (func (export "_start") (call $write (i32.const 512) (i32.const 2)))
      (start $begin))`)
    expectAlike(program, { input: bytesOf('start') })
  })

  it('writes the word of a program that ends with exit', () => {
    const program = assemble(`(module ${imports} (func (export "run")
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1)))
      (call $write (i32.const 0) (i32.const 1)) (call $exit (i32.const 3)) (unreachable)))`)
    expectAlike(program, { input: bytesOf('x') })
  })

  it('keeps a growing memory and its data', () => {
    const program = assemble(`(module
      (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "assay" "output_write" (func $write (param i32 i32)))
      (memory (export "memory") 1 3) (global $g (mut i32) (i32.const 5))
      (data (i32.const 8) "data") (data (i32.const 65535) "!")
      (func (export "run")
        (i32.store (i32.const 0) (memory.size))
        (i32.store (i32.const 4) (global.get $g))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 12) (i32.const 8)))
        (call $write (i32.const 0) (i32.const 32))))`)
    expectAlike(program, { input: bytesOf('12345678') })
  })

  describe('given a program that writes nothing', () => {
    it('leaves the output empty', () => {
      const program = assemble(`(module
        (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1 1)
        (func (export "run") (drop (call $read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 9)))))`)
      const { output, memory } = execute(privateProgram(program), { input: salted(bytesOf('read')) })
      expect(output.length).to.equal(0)
      expect(memory.subarray(0, 5)).to.deep.equal(bytesOf('read\0'))
    })
  })

  it('refuses a program that reads no input, or has no page of memory', () => {
    const reading = '(import "assay" "input_read" (func (param i32 i32 i32 i32) (result i32)))'
    const blind = assemble('(module (memory (export "memory") 1 1) (func (export "run")))')
    const flat = assemble(`(module ${reading} (memory (export "memory") 0 1) (func (export "run")))`)
    for (const program of [blind, flat]) expect(() => privateProgram(program)).to.throw(PrivateProgramError)
  })

  it('refuses modules that are no programs', () => {
    expect(() => privateProgram(assemble('(module (memory (export "memory") 1 1))'))).to.throw(
      ProgramEntryError,
    )
    expect(() => privateProgram(echo.subarray(0, -4))).to.throw(MalformedProgramError)
  })
})
