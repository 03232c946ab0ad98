import { AssayError, programInfo } from 'assay'
import { readModule } from 'assay/vm'
import { expect } from 'chai'
import { assemble } from '../../sdk/test/helpers/wasm.ts'
import { type WasiFunction, wasiFunctions } from '../src/wasi/functions.ts'
import { linkWasi } from '../src/wasi/link.ts'
import { runProgram } from './helpers/programs.ts'
import { rejection } from './helpers/store.ts'

const encode = (text: string) => new TextEncoder().encode(text)

/** Text form of an import of a WASI function, named as it is called. */
function wasiImport(name: WasiFunction, type: string = wasiFunctions[name]): string {
  const [params = '', results = ''] = type.split('>')
  const values = (word: string, letters: string) =>
    [...letters].map((letter) => `(${word} ${letter === 'I' ? 'i64' : 'i32'})`).join(' ')
  return `(import "wasi_snapshot_preview1" "${name}"
    (func $${name} ${values('param', params)} ${values('result', results)}))`
}

/** A program that copies its input to its output, and exits with the number of bytes. */
const copy = assemble(`(module
  ${wasiImport('fd_read')} ${wasiImport('fd_write')} ${wasiImport('proc_exit')}
  (memory (export "memory") 1 4)
  (global $kept (mut i32) (i32.const 11))
  (global (export "extra") i32 (i32.const 5))
  (table 2 funcref)
  (elem (i32.const 1) $end)
  (data (i32.const 0) "\\00\\01\\00\\00\\10\\00\\00\\00")
  (func $end (global.set $kept (i32.const 0)) (call $proc_exit (i32.load (i32.const 4))))
  (func (export "unneeded") (result i32) (global.get $kept))
  (func (export "_start")
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call_indirect (i32.const 1))))`)

function run(program: Uint8Array, input = '') {
  const ending = runProgram(program, { input: encode(input) })
  return ending.kind === 'halted'
    ? { exitCode: ending.exitCode, output: new TextDecoder().decode(ending.output) }
    : ending
}

const refusal = (program: Uint8Array) => rejection(linkWasi(program), AssayError)

describe('linkWasi', () => {
  it('makes a program that Assay runs', async () => {
    const { bytes, linked, refused } = await linkWasi(copy)
    expect(linked).to.deep.equal(['fd_read', 'fd_write', 'proc_exit'])
    expect(refused).to.deep.equal([])
    expect(run(bytes, 'hello')).to.deep.equal({ exitCode: 5, output: 'hello' })
    expect(run(bytes, 'a longer input than its buffer')).to.deep.equal({
      exitCode: 16,
      output: 'a longer input t',
    })
  })

  it('leaves the memory, the entry, and of the host interface what is used (decision 25)', async () => {
    const { bytes } = await linkWasi(copy)
    const { imports, memory } = programInfo(bytes)
    const { exports } = readModule(bytes)
    expect(imports).to.deep.equal(['input_read', 'output_write', 'exit'])
    expect(exports.map(({ name }) => name)).to.have.members(['memory', '_start'])
    expect(memory).to.deep.equal({ min: 1, max: 4, declaredMax: 4 })
    expect(bytes.length - copy.length).to.be.below(400)
  })

  it('gives the same bytes each time, and does not touch its argument', async () => {
    const before = copy.slice()
    const [one, two] = [await linkWasi(copy), await linkWasi(copy)]
    expect(one.bytes).to.deep.equal(two.bytes)
    expect(copy).to.deep.equal(before)
  })

  it('leaves a module without WASI as it is', async () => {
    const plain = assemble(`(module (import "assay" "exit" (func (param i32))) (memory (export "memory") 1)
      (func (export "run")) (func (export "more")))`)
    const { bytes, linked } = await linkWasi(plain)
    expect(bytes).to.deep.equal(plain)
    expect(linked).to.deep.equal([])
  })

  it('says which functions only return errors', async () => {
    const program = assemble(`(module
      ${wasiImport('path_open')} ${wasiImport('sock_shutdown')} ${wasiImport('sched_yield')}
      (memory (export "memory") 1)
      (func (export "_start")
        (drop (call $sched_yield))
        (drop (call $sock_shutdown (i32.const 9) (i32.const 0)))
        (drop (call $path_open (i32.const 9) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
          (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))))`)
    const { bytes, linked, refused } = await linkWasi(program)
    expect(linked).to.deep.equal(['path_open', 'sched_yield', 'sock_shutdown'])
    expect(refused).to.deep.equal(['path_open', 'sock_shutdown'])
    expect(run(bytes)).to.deep.equal({ exitCode: 0, output: '' })
  })

  it('keeps what the program imports from the host interface itself, and its start function', async () => {
    const program = assemble(`(module
      (import "assay" "output_write" (func $write (param i32 i32)))
      (import "assay" "input_size" (func $size (param i32) (result i32)))
      ${wasiImport('proc_exit')}
      (memory (export "memory") 1)
      (data (i32.const 0) "start run")
      (func $first (call $write (i32.const 0) (i32.const 6)))
      (start $first)
      (func (export "run")
        (call $write (i32.const 6) (i32.const 3))
        (call $proc_exit (call $size (i32.const 0)))))`)
    const { bytes } = await linkWasi(program)
    expect(run(bytes, 'four')).to.deep.equal({ exitCode: 4, output: 'start run' })
  })

  it('is not confused by names that the program uses for itself', async () => {
    const program = assemble(`(module
      ${wasiImport('proc_exit')}
      (memory (export "memory") 1)
      (func $input_size (export "proc_exit") (result i32) (i32.const 3))
      (func (export "is_open") (result i32) (call $input_size))
      (func (export "_start") (call $proc_exit (call $input_size))))`)
    expect(run((await linkWasi(program)).bytes)).to.deep.equal({ exitCode: 3, output: '' })
  })

  it('links a function once that is imported twice', async () => {
    const again = wasiImport('proc_exit').replace('$proc_exit', '$again')
    const program = assemble(`(module ${wasiImport('proc_exit')} ${again} (memory (export "memory") 1)
      (func (export "_start")
        (if (i32.const 0) (then (call $proc_exit (i32.const 1))) (else (call $again (i32.const 2))))))`)
    const { bytes, linked } = await linkWasi(program)
    expect(linked).to.deep.equal(['proc_exit'])
    expect(run(bytes)).to.deep.equal({ exitCode: 2, output: '' })
  })

  it('reaches the memory that the program has grown', async () => {
    const program =
      assemble(`(module ${wasiImport('fd_read')} ${wasiImport('fd_write')} (memory (export "memory") 1)
      (func (export "_start")
        (drop (memory.grow (i32.const 2)))
        (i32.store (i32.const 0x20000) (i32.const 0x20100))
        (i32.store (i32.const 0x20004) (i32.const 5))
        (drop (call $fd_read (i32.const 0) (i32.const 0x20000) (i32.const 1) (i32.const 0x2fffc)))
        (drop (call $fd_write (i32.const 1) (i32.const 0x20000) (i32.const 1) (i32.const 0x2fffc)))))`)
    expect(run((await linkWasi(program)).bytes, 'hello')).to.deep.equal({ exitCode: 0, output: 'hello' })
  })

  it('links every function of WASI at once', async () => {
    const names = Object.keys(wasiFunctions) as WasiFunction[]
    const call = (name: WasiFunction) => {
      const [params = '', results] = wasiFunctions[name].split('>')
      const values = [...params].map((letter) => (letter === 'I' ? '(i64.const 0)' : '(i32.const 0)'))
      return `(call $${name} ${values.join(' ')}) ${results === '' ? '' : '(drop)'}`
    }
    const program = assemble(`(module ${names.map((name) => wasiImport(name)).join('\n')}
      (memory (export "memory") 1)
      (func (export "_start") ${names.map(call).join('\n')}))`)
    const { bytes, linked } = await linkWasi(program)
    expect(linked).to.deep.equal(names.toSorted())
    expect(programInfo(bytes).imports).to.have.length(4)
    expect(bytes.length).to.be.below(5_000)
  })

  describe('given a module that cannot be linked', () => {
    const memory = '(memory (export "memory") 1)'
    const start = '(func (export "_start"))'

    it('names each import that nobody has', async () => {
      const error = await refusal(
        assemble(`(module (import "env" "sin" (func (param f64) (result f64)))
          (import "wasi_snapshot_preview1" "fd_dance" (func))
          (import "wasi_unstable" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
          (import "env" "table" (table 1 funcref)) ${memory} ${start})`),
      )
      expect(error.name).to.equal('UnknownImportError')
      expect(error.message).to.contain(
        'function env.sin, function wasi_snapshot_preview1.fd_dance, function wasi_unstable.fd_write, table env.table',
      )
    })

    it('names the first imports of many, without control characters', async () => {
      const many = Array.from({ length: 20 }, (_, i) => `(import "e\\1bnv" "f${i}" (func))`)
      const { message } = await refusal(assemble(`(module ${many.join(' ')} ${memory} ${start})`))
      expect(message).to.contain('e\\u001bnv.f7, and 12 more').and.not.contain('\u001b')
    })

    it('refuses threads', async () => {
      const error = await refusal(
        assemble(
          `(module (import "wasi" "thread-spawn" (func (param i32) (result i32))) ${memory} ${start})`,
        ),
      )
      expect(error.name).to.equal('ProgramThreadsError')
    })

    it('refuses a WASI function of another type', async () => {
      const error = await refusal(assemble(`(module ${wasiImport('fd_seek', 'iiii>i')} ${memory} ${start})`))
      expect(error.name).to.equal('WasiTypeError')
      expect(error.message).to.contain('fd_seek').and.contain('(i32 i32 i32 i32) -> (i32)')
      expect(error.message).to.contain('(i32 i64 i32 i32) -> (i32)')
    })

    it('refuses one without an entry, and knows a library', async () => {
      const error = await refusal(assemble(`(module ${wasiImport('proc_exit')} ${memory})`))
      expect(error.name).to.equal('NoStartError')
      const library = await refusal(
        assemble(`(module ${wasiImport('proc_exit')} ${memory} (func (export "_initialize")))`),
      )
      expect(library.message).to.contain('_initialize').and.contain('reactor')
    })

    it('refuses one whose memory is not exported', async () => {
      const error = await refusal(assemble(`(module ${wasiImport('proc_exit')} (memory 1) ${start})`))
      expect(error.name).to.equal('ProgramMemoryError')
    })

    it('refuses what is no valid module', async () => {
      for (const bytes of [new Uint8Array(0), encode('int main() {}'), copy.slice(0, -1)]) {
        const error = await refusal(bytes)
        expect(error.name).to.equal('InvalidModuleError')
      }
    })

    it('leaves features that Assay does not have for the inspection to name', async () => {
      const program = assemble(`(module ${wasiImport('proc_exit')} ${memory}
        (func (export "_start") (call $proc_exit (i8x16.bitmask (v128.const i32x4 0 0 0 0)))))`)
      const { bytes } = await linkWasi(program)
      expect(() => programInfo(bytes))
        .to.throw()
        .with.property('name', 'ProgramInstructionError')
    })
  })
})
