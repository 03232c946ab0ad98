import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { buildProgram } from '../../runner/src/build/build.ts'
import { outputsOf } from './host.ts'

describe('README', () => {
  it('shows a program and a command that work', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const program = /```ts\n(.*?)```/s.exec(readme)?.[1]
    const [, file, flags] = /assay -- build (\S+\.ts) --flags "(.*?)"/.exec(readme) ?? []
    if (program === undefined || file === undefined) return expect.fail('no program or no command')

    const folder = await mkdtemp(join(tmpdir(), 'assay-readme-'))
    try {
      await writeFile(join(folder, file), program)
      const { bytes, info } = await buildProgram([join(folder, file)], { flags: flags?.split(' ') })
      expect(info.memory.max).to.equal(16)
      const numbers = new Uint8Array(new Float64Array([1.5, 2, -0.25]).buffer)
      const [output] = await outputsOf(new WebAssembly.Module(new Uint8Array(bytes)), [numbers])
      expect(output).to.deep.equal(Buffer.from(new Float64Array([3.25]).buffer))
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
