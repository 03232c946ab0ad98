import { expect } from 'chai'
import { splitPoints } from '../src/dispute/split.ts'
import { TaskTrace } from '../src/dispute/trace.ts'
import type { MachineTask } from '../src/vm/engine.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { stepWithWitness } from '../src/vm/proof/stepWithWitness.ts'
import { ReferenceMachine } from '../src/vm/reference/machine.ts'
import { vmModules } from './helpers/vmModules.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { Random } from './helpers/vmStates.ts'
import { assemble } from './helpers/wasm.ts'

/** Writes all over three pages of memory, again and again. */
const writer = `(module (memory (export "memory") 3)
  (func (export "run") (local $i i32)
    (loop $next
      (i64.store (i32.and (i32.mul (local.get $i) (i32.const 4093)) (i32.const 0x1fff8)) (i64.extend_i32_u (local.get $i)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9000))))))`

const taskOf = (text: string, random: Random): MachineTask => ({
  program: translate(assemble(text)),
  input: random.bytes(700),
  shared: random.bytes(333),
  stepLimit: 100_000n,
  maxOutput: 800,
})

describe(`Trace of a task, VM_SEED=${vmSeed}`, () => {
  const random = new Random(vmSeed)

  for (const [name, text] of Object.entries({ ...vmModules, writer }))
    it(`should have the states of the reference machine, however a game narrows: ${name}`, async () => {
      const task = taskOf(text, random)
      const trace = new TaskTrace(task)
      const { steps } = await trace.finish()
      // claimed longer than it is: the ended state goes on
      let node = { from: 0n, to: steps + BigInt(random.below(40)) }
      const target = BigInt(random.below(Number(node.to)))
      while (node.to - node.from > 1n) {
        const points = splitPoints(node)
        // another machine goes on from the snapshots
        if (random.chance(50)) trace.release()
        const hashes = await trace.hashesAt(points)
        const plain = new ReferenceMachine(task)
        for (const [j, point] of points.entries())
          expect(hashes[j], `state ${point}`).to.equal(plain.runTo(Number(point)).stateHash())
        const at = points.findLastIndex((point) => point <= target)
        node = { from: points[at]!, to: points[at + 1]! }
      }
      trace.release()
      const { before, after } = stepWithWitness(await trace.witnessAt(target))
      expect([before, after]).to.deep.equal(await trace.hashesAt([target, target + 1n]))
    })

  /** Lets a game narrow to one step, at the 20th segment where there is one. */
  async function play(trace: TaskTrace, steps: bigint): Promise<void> {
    let node = { from: 0n, to: steps }
    while (node.to - node.from > 1n) {
      const points = splitPoints(node)
      await trace.hashesAt(points.slice(1, -1))
      const at = Math.min(20, points.length - 2)
      node = { from: points[at]!, to: points[at + 1]! }
    }
    await trace.witnessAt(node.from)
  }

  it('should execute the task once, then only the range that a game has come to', async () => {
    const trace = new TaskTrace(taskOf(writer, random))
    const { steps } = await trace.finish()
    const before = trace.executed
    await play(trace, steps)
    expect(Number(trace.executed - before)).to.be.below((Number(steps) * 32) / 31)
  })

  it('should keep within its memory, at the price of some steps', async () => {
    const task = taskOf(writer, random)
    const [free, bounded] = [new TaskTrace(task), new TaskTrace(task, { snapshotBytes: 150_000 })]
    const { steps } = await free.finish()
    for (const points of [splitPoints({ from: 0n, to: steps }), splitPoints({ from: 9_000n, to: 9_999n })]) {
      expect(await bounded.hashesAt(points)).to.deep.equal(await free.hashesAt(points))
      expect(bounded.snapshotBytes).to.be.at.most(150_000)
    }
    expect(free.snapshotBytes).to.be.above(500_000)
    await play(bounded, steps)
    expect(Number(bounded.executed)).to.be.below(3 * Number(steps))
  })

  it('should answer several games at once', async () => {
    const task = taskOf(writer, random)
    const trace = new TaskTrace(task)
    const plain = new ReferenceMachine(task)
    const [late, early, proof] = await Promise.all([
      trace.hashesAt([20_000n]),
      trace.hashesAt([100n, 30_000n]),
      trace.witnessAt(50n),
    ])
    expect(stepWithWitness(proof).before).to.equal(plain.runTo(50).stateHash())
    expect(early[0]).to.equal(plain.runTo(100).stateHash())
    expect(late).to.deep.equal([plain.runTo(20_000).stateHash()])
    expect(early[1]).to.equal(plain.runTo(30_000).stateHash())
  })

  it('should let others have their turn, and give up when they say so', async () => {
    class StopError extends Error {}
    const endless = `(module (memory (export "memory") 1) (func (export "run") (loop (br 0))))`
    const task = { ...taskOf(endless, random), stepLimit: 2n ** 40n }
    let pauses = 0
    const pause = async () => {
      pauses++
      if (pauses === 2) throw new StopError('enough')
    }
    const trace = new TaskTrace(task, { pause })
    const thrown = await trace.finish().catch((error: unknown) => error)
    expect(thrown).to.be.instanceOf(StopError)
    expect(trace.executed > 0n).to.equal(true)
    const before = trace.executed
    await trace.hashesAt([before])
    expect(trace.executed, 'what was executed is not lost').to.equal(before)
    expect(await trace.hashesAt([1_000n])).to.deep.equal([
      new ReferenceMachine(task).runTo(1_000).stateHash(),
    ])
  })
})
