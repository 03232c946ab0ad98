import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Hex, hexToBigInt, slice } from 'viem'
import { FastMachine } from '../src/vm/fast/machine.ts'
import { flag, opcodes } from '../src/vm/isa.ts'
import { compute } from '../src/vm/reference/numeric.ts'
import { fields } from './helpers/vectors.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { instruction, jobOf, programOf, Random, randomValue } from './helpers/vmStates.ts'

const cases = Number(process.env.VM_CASES ?? 200)
const vectors = JSON.parse(readFileSync(new URL('../../test/vectors/vm.json', import.meta.url), 'utf8'))

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

/** An instruction on two operands: its result, or why it traps, or `undefined` for any trap. */
type Case = { x: bigint; y: bigint; result: bigint | string | undefined }

describe(`numeric instructions of the fast machine, VM_SEED=${vmSeed} VM_CASES=${cases}`, () => {
  const machine = new FastMachine()

  function compare(name: string, cases: readonly Case[]): void {
    const words: Uint8Array[] = []
    const expected: { step: number; text: string; value: bigint }[] = []
    for (const { x, y, result } of cases) {
      const text = `${name} of 0x${x.toString(16)} and 0x${y.toString(16)}`
      if (typeof result === 'bigint') {
        words.push(...moves(x, y))
        for (const word of variants(name, x, y)) {
          words.push(word)
          expected.push({ step: words.length, text, value: result })
        }
        continue
      }
      for (const word of variants(name, x, y)) {
        const ending = machine.load(jobOf(programOf([...moves(x, y), word]))).finish()
        expect(ending, text).to.include({ status: 'trapped', steps: 3n })
        if (result !== undefined) expect(ending.trap, text).to.equal(result)
      }
    }
    machine.load(jobOf(programOf(words), { stepLimit: 10n ** 9n }))
    for (const { step, text, value } of expected)
      expect(machine.runTo(BigInt(step)).readSlots()[0], text).to.equal(value)
  }

  for (const { name, code, form } of opcodes) {
    if (form !== 'unary' && form !== 'binary') continue
    it(`${name} gives what the reference gives, in every form of its operands`, () => {
      const random = new Random(vmSeed + code)
      const drawn = Array.from({ length: cases }, () => ({ x: value(random), y: value(random) }))
      compare(
        name,
        drawn.map(({ x, y }) => ({ x, y, result: compute(code, x, y) })),
      )
    })

    it(`${name} gives what the vectors say, in every form of its operands`, () => {
      const at = (row: Hex, from: number) => hexToBigInt(slice(row, from, from + 8))
      const rows = fields(vectors.numeric[name], 25).map((row) => ({
        x: at(row, 0),
        y: at(row, 8),
        result: slice(row, 16, 17) === '0x01' ? undefined : at(row, 17),
      }))
      expect(rows.length).to.be.greaterThan(20)
      compare(name, rows)
    })
  }
})
