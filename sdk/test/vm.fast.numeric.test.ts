import { expect } from 'chai'
import { FastMachine } from '../src/vm/fast/machine.ts'
import { flag, opcodes } from '../src/vm/isa.ts'
import { compute } from '../src/vm/reference/numeric.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { instruction, jobOf, programOf, Random, randomValue } from './helpers/vmStates.ts'

const cases = Number(process.env.VM_CASES ?? 200)

/** Slot 0 ← the instruction, its operands in slots 1 and 2 or constants as the flags say. */
function variants(name: string, x: bigint, y: bigint): Uint8Array[] {
  const flags = [0, flag.constantA, flag.constantB, flag.constantA | flag.constantB]
  return flags.map((flags) => instruction(name, { flags, d: 0, a: 1, b: 2, x, y }))
}

const value = (random: Random) => BigInt.asUintN(64, randomValue(random))

function moves(x: bigint, y: bigint): Uint8Array[] {
  return [
    instruction('move', { flags: flag.constantA, d: 1, x }),
    instruction('move', { flags: flag.constantA, d: 2, x: y }),
  ]
}

describe(`numeric instructions of the fast machine, VM_SEED=${vmSeed} VM_CASES=${cases}`, () => {
  const machine = new FastMachine()

  for (const { name, code, form } of opcodes) {
    if (form !== 'unary' && form !== 'binary') continue
    it(`${name} gives what the reference gives, in every form of its operands`, () => {
      const random = new Random(vmSeed + code)
      const words: Uint8Array[] = []
      const expected: { step: number; text: string; value: bigint }[] = []
      for (let i = 0; i < cases; i++) {
        const [x, y] = [value(random), value(random)]
        const result = compute(code, x, y)
        const text = `${name} of 0x${x.toString(16)} and 0x${y.toString(16)}`
        if (typeof result !== 'string') {
          words.push(...moves(x, y))
          for (const word of variants(name, x, y)) {
            words.push(word)
            expected.push({ step: words.length, text, value: result })
          }
          continue
        }
        for (const word of variants(name, x, y)) {
          const ending = machine.load(jobOf(programOf([...moves(x, y), word]))).finish()
          expect(ending, text).to.include({ status: 'trapped', steps: 3n, trap: result })
        }
      }
      machine.load(jobOf(programOf(words), { stepLimit: 10n ** 9n }))
      for (const { step, text, value } of expected)
        expect(machine.runTo(BigInt(step)).readSlots()[0], text).to.equal(value)
    })
  }
})
