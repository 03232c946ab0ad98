import { expect } from 'chai'
import { bodies, handMade } from '../../sdk/test/helpers/wasm.ts'
import { Builder } from '../src/executor/builder.ts'
import { buildsOf } from '../src/executor/builds.ts'
import { ExecutorClosedError } from '../src/executor/errors.ts'
import { createExecutor } from '../src/executor/pool.ts'

/** Reads and writes memory so often: 13 bytes each. */
const long = (times: number, ...last: number[]) =>
  handMade({
    code: bodies([
      ...Array(times).fill([0x41, 0, 0x41, 0, 0x28, 2, 0, 0x41, 3, 0x6a, 0x36, 2, 0]).flat(),
      ...last,
      0x0b,
    ]),
  })
const small = long(10)
const large = long(20_000)
/** Drops what is not there. */
const bad = long(20_000, 0x1a)

describe('building programs', () => {
  let builder: Builder
  beforeEach(() => {
    builder = new Builder()
  })
  afterEach(() => builder.close())

  for (const [title, wasm] of Object.entries({ small, large }))
    it(`gives the same for a ${title} one, in this thread or another`, async () => {
      expect(await builder.build(wasm)).to.deep.equal(buildsOf(wasm))
    })

  it('leaves this thread free while it is at a large one', async () => {
    let turns = 0
    const turn = setInterval(() => turns++)
    await builder.build(large)
    clearInterval(turn)
    expect(turns).to.be.greaterThan(0)
  })

  it('builds once for all who ask at the same time, and takes views of something larger', async () => {
    const view = new Uint8Array([9, ...large, 9]).subarray(1, -1)
    const [first, second] = await Promise.all([
      builder.build(view),
      builder.build(view),
      builder.build(large),
    ])
    expect(first).to.equal(second)
    expect(first).to.deep.equal(buildsOf(large))
  })

  it('tells why a large one is refused, and goes on', async () => {
    const error = await builder.build(bad).catch((reason: unknown) => reason)
    expect(error).to.have.property('name', 'InvalidProgramError')
    expect(await builder.build(large)).to.have.property('fastLength')
  })

  it('rejects what is not done when it is closed, and everything afterwards', async () => {
    const building = builder.build(large).catch((reason: unknown) => reason)
    await builder.close()
    expect(await building).to.be.instanceOf(ExecutorClosedError)
    expect(await builder.build(large).catch((reason: unknown) => reason)).to.be.instanceOf(
      ExecutorClosedError,
    )
  })

  it('serves the executor', async () => {
    const executor = createExecutor({ slots: 1 })
    const { programId } = buildsOf(large).info
    const task = { input: new Uint8Array(0), maxOutput: 0, stepLimit: 1_000_000n, wallTimeMs: 20_000 }
    const outcome = await executor.run({ ...task, programId, program: large })
    expect(outcome).to.include({ status: 'halted', engine: 'native' })
    await executor.close()
  })
})
