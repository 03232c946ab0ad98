import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AssayError, programIdOf } from 'assay'
import { expect } from 'chai'
import { assemble } from '../../sdk/test/helpers/wasm.ts'
import { buildProgram } from '../src/build/build.ts'
import { findClang } from '../src/build/clang.ts'
import { guestFolder } from '../src/build/guestFolder.ts'
import { cSource, needsClang, textOf } from './helpers/clang.ts'
import { runProgram } from './helpers/programs.ts'
import { rejection } from './helpers/store.ts'

const sum = `import { Reader, Writer, exit, readInput } from "assay";
import { mix64 } from "assay/random";
import { sinCos, sine } from "assay/trig";
const reader = new Reader(readInput());
if (reader.left % 8 != 0) exit(2);
let sum = 0.0;
while (reader.left > 0) sum += reader.f64();
const writer = new Writer();
writer.f64(sum);
writer.u64(mix64(7));
sinCos(0.25);
writer.f64(sine);
writer.flush();
`

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))

describe('assay build', function () {
  this.timeout(120_000)
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-build-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  function source(name: string, text: string | Uint8Array): string {
    const path = join(folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  function run(program: Uint8Array, input: Uint8Array) {
    const ending = runProgram(program, { input })
    return ending.kind === 'halted' ? { exitCode: ending.exitCode, output: ending.output.slice() } : ending
  }

  const refusal = (...parameters: Parameters<typeof buildProgram>) =>
    rejection(buildProgram(...parameters), AssayError)

  /** Runs the command in the folder. */
  function command(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=assay-source', '--no-warnings', bin, 'build', ...args],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    )
    return { status, stdout, stderr }
  }

  describe('of AssemblyScript', () => {
    it('makes a program on the guest library', async () => {
      const { bytes, info, linked, compiler } = await buildProgram([source('sum.ts', sum)])
      expect(info.programId).to.equal(programIdOf(bytes))
      expect(info.entry).to.equal('run')
      expect(linked).to.deep.equal([])
      expect(compiler).to.match(/^AssemblyScript \d/)
      const numbers = new Uint8Array(new Float64Array([1.5, 2, -0.25]).buffer)
      const ending = run(bytes, numbers)
      if (!('output' in ending)) return expect.fail(JSON.stringify(ending))
      expect(Array.from(new Float64Array(ending.output.buffer)))
        .to.include(3.25)
        .and.include(1)
      expect(run(bytes, numbers.subarray(1))).to.deep.include({ exitCode: 2 })
    })

    it('gives the same bytes wherever the source lies and whatever its name', async () => {
      const [one, two] = [source('sum.ts', sum), source('another/folder/name.ts', sum)]
      expect((await buildProgram([one])).info.programId).to.equal((await buildProgram([two])).info.programId)
    })

    it('imports other files, and passes options to the compiler', async () => {
      source('part.ts', 'export function part(): i32 { return 40; }')
      const path = source(
        'whole.ts',
        'import { exit } from "assay"; import { part } from "./part"; exit(part() + 2);',
      )
      const { bytes, info } = await buildProgram([path], { flags: ['--maximumMemory', '3'] })
      expect(info.memory.max).to.equal(3)
      expect(run(bytes, new Uint8Array(0))).to.deep.include({ exitCode: 42 })
    })

    it('fails with what the compiler says', async () => {
      const error = await refusal([source('wrong.ts', 'let x: i32 = "text";')])
      expect(error.name).to.equal('CompilerError')
      expect(error.message).to.contain('TS2322').and.contain('wrong.ts(1,14)')
    })

    it('names what the program wants of JavaScript, and what does', async () => {
      const error = await refusal([source('random.ts', 'if (Math.random() > 0.5) unreachable();')])
      expect(error.name).to.equal('UnknownImportError')
      expect(error.message).to.contain('env.seed').and.contain('Math.random')
    })

    it('links WASI where the program imports it', async () => {
      const path = source(
        'exit.ts',
        `@external("wasi_snapshot_preview1", "proc_exit") declare function leave(code: i32): void; leave(5);`,
      )
      const { bytes, linked } = await buildProgram([path])
      expect(linked).to.deep.equal(['proc_exit'])
      expect(run(bytes, new Uint8Array(0))).to.deep.include({ exitCode: 5 })
    })
  })

  describe('of a module', () => {
    const module = assemble(`(module
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (drop (call $sizes (i32.const 0) (i32.const 4)))
        (call $exit (i32.load (i32.const 4)))))`)

    it('links WASI with the arguments of the build', async () => {
      const path = source('module.wasm', module)
      const none = await buildProgram([path])
      const some = await buildProgram([path], { args: ['four', ''] })
      expect(none.compiler).to.equal(undefined)
      expect(run(none.bytes, new Uint8Array(0))).to.deep.include({ exitCode: 8 })
      expect(run(some.bytes, new Uint8Array(0))).to.deep.include({ exitCode: 8 + 5 + 1 })
      expect(some.info.programId).not.to.equal(none.info.programId)
    })

    it('builds what was built before to the same bytes', async () => {
      const once = await buildProgram([source('module.wasm', module)])
      const twice = await buildProgram([source('once.wasm', once.bytes)])
      expect(twice.info.programId).to.equal(once.info.programId)
      const error = await refusal([source('once.wasm', once.bytes)], { args: ['late'] })
      expect(error.message).to.contain('takes no arguments')
    })

    it('refuses what Assay does not run, by the reason of the inspection', async () => {
      const plain = assemble('(module (func (export "run")))')
      expect(await refusal([source('plain.wasm', plain)])).to.have.property('name', 'ProgramMemoryError')
    })
  })

  describe('of C', () => {
    before(needsClang)

    it('makes a program of several files, with options for the compiler', async () => {
      source('c/include/part.h', 'int part(void);')
      const part = source('c/part.c', '#include "part.h"\nint part(void) { return PART; }')
      const main = source('c/main.c', '#include "part.h"\nint main(void) { return part() + 2; }')
      const flags = [`-I${join(folder, 'c/include')}`, '-DPART=40']
      const { bytes, info, compiler } = await buildProgram([main, part], { flags })
      expect(info.entry).to.equal('_start')
      expect(compiler).to.contain('clang')
      expect(run(bytes, new Uint8Array(0))).to.deep.include({ exitCode: 42 })
    })

    it('gives the same bytes wherever the source lies, whatever the day, and with wasm-opt about', async () => {
      const text = '#include <stdio.h>\nint main(void) { printf("%s %s\\n", __DATE__, __TIME__); return 0; }'
      const first = (await buildProgram([source('one.c', text)])).info.programId
      const tools = join(folder, 'tools')
      mkdirSync(tools)
      writeFileSync(join(tools, 'wasm-opt'), '#!/bin/sh\nexit 9\n')
      chmodSync(join(tools, 'wasm-opt'), 0o755)
      const path = process.env.PATH
      process.env.PATH = `${tools}${delimiter}${path}`
      try {
        expect((await buildProgram([source('deep/two.c', text)])).info.programId).to.equal(first)
      } finally {
        process.env.PATH = path
      }
    })

    it('finds assay.h, so that a program reads the shared input with and without a C library', async () => {
      const text = `#include "assay.h"
        ASSAY_ENTRY void run(void) { assay_exit(assay_input_size(ASSAY_TASK) + 1); }`
      const { bytes, linked } = await buildProgram([source('free.c', text)], { freestanding: true })
      expect(linked).to.deep.equal([])
      expect(bytes.length).to.be.below(500)
      expect(run(bytes, new Uint8Array(4))).to.deep.include({ exitCode: 5 })

      const mixed = `#include <stdio.h>
        #include "assay.h"
        int main(void) { printf("%d bytes", assay_input_size(ASSAY_TASK)); return 0; }`
      const ending = run((await buildProgram([source('mixed.c', mixed)])).bytes, new Uint8Array(4))
      expect('output' in ending && textOf(ending.output)).to.equal('4 bytes')
    })

    it('fails with what compiler and linker say', async () => {
      const compiling = await refusal([source('wrong.c', 'int main(void) { return x; }')])
      expect(compiling.name).to.equal('CompilerError')
      expect(compiling.message).to.contain("undeclared identifier 'x'").and.contain('wrong.c:1:25')
      const linking = await refusal([source('undefined.c', 'int f(void); int main(void) { return f(); }')])
      expect(linking.name).to.equal('CompilerError')
      expect(linking.message).to.contain('undefined symbol: f')
    })

    it('names functions that are left to be imported', async () => {
      const text = 'int f(void); int main(void) { return f(); }'
      const error = await refusal([source('imports.c', text)], { flags: ['-Wl,--allow-undefined'] })
      expect(error.name).to.equal('UnknownImportError')
      expect(error.message).to.contain('env.f')
    })

    it('refuses a library', async () => {
      const text = '__attribute__((export_name("f"))) int f(void) { return 1; }'
      const error = await refusal([source('library.c', text)], { flags: ['-mexec-model=reactor'] })
      expect(error.name).to.equal('NoStartError')
      expect(error.message).to.contain('reactor')
    })
  })

  describe('without a compiler', () => {
    const withEnvironment = async (values: Record<string, string>, work: () => Promise<void>) => {
      const before = { ...process.env }
      Object.assign(process.env, values)
      try {
        await work()
      } finally {
        for (const name of Object.keys(values)) delete process.env[name]
        Object.assign(process.env, before)
      }
    }

    it('says what to install', async () => {
      await withEnvironment({ PATH: folder }, async () => {
        const error = await refusal([cSource('words')])
        expect(error.name).to.equal('BuildToolError')
        expect(error.message).to.contain(
          'apt-get install clang-16 lld-16 wasi-libc libclang-rt-16-dev-wasm32',
        )
      })
    })

    it('says which parts of a compiler are missing', async () => {
      // A compiler that runs and finds nothing.
      const path = source('clang-99', '#!/bin/sh\necho none\n')
      chmodSync(path, 0o755)
      await withEnvironment({ ASSAY_CLANG: path }, async () => {
        const error = await rejection(findClang(), AssayError)
        expect(error.message).to.contain(
          "the linker wasm-ld, the C library wasi-libc, the compiler's library for wasm32",
        )
        const less = await rejection(findClang(true), AssayError)
        expect(less.facts).to.include({ Missing: 'the linker wasm-ld' })
      })
    })
  })

  describe('of the documentation', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const codeOf = (page: string, language: string) =>
      new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(
        readFileSync(join(root, page), 'utf8'),
      )?.[1] ?? ''
    const bytesOf = (values: Float64Array | Uint32Array) => new Uint8Array(values.buffer)

    it('makes the program of examples/README.md, which adds numbers', async () => {
      const { bytes } = await buildProgram([source('hello.ts', codeOf('examples/README.md', 'ts'))])
      const ending = run(bytes, bytesOf(new Float64Array([1.5, 2.25])))
      expect(ending).to.deep.equal({ exitCode: 0, output: bytesOf(new Float64Array([3.75])) })
      expect(run(bytes, new Uint8Array(7))).to.deep.include({ exitCode: 2 })
    })

    it('makes the program of docs/wasi.md, which counts words', async function () {
      needsClang.call(this)
      const path = source('words.c', codeOf('docs/wasi.md', 'c'))
      const flags = ['-Wl,--max-memory=4194304']
      const { bytes } = await buildProgram([path], { args: ['--top=3'], flags })
      const ending = run(bytes, new TextEncoder().encode('the cat and the dog'))
      if (!('output' in ending)) return expect.fail(JSON.stringify(ending))
      expect(textOf(ending.output)).to.equal('2 the\n1 and\n1 cat\n')
    })

    it('makes the example without a C library, which counts primes', async function () {
      needsClang.call(this)
      const flags = ['-Wl,--max-memory=1048576']
      const path = join(root, 'examples/primes/primes.c')
      const { bytes } = await buildProgram([path], { freestanding: true, flags })
      const ending = run(bytes, bytesOf(new Uint32Array([0, 100])))
      expect(ending).to.deep.equal({ exitCode: 0, output: bytesOf(new Uint32Array([25])) })
    })
  })

  describe('on the command line', () => {
    it('writes the program and says what it is', async () => {
      source('sum.ts', sum)
      const { status, stdout, stderr } = command('sum.ts')
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
      const bytes = readFileSync(join(folder, 'sum.wasm'))
      const { programId } = (await buildProgram([join(folder, 'sum.ts')])).info
      expect(stdout).to.contain(programId).and.contain(`${bytes.length} bytes`)
      expect(stdout)
        .to.match(/Host functions: .*input_read/)
        .and.match(/WASI linked: +none/)
        .and.match(/Memory: +0 to 4,096 pages of 64 KiB \(no maximum declared\)/)
      expect(programIdOf(bytes)).to.equal(programId)
    })

    it('prints JSON, names the file of --out, and links arguments that begin with dashes', () => {
      source(
        'args.wat.wasm',
        assemble(`(module (import "wasi_snapshot_preview1" "args_sizes_get" (func (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "_start")
            (drop (call 0 (i32.const 0) (i32.const 4))) (drop (call 1 (i32.const 0) (i32.const 4) (i32.const 5)))))`),
      )
      const { status, stdout } = command(
        'args.wat.wasm',
        '--json',
        '--out',
        'out.wasm',
        '--arg=--top',
        '--arg',
        '-x',
      )
      expect(status).to.equal(0)
      const { file, linked, refused, programId, size, entry } = JSON.parse(stdout)
      expect({ file, linked, refused, entry }).to.deep.equal({
        file: 'out.wasm',
        linked: ['args_sizes_get', 'path_unlink_file'],
        refused: ['path_unlink_file'],
        entry: '_start',
      })
      const bytes = readFileSync(join(folder, 'out.wasm'))
      expect([programIdOf(bytes), bytes.length]).to.deep.equal([programId, size])
    })

    it('refuses what makes no sense with exit code 2', () => {
      source('plain.wasm', assemble('(module (memory (export "memory") 1) (func (export "run")))'))
      const wrong: [string[], RegExp][] = [
        [[], /missing required argument/],
        [['plain.wasm', '--out', './plain.wasm'], /would overwrite its source/],
        [['plain.wasm', '--env', 'x'], /no environment variable/],
        [['plain.wasm', '--out', 'no/such/folder/a.wasm'], /cannot be written/],
      ]
      for (const [args, message] of wrong) {
        const { status, stderr, stdout } = command(...args)
        expect({ status, stdout }, args.join(' ')).to.deep.equal({ status: 2, stdout: '' })
        expect(stderr).to.match(message)
      }
    })
  })

  it('refuses sources and options that make no program', async () => {
    const script = source('a.ts', sum)
    const module = source(
      'plain.wasm',
      assemble('(module (memory (export "memory") 1) (func (export "run")))'),
    )
    const wrong: [Parameters<typeof buildProgram>, string][] = [
      [[[join(folder, 'nothing.ts')]], 'nothing.ts cannot be read'],
      [[[script, script]], 'Only one .ts file'],
      [[[script, module]], 'No program can be built'],
      [[[]], 'No program can be built'],
      [[[source('notes.txt', '')]], 'No program can be built'],
      [[[module], { flags: ['-O3'] }], 'no compiler to take -O3'],
      [[[module], { args: ['x'] }], 'takes no arguments'],
      [[[module], { env: ['X=1'] }], 'takes no arguments'],
      [[[module], { freestanding: true }], '--freestanding is for C'],
    ]
    for (const [parameters, message] of wrong) {
      const error = await refusal(...parameters)
      expect(error.name).to.equal('UsageError')
      expect(error.message).to.contain(message)
    }
  })

  it('has its guest library beside the sources and the built files alike', () => {
    expect(readFileSync(join(guestFolder, 'assay.h'), 'utf8')).to.contain('ASSAY_ENTRY')
    const { files } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(files).to.include('guest')
  })
})
