import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type BuildOptions, buildProgram } from '../src/build/build.ts'
import { createExecutor } from '../src/executor/pool.ts'
import type { Executor } from '../src/executor/types.ts'
import { cSource, execute, nativeCompiler, needsClang, textOf } from './helpers/clang.ts'

const text = `It was the best of times, it was the worst of times, it was the age of wisdom,
it was the age of foolishness, it was the epoch of belief, it was the epoch of incredulity.
`
const numbers = ['0', '1.5', '-2', '0.1', '1e-7', '123456.789', '-0.000001', '3.14159265358979', '42'].join(
  '\n',
)

describe('C programs', function () {
  this.timeout(120_000)
  let executor: Executor
  let folder: string
  before(needsClang)
  before(() => {
    executor = createExecutor({ slots: 1, onMissingWall: () => {} })
    folder = mkdtempSync(join(tmpdir(), 'assay-c-'))
  })
  after(async () => {
    await executor?.close()
    if (folder) rmSync(folder, { recursive: true })
  })

  const built = new Map<string, Uint8Array>()
  const build = async (name: string, options: BuildOptions = {}) => {
    const key = JSON.stringify([name, options])
    const known = built.get(key)
    if (known !== undefined) return known
    const { bytes } = await buildProgram([cSource(name)], options)
    built.set(key, bytes)
    return bytes
  }

  /** Output and exit code of the same source compiled for this system. */
  function natively(name: string, input: string, args: readonly string[] = []) {
    const file = join(folder, name)
    execFileSync(nativeCompiler!, ['-O2', '-ffp-contract=off', cSource(name), '-o', file, '-lm'])
    const { stdout, status } = spawnSync(file, args, { input, encoding: 'utf8' })
    return { status: 'halted', exitCode: status, output: stdout }
  }

  const inSandbox = async (program: Uint8Array, input: string, shared?: string) => {
    const ending = await execute(executor, program, input, shared)
    return { ...ending, output: textOf(ending.output) }
  }

  const same: [name: string, input: string, args?: string[]][] = [
    ['words', text, ['--top=5', 'plain', 'with a space', '']],
    ['words', ''],
    ['numbers', numbers],
    ['numbers', ''],
    ['endings', 'return'],
    ['endings', 'deep'],
    ['endings', 'something else'],
  ]
  for (const [name, input, args = []] of same) {
    it(`${name} does with ${JSON.stringify(input.slice(0, 20))} what it does natively`, async function () {
      if (nativeCompiler === undefined) {
        console.log('      skipped: there is no compiler for this system')
        return this.skip()
      }
      const program = await build(name, args.length > 0 ? { args } : {})
      expect(await inSandbox(program, input)).to.deep.equal(natively(name, input, args))
    })
  }

  it('counts words', async () => {
    const program = await build('words', { args: ['--top=3', 'a b'] })
    expect(await inSandbox(program, text)).to.deep.equal({
      status: 'halted',
      exitCode: 0,
      output: `argument 2 is "a b"
it               6  16.7%
of               6  16.7%
the              6  16.7%
`,
    })
  })

  it('is told a world without files, network and terminals, whose time and chance repeat', async () => {
    const program = await build('world', { env: ['LEVEL=3'] })
    const ending = await inSandbox(program, 'the input of a task', 'what all tasks share')
    expect(ending).to.deep.equal({
      status: 'halted',
      exitCode: 0,
      output: `time 2000-01-01 00:00:00
slept 3501 ms
rand repeats
entropy 0: 79 55 4b 6d 45 12 87 47
fopen fails
create fails
opendir fails
remove -1 unlink -1 mkdir -1
terminals 0 0 0
read of output: -1, Bad file descriptor
input 0: 19 bytes, regular 1
at 15: task
shared: what all tasks share
arguments 1: program
HOME unset, LEVEL 3
`,
    })
    expect(await inSandbox(program, 'the input of a task', 'what all tasks share')).to.deep.equal(ending)
    expect((await inSandbox(program, 'the input of another')).output).not.to.contain('79 55 4b')
  })

  it('ends at once with _exit', async () => {
    expect(await inSandbox(await build('endings'), '_exit')).to.deep.include({
      status: 'halted',
      exitCode: 9,
    })
  })

  it('traps on abort, on a wrong address and on endless recursion', async () => {
    const program = await build('endings')
    for (const how of ['abort', 'null', 'stack'])
      expect(await inSandbox(program, how), how).to.deep.include({ status: 'trapped', output: '' })
  })

  it('is given memory up to its maximum, then NULL', async () => {
    expect(await inSandbox(await build('endings'), 'memory')).to.deep.include({
      exitCode: 0,
      output: 'hello\nall but a little of 256 MiB\ngoodbye\n',
    })
  })
})
