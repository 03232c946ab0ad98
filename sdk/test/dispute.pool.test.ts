import { expect } from 'chai'
import { TracePool } from '../src/dispute/tracePool.ts'
import { TraceGivenUpError } from '../src/errors/dispute.ts'
import type { MachineTask } from '../src/vm/engine.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { rejection } from './helpers/rejection.ts'
import { assemble } from './helpers/wasm.ts'

const endless = translate(
  assemble(`(module (memory (export "memory") 1 1) (func (export "run") (loop (br 0))))`),
)
const none = new Uint8Array(0)
const task = (stepLimit: bigint): MachineTask => ({
  program: endless,
  input: none,
  shared: none,
  stepLimit,
  maxOutput: 0,
})
const owner = {}

describe('the traces that a driver keeps', () => {
  it('should execute the most urgent task first', async () => {
    const pool = new TracePool()
    const order: string[] = []
    const ask = async (name: string, index: number, deadline: number, steps: bigint) => {
      await pool.statesOf(owner, index, { deadline }, () => task(2n ** 40n)).hashesAt([steps])
      order.push(name)
    }
    await Promise.all([
      ask('later', 0, 300, 200_000_000n),
      ask('last', 1, 400, 10_000_000n),
      ask('urgent', 2, 200, 100_000_000n),
    ])
    expect(order).to.deep.equal(['urgent', 'later', 'last'])
  })

  it('should give the least urgent up where there are too many, and begin it again when asked', async () => {
    const pool = new TracePool({ size: 1 })
    const slow = pool.statesOf(owner, 0, { deadline: 300 }, () => task(2n ** 40n))
    const urgent = pool.statesOf(owner, 1, { deadline: 200 }, () => task(2n ** 40n))
    const asked = rejection(slow.hashesAt([2n ** 39n]), TraceGivenUpError)
    const [hash] = await urgent.hashesAt([1_000n])
    await asked
    expect(await slow.hashesAt([1_000n])).to.deep.equal([hash])
  })

  it('should let an idle one go before any that executes, and wait where all are more urgent', async () => {
    const pool = new TracePool({ size: 2 })
    const states = (index: number, deadline: number) =>
      pool.statesOf(owner, index, { deadline }, () => task(2n ** 40n))
    await states(0, 100).hashesAt([10n])
    const running = states(1, 100).hashesAt([150_000_000n])
    await states(2, 500).hashesAt([10n])
    const order: string[] = []
    await Promise.all([
      running.then(() => order.push('running')),
      states(2, 90)
        .hashesAt([100_000_000n])
        .then(() => order.push('more urgent')),
      states(3, 900)
        .hashesAt([10n])
        .then(() => order.push('waiting')),
    ])
    expect(order.indexOf('waiting')).to.be.greaterThan(order.indexOf('more urgent'))
  })

  it('should give up what nobody needs any more, and let the next one have its turn', async () => {
    const pool = new TracePool()
    let isOver = false
    const dead = pool.statesOf(owner, 0, { deadline: 1, isOver: () => isOver }, () => task(2n ** 40n))
    const asked = rejection(dead.hashesAt([2n ** 39n]), TraceGivenUpError)
    const alive = pool.statesOf(owner, 1, { deadline: 2 }, () => task(2n ** 40n)).hashesAt([100_000_000n])
    setTimeout(() => {
      isOver = true
    }, 50)
    await asked
    expect(await alive).to.have.lengthOf(1)
  })

  it('should go on from where an execution was given up, and keep the states of many tasks', async () => {
    const pool = new TracePool({ size: 1 })
    const states = (index: number, deadline: number) =>
      pool.statesOf(owner, index, { deadline }, () => task(2n ** 40n))
    const all = [0, 1, 2, 3, 4]
    const first = await Promise.all(all.map((index) => states(index, 100 + index).hashesAt([50_000_000n])))
    const again = await Promise.all(all.map((index) => states(index, 100 - index).hashesAt([50_000_000n])))
    expect(again).to.deep.equal(first)
  })
})
