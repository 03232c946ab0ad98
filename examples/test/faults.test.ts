import { expect } from 'chai'
import { type Fault, faultInput } from '../faults/requests.ts'
import { loadProgram } from '../programs.ts'
import { type Ending, runTask } from './host.ts'

const bytes = (...values: number[]) => Buffer.from(values)

describe('faults program', () => {
  let module: WebAssembly.Module

  const ask = (fault: Fault, amount?: number, maxOutput?: number) =>
    runTask(module, { input: faultInput(fault, amount), maxOutput })

  before(async () => {
    module = new WebAssembly.Module(await loadProgram('faults'))
  })

  it('echoes when asked to behave', async () => {
    const expected: Ending = { status: 'halted', exitCode: 0, output: bytes(0, 7, 0, 0, 0) }
    expect(await ask('echo', 7)).to.deep.equal(expected)
  })

  for (const [fault, reason] of [
    ['trap', /unreachable/],
    ['address', /out of memory/],
    ['divide', /divide by zero/],
    ['recurse', /call stack/],
  ] as const) {
    it(`traps on ${fault}`, async () => {
      const ending = await ask(fault)
      expect(ending.status === 'trapped' && ending.reason).to.match(reason)
    })
  }

  it('exits with the code asked for, keeping its output', async () => {
    for (const code of [0, 1, 0xffffffff]) {
      expect(await ask('exit', code)).to.deep.equal({ status: 'halted', exitCode: code, output: bytes(3) })
    }
  })

  it('writes as much as asked, and traps beyond the limit', async () => {
    const ending = await ask('write', 100_000, 100_000)
    expect(ending.status === 'halted' && ending.output.length).to.equal(100_000)
    expect(await ask('write', 100_001, 100_000)).to.include({ status: 'trapped', reason: 'output limit' })
  })

  it('grows memory up to its maximum', async () => {
    expect(await ask('grow', 254)).to.deep.include({ status: 'halted', output: bytes(2, 0, 0, 0) })
    expect(await ask('grow', 255)).to.deep.include({ status: 'halted', output: bytes(255, 255, 255, 255) })
  })

  it('exits with 255 when it does not know what to do', async () => {
    for (const input of [new Uint8Array(), bytes(99)]) {
      expect(await runTask(module, { input })).to.deep.include({ status: 'halted', exitCode: 255 })
    }
  })
})
