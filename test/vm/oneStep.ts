import { expect } from 'chai'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import type { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import { ethers } from '../helpers/chain.ts'

/** OneStepVM with the floats it needs. */
export async function deployOneStep() {
  const float = await ethers.deployContract('OneStepFloat')
  const vm = await ethers.deployContract('OneStepVM', [float])
  return { vm, float }
}

export type OneStep = Awaited<ReturnType<typeof deployOneStep>>['vm']

export const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`

/** Asserts that the contract comes from a machine's state to its next one, which the machine then is in. */
export async function expectSameStep(vm: OneStep, machine: ReferenceMachine, told: () => string) {
  const state = machine.stateHash()
  const bytes = witness(machine)
  machine.step()
  let next: string
  try {
    next = await vm.step(state, bytes)
  } catch (error) {
    expect.fail(`${told()}: reverts: ${(error as Error).message}, witness ${hex(bytes)}`)
  }
  if (next !== machine.stateHash()) expect.fail(`${told()}: another state, witness ${hex(bytes)}`)
}
