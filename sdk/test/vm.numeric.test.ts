import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { hexToBigInt, slice } from 'viem'
import { op } from '../src/vm/isa.ts'
import { compute } from '../src/vm/reference/numeric.ts'
import { seed, seeded } from './helpers/property.ts'
import { fields } from './helpers/vectors.ts'
import { canonical, nativeInstructions } from './helpers/vmNumeric.ts'
import { edges, Random } from './helpers/vmStates.ts'

const cases = Number(process.env.FUZZ_RUNS ?? 200)
const vectors = JSON.parse(readFileSync(new URL('../../test/vectors/vm.json', import.meta.url), 'utf8'))
const native = nativeInstructions()

const shown = (bits: bigint | string | undefined) =>
  typeof bits === 'bigint' ? `0x${bits.toString(16)}` : 'trap'

/** Operands of one kind or of mixed kinds: edges, floats near each other, anything. */
function operands(random: Random): [bigint, bigint] {
  const a = random.chance(60) ? random.pick(edges) : random.chance(50) ? random.u64() : BigInt(random.next())
  switch (random.below(4)) {
    case 0:
      return [a, BigInt.asUintN(64, a + BigInt(random.below(5)) - 2n)]
    case 1:
      return [a, random.u64()]
    case 2:
      return [a, BigInt(random.next())]
    default:
      return [a, random.pick(edges)]
  }
}

describe('Numeric instructions of the machine', () => {
  for (const [name, judge] of native) {
    const expectSame = (a: bigint, b: bigint) => {
      const outcome = compute(op(name), a, b)
      const judged = judge(a, b)
      const text = `${name} ${shown(a)} ${shown(b)}`
      const expected = judged === undefined ? undefined : canonical(name, judged)
      expect(shown(outcome), text).to.equal(shown(expected))
    }

    it(`${name} should give what WebAssembly gives on edges`, () => {
      for (const a of edges) for (const b of [0n, a, edges[1]!, edges[31]!]) expectSame(a, b)
    })

    it(seeded(`${name} should give what WebAssembly gives on random operands`), () => {
      const random = new Random(seed)
      for (let run = 0; run < cases; run++) expectSame(...operands(random))
    })

    it(`${name} should agree with the vectors`, () => {
      for (const row of fields(vectors.numeric[name], 25)) {
        const outcome = compute(op(name), hexToBigInt(slice(row, 0, 8)), hexToBigInt(slice(row, 8, 16)))
        const expected = hexToBigInt(slice(row, 16, 17)) === 1n ? undefined : hexToBigInt(slice(row, 17))
        expect(shown(outcome)).to.equal(shown(expected))
      }
    })
  }

  it('should name the reason of a trap as WebAssembly’s own suite does', () => {
    const reason = (name: string, a: bigint, b = 0n) => compute(op(name), a, b)
    expect(reason('i32.div_u', 1n)).to.equal('integer divide by zero')
    expect(reason('i64.rem_s', 1n)).to.equal('integer divide by zero')
    expect(reason('i32.div_s', 0x8000_0000n, 0xffff_ffffn)).to.equal('integer overflow')
    expect(reason('i32.trunc_f32_s', 0x7fc0_0000n)).to.equal('invalid conversion to integer')
    expect(reason('i32.trunc_f32_s', 0x7f80_0000n)).to.equal('integer overflow')
  })
})
