import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { artifacts } from 'hardhat'
import { largest, machineAt } from '../../bench/vm/states.ts'
import type { StepGas } from '../../bench/vm/stepGas.ts'
import { opcodes } from '../../sdk/src/vm/isa.ts'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import { ethers, hasProbes, networkHelpers } from '../helpers/chain.ts'
import { deployOneStep, hex } from './oneStep.ts'

/** What a transaction with one step may cost, by the instructions with the longest witnesses. */
const MOST = 180_000n
const LONGEST = ['memory_copy', 'input_read', 'i64.load', 'i64.store', 'output_write', 'call_indirect']

describe('A step on-chain', () => {
  it('fits in contracts', async () => {
    for (const name of ['OneStepVM', 'OneStepFloat']) {
      const { deployedBytecode } = await artifacts.readArtifact(name)
      expect(ethers.dataLength(deployedBytecode), name).to.be.below(hasProbes ? Infinity : 24_576)
    }
  })

  for (const name of LONGEST) {
    // OS-7
    it(`costs at most ${MOST} gas with ${name} in the largest state`, async function () {
      if (hasProbes) this.skip()
      const { vm } = await networkHelpers.loadFixture(deployOneStep)
      const machine = machineAt(opcodes.find((opcode) => opcode.name === name)!, largest)
      const bytes = witness(machine)
      expect(bytes.length).to.be.below(3_900)
      const [sender] = await ethers.getSigners()
      const data = vm.interface.encodeFunctionData('step', [machine.stateHash(), hex(bytes)])
      const sent = await sender!.sendTransaction({ to: vm, data })
      expect((await sent.wait())!.gasUsed).to.be.at.most(MOST)
    })
  }

  // OS-7
  it('costs what bench/vm.json says, at most 180,000 and most often 110,000 gas', () => {
    const { stepGas }: { stepGas: StepGas } = JSON.parse(
      readFileSync(new URL('../../bench/vm.json', import.meta.url), 'utf8'),
    )
    expect(Object.keys(stepGas.byInstruction)).to.deep.equal(opcodes.map(({ name }) => name))
    expect(stepGas.worst).to.be.at.most(Number(MOST))
    expect(stepGas.greatestTypical).to.be.at.most(110_000)
  })
})
