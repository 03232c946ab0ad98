/** Decision 14: what takes several steps does in each of them what the reference machine does, at every alignment. */
import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import { instruction, jobOf, programOf } from '../../sdk/test/helpers/vmStates.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { Random } from '../model/random.ts'
import { deployOneStep, expectSameStep, type OneStep } from './oneStep.ts'

const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32))
const CASES = Number(process.env.ASSAY_FUZZ_CASES ?? 40)

type Range = { to: number; from: number; length: number }

/** Lengths around a leaf and two, at any alignment; often overlapping, in both directions. */
function randomRange(random: Random): Range {
  const to = random.int(0, 400)
  const from = random.pick([
    to,
    to + 128,
    to + random.int(1, 300),
    Math.max(0, to - random.int(1, 300)),
    random.int(0, 400),
  ])
  return { to, from, length: random.pick([0, 1, 127, 128, 129, 255, 256, 257, random.int(2, 300)]) }
}

/** As docs/vm/machine.md counts. */
function stepsOf({ to, from, length }: Range, reads: boolean): number {
  if (length === 0) return 1
  const [a, b] = [to, from].map((start) => ((start % 128) + length - 1) >> 7) as [number, number]
  return 1 + a + (reads && to % 128 !== from % 128 ? b : 0)
}

describe('Instructions of several steps', () => {
  let vm: OneStep

  before(async () => {
    console.log(`    FUZZ_SEED=${SEED} ASSAY_FUZZ_CASES=${CASES}`)
    ;({ vm } = await networkHelpers.loadFixture(deployOneStep))
  })

  for (const name of ['memory_copy', 'memory_fill', 'input_read', 'output_write']) {
    it(`take as many as the formula says, with ${name} (decision 14)`, async () => {
      const random = new Random(SEED)
      const bytes = (length: number) => Uint8Array.from({ length }, () => random.int(0, 255))
      for (let index = 0; index < CASES; index++) {
        const range = randomRange(random)
        const program = programOf([instruction(name, { a: 1, b: 2, c: 3, d: 4 })])
        const machine = new ReferenceMachine(jobOf(program, { input: bytes(1_000) }))
        machine.memory.write(0, bytes(1_000))
        if (name === 'output_write') {
          machine.output.write(0, bytes(range.to))
          machine.outputLength = range.to
        }
        setOperands(machine, name, range)
        let steps = 0
        for (; machine.pc === 0; steps++)
          await expectSameStep(
            vm,
            machine,
            () => `${name} of ${JSON.stringify(range)} at rep ${machine.rep}, FUZZ_SEED=${SEED}`,
          )
        expect(machine.ending).to.equal(undefined)
        expect(steps, JSON.stringify(range)).to.equal(stepsOf(range, name !== 'memory_fill'))
      }
    })
  }

  function setOperands(machine: ReferenceMachine, name: string, { to, from, length }: Range): void {
    const operands = [to, name === 'memory_fill' ? 0x5a : from, length].map(BigInt)
    for (const [index, value] of operands.entries()) machine.frame.setValue(index + 1, value)
    const args = name === 'input_read' ? [0, from, to, length] : name === 'output_write' ? [from, length] : []
    for (const [index, value] of args.entries()) machine.args.setValue(index, BigInt(value))
  }
})
