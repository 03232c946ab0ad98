/**
 * OneStepVM against the reference machine: whole witnesses of machines in random states, each instruction by itself.
 *
 *   FUZZ_SEED=42 npx hardhat test mocha test/vm/steps.test.ts              the same again
 *   ASSAY_FUZZ_CASES=1000 npx hardhat test mocha test/vm/steps.test.ts     more cases for each instruction
 *   ASSAY_FUZZ_BATCHED=5000 npx hardhat test mocha test/vm/steps.test.ts   more in batches, for those that are not numeric
 */
import { randomInt } from 'node:crypto'
import { opcodes } from '../../sdk/src/vm/isa.ts'
import { Random, randomMachine, randomWord } from '../../sdk/test/helpers/vmStates.ts'
import type { OneStepHarness } from '../../types/ethers-contracts/index.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { deployOneStep, expectSameStep, expectSameSteps, type OneStep } from './oneStep.ts'

const CASES = Number(process.env.ASSAY_FUZZ_CASES ?? 20)
const BATCHED = Number(process.env.ASSAY_FUZZ_BATCHED ?? 180)
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32))

const deploy = async () => ({
  ...(await deployOneStep()),
  harness: await ethers.deployContract('OneStepHarness'),
})

describe('OneStepVM', () => {
  let vm: OneStep
  let harness: OneStepHarness

  before(async () => {
    console.log(`    FUZZ_SEED=${SEED} ASSAY_FUZZ_CASES=${CASES} ASSAY_FUZZ_BATCHED=${BATCHED}`)
    ;({ vm, harness } = await networkHelpers.loadFixture(deploy))
  })

  for (const { name, code } of opcodes) {
    // OS-1
    it(`goes where the reference machine goes with ${name}`, async () => {
      const random = new Random(SEED ^ (code * 0x9e3779b1))
      for (let index = 0; index < CASES; index++) {
        const machine = randomMachine(random, randomWord(random, name))
        await expectSameStep(vm, machine, () => `${name}, case ${index} with FUZZ_SEED=${SEED}`)
      }
    })
  }

  // V8 judges the numeric ones: integers.test.ts and float.test.ts
  for (const { name, code, form } of opcodes) {
    if (form === 'unary' || form === 'binary') continue
    it(`goes where the reference machine goes with many of ${name}`, async function () {
      // 2 ms each on a quiet machine; that a machine is busy is no mistake
      this.timeout(20_000 + 100 * BATCHED)
      const random = new Random(SEED ^ (code * 0x85ebca6b))
      function* machines() {
        for (let index = 0; index < BATCHED; index++) yield randomMachine(random, randomWord(random, name))
      }
      const told = (index: number) => `${name}, batched case ${index} with FUZZ_SEED=${SEED}`
      await expectSameSteps(harness, vm, machines(), told)
    })
  }

  // OS-2
  it('goes where the reference machine goes with any word in any state', async () => {
    const random = new Random(SEED)
    for (let index = 0; index < 10 * CASES; index++) {
      const machine = randomMachine(random, randomWord(random))
      await expectSameStep(vm, machine, () => `case ${index} with FUZZ_SEED=${SEED}`)
      // what comes next may be any instruction, or the state of an end
      await expectSameStep(vm, machine, () => `after case ${index} with FUZZ_SEED=${SEED}`)
    }
  })
})
