// OS-4: a sibling that is an empty tree may be left out or written out, and nothing else about a proof is free.
import { expect } from 'chai'
import { machineAt, usual } from '../../bench/vm/states.ts'
import { zeroSubtrees } from '../../sdk/src/trees/contentTree.ts'
import { concat, integer } from '../../sdk/src/vm/bytes.ts'
import { depth, opcodes } from '../../sdk/src/vm/isa.ts'
import { stepWithWitness } from '../../sdk/src/vm/proof/stepWithWitness.ts'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { deployOneStep, hex } from './oneStep.ts'

/** Where the proof of the code stands: leaf, bitmap, siblings. */
const HEAD = 147
const BITMAP = HEAD + 128

/** The same witness, with the empty siblings of the code's proof written out. */
function writtenOut(bytes: Uint8Array, rootOf: (level: number) => Uint8Array): Uint8Array {
  const bitmap = new DataView(bytes.buffer, bytes.byteOffset + BITMAP).getBigUint64(0)
  expect(bitmap).not.to.equal(0n)
  const siblings: Uint8Array[] = []
  let next = BITMAP + 8
  for (let level = 0; level < depth.code; level++) {
    const isEmpty = ((bitmap >> BigInt(level)) & 1n) !== 0n
    siblings.push(isEmpty ? rootOf(level) : bytes.subarray(next, next + 32))
    if (!isEmpty) next += 32
  }
  return concat([bytes.subarray(0, BITMAP), integer(0, 8), ...siblings, bytes.subarray(next)])
}

/** Bytes up to the end of the code's proof. */
function endOfCode(bytes: Uint8Array): number {
  const bits = new DataView(bytes.buffer, bytes.byteOffset + BITMAP).getBigUint64(0)
  return BITMAP + 8 + 32 * (depth.code - bits.toString(2).replaceAll('0', '').length)
}

describe('An empty sibling in the witness of a step', () => {
  const add = opcodes.find(({ name }) => name === 'i32.add')!
  const given = () => {
    const machine = machineAt(add, usual)
    const [before, bytes] = [machine.stateHash(), witness(machine)]
    machine.step()
    return { before, bytes, after: machine.stateHash() }
  }

  it('may be written out: the state after the step is the same', async () => {
    const { vm } = await networkHelpers.loadFixture(deployOneStep)
    const { before, bytes, after } = given()
    const longer = writtenOut(bytes, (level) => zeroSubtrees[level]!)
    expect(longer.length).to.be.greaterThan(bytes.length)
    expect(await vm.step(before, hex(longer))).to.equal(after)
    expect(stepWithWitness(longer)).to.deep.equal({ before, after })
  })

  it('is refused if it is that of another level', async () => {
    const { vm } = await networkHelpers.loadFixture(deployOneStep)
    const { before, bytes } = given()
    const wrong = writtenOut(bytes, (level) => zeroSubtrees[level - 1]!)
    await expect(vm.step(before, hex(wrong))).to.be.revertedWithCustomError(vm, 'OneStepVMOtherState')
    expect(stepWithWitness(wrong).before).not.to.equal(before)
  })

  it('is refused with a bit past the last sibling', async () => {
    const { vm } = await networkHelpers.loadFixture(deployOneStep)
    const { before, bytes } = given()
    const wrong = bytes.slice()
    // bit 18 of the bitmap: the code's proof has siblings 0 to 17
    wrong[BITMAP + 5]! |= 1 << (depth.code - 16)
    await expect(vm.step(before, hex(wrong)))
      .to.be.revertedWithCustomError(vm, 'OneStepVMWitnessMalformed')
      .withArgs(endOfCode(bytes))
    expect(() => stepWithWitness(wrong)).to.throw()
  })
})
