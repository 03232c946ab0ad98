/**
 * Witnesses that are not those of the state: every one is refused, none makes a machine trap.
 */
import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { machineAt, type Scale, usual } from '../../bench/vm/states.ts'
import { opcodes } from '../../sdk/src/vm/isa.ts'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import type { OneStepHarness } from '../../types/ethers-contracts/index.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { Random } from '../model/random.ts'
import { deployOneStep, hex, type OneStep } from './oneStep.ts'

const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32))

/** Changed witnesses that are tried in one call. */
const BATCH = 200

/** An instruction of each way to read a witness. */
const SAMPLES = [
  ...[
    'i32.add',
    'f64.add',
    'select',
    'i64.load',
    'i64.store',
    'call',
    'call_indirect',
    'return',
    'arg',
    'result',
  ],
  ...[
    'global_set',
    'memory_copy',
    'memory_fill',
    'input_size',
    'input_read',
    'output_write',
    'exit',
    'unreachable',
  ],
]

const deploy = async () => ({
  ...(await deployOneStep()),
  harness: await ethers.deployContract('OneStepHarness'),
})

const opcodeOf = (name: string) => opcodes.find((opcode) => opcode.name === name)!
const sample = (name: string) => {
  const machine = machineAt(opcodeOf(name), usual)
  return { state: machine.stateHash(), bytes: witness(machine), machine }
}

// OS-4
describe('Witnesses of OneStepVM (decision 9)', () => {
  let vm: OneStep
  let harness: OneStepHarness

  before(async () => {
    console.log(`    FUZZ_SEED=${SEED}`)
    ;({ vm, harness } = await networkHelpers.loadFixture(deploy))
  })

  for (const name of SAMPLES) {
    describe(`given that of a step with ${name}`, () => {
      const { state, bytes } = sample(name)
      const mask = new Random(SEED ^ (opcodeOf(name).code * 0x9e3779b1)).int(1, 255)

      it('accepts it as it is', async () => {
        const { machine } = sample(name)
        machine.step()
        expect(await vm.step(state, bytes)).to.equal(machine.stateHash())
      })

      it(`refuses it with any byte changed by ${mask}, with FUZZ_SEED=${SEED}`, async () => {
        for (let from = 0; from < bytes.length; from += BATCH) {
          const to = Math.min(from + BATCH, bytes.length)
          const changes = [from, to, ethers.toBeHex(mask)] as const
          expect(await harness.flips(vm, state, bytes, ...changes), `${from} to ${to}`).to.equal(0)
        }
      })

      it('refuses it cut off anywhere', async () => {
        for (let from = 0; from < bytes.length; from += BATCH) {
          const to = Math.min(from + BATCH, bytes.length)
          expect(await harness.truncations(vm, state, bytes, from, to), `${from} to ${to}`).to.equal(0)
        }
      })

      it('refuses it with bytes behind it', async () => {
        for (const more of ['00', '01', '00'.repeat(32)])
          await expect(vm.step(state, hex(bytes) + more))
            .to.be.revertedWithCustomError(vm, 'OneStepVMWitnessTooLong')
            .withArgs(bytes.length + more.length / 2, bytes.length)
      })

      it('refuses it for another state', async () => {
        const other = ethers.keccak256(state)
        await expect(vm.step(other, bytes))
          .to.be.revertedWithCustomError(vm, 'OneStepVMOtherState')
          .withArgs(other, state)
      })
    })
  }

  // the same place in the witness of another step, job, program or instruction
  const others: Record<string, Scale> = {
    'another step': { ...usual, steps: usual.steps + 1n, stack: usual.stack - 5 },
    'another job': { ...usual, inputs: 2 ** 15 },
    'another program': { ...usual, memory: 2 ** 19, table: 2 ** 12, entry: 78 },
    'another place': { ...usual, pc: usual.pc + 4, at: { ...usual.at, a: 4 } },
  }
  for (const [which, scale] of Object.entries(others)) {
    for (const name of SAMPLES) {
      it(`are refused with any field from the witness of ${which}, with ${name}`, async () => {
        const { state, bytes } = sample(name)
        const other = witness(machineAt(opcodeOf(name), scale))
        expect(hex(other)).not.to.equal(hex(bytes))
        for (const size of [4, 32]) {
          const end = Math.min(bytes.length, other.length) - size
          for (let from = 0; from < end; from += BATCH) {
            const to = Math.min(from + BATCH, end)
            const accepted = await harness.replacements(vm, state, bytes, other, size, from, to)
            expect(accepted, `${from} to ${to}`).to.equal(0)
          }
        }
      })
    }
  }
})
