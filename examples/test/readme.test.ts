import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { expect } from 'chai'
import { outputsOf } from './host.ts'

describe('README', () => {
  it('shows a program and a command that work', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const program = /```ts\n(.*?)```/s.exec(readme)?.[1]
    const command = /npx asc (.*?)```/s.exec(readme)?.[1]
    if (program === undefined || command === undefined) return expect.fail('no program or no command')

    const args = command.split(/[\s\\]+/).filter((arg) => arg !== '')
    const root = fileURLToPath(new URL('../..', import.meta.url))
    let module: Uint8Array<ArrayBuffer> | undefined
    const { error, stderr } = await asc.main([...args, '--baseDir', root], {
      readFile: (file, folder) =>
        file === 'examples/hello/assembly/index.ts'
          ? program
          : readFile(`${folder}/${file}`, 'utf8').catch(() => null),
      writeFile: (_file, contents) => {
        if (typeof contents !== 'string') module = new Uint8Array(contents)
      },
    })
    expect([error, stderr.toString()]).to.deep.equal([null, ''])
    if (module === undefined) return expect.fail('no module')

    const numbers = new Uint8Array(new Float64Array([1.5, 2, -0.25]).buffer)
    const [output] = await outputsOf(new WebAssembly.Module(module), [numbers])
    expect(output).to.deep.equal(Buffer.from(new Float64Array([3.25]).buffer))
  })
})
