import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { contentRoot, emptyRoot } from 'assay'
import { programIdOfImage, ReferenceMachine, referenceEngine, translate } from 'assay/vm'
import { expect } from 'chai'
import { programPath } from '../../examples/programs.ts'
import { assemble } from '../../sdk/test/helpers/wasm.ts'
import { EnginesDifferError } from '../src/machine/errors.ts'
import { differencesOf, execute, locateTrap } from '../src/machine/execute.ts'
import { command } from './helpers/commands.ts'
import { echo, program } from './helpers/programs.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe('commands that look at programs', () => {
  let folder: string
  const paths: Record<string, string> = {}
  const file = (name: string, content: Uint8Array | string) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-look-'))
    const modules: Record<string, Uint8Array> = {
      echo: echo.program,
      trapping: program('(drop (i32.div_s (i32.const 1) (i32.load (i32.const 0))))').program,
      exiting: program('(call $exit (i32.const 7))').program,
      endless: program('(loop $l (br $l))').program,
      deep: program('(call $deep)', '(func $deep (call $deep))').program,
      simd: assemble(`(module (memory (export "memory") 1) (func $f (drop (i32.const 1)))
        (func (export "run") (drop (i32x4.extract_lane 0 (v128.const i32x4 1 2 3 4)))))`),
      wasi: assemble(`(module
        (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
        (memory (export "memory") 1) (func (export "_start")))`),
      foreign: assemble(`(module (import "env" "system" (func (param i32)))
        (memory (export "memory") 1) (func (export "run")))`),
      text: bytesOf('(module)'),
    }
    for (const [name, bytes] of Object.entries(modules)) paths[name] = file(`${name}.wasm`, bytes)
  })
  after(() => rmSync(folder, { recursive: true }))
  const path = (name: string) => paths[name] as string

  const json = async (...args: string[]) => {
    const { stdout, ...ended } = await command(...args, '--json')
    return { ...ended, result: JSON.parse(stdout) }
  }
  const refusal = async (...args: string[]) => {
    const { code, stdout, stderr } = await command(...args, '--json')
    expect(stdout).to.equal('')
    return { code, ...(JSON.parse(stderr) as { error: string; message: string; details: string }) }
  }

  describe('assay program inspect', () => {
    it('tells id, sizes, imports, exports and limits', async () => {
      const { code, result } = await json('program', 'inspect', programPath('wordcount'))
      expect(code).to.equal(0)
      const bytes = readFileSync(programPath('wordcount'))
      const translated = translate(bytes)
      expect(result).to.include({
        programId: programIdOfImage(translated),
        size: bytes.length,
        instructions: translated.code.length / 32,
        start: null,
      })
      expect(result.entry.name).to.equal('run')
      expect(result.memory).to.deep.equal({ min: 1, max: 256, declaredMax: 256 })
      expect(result.imports).to.have.members(['input_size', 'input_read', 'output_write', 'exit'])
      expect(result.exports).to.deep.include({ name: 'memory', kind: 'memory' })
      expect(result.limits).to.include({ instructions: 2 ** 20, pages: 16_384, frameSlots: 1_024 })
    })

    it('tells the function with the largest frame, the start function, data and table', async () => {
      const wasm = file(
        'large.wasm',
        assemble(`(module (memory (export "memory") 1)
          (table 5 funcref) (elem (i32.const 2) $wide)
          (data (i32.const 8) "abcd") (data (i32.const 99) "e")
          (global $g i32 (i32.const 1))
          (func $wide (local i32 i32 i32 i64 f64)) (func $first) (start $first)
          (func (export "run") (local i32)))`),
      )
      const { result } = await json('program', wasm)
      expect(result).to.deep.include({
        start: 1,
        entry: { name: 'run', function: 2 },
        functions: { defined: 3, imported: 0 },
        largestFrame: { slots: 5, function: 0, name: null },
        memory: { min: 1, max: 4_096, declaredMax: null },
        data: { segments: 2, bytes: 5 },
        table: 5,
        globals: 1,
        imports: [],
      })
    })

    it('prints lines for people', async () => {
      const { stdout } = await command('program', 'inspect', path('echo'))
      expect(stdout).to.match(/^Id: +0x[0-9a-f]{64}$/m)
      expect(stdout).to.match(/^Memory: +1 to 4,096 of 16,384 pages of 64 KiB \(none declared\)$/m)
      expect(stdout).to.match(/^Exports: +.*run \(function\)/m)
    })

    it('names an instruction that is refused, its function and its place in the file', async () => {
      const { code, error, details } = await refusal('program', 'inspect', path('simd'))
      expect({ code, error }).to.deep.equal({ code: 1, error: 'ProgramInstructionError' })
      const offset = Number(/Offset: +(\d+)/.exec(details)?.[1])
      expect(details).to.match(/Instruction: v128\.const/)
      expect(details).to.match(/Function: +1$/m)
      // where the SIMD prefix stands
      expect(readFileSync(path('simd'))[offset]).to.equal(0xfd)
    })

    it('sends who has a WASI module to assay build, which makes one that can be inspected', async () => {
      const { code, error, details } = await refusal('program', 'inspect', path('wasi'))
      expect({ code, error }).to.deep.equal({ code: 1, error: 'WasiNotLinkedError' })
      expect(details)
        .to.include('fd_read, proc_exit')
        .and.to.include(`assay build ${path('wasi')}`)
      const out = join(folder, 'linked.wasm')
      expect((await command('build', path('wasi'), '--out', out)).code).to.equal(0)
      expect((await command('program', 'inspect', out)).code).to.equal(0)
    })

    it('names what else is wrong', async () => {
      expect(await refusal('program', 'inspect', path('foreign'))).to.include({
        code: 1,
        error: 'ProgramImportError',
      })
      expect(await refusal('program', 'inspect', path('text'))).to.include({ code: 1, error: 'NotWasmError' })
      expect(await refusal('program', 'inspect', join(folder, 'nothing'))).to.include({
        code: 2,
        error: 'UsageError',
      })
    })
  })

  describe('assay exec', () => {
    for (const engine of ['native', 'fast', 'reference', 'all'])
      it(`gives what a result commits to, with ${engine}`, async () => {
        const { code, result } = await json('exec', path('echo'), '--text', 'some words', '--engine', engine)
        expect(code).to.equal(0)
        const { steps } = await referenceEngine.run({
          program: translate(echo.program),
          input: bytesOf('some words'),
          shared: new Uint8Array(0),
          stepLimit: 1_000n,
          maxOutput: 1_000,
        })
        expect(result).to.include({
          status: 'halted',
          exitCode: 0,
          steps: String(steps),
          outputRoot: contentRoot(bytesOf('some words')),
          outputLength: 10,
          text: 'some words',
          hex: Buffer.from('some words').toString('hex'),
        })
        const names = engine === 'all' ? ['native', 'fast', 'reference'] : [engine]
        expect(result.engines.map((each: { engine: string }) => each.engine)).to.deep.equal(names)
        for (const each of result.engines) expect(each.steps).to.equal(String(steps))
      })

    it('reads inputs from files, and the shared one', async () => {
      const wasm = file(
        'shared.wasm',
        program(`(call $write (i32.const 0) (i32.add
          (call $read (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 9))
          (call $read (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 9))))`).program,
      )
      const args = ['--shared', file('shared', 'abc'), '--input', file('input', 'def')]
      expect((await json('exec', wasm, ...args)).result.text).to.equal('abcdef')
    })

    it('prints text as it is, and bytes that are none in hex', async () => {
      const text = await command('exec', path('echo'), '--text', 'zwei\nZeilen')
      expect(text.stdout).to.match(/\n\nzwei\nZeilen\n$/)
      const steering = await command('exec', path('echo'), '--text', '\x1b[2J')
      expect(steering.stdout).to.include('4 bytes, no text: 0x1b5b324a').and.to.not.include('\x1b[2J')
      const bytes = await command('exec', path('echo'), '--input', file('bytes', Uint8Array.of(255, 0, 1)))
      expect(bytes.stdout).to.include('3 bytes, no text: 0xff0001 (--out writes them to a file)')
    })

    it('writes the output to a file', async () => {
      const out = join(folder, 'output')
      const { stdout } = await command('exec', path('echo'), '--text', 'kept', '--out', out)
      expect(readFileSync(out, 'utf8')).to.equal('kept')
      expect(stdout).to.include(`4 bytes, in ${out}`)
    })

    it('ends with 1 and says where, why and after how many steps a task trapped', async () => {
      for (const engine of ['native', 'all']) {
        const { code, result } = await json('exec', path('trapping'), '--engine', engine)
        expect(code).to.equal(1)
        expect(result).to.deep.include({ status: 'trapped', steps: '3', outputRoot: emptyRoot, exitCode: 0 })
        expect(result.trap).to.deep.include({
          step: '2',
          reason: 'integer divide by zero',
          function: { index: 4, name: 'run' },
          instruction: 's0 = i32.div_s 1 s1',
        })
      }
      const { stdout } = await command('exec', path('trapping'))
      expect(stdout).to.match(/^Status: +trapped: integer divide by zero$/m)
      expect(stdout).to.match(/^At: +step 2, pc \d+, function 4 run: s0 = i32\.div_s 1 s1$/m)
    })

    it('ends with 0 where the program halts, whatever its exit code', async () => {
      const { code, result } = await json('exec', path('exiting'))
      expect([code, result.status, result.exitCode]).to.deep.equal([0, 'halted', 7])
    })

    it('ends with 1 where the steps are used up, and says what to raise', async () => {
      const args = ['exec', path('endless'), '--engine', 'all', '--step-limit', '1000']
      const { code, stdout } = await command(...args)
      expect(code).to.equal(1)
      expect(stdout).to.match(/^Status: +out of steps: --step-limit allows more$/m)
      expect(stdout).to.match(/^Steps: +1,000 of at most 1,000$/m)
    })

    it('bounds the steps by default where the reference engine takes part', async () => {
      expect((await json('exec', path('echo'), '--engine', 'all')).result.stepLimit).to.equal('4000000')
      expect((await json('exec', path('echo'))).result.stepLimit).to.equal(String(2 ** 36))
    })

    it('counts the same steps of endless recursion on all engines', async () => {
      const { result } = await json('exec', path('deep'), '--engine', 'all')
      expect(result.trap.reason).to.equal('call stack exhausted')
    })

    it('says so where V8 gives up and the fast engine decides', async () => {
      // frames of so many living values need more stack than V8 has, long before the machine's is used up
      const names = Array.from({ length: 40 }, (_, i) => i)
      const more = names.map((i) => `(i64.add (local.get ${i}) (i64.const ${i + 1}))`).join(' ')
      const sum = names.reduce((text, i) => `(i64.xor ${text} (local.get ${i}))`, '(local.get $below)')
      const zeros = names.map(() => '(i64.const 0)').join(' ')
      const wide = `(func $wide ${names.map(() => '(param i64)').join(' ')} (result i64) (local $below i64)
        (local.set $below (call $wide ${more})) ${sum})`
      const wasm = file('wide.wasm', program(`(drop (call $wide ${zeros}))`, wide).program)
      const { stdout } = await command('exec', wasm)
      expect(stdout).to.match(/^native engine: +left this to the fast one: RangeError: Maximum call stack/m)
      const { result } = await json('exec', wasm, '--engine', 'all')
      expect(result.trap.reason).to.equal('call stack exhausted')
      expect(result.engines[0].fallback).to.match(/^RangeError/)
    })

    it('traps where the output is longer than allowed', async () => {
      const { code, result } = await json('exec', path('echo'), '--text', 'abc', '--max-output', '2')
      expect([code, result.trap.reason]).to.deep.equal([1, 'output limit exceeded'])
    })

    it('refuses options that make no sense, with exit code 2', async () => {
      const cases: [args: string[], says: string][] = [
        [['--engine', 'slow'], 'reference'],
        [['--step-limit', '0'], 'at least 1'],
        [['--step-limit', String(2 ** 44 + 1)], '2^44'],
        [['--max-output', String(2 ** 26 + 1)], String(2 ** 26)],
        [['--text', 'a', '--input', path('echo')], 'one input'],
        [['--input', join(folder, 'nothing')], 'ENOENT'],
        [['--shared', folder], 'EISDIR'],
        [['--out', folder], 'EISDIR'],
      ]
      for (const [args, says] of cases) {
        const { code, error, details } = await refusal('exec', path('echo'), ...args)
        expect({ code, error }, details).to.deep.equal({ code: 2, error: 'UsageError' })
        expect(details).to.include(says)
      }
    })

    it('sends who names a source to assay build', async () => {
      for (const source of ['words.c', 'words.TS']) {
        writeFileSync(join(folder, source), 'int main() { return 0; }')
        const { code, error, details } = await refusal('exec', join(folder, source))
        expect({ code, error }).to.deep.equal({ code: 2, error: 'UsageError' })
        expect(details).to.include(`assay build ${join(folder, source)}`)
      }
      writeFileSync(join(folder, 'words.txt'), 'int main() { return 0; }')
      expect(await refusal('exec', join(folder, 'words.txt'))).to.include({ error: 'NotWasmError' })
    })

    it('does so before anything is posted as well', async () => {
      const free = ['--text', '', '--max-price', '1', '--demo-account', '1']
      writeFileSync(join(folder, 'posted.c'), 'int main() { return 0; }')
      expect((await refusal('run', join(folder, 'posted.c'), ...free)).details).to.include('assay build')
      expect(await refusal('run', path('wasi'), ...free)).to.include({ error: 'WasiNotLinkedError' })
    })

    it('names the program that cannot run', async () => {
      expect(await refusal('exec', path('simd'))).to.include({ code: 1, error: 'ProgramInstructionError' })
      expect(await refusal('exec', path('wasi'))).to.include({ code: 1, error: 'WasiNotLinkedError' })
    })
  })

  describe('engines that differ', () => {
    const job = () => ({
      program: translate(echo.program),
      input: bytesOf('abc'),
      shared: new Uint8Array(0),
      stepLimit: 1_000n,
      maxOutput: 10,
    })

    it('are found in every field of a result, and in the output', async () => {
      const [native, fast] = [await execute(job(), 'native'), await execute(job(), 'fast')]
      expect(differencesOf([native, fast])).to.deep.equal([])
      const other = (change: Partial<typeof fast.ending>) =>
        differencesOf([native, { ...fast, ending: { ...fast.ending, ...change } }])
      const { steps } = native.ending
      expect(other({ steps: 1n })).to.deep.equal([
        { field: 'Steps', values: { native: String(steps), fast: '1' } },
      ])
      expect(other({ status: 'trapped' })[0]?.field).to.equal('Status')
      expect(other({ exitCode: 1 })[0]?.field).to.equal('Exit code')
      expect(other({ outputLength: 2 })[0]?.field).to.equal('Output length')
      expect(other({ outputRoot: emptyRoot })[0]?.field).to.equal('Output root')
      expect(other({ output: bytesOf('axc') })).to.deep.equal([
        { field: 'Output byte 1', values: { native: '98', fast: '120' } },
      ])
      expect(other({ output: bytesOf('ab') })[0]?.values).to.deep.equal({ native: '99', fast: 'nothing' })
    })

    it('are named in the error', () => {
      const values = { native: '12', fast: '12', reference: '13' }
      const error = new EnginesDifferError({ differences: [{ field: 'Steps', values }] })
      expect(error.message).to.include('Steps: native 12, fast 12, reference 13')
    })

    it('are also found where a trap is looked for that the fast engine does not see', async () => {
      const execution = await execute(job(), 'native')
      expect(() => locateTrap(job(), execution)).to.throw(EnginesDifferError, 'fast halted')
      const late = { ...execution, ending: { ...execution.ending, steps: 900n } }
      expect(() => locateTrap(job(), late)).to.throw(EnginesDifferError)
    })
  })

  describe('assay trace', () => {
    const tiny = programPath('tiny')

    it('shows instructions with values, and the hashes of states as the reference machine has them', async () => {
      const range = ['--from', '5', '--to', '9', '--state']
      const { code, result } = await json('trace', tiny, '--text', 'hello', ...range)
      expect(code).to.equal(0)
      const machine = new ReferenceMachine({
        program: translate(readFileSync(tiny)),
        input: bytesOf('hello'),
        shared: new Uint8Array(0),
        stepLimit: 2n ** 36n,
        maxOutput: 2 ** 20,
      }).runTo(5)
      expect(result.steps).to.have.length(4)
      for (const { pc, step, stateHash } of result.steps) {
        expect({ pc, step, stateHash }).to.deep.equal({
          pc: machine.pc,
          step: String(machine.steps),
          stateHash: machine.stateHash(),
        })
        machine.step()
      }
      expect(result.last).to.deep.equal({ step: '9', stateHash: machine.stateHash() })
      expect(result.ending).to.equal(null)
    })

    it('prints a table, with the end of the task', async () => {
      const { stdout } = await command('trace', tiny, '--text', 'hello', '--from', '5', '--to', '99')
      const lines = stdout.split('\n')
      expect(lines[0]).to.match(/Step +pc +Function +Instruction +Values/)
      expect(lines[1]).to.match(/^ +5 +\d+ +#4 run +s1 = input_size +stream=0 → s1=5$/)
      expect(stdout).to.match(/\n\nHalted with exit code 0, after 46 steps\.\n$/)
    })

    it('shows the step that trapped', async () => {
      const { code, stdout } = await command('trace', path('trapping'), '--from', '2')
      expect(code).to.equal(0)
      expect(stdout).to.match(/i32\.div_s 1 s1 +s1=0\n\nTrapped: integer divide by zero, after 3 steps\.\n$/)
    })

    it('shows 32 steps where no end is given', async () => {
      expect((await json('trace', tiny, '--text', 'hello')).result.steps).to.have.length(32)
    })

    it('refuses ranges that make no sense, with exit code 2', async () => {
      const cases: [args: string[], says: string][] = [
        [['--from', '5', '--to', '5'], 'no steps from 5 to 5'],
        [['--from', '0', '--to', '100001'], 'up to 100000'],
        [['--from', '-1'], 'at least 0'],
        [['--from', '46', '--to', '50', '--text', 'hello'], 'ended after 46 steps'],
      ]
      for (const [args, says] of cases) {
        const { code, error, details } = await refusal('trace', tiny, ...args)
        expect({ code, error }, details).to.deep.equal({ code: 2, error: 'UsageError' })
        expect(details).to.include(says)
      }
    })
  })

  it('run as docs/execution.md shows them', async () => {
    const root = new URL('../../', import.meta.url)
    const page = readFileSync(new URL('docs/execution.md', root), 'utf8')
    const section = page.slice(page.indexOf('\n## Looking at programs\n'))
    const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(section) ?? []
    const calls = block
      .trim()
      .split('\n')
      .map((line) => /^npm run assay -- (.*)$/.exec(line)?.[1] ?? expect.fail(line))
    expect(calls).to.have.length.of.at.least(3)
    const folderBefore = process.cwd()
    process.chdir(fileURLToPath(root))
    try {
      for (const call of calls) {
        const words = [...call.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
        const { code, stderr } = await command(...words)
        expect(code, `${call}\n${stderr}`).to.equal(0)
      }
    } finally {
      process.chdir(folderBefore)
    }
  })
})
