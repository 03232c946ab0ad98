/**
 * The soft floats against the engine of this process, the only independent judge: every instruction, on edges and at random.
 *
 *   FUZZ_SEED=42 npx hardhat test mocha test/vm/float.test.ts                  the same again
 *   ASSAY_FUZZ_CASES=100000 npx hardhat test mocha test/vm/float.test.ts       more random cases for each instruction
 */
import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { artifacts } from 'hardhat'
import type { FloatHarness } from '../../types/ethers-contracts/index.ts'
import { ethers, hasProbes, networkHelpers } from '../helpers/chain.ts'
import { Random } from '../model/random.ts'
import { type Case, edgeCases, randomCase } from './floatCases.ts'
import { type Execute, floatOpcodes, loadInstructions, type NumericOpcode } from './numericModule.ts'

const CASES = Number(process.env.ASSAY_FUZZ_CASES ?? 250)
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32))

/** Cases of one call. */
const BATCH = 1_000

/** What one instruction may cost, the call included. */
const MOST_GAS = 5_000n

type Outcome = { result: bigint; isTrap: boolean; gas: bigint }

const deploy = () => ethers.deployContract('FloatHarness')

// OS-6
describe('OneStepFloat', () => {
  let harness: FloatHarness
  let judge: ReadonlyMap<string, Execute>

  before(async () => {
    console.log(`    FUZZ_SEED=${SEED} ASSAY_FUZZ_CASES=${CASES}`)
    judge = await loadInstructions()
  })

  beforeEach(async () => {
    harness = await networkHelpers.loadFixture(deploy)
  })

  for (const opcode of floatOpcodes) {
    describe(`given ${opcode.name}`, () => {
      it('does what the engine does on every edge', async () => {
        await compare(opcode, edgeCases(opcode.operand, opcode.form === 'binary'))
      })

      it('does what the engine does at random', async () => {
        const random = new Random(SEED ^ (opcode.code * 0x9e3779b1))
        for (let left = CASES; left > 0; left -= BATCH) {
          const count = Math.min(left, BATCH)
          await compare(
            opcode,
            Array.from({ length: count }, () => randomCase(random, opcode.operand)),
          )
        }
      })
    })
  }

  describe('given a NaN (decision 17)', () => {
    const F32_NANS = [0x7f800001n, 0x7fc00000n, 0x7fedcba9n, 0xff800001n, 0xffc00000n, 0xffffffffn]
    const F64_NANS = [
      ...[0x7ff0000000000001n, 0x7ff8000000000000n, 0x7ffdcba987654321n],
      ...[0xfff0000000000001n, 0xfff8000000000000n, 0xffffffffffffffffn],
    ]
    const COMPUTED = 'add sub mul div sqrt min max ceil floor trunc nearest'.split(' ')
    const one = { f32: 0x3f800000n, f64: 0x3ff0000000000000n }
    const both = COMPUTED.flatMap((name) => [`f32.${name}`, `f64.${name}`])

    for (const name of [...both, 'f32.demote_f64', 'f64.promote_f32']) {
      it(`yields the one NaN of its type from ${name}`, async () => {
        const { code, type, operand, form } = floatOpcodes.find((opcode) => opcode.name === name)!
        const nans = operand === 'f32' ? F32_NANS : F64_NANS
        const sides = (nan: bigint, other: bigint): Case[] =>
          form === 'unary'
            ? [[nan, 0n]]
            : [
                [nan, other],
                [other, nan],
                [nan, nan],
              ]
        const cases = nans.flatMap((nan) => sides(nan, one[operand === 'f32' ? 'f32' : 'f64']))
        const results = (await executeAll(code, cases)).map(({ result }) => result)
        expect(new Set(results)).to.deep.equal(new Set([type === 'f32' ? 0x7fc00000n : 0x7ff8000000000000n]))
      })
    }

    it('keeps its payload in abs, neg and copysign', async () => {
      const resultOf = async (name: string, a: bigint, b: bigint) => {
        const { code } = floatOpcodes.find((opcode) => opcode.name === name)!
        return (await executeAll(code, [[a, b]]))[0]!.result
      }
      expect(await resultOf('f32.abs', 0xff812345n, 0n)).to.equal(0x7f812345n)
      expect(await resultOf('f32.neg', 0xff812345n, 0n)).to.equal(0x7f812345n)
      expect(await resultOf('f32.neg', 0x7f812345n, 0n)).to.equal(0xff812345n)
      expect(await resultOf('f32.copysign', 0x7f812345n, 0x80000000n)).to.equal(0xff812345n)
      expect(await resultOf('f32.copysign', one.f32, 0xff812345n)).to.equal(0xbf800000n)
      expect(await resultOf('f64.abs', 0xfff0000012345678n, 0n)).to.equal(0x7ff0000012345678n)
      expect(await resultOf('f64.neg', 0x7ff0000012345678n, 0n)).to.equal(0xfff0000012345678n)
      expect(await resultOf('f64.copysign', 0x7ff0000012345678n, 1n << 63n)).to.equal(0xfff0000012345678n)
    })
  })

  it('knows 66 instructions, and refuses any other number', async () => {
    const oneStep = await ethers.getContractAt('OneStepFloat', await harness.oneStep())
    const known = new Set(floatOpcodes.map(({ code }) => code))
    expect(known.size).to.equal(66)
    for (let code = 0; code < 256; code++) {
      if (known.has(code)) await oneStep.execute(code, 0, 0)
      else
        await expect(oneStep.execute(code, 0, 0))
          .to.be.revertedWithCustomError(oneStep, 'OneStepFloatUnknownOpcode')
          .withArgs(code)
    }
  })

  it('fits in a contract', async () => {
    const { deployedBytecode } = await artifacts.readArtifact('OneStepFloat')
    expect(ethers.dataLength(deployedBytecode)).to.be.below(hasProbes ? Infinity : 24_576)
  })

  async function compare(opcode: NumericOpcode, cases: readonly Case[]): Promise<void> {
    const expected = judge.get(opcode.name)!
    for (let from = 0; from < cases.length; from += BATCH) {
      const batch = cases.slice(from, from + BATCH)
      const outcomes = await executeAll(opcode.code, batch)
      for (const [index, { result, isTrap, gas }] of outcomes.entries()) {
        const [a, b] = batch[index]!
        const told = () => `${opcode.name} of ${hex(a)}, ${hex(b)} with FUZZ_SEED=${SEED}`
        const right = expected(a, b)
        if (result !== (right ?? 0n) || isTrap !== (right === undefined)) {
          expect.fail(
            `${told()}: ${isTrap ? 'trap' : hex(result)}, not ${right === undefined ? 'trap' : hex(right)}`,
          )
        }
        if (gas > MOST_GAS && !hasProbes) expect.fail(`${told()} costs ${gas} gas`)
      }
    }
  }

  async function executeAll(code: number, cases: readonly Case[]): Promise<Outcome[]> {
    const words = cases.flat().map((value) => value.toString(16).padStart(16, '0'))
    const data = harness.interface.encodeFunctionData('executeMany', [code, `0x${words.join('')}`])
    const answer = await ethers.provider.call({ to: harness, data })
    // in an array's answer, the words follow its place and its length
    return cases.map((_, index) => {
      const word = BigInt(`0x${answer.slice(2 + 64 * (index + 2), 2 + 64 * (index + 3))}`)
      return { result: word & ((1n << 64n) - 1n), isTrap: ((word >> 64n) & 1n) === 1n, gas: word >> 128n }
    })
  }
})

const hex = (value: bigint) => `0x${value.toString(16).padStart(16, '0')}`
