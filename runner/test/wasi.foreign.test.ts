import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { expect } from 'chai'
import { buildProgram } from '../src/build/build.ts'
import { createExecutor } from '../src/executor/pool.ts'
import type { Executor } from '../src/executor/types.ts'
import { cSource, execute, nativeCompiler, needsClang, textOf } from './helpers/clang.ts'
import { npmPackage } from './helpers/foreign.ts'

/**
 * Programs that nobody wrote for Assay: C sources inside of npm packages, built as they are. They are fetched once;
 * where they cannot be, the tests are skipped.
 */
describe('programs of others', function () {
  this.timeout(240_000)
  let executor: Executor
  let folder: string
  before(needsClang)
  before(() => {
    executor = createExecutor({ slots: 1, onMissingWall: () => {} })
    folder = mkdtempSync(join(tmpdir(), 'assay-foreign-'))
  })
  after(async () => {
    await executor?.close()
    if (folder) rmSync(folder, { recursive: true })
  })

  async function sourcesOf(context: Mocha.Context, name: string, version: string, sha512: string) {
    const sources = await npmPackage(name, version, sha512)
    if (sources !== undefined) return sources
    console.log(`      skipped: the package ${name} ${version} cannot be fetched`)
    return context.skip()
  }

  /** Compiles for this system what was built for a task; undefined without a compiler. */
  function natively(sources: readonly string[], flags: readonly string[]): string | undefined {
    if (nativeCompiler === undefined) return undefined
    const file = join(folder, 'native')
    execFileSync(nativeCompiler, ['-O1', '-w', ...flags, ...sources, '-o', file, '-lm'])
    return file
  }

  const inFolder = (path: string, wanted: (name: string) => boolean = () => true) =>
    readdirSync(path)
      .filter((name) => name.endsWith('.c') && wanted(name))
      .sort()
      .map((name) => join(path, name))

  it('cmark-gfm, a whole command, turns Markdown into HTML', async function () {
    const at = await sourcesOf(
      this,
      'cmark-gfm',
      '0.9.0',
      'zt++V303Zh+kqS3PERSq1knHT21TpKjbVUF/U63QhLktEH+eeZymv+mHz+6IhcTN5Hy85LdkgdKlroa/Jc6Wvg==',
    )
    const vendor = join(at, 'vendor/cmark')
    // The package has flattened the folders of the original; its main file still names one of them.
    mkdirSync(join(at, 'vendor/extensions'), { recursive: true })
    const header = 'cmark-gfm-core-extensions.h'
    copyFileSync(join(vendor, header), join(at, 'vendor/extensions', header))
    const leftovers = [
      'CMakeCCompilerId.c',
      'CheckFileOffsetBits.c',
      'cmark-fuzz.c',
      'feature_tests.c',
      'harness.c',
    ]
    const sources = inFolder(vendor, (name) => !leftovers.includes(name))
    const args = ['--extension', 'table', '-e', 'strikethrough', '-e', 'autolink', '--smart']
    const { bytes, refused } = await buildProgram(sources, { args, flags: [`-I${vendor}`] })
    expect(refused).to.include('path_open')

    const small = '# A *title*\n\n| x | y |\n|---|---|\n| ~~1~~ | 2 |\n'
    const ending = await execute(executor, bytes, small)
    expect({ ...ending, output: textOf(ending.output) }).to.deep.equal({
      status: 'halted',
      exitCode: 0,
      output:
        '<h1>A <em>title</em></h1>\n<table>\n<thead>\n<tr>\n<th>x</th>\n<th>y</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td><del>1</del></td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n',
    })

    const native = natively(sources, [`-I${vendor}`])
    if (native === undefined) return
    const documents = ['README.md', 'docs/execution.md', 'docs/spec.md', 'docs/errors.md']
    for (const document of documents) {
      const input = readFileSync(new URL(`../../${document}`, import.meta.url))
      const { output, exitCode } = await execute(executor, bytes, input)
      expect(exitCode).to.equal(0)
      const expected = spawnSync(native, args, { input, encoding: 'utf8', maxBuffer: 1 << 26 })
      expect(textOf(output), document).to.equal(expected.stdout)
    }
  })

  it('Brotli compresses, and what it makes decompresses', async function () {
    const at = join(
      await sourcesOf(
        this,
        'iltorb',
        '2.4.5',
        'EMCMl3LnnNSZJS5QrxyZmMTaAC4+TJkM5woD+xbpm9RB+mFYCr7C05GFE3TEGCsVQSVHmjX+3sf5AiwsylNInQ==',
      ),
      'brotli/c',
    )
    const sources = [cSource('brotli'), ...inFolder(join(at, 'common')), ...inFolder(join(at, 'enc'))]
    const flags = [`-I${join(at, 'include')}`]
    const text = Array.from({ length: 20_000 }, (_, i) => `${(i * i) % 977} of ${i % 13}`).join('\n')
    const { bytes } = await buildProgram(sources, { args: ['9'], flags })
    const { output, ...ending } = await execute(executor, bytes, text)
    expect(ending).to.deep.equal({ status: 'halted', exitCode: 0 })
    expect(output.length).to.be.below(text.length / 5)
    expect(textOf(brotliDecompressSync(output))).to.equal(text)

    const native = natively(sources, flags)
    if (native === undefined) return
    const { stdout } = spawnSync(native, ['9'], { input: text, maxBuffer: 1 << 26 })
    expect(Buffer.from(output).equals(stdout)).to.equal(true)
  })
})
