import { expect } from 'chai'
import { loadProgram } from '../programs.ts'
import { tinyInputs, tinyOutput } from '../tiny/mix.ts'
import { outputsOf, runTask } from './host.ts'

describe('tiny program', () => {
  let module: WebAssembly.Module

  before(async () => {
    module = new WebAssembly.Module(await loadProgram('tiny'))
  })

  it('hashes inputs of every length up to 64 bytes', async () => {
    const inputs = Array.from({ length: 65 }, (_, length) => new Uint8Array(length).fill(0xa5 ^ length))
    expect((await outputsOf(module, inputs)).map((output) => new Uint8Array(output))).to.deep.equal(
      inputs.map(tinyOutput),
    )
  })

  it('answers different tasks differently', async () => {
    const outputs = await outputsOf(module, tinyInputs(200))
    expect(new Set(outputs.map((output) => Buffer.from(output).toString('hex')))).to.have.property(
      'size',
      200,
    )
  })

  it('exits with code 1 on a longer input', async () => {
    const ending = await runTask(module, { input: new Uint8Array(65) })
    expect(ending).to.deep.include({ status: 'halted', exitCode: 1 })
  })
})
