// OS-5: a call that fails makes the step revert, and never trap.
import { expect } from 'chai'
import { machineAt, usual } from '../../bench/vm/states.ts'
import { opcodes } from '../../sdk/src/vm/isa.ts'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import { ethers, hasProbes, networkHelpers } from '../helpers/chain.ts'
import { deployOneStep, hex } from './oneStep.ts'

const step = (name: string) => {
  const machine = machineAt(opcodes.find((opcode) => opcode.name === name)!, usual)
  const [state, bytes] = [machine.stateHash(), hex(witness(machine))]
  machine.step()
  return { state, bytes, next: machine.stateHash() }
}

describe('OneStepVM, when the call for a float fails', () => {
  for (const name of ['f64.sqrt', 'i32.trunc_f64_s', 'f32.eq']) {
    it(`gives the right state of ${name} or none, with however little gas`, async function () {
      if (hasProbes) this.skip()
      const { vm } = await networkHelpers.loadFixture(deployOneStep)
      const { state, bytes, next } = step(name)
      const data = vm.interface.encodeFunctionData('step', [state, bytes])
      const caller = await ethers.deployContract('OneStepHarness')
      const outcomes = await caller.withLittleGas(vm, data, 20_000, 40_000, 50)
      const seen = new Set(outcomes)
      expect(seen).to.deep.equal(new Set([ethers.ZeroHash, next]))
      expect(outcomes.indexOf(next)).to.equal(outcomes.lastIndexOf(ethers.ZeroHash) + 1)
    })
  }

  it('reverts where there is no such contract, or one that does not know the call', async () => {
    const [someone] = await ethers.getSigners()
    const other = await ethers.deployContract('OneStepHarness')
    const { state, bytes } = step('f64.sqrt')
    for (const address of [someone!.address, await other.getAddress()]) {
      const vm = await ethers.deployContract('OneStepVM', [address])
      expect(await vm.float()).to.equal(address)
      await expect(vm.step(state, bytes)).to.be.revert(ethers)
    }
  })
})
