/**
 * The integers of the machine against the engine of this process, the only independent judge: every instruction, on edges
 * and at random, executed alone.
 *
 *   FUZZ_SEED=42 npx hardhat test mocha test/vm/integers.test.ts               the same again
 *   ASSAY_FUZZ_CASES=5000 npx hardhat test mocha test/vm/integers.test.ts      more random cases for each instruction
 */
import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import type { OneStepHarness } from '../../types/ethers-contracts/index.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { Random } from '../model/random.ts'
import { type Case, edgeCases, randomCase } from './integerCases.ts'
import { type Execute, integerOpcodes, loadInstructions } from './numericModule.ts'

const CASES = Number(process.env.ASSAY_FUZZ_CASES ?? 200)
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32))

/** Cases of one call. */
const BATCH = 1_000

const deploy = () => ethers.deployContract('OneStepHarness')

describe('Integers of OneStepVM', () => {
  let harness: OneStepHarness
  let judge: ReadonlyMap<string, Execute>

  before(async () => {
    console.log(`    FUZZ_SEED=${SEED} ASSAY_FUZZ_CASES=${CASES}`)
    judge = await loadInstructions()
  })

  beforeEach(async () => {
    harness = await networkHelpers.loadFixture(deploy)
  })

  it('are 66 instructions', () => {
    expect(integerOpcodes.length).to.equal(66)
  })

  for (const opcode of integerOpcodes) {
    describe(`given ${opcode.name}`, () => {
      it('do what the engine does on every edge', async () => {
        await compare(opcode, edgeCases(opcode))
      })

      it('do what the engine does at random', async () => {
        const random = new Random(SEED ^ (opcode.code * 0x9e3779b1))
        await compare(
          opcode,
          Array.from({ length: CASES }, () => randomCase(random)),
        )
      })
    })
  }

  async function compare({ name, code }: { name: string; code: number }, cases: readonly Case[]) {
    const execute = judge.get(name)!
    for (let from = 0; from < cases.length; from += BATCH) {
      const batch = cases.slice(from, from + BATCH)
      const words = batch.flat().map((value) => value.toString(16).padStart(16, '0'))
      const answer = await harness.integers(code, `0x${words.join('')}`)
      const told = (index: number) => answer.slice(2 + 18 * index, 2 + 18 * (index + 1))
      for (const [index, [a, b]] of batch.entries()) {
        const expected = execute(a, b)
        const right = expected === undefined ? '01'.padEnd(18, '0') : expected.toString(16).padStart(18, '0')
        if (told(index) === right) continue
        const operands = `0x${a.toString(16)}, 0x${b.toString(16)}`
        expect.fail(`${name} of ${operands} is ${told(index)}, not ${right}, with FUZZ_SEED=${SEED}`)
      }
    }
  }
})
